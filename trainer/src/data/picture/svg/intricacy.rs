//! How much a drawing asks for, told before it is drawn.
//!
//! Elements refer to others, by their attributes and by rules of style sheets. A rule is taken to hold for each element that has the
//! tag, class or name which its selector ends in, whatever stands before: more is counted than is drawn, never less.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node, NodeId};

use crate::data::sources::Reason;

/// Elements to be drawn, at most, where an element that is used ten times counts ten times.
const MOST_DRAWN: u64 = 100_000;

/// Elements inside elements, at most. The renderer recurses.
const MOST_DEPTH: usize = 128;

/// Octaves of a turbulence filter, at most: beyond ten, a finer one is not seen.
const MOST_OCTAVES: f64 = 10.0;

/// Elements times rules of style, at most: the renderer tries each on each.
const MOST_MATCHED: usize = 10_000_000;

/// Refuses a drawing that would take the renderer's stack or hours.
pub fn refuse_intricate(document: &Document) -> Result<(), Reason> {
    let too_intricate = |what: String| Err(Reason::TooIntricate(what));
    for node in document.descendants() {
        if node.ancestors().nth(MOST_DEPTH).is_some() {
            return too_intricate(format!("elements lie deeper than {MOST_DEPTH} in one another"));
        }
        let octaves = node.attribute("numOctaves").and_then(|octaves| octaves.trim().parse().ok()).unwrap_or(0.0);
        if octaves > MOST_OCTAVES {
            return too_intricate(format!("a turbulence of {octaves} octaves"));
        }
    }
    let (elements, rules) = (document.descendants().filter(Node::is_element).count(), selectors(document));
    if elements.saturating_mul(rules) > MOST_MATCHED {
        return too_intricate(format!("{rules} rules of style for {elements} elements"));
    }
    let drawn = Uses::of(document).drawn(document.root(), 0)?;
    if drawn > MOST_DRAWN { too_intricate(format!("{drawn} elements to draw; the most is {MOST_DRAWN}")) } else { Ok(()) }
}

/// How much each element comes to, with what it refers to.
struct Uses<'a> {
    by_id: HashMap<&'a str, Node<'a, 'a>>,
    rules: Vec<Rule>,
    known: HashMap<NodeId, u64>,
}

impl<'a> Uses<'a> {
    fn of(document: &'a Document) -> Self {
        let with_id = |node: Node<'a, 'a>| Some((node.attribute("id")?, node));
        Self { by_id: document.descendants().filter_map(with_id).collect(), rules: rules(document), known: HashMap::new() }
    }

    /// Elements to be drawn for this one. An element that refers to itself is followed to the greatest depth and refused.
    fn drawn(&mut self, node: Node<'a, 'a>, depth: usize) -> Result<u64, Reason> {
        if let Some(drawn) = self.known.get(&node.id()) {
            return Ok(*drawn);
        }
        if depth > 2 * MOST_DEPTH {
            return Err(Reason::TooIntricate("elements use one another without end".to_owned()));
        }
        let mut drawn = 1_u64;
        for child in node.children().filter(Node::is_element) {
            drawn = drawn.saturating_add(self.drawn(child, depth + 1)?);
        }
        let attributes = node.attributes().flat_map(|attribute| referred(attribute.name(), attribute.value()));
        let targets: Vec<_> = attributes.filter_map(|used| self.by_id.get(used).copied()).collect();
        let rules = self.rules.iter().filter(|rule| rule.may_hold_for(node)).flat_map(|rule| &rule.uses);
        let targets: Vec<_> =
            targets.into_iter().chain(rules.filter_map(|used| self.by_id.get(used.as_str()).copied())).collect();
        for target in targets {
            drawn = drawn.saturating_add(self.drawn(target, depth + 1)?);
        }
        self.known.insert(node.id(), drawn);
        Ok(drawn)
    }
}

