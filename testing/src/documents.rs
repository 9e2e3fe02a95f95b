//! The examples in the documents, so that tests can try them: a renamed option must not live on in the README.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A document for people who use Emblem.
#[derive(Debug)]
pub struct Document {
    pub path: PathBuf,
    pub text: String,
}

/// All of them: the Markdown files in the repository's root, in `docs` and beside the npm package.
///
/// # Errors
/// Where they cannot be read.
pub fn all(root: &Path) -> io::Result<Vec<Document>> {
    let mut found = vec![];
    for folder in [root.to_owned(), root.join("docs"), root.join("web/package")] {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "md") {
                found.push(Document { text: fs::read_to_string(&path)?, path });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

impl Document {
    /// The fenced blocks in one of these languages.
    pub fn blocks(&self, languages: &[&str]) -> Vec<String> {
        let (mut blocks, mut open) = (vec![], None);
        for line in self.text.lines() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(language), None) => open = Some((languages.contains(&language.trim()), String::new())),
                (Some(_), Some((wanted, block))) => {
                    blocks.extend(wanted.then(|| std::mem::take(block)));
                    open = None;
                }
                (None, Some((_, block))) => *block += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        blocks
    }

    /// The commands in its shell blocks, in words; without comments, prompts, variables and what becomes of their output.
    ///
    /// # Panics
    /// Where a quotation mark is not closed.
    pub fn commands(&self) -> Vec<Vec<String>> {
        let text = self.blocks(&["sh", "bash", "shell", "console"]).concat().replace("\\\n", " ");
        let mut commands = vec![];
        for line in text.lines() {
            let Some(words) = shlex::split(line) else { panic!("{}: {line}", self.path.display()) };
            for command in words.split(|word| ["&&", "||", "|", ";"].contains(&word.as_str())) {
                let is_before = |word: &&String| *word == "$" || word.split_once('=').is_some_and(|(name, _)| is_variable(name));
                let words = command.iter().skip_while(is_before).take_while(|word| !word.starts_with(['>', '<']));
                commands.push(words.cloned().collect());
            }
        }
        commands.retain(|words: &Vec<String>| !words.is_empty());
        commands
    }
}

/// The command lines in all documents that run `program`, itself or by `cargo run`, and where each stands.
///
/// # Errors
/// As [`all`].
pub fn commands_of(root: &Path, program: &str) -> io::Result<Vec<(PathBuf, Vec<String>)>> {
    let mut found = vec![];
    for document in all(root)? {
        let lines = document.commands().into_iter().filter_map(|words| run_by(&words, program));
        found.extend(lines.map(|line| (document.path.clone(), line)));
    }
    Ok(found)
}

/// The command line that `program` gets, where these words run it.
fn run_by(words: &[String], program: &str) -> Option<Vec<String>> {
    if words.first()? == program {
        return Some(words.to_vec());
    }
    if !words.starts_with(&["cargo".to_owned(), "run".to_owned()]) {
        return None;
    }
    let mut halves = words.splitn(2, |word| word == "--");
    let (cargo, arguments) = (halves.next()?, halves.next().unwrap_or_default());
    let of = |options: &[&str]| cargo.windows(2).find(|pair| options.contains(&pair[0].as_str())).map(|pair| &pair[1]);
    // Without a word about it the program is called as its package.
    let is_run = of(&["--bin"]).or_else(|| of(&["-p", "--package"])).is_some_and(|name| name == program);
    is_run.then(|| std::iter::once(program.to_owned()).chain(arguments.iter().cloned()).collect())
}

fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_language_and_cut_where_the_shell_takes_over() {
        let text = "```js\nno();\n```\nSay `trainer no`.\n```sh\ntrainer paint M \"a cat\" \\\n  --style 7   # or 8\n\n# nothing\n\
                    A=\"b c\" cargo xtask demo > log && $ cat log\n```\n  ```bash\nls | wc\n  ```\n";
        let document = Document { path: "a.md".into(), text: text.to_owned() };
        assert_eq!(document.blocks(&["js"]), ["no();\n"]);
        let commands: Vec<String> = document.commands().iter().map(|words| words.join("+")).collect();
        assert_eq!(commands, ["trainer+paint+M+a cat+--style+7", "cargo+xtask+demo", "cat+log", "ls", "wc"]);
    }

    #[test]
    fn a_program_is_run_by_its_name_or_by_cargo() {
        let run = |line: &str, program: &str| run_by(&shlex::split(line).unwrap(), program).map(|words| words.join(" "));
        assert_eq!(run("trainer paint x", "trainer").as_deref(), Some("trainer paint x"));
        assert_eq!(run("cargo run --release -p trainer -- --run d", "trainer").as_deref(), Some("trainer --run d"));
        assert_eq!(run("cargo run -p trainer", "trainer").as_deref(), Some("trainer"));
        assert_eq!(run("cargo run -p trainer --bin lab -- x", "lab").as_deref(), Some("lab x"));
        assert_eq!(run("cargo run -p trainer --bin lab -- x", "trainer"), None);
        assert_eq!(run("cargo test -p trainer -- x", "trainer"), None);
    }
}
