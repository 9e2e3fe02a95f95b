//! `trainer read`: how a model reads a caption, before anything is drawn.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use shared::text::caption::Reading;

use crate::io::model_file;

/// Options of `trainer read`.
#[derive(Debug, Args)]
pub struct Options {
    /// Model file, such as models/emblem.safetensors
    model: PathBuf,
    /// What to read, such as "a red apple"
    caption: String,
    /// Print it as JSON, as web pages get it
    #[arg(long)]
    json: bool,
}

/// Prints the reading.
///
/// # Errors
/// Where the model cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let file = model_file::read(&options.model)?;
    let reading = file.vocabulary.read(&options.caption, file.config.caption_words);
    if options.json {
        println!("{}", serde_json::to_string_pretty(&reading)?);
        return Ok(());
    }
    let used = if reading.words_used.is_empty() { "nothing".to_owned() } else { reading.words_used.join(" ") };
    println!("draws: {used}");
    remarks(&reading).iter().for_each(|line| println!("{line}"));
    Ok(())
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
}
