//! The import graph of every crate: no files that use each other in a circle, and in the trainer no room that uses one above it.
//!
//! An arrow goes from a file to the file where what it names is defined, however many `pub use` lie between. Code for tests alone
//! (`#[cfg(test)]`) is left out: a test may look from above at what it tests.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, ItemMod, ItemUse, Macro, UseTree};

/// Arrows between files, named as paths below the crate's `src`.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// A module's full path, `crate` left out.
type Module = Vec<String>;

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut found = String::new();
    for source in ["shared/src", "trainer/src", "web/src", "xtask/src", "tests/src"] {
        let graph = Sources::read(&root().join(source)).graph();
        assert!(graph.values().any(|arrows| !arrows.is_empty()), "{source} has no arrows: nothing was read");
        circles(&graph).iter().for_each(|circle| found += &format!("{source}, {}", shown(circle, &graph)));
    }
    assert!(found.is_empty(), "circles:\n{found}");
}

#[test]
fn rooms_use_only_those_below_them() {
    let source = root().join("trainer/src");
    let order = order(&fs::read_to_string(source.join("lib.rs")).unwrap());
    let graph = Sources::read(&source).graph();
    let rooms: BTreeSet<&str> = graph.keys().filter_map(|file| room(file)).collect();
    assert_eq!(rooms, order.iter().map(String::as_str).collect(), "the rooms, and the list of them at the top of lib.rs");
    let upwards = upwards(&graph, &order);
    assert!(upwards.is_empty(), "arrows that go up:\n{}", upwards.join("\n"));
}

#[test]
fn a_circle_and_an_arrow_upwards_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "//! - `top`: above\n//! - `low`: below\npub mod low;\npub mod top;\n");
    write("top/mod.rs", "mod a;\npub use a::Thing;\n");
    write("top/a.rs", "pub struct Thing;\npub fn make() -> Thing { let _ = vec![crate::low::one()]; Thing }\n");
    write("low/mod.rs", "mod one;\nmod two;\npub use one::one;\n");
    write("low/one.rs", "pub fn one() -> u8 { 1 }\n");
    write("low/two.rs", "use super::one;\n#[cfg(test)]\nmod tests { use crate::top::Thing; }\n");
    let found = || {
        let graph = Sources::read(folder.path()).graph();
        (circles(&graph), upwards(&graph, &order(&fs::read_to_string(folder.path().join("lib.rs")).unwrap())))
    };
    assert_eq!(found(), (vec![], vec![]), "an arrow through a macro, and one from a test");
    assert!(Sources::read(folder.path()).graph()["top/a.rs"].contains("low/one.rs"), "the arrow in the macro is seen");

    let circle = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect::<BTreeSet<_>>();
    write("low/one.rs", "pub fn one() { super::two::two() }\n");
    write("low/two.rs", "use super::one;\npub fn two() { one() }\n");
    assert_eq!(found(), (vec![circle(&["low/one.rs", "low/two.rs"])], vec![]));
    write("low/two.rs", "pub fn two() { crate::top::Thing; }\n");
    assert_eq!(found().1, ["low/two.rs uses top/a.rs"]);
    assert_eq!(found().0, [circle(&["low/one.rs", "low/two.rs", "top/a.rs"])]);
}

fn root() -> &'static Path {
    xtask::root()
}

/// The rooms, highest first, as the crate's documentation lists them.
fn order(documentation: &str) -> Vec<String> {
    let name = |line: &str| Some(line.strip_prefix("//! - `")?.split_once("`:")?.0.to_owned());
    documentation.lines().filter_map(name).collect()
}

/// The room that a file is in; programs and the list of rooms are in none.
fn room(file: &str) -> Option<&str> {
    let room = file.split_once('/').map_or_else(|| file.strip_suffix(".rs").unwrap_or(file), |(room, _)| room);
    (!["lib", "main", "bin"].contains(&room)).then_some(room)
}

/// Arrows to a room above, or to one that is not in the order.
fn upwards(graph: &Graph, order: &[String]) -> Vec<String> {
    let height = |file: &str| room(file).and_then(|room| order.iter().position(|known| known == room));
    let all = graph.iter().flat_map(|(from, arrows)| arrows.iter().map(move |to| (from, to)));
    let wrong = all.filter(|(from, to)| room(from).is_some() && height(to).is_none_or(|to| Some(to) < height(from)));
    wrong.map(|(from, to)| format!("{from} uses {to}")).collect()
}

/// The arrows of a circle.
fn shown(circle: &BTreeSet<String>, graph: &Graph) -> String {
    let arrows = |file: &String| graph[file].intersection(circle).map(|to| format!("  {file} uses {to}\n")).collect::<String>();
    format!("{} files:\n{}", circle.len(), circle.iter().map(arrows).collect::<String>())
}

