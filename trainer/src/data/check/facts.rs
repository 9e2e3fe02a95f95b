//! The figures of a check.

use std::collections::{BTreeMap, HashSet};

use shared::{ModelConfig, Vocabulary};

use super::super::Split;
use super::super::own;
use super::duplicates;
use super::findings::Findings;

/// The commonest words that are shown.
const WORDS: usize = 30;

/// What a check found, as figures.
pub struct Facts {
    /// (name, value), as they are printed.
    pub table: Vec<(String, String)>,
    /// Words of each caption.
    pub words_of_captions: Vec<f64>,
    pub captions_of_pictures: Vec<f64>,
    /// Longer side of each picture in pixels.
    pub sides: Vec<f64>,
    /// Width over height of each picture.
    pub shapes: Vec<f64>,
    /// The commonest words with how often they come.
    pub common: Vec<(String, usize)>,
    /// Groups of pictures with the same bytes.
    pub same: Vec<Vec<usize>>,
    /// Groups of different pictures that look alike.
    pub alike: Vec<Vec<usize>>,
    /// Sets of pictures in which none was compared with the others, as there are too many.
    pub passed: usize,
}

pub fn of(findings: &Findings) -> Facts {
    let captions: Vec<&str> = findings.captions().flatten().map(String::as_str).collect();
    let words_of_captions: Vec<f64> = captions.iter().map(|caption| words(caption).len() as f64).collect();
    let same = duplicates::same(findings.seen.iter().map(|seen| seen.digest));
    let copies: HashSet<usize> = same.iter().flat_map(|group| group[1..].to_vec()).collect();
    let single: Vec<usize> = (0..findings.seen.len()).filter(|number| !copies.contains(number)).collect();
    let fingerprints: Vec<_> = single.iter().map(|number| findings.fingerprints[*number]).collect();
    let (alike, passed) = duplicates::near(&fingerprints);
    let alike = alike.into_iter().map(|group| group.into_iter().map(|index| single[index]).collect()).collect();
    let mut facts = Facts {
        table: Vec::new(),
        words_of_captions,
        captions_of_pictures: findings.captions().map(|captions| captions.len() as f64).collect(),
        sides: findings.seen.iter().map(|seen| f64::from(seen.width.max(seen.height))).collect(),
        shapes: findings.seen.iter().map(|seen| f64::from(seen.width) / f64::from(seen.height)).collect(),
        common: common(&captions),
        same,
        alike,
        passed,
    };
    facts.table = table(findings, &facts, &captions);
    facts
}

impl Findings<'_> {
    /// The captions of each picture.
    fn captions(&self) -> impl Iterator<Item = &Vec<String>> {
        self.seen.iter().map(|seen| &self.listing.records[seen.record].captions)
    }

    /// Captions of the pictures of some parts.
    fn captions_of(&self, trained: bool) -> Vec<&str> {
        let parts = self.captions().zip(&self.dataset.samples);
        let chosen = parts.filter(|(_, sample)| (sample.split == Split::Train) == trained);
        chosen.flat_map(|(captions, _)| captions).map(String::as_str).collect()
    }
}

