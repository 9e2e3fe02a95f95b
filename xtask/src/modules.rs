//! What a page's script imports: the page asks for all of it at once, so that nothing waits for the module that imports it.

use std::collections::{BTreeMap, BTreeSet};

/// The paths of the modules that the one at `path` imports when it starts, and of those that these import. What it imports later, by
/// `import(…)`, is not among them.
pub fn imported(path: &str, files: &BTreeMap<String, Vec<u8>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut ahead = vec![path.to_owned()];
    while let Some(path) = ahead.pop() {
        let text = String::from_utf8_lossy(files.get(&path).map(Vec::as_slice).unwrap_or_default());
        for name in text.lines().filter_map(import) {
            let Some(path) = resolved(&path, name).filter(|path| files.contains_key(path)) else { continue };
            if found.insert(path.clone()) {
                ahead.push(path);
            }
        }
    }
    found
}

/// The module that a line of a script names, where it is the only or the last line of an import.
fn import(line: &str) -> Option<&str> {
    let begins = ["import ", "export ", "} from "].iter().any(|word| line.starts_with(word));
    let names = line.split_once(" from \"").or_else(|| line.split_once("import \"")).filter(|_| begins)?.1;
    Some(names.split_once('"')?.0)
}

/// A relative address as seen from the file at `from`.
fn resolved(from: &str, name: &str) -> Option<String> {
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()?),
            part => path.push(part),
        }
    }
    name.starts_with('.').then(|| path.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_imported_at_any_remove_is_found_once() {
        let files = [
            (
                "page/page.js",
                "// First.\nimport { a } from \"./a.js\";\nimport {\n  b,\n} from \"../b.js\";\nimport \"../lib/c.js\";\n",
            ),
            (
                "page/a.js",
                "export { d } from \"../b.js\";\n/** @type {import(\"./typed.js\").T} */\nconst later = () => import(\"./later.js\");",
            ),
            ("b.js", "import { page } from \"./page/page.js\";\nexport const from = 1; // from \"./no.js\""),
            ("lib/c.js", "import { x } from \"elsewhere\";\nimport { y } from \"./gone.js\";"),
            ("page/typed.js", ""),
            ("page/later.js", ""),
            ("worker.js", ""),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
        let found: Vec<String> = imported("page/page.js", &files).into_iter().collect();
        assert_eq!(found, ["b.js", "lib/c.js", "page/a.js", "page/page.js"]);
        assert!(imported("worker.js", &files).is_empty());
    }
}
