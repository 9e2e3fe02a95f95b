//! `trainer read`: what a model makes of a caption, before anything is drawn.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use shared::scene::{self, Background, Counting, How, MOST_OF_ONE, Scene, Thing};
use shared::text::caption::Reading;

use crate::io::model_file;

/// Options of `trainer read`.
#[derive(Debug, Args)]
pub struct Options {
    /// Model file, such as models/emblem.safetensors
    model: PathBuf,
    /// What to read, such as "two dogs left of a blue car on a yellow background"
    caption: String,
    /// Print the scene as JSON, as web pages get it
    #[arg(long)]
    json: bool,
}

/// Prints the scene.
///
/// # Errors
/// Where the model cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let file = model_file::read(&options.model)?;
    let scene = scene::read(&options.caption, &file.vocabulary);
    match options.json {
        true => println!("{}", serde_json::to_string_pretty(&scene)?),
        false => print!("{}", told(&scene)),
    }
    Ok(())
}

/// A scene as people read it, a line for each thing, relation and remark.
fn told(scene: &Scene) -> String {
    let mut lines: Vec<String> = scene.things.iter().enumerate().map(|(place, thing)| described(place, thing)).collect();
    lines.extend(scene.relations.iter().map(|one| format!("{} is {} {}", one.of + 1, one.kind.word(), one.to + 1)));
    lines.extend(scene.background.map(|background| match background {
        Background::Colour(colour) => format!("background: {colour}"),
        Background::Place(place) => format!("background: {}", place.word()),
    }));
    lines.extend(passed_over(scene));
    if lines.is_empty() {
        lines.push("nothing to draw".to_owned());
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn described(place: usize, thing: &Thing) -> String {
    let name = match (&thing.name, thing.how) {
        (None, _) => "unknown, so not drawn".to_owned(),
        (Some(name), How::Name | How::Chosen) => name.clone(),
        (Some(name), How::Usual) => format!("{name}, which is usually meant"),
        (Some(name), How::Keyword) => format!("{name}, of which it is a keyword"),
        (Some(name), _) => format!("{name}, which means nearly the same"),
    };
    let count = match thing.counting {
        Counting::Stated => thing.count.to_string(),
        Counting::Chosen => format!("{}, chosen", thing.count),
        Counting::Capped => format!("{MOST_OF_ONE}, the most that are drawn"),
    };
    let colours: Vec<String> = [thing.colour, thing.accent].into_iter().flatten().map(|colour| colour.to_string()).collect();
    let mut line = format!("{}  {:?}: {name}; count {count}", place + 1, thing.text);
    if !colours.is_empty() {
        line += &format!("; {}", colours.join(" and "));
    }
    line += &thing.size.map_or(String::new(), |size| format!("; {}", size.word()));
    if !thing.others.is_empty() {
        line += &format!("; or {}", thing.others.join(", "));
    }
    line
}

/// What of a scene is drawn otherwise than it was typed, or not at all, a line each.
pub fn remarks_of_scene(scene: &Scene) -> Vec<String> {
    let otherwise = |thing: &&Thing| thing.how != How::Name || thing.counting != Counting::Stated;
    let things = scene.things.iter().enumerate().filter(|(_, thing)| otherwise(thing));
    let mut lines: Vec<String> = things.map(|(place, thing)| described(place, thing)).collect();
    lines.extend(passed_over(scene));
    lines
}

/// What of a caption is not in its scene, a line each.
fn passed_over(scene: &Scene) -> impl Iterator<Item = String> {
    let list = |title: &str, words: &[String]| (!words.is_empty()).then(|| format!("{title}: {}", words.join(", ")));
    let rest = scene.truncated.then(|| "the rest of the caption was not read".to_owned());
    [list("left out", &scene.left_out), list("not read", &scene.unread), rest].into_iter().flatten()
}

/// What was read as something else, and what was not read, a line each.
pub fn remarks(reading: &Reading) -> Vec<String> {
    let mut lines: Vec<String> =
        reading.understood.iter().map(|word| format!("{}: read as {}", word.word, word.read_as.join(" "))).collect();
    for unknown in &reading.unknown {
        let nearest =
            if unknown.nearest.is_empty() { String::new() } else { format!("; nearest: {}", unknown.nearest.join(", ")) };
        lines.push(format!("unknown word: {}{nearest}", unknown.word));
    }
    if reading.truncated {
        lines.push("the rest of the caption is not read: it has more words than the model takes".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use shared::text::caption::{UnderstoodWord, UnknownWord};

    use super::*;

    #[test]
    fn what_is_read_otherwise_or_not_at_all_is_told() {
        let word = |text: &str| text.to_owned();
        let reading = Reading {
            words_used: vec![word("cat")],
            understood: vec![UnderstoodWord { word: word("kitty"), read_as: vec![word("cat"), word("face")], others: vec![] }],
            unknown: vec![
                UnknownWord { word: word("qwxz"), nearest: vec![] },
                UnknownWord { word: word("ct"), nearest: vec![word("cat"), word("cut")] },
            ],
            truncated: true,
            ..Reading::default()
        };
        let lines = remarks(&reading);
        assert_eq!(lines[..3], ["kitty: read as cat face", "unknown word: qwxz", "unknown word: ct; nearest: cat, cut"]);
        assert!(lines[3].contains("not read"), "{lines:?}");
    }

    #[test]
    fn a_scene_is_told_line_by_line() {
        let json = r#"{"things": [
            {"text": "many blue cars", "name": "automobile", "how": "usual", "count": 7, "counting": "chosen", "colour": "light blue",
             "accent": null, "size": "tiny", "others": ["taxi"]},
            {"text": "a table", "name": null, "how": "unknown", "count": 1, "counting": "stated", "colour": null, "accent": null,
             "size": null, "others": []}],
            "relations": [{"kind": "left-of", "of": 0, "to": 1}], "background": {"place": "snow"}, "unread": ["dancing"],
            "leftOut": ["a hat"], "truncated": true}"#;
        let lines = told(&serde_json::from_str(json).unwrap());
        let expected = [
            "1  \"many blue cars\": automobile, which is usually meant; count 7, chosen; light blue; tiny; or taxi",
            "2  \"a table\": unknown, so not drawn; count 1",
            "1 is left-of 2",
            "background: snow",
            "left out: a hat",
            "not read: dancing",
            "the rest of the caption was not read",
        ];
        assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
        assert_eq!(told(&Scene::default()), "nothing to draw\n");
        let remarks = remarks_of_scene(&serde_json::from_str(json).unwrap());
        assert_eq!(remarks, [expected[0], expected[1], expected[4], expected[5], expected[6]]);
        assert!(remarks_of_scene(&Scene::default()).is_empty());
    }
}