fn table(findings: &Findings, facts: &Facts, captions: &[&str]) -> Vec<(String, String)> {
    let (dataset, seen) = (&findings.dataset, &findings.seen);
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |name: &str, value: String| rows.push((name.to_owned(), value));
    let account = &findings.listing.account;
    row("layout", findings.listing.format.name());
    for other in &findings.listing.others {
        row("  not taken", own::also(*other));
    }
    row("pictures", format!("{} used, {} bad, {} left out", seen.len(), findings.faults.len(), account.left_out()));
    for (reason, count) in counts(findings.faults.iter().map(|fault| fault.reason.kind())) {
        row("  of the bad", format!("{count} {reason}"));
    }
    for line in account.lines() {
        row("  left out", line);
    }
    // Pictures that turned out to be bad only now were files that could be used.
    let (used, bad) = (seen.len(), account.bad + findings.listing.records.len() - seen.len());
    let files = used + account.words + bad + account.left_out();
    let words = account.words;
    row(
        "files",
        format!("{files}: {used} pictures, {words} that say what they show, {bad} bad, {} left out", account.left_out()),
    );
    row("kinds", listed(counts(seen.iter().map(|seen| format!("{:?}", seen.kind)))));
    row("longer side", format!("{} pixels", spread(&facts.sides)));
    let small = facts.sides.iter().filter(|side| **side < dataset.image_size as f64).count();
    row("  smaller than trained on", format!("{small} (below {} pixels)", dataset.image_size));
    let split = |split| dataset.of_split(split).len();
    let published = findings.listing.records.iter().any(|record| record.part.is_some());
    let parts = if published { " (parts as they were published)" } else { "" };
    row("to learn from", format!("{}{parts}", split(Split::Train)));
    let held_out = [(Split::HeldOutCombination, "combinations"), (Split::Validation, "validation"), (Split::Test, "test")];
    row("  held out", held_out.map(|(part, name)| format!("{} {name}", split(part))).join(", "));
    row("contents", dataset.contents.len().to_string());
    let classes: HashSet<usize> = dataset.contents.iter().map(|content| content.class).collect();
    row("classes", if classes.len() < dataset.contents.len() { classes.len().to_string() } else { "none named".to_owned() });
    let styles = if dataset.has_styles() {
        dataset.styles.len().to_string()
    } else {
        "none named (swap supervision is reconstruction)".to_owned()
    };
    row("styles", styles);
    row("captions", format!("{} ({} a picture)", captions.len(), spread(&facts.captions_of_pictures)));
    row("words of a caption", spread(&facts.words_of_captions));
    let limit = ModelConfig::default().caption_words;
    let cut = facts.words_of_captions.iter().filter(|words| **words > limit as f64).count();
    row("  longer than is read", format!("{cut} (more than {limit} words)"));
    let (known, once, unseen) = vocabulary(findings);
    row("vocabulary", format!("{known} words to learn, {once} of them in one caption only"));
    row("  of held-out captions", unseen);
    row("exact duplicates", format!("{} in {} groups", copies(&facts.same), facts.same.len()));
    let passed = match facts.passed {
        0 => String::new(),
        passed => format!("; {passed} times more than 2,000 have a band in common and were not compared"),
    };
    row("pictures that look alike", format!("{} in {} groups{passed}", copies(&facts.alike), facts.alike.len()));
    rows
}

/// Words to learn, those that come once, and how much of the held-out captions they cover.
fn vocabulary(findings: &Findings) -> (usize, usize, String) {
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    for caption in findings.captions_of(true) {
        for word in words(caption).into_iter().collect::<HashSet<_>>() {
            *often.entry(word).or_default() += 1;
        }
    }
    let once = often.values().filter(|count| **count == 1).count();
    let held_out: Vec<String> = findings.captions_of(false).into_iter().flat_map(words).collect();
    let covered = held_out.iter().filter(|word| often.contains_key(*word)).count();
    let unseen = match held_out.len() {
        0 => "nothing is held out".to_owned(),
        all => format!("{:.1} % of {all} words are known", 100.0 * covered as f64 / all as f64),
    };
    (often.len(), once, unseen)
}

/// The words of a caption as training reads them.
fn words(caption: &str) -> Vec<String> {
    // A caption without a word makes no vocabulary.
    let Ok(vocabulary) = Vocabulary::of_captions([caption]) else { return Vec::new() };
    vocabulary.read(caption, usize::MAX).words_used
}

fn common(captions: &[&str]) -> Vec<(String, usize)> {
    let mut counted = counts(captions.iter().flat_map(|caption| words(caption)));
    counted.truncate(WORDS);
    counted
}

/// How often each comes, the most frequent first.
fn counts(items: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        *often.entry(item).or_default() += 1;
    }
    let mut often: Vec<(String, usize)> = often.into_iter().collect();
    often.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    often
}

fn listed(counts: Vec<(String, usize)>) -> String {
    counts.into_iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

/// Least, median and most.
fn spread(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.first(), sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(least), Some(_), Some(most)) if least == most => format!("{least}"),
        (Some(least), Some(median), Some(most)) => format!("{least} to {most}, median {median}"),
        _ => "none".to_owned(),
    }
}

/// Members of groups beyond the first of each.
fn copies(groups: &[Vec<usize>]) -> usize {
    groups.iter().map(|group| group.len() - 1).sum()
}