/// Sets of files each of which can be reached from every other.
fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reach = |from: &str| {
        let (mut found, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = open.pop() {
            for next in graph.get(&file).into_iter().flatten() {
                if found.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        found
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = graph.keys().map(|file| (file, reach(file))).collect();
    let circle = |file: &String| -> BTreeSet<String> {
        let others = reached[file].iter().filter(|other| reached.get(other).is_some_and(|back| back.contains(file)));
        others.cloned().collect()
    };
    let circles: BTreeSet<BTreeSet<String>> = graph.keys().map(circle).filter(|circle| !circle.is_empty()).collect();
    circles.into_iter().collect()
}

/// One module: what it defines, what it calls by other names, and what it names.
#[derive(Default)]
struct Contents {
    file: String,
    items: HashSet<String>,
    /// Names that `use` brings in, with what they stand for; `*` for all of a module.
    uses: Vec<(String, Vec<String>)>,
    /// Every path of the code.
    paths: Vec<Vec<String>>,
}

impl Contents {
    /// Whether it has, or brings in, something of this name.
    fn knows(&self, name: &str) -> bool {
        self.items.contains(name) || self.uses.iter().any(|(known, _)| known == name)
    }
}

/// All modules of a crate.
struct Sources {
    modules: BTreeMap<Module, Contents>,
}

impl Sources {
    /// Reads a crate from its library or, where it has none, from its program.
    fn read(source: &Path) -> Self {
        let start = ["lib.rs", "main.rs"].map(|name| source.join(name)).into_iter().find(|path| path.exists()).unwrap();
        let mut sources = Self { modules: BTreeMap::new() };
        sources.file(source, &start, source.to_owned(), vec![]);
        sources
    }

    /// Reads a file, and those of its modules, which lie in `folder`.
    fn file(&mut self, source: &Path, path: &Path, folder: PathBuf, module: Module) {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let File { items, .. } = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let name = path.strip_prefix(source).unwrap().to_string_lossy().replace('\\', "/");
        self.items(source, &name, &items, &folder, module);
    }

    fn items(&mut self, source: &Path, file: &str, items: &[Item], folder: &Path, module: Module) {
        let mut reader = Reader(Contents { file: file.to_owned(), ..Contents::default() });
        for item in items {
            match item {
                Item::Mod(ItemMod { attrs, .. }) if is_for_tests(attrs) => {}
                Item::Mod(ItemMod { ident, content, .. }) => {
                    let name = ident.to_string();
                    let inner: Module = module.iter().cloned().chain([name.clone()]).collect();
                    let below = folder.join(&name);
                    match content {
                        Some((_, items)) => self.items(source, file, items, &below, inner),
                        None => {
                            let beside = folder.join(format!("{name}.rs"));
                            let path = if beside.exists() { beside } else { below.join("mod.rs") };
                            self.file(source, &path, below, inner);
                        }
                    }
                }
                item => reader.visit_item(item),
            }
        }
        self.modules.insert(module, reader.0);
    }

    fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        for (module, contents) in &self.modules {
            let arrows = graph.entry(contents.file.clone()).or_default();
            let uses = contents.uses.iter().map(|(_, path)| path);
            for path in uses.chain(&contents.paths) {
                let file = self.file_of(module, path, &mut HashSet::new());
                arrows.extend(file.filter(|file| **file != contents.file).cloned());
            }
        }
        graph
    }

    /// The file where what a path names is defined; `None` where that is not in this crate.
    /// `seen` is what has been asked on the way: re-exports may lead in a circle.
    fn file_of(&self, module: &[String], path: &[String], seen: &mut HashSet<(Module, Vec<String>)>) -> Option<&String> {
        let (first, mut rest) = path.split_first().filter(|_| seen.insert((module.to_vec(), path.to_vec())))?;
        let mut at: Module = match first.as_str() {
            "crate" => vec![],
            "self" => module.to_vec(),
            "super" => module.split_last()?.1.to_vec(),
            _ => {
                rest = path;
                module.to_vec()
            }
        };
        while let Some((next, after)) = rest.split_first() {
            if next == "super" {
                at.pop()?;
                rest = after;
                continue;
            }
            let contents = self.modules.get(&at)?;
            let inner: Module = [at.as_slice(), std::slice::from_ref(next)].concat();
            // At a path's end a function goes before a module of the same name.
            if self.modules.contains_key(&inner) && !(after.is_empty() && contents.knows(next)) {
                (at, rest) = (inner, after);
                continue;
            }
            if next == "*" || contents.items.contains(next) {
                return Some(&contents.file);
            }
            // What is called like the crate that it comes from is no module of this one.
            let is_own = self.modules.contains_key(&inner);
            let named = contents.uses.iter().filter(|(name, target)| name == next && (is_own || target.first() != Some(next)));
            let named = named.map(|(_, target)| [target, after].concat());
            let is_here = |first: &String| {
                let below = [at.as_slice(), std::slice::from_ref(first)].concat();
                ["crate", "self", "super"].contains(&first.as_str()) || self.modules.contains_key(&below)
            };
            let all = contents.uses.iter().filter(|(name, target)| name == "*" && target.first().is_some_and(is_here));
            let all = all.map(|(_, target)| [&target[..target.len() - 1], rest].concat());
            return named.chain(all).find_map(|path| self.file_of(&at, &path, seen));
        }
        // A module alone says nothing yet: what is named through it does.
        None
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|what| what == "test")
    };
    attributes.iter().any(is_test)
}

/// Fills a module's [`Contents`] from its items.
struct Reader(Contents);

impl Reader {
    fn tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
            UseTree::Glob(_) => self.0.uses.push(("*".to_owned(), [before, &["*".to_owned()]].concat())),
            UseTree::Name(name) if name.ident == "self" => {
                self.0.uses.push((before.last().cloned().unwrap_or_default(), before.to_vec()));
            }
            UseTree::Name(name) => self.0.uses.push((name.ident.to_string(), with(&name.ident))),
            UseTree::Rename(rename) => self.0.uses.push((rename.rename.to_string(), with(&rename.ident))),
        }
    }

    /// Paths in what a macro is given, which is no Rust before the macro has seen it.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = vec![];
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.0.paths.push(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    colons = 0;
                }
                _ => colons = 0,
            }
        }
        self.0.paths.push(path);
    }

    fn define(&mut self, item: &Item) {
        let name = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            _ => return,
        };
        self.0.items.insert(name.to_string());
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Const(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            _ => &vec![],
        };
        if !is_for_tests(attributes) {
            self.define(item);
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, macro_: &'ast Macro) {
        self.visit_path(&macro_.path);
        self.tokens(macro_.tokens.clone());
    }
}