/// The elements that an attribute refers to: `href="#id"`, `fill="url(#id)"`.
fn referred<'a>(name: &str, value: &'a str) -> impl Iterator<Item = &'a str> {
    let link = (name == "href").then(|| value.trim().strip_prefix('#')).flatten();
    let urls = value.split("url(").skip(1).filter_map(|after| {
        let ends = |letter: char| letter.is_whitespace() || matches!(letter, ')' | '\'' | '"');
        after.trim_start_matches(ends).strip_prefix('#')?.split(ends).next()
    });
    link.into_iter().chain(urls)
}

/// A rule of a style sheet that refers to elements.
struct Rule {
    selector: Selector,
    uses: Vec<String>,
}

/// What an element must have for a rule to hold for it; of all but one part nothing is known here.
enum Selector {
    Tag(String),
    Class(String),
    Id(String),
    Any,
}

impl Rule {
    fn may_hold_for(&self, node: Node<'_, '_>) -> bool {
        match &self.selector {
            Selector::Tag(tag) => node.tag_name().name() == tag,
            Selector::Class(class) => {
                node.attribute("class").is_some_and(|classes| classes.split_whitespace().any(|one| one == class))
            }
            Selector::Id(id) => node.attribute("id") == Some(id),
            Selector::Any => node.is_element(),
        }
    }
}

impl Selector {
    /// What the selectors before a rule's brace end in. What is not plain may hold for anything.
    fn all_of(text: &str) -> Vec<Self> {
        let text = text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == COMMENT);
        if text.contains([COMMENT, '"', '\'', '[', '(']) {
            return vec![Self::Any];
        }
        text.split(',').map(Self::of).collect()
    }

    fn of(text: &str) -> Self {
        let last = text.trim().rsplit(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '+' | '~')).next();
        let last = last.unwrap_or_default();
        let (sign, rest) = match last.chars().next() {
            Some(sign @ ('.' | '#')) => (sign, &last[1..]),
            _ => (' ', last),
        };
        // The first of several parts is enough: each of them must hold.
        let name = rest.split(['.', '#', ':']).next().unwrap_or_default().to_owned();
        match sign {
            _ if name.is_empty() || !name.chars().all(|letter| letter.is_alphanumeric() || "-_".contains(letter)) => Self::Any,
            '.' => Self::Class(name),
            '#' => Self::Id(name),
            _ => Self::Tag(name),
        }
    }
}

/// Stands for a comment, where one may be in the way of a selector; also the sign of an escaped letter, which is as little understood.
const COMMENT: char = '\\';

/// The text of all style sheets, with [`COMMENT`] for each comment.
fn sheets(document: &Document) -> String {
    let styles = document.descendants().filter(|node| node.tag_name().name() == "style");
    let text: String =
        styles.flat_map(|style| style.descendants()).filter(Node::is_text).filter_map(|node| node.text()).collect();
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|part| Some(part.split_once("*/")?.1)).fold(first, |mut text, part| {
        text.push(COMMENT);
        text.push_str(part);
        text
    })
}

/// Selectors of all style sheets, or a few more: each is tried on each element.
fn selectors(document: &Document) -> usize {
    sheets(document).matches(['{', ',']).count()
}

/// The rules that refer to elements.
fn rules(document: &Document) -> Vec<Rule> {
    let text = sheets(document);
    // Text before each brace, and from it to the next: where braces lie in one another, as in @media, the inner rule is one of these.
    let parts: Vec<&str> = text.split('{').collect();
    let pairs = parts.windows(2).map(|pair| (pair[0].rsplit(['}', ';']).next().unwrap_or_default(), pair[1].split('}').next()));
    let rule = |(selectors, body): (&str, Option<&str>)| {
        let uses: Vec<String> = referred("", body.unwrap_or_default()).map(str::to_owned).collect();
        let selectors = if uses.is_empty() { vec![] } else { Selector::all_of(selectors) };
        selectors.into_iter().map(move |selector| Rule { selector, uses: uses.clone() }).collect::<Vec<_>>()
    };
    pairs.flat_map(rule).collect()
}
