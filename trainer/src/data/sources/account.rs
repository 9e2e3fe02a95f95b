//! What became of every file: each is a picture that is used, says something about one, is bad, or is left out, and why.
//!
//! A layout takes what it understands; what it does not take is named here. So nothing that lies in a data folder vanishes without a
//! word, and the four numbers add up to what anybody who counts finds there, entries of the tar files that are read included.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::names::{Role, is_litter, role};
use super::root::{Inventory, Item};
use super::what::{HEAD, what};
use super::{Fault, LeftOut, Reason, Record, SplitRule};

/// Names that a line of a summary gives as examples.
const EXAMPLES: usize = 3;

/// What a layout makes of a place.
#[derive(Debug, Default)]
pub struct Found {
    pub records: Vec<Record>,
    pub faults: Vec<Fault>,
    /// Files that say something about pictures, and tar files that were read.
    pub words: HashSet<String>,
    /// Files that belong to a fault of another name.
    pub bad: HashSet<String>,
    /// Entries of tar files.
    pub entries: Vec<Item>,
    /// What it knows better than [`why`] of files that it does not take.
    pub known: HashMap<String, String>,
    pub left_out: Vec<LeftOut>,
    pub split_rule: SplitRule,
}

/// What became of the files that are no pictures to look at.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Files that say something about pictures, and tar files that were read.
    pub words: usize,
    /// Files that are bad before anything was decoded.
    pub bad: usize,
    pub left_out: Vec<LeftOut>,
}

impl Account {
    /// Gives every file of a place its fate, once a layout has taken what it understands. `stray` says what a picture is that it does not take,
    /// `misfits` what else is known of files.
    pub fn close(inventory: &Inventory, found: &Found, stray: &str, misfits: &[Fault]) -> Self {
        let used: HashSet<&str> = found.records.iter().map(|record| record.name.as_str()).collect();
        let faulty: HashSet<&str> = found.faults.iter().map(|fault| fault.name.as_str()).collect();
        let misfits: HashMap<&str, &Reason> = misfits.iter().rev().map(|fault| (fault.name.as_str(), &fault.reason)).collect();
        let mut account = Self { left_out: [inventory.left_out.as_slice(), &found.left_out].concat(), ..Self::default() };
        account.bad = inventory.faults.iter().filter(|fault| fault.reason == Reason::LinkToFolder).count();
        for item in inventory.items.iter().chain(&found.entries) {
            let name = item.name.as_str();
            if used.contains(name) {
                continue;
            }
            if faulty.contains(name) || found.bad.contains(name) {
                account.bad += 1;
            } else if found.words.contains(name) {
                account.words += 1;
            } else {
                let known = found.known.get(name).cloned();
                let misfit = || misfits.get(name).map(|reason| phrase(reason));
                account.left_out.push(LeftOut::one(name, known.or_else(misfit).unwrap_or_else(|| why(item, stray))));
            }
        }
        // What metadata names is used though it is hidden.
        for record in found.records.iter().filter(|record| is_litter(&record.name)) {
            let holds = |left: &&mut LeftOut| record.name == left.name || record.name.starts_with(&format!("{}/", left.name));
            if let Some(left) = account.left_out.iter_mut().find(holds) {
                left.files -= 1;
            }
        }
        account.left_out.retain(|left| left.files > 0);
        account
    }

    pub fn left_out(&self) -> usize {
        self.left_out.iter().map(|left| left.files).sum()
    }

    /// Why files are left out, the commonest reason first: how many, why, and which.
    pub fn reasons(&self) -> Vec<(usize, &str, Vec<&LeftOut>)> {
        let mut by_reason: BTreeMap<&str, Vec<&LeftOut>> = BTreeMap::new();
        for left in &self.left_out {
            by_reason.entry(&left.why).or_default().push(left);
        }
        let sum = |left: &[&LeftOut]| left.iter().map(|left| left.files).sum();
        let mut reasons: Vec<_> = by_reason.into_iter().map(|(why, left)| (sum(&left), why, left)).collect();
        reasons.sort_by_key(|(count, ..)| std::cmp::Reverse(*count));
        reasons
    }

    /// The same, a line each, with examples.
    pub fn lines(&self) -> Vec<String> {
        let line = |(count, why, left): (usize, &str, Vec<&LeftOut>)| {
            let names: Vec<&str> = left.iter().take(EXAMPLES).map(|left| left.name.as_str()).collect();
            let more = if left.len() > EXAMPLES { " ..." } else { "" };
            format!("{count}, {why} ({}{more})", names.join(", "))
        };
        self.reasons().into_iter().map(line).collect()
    }
}

/// Why a file that no layout takes is left out.
fn why(item: &Item, stray: &str) -> String {
    let place = match &item.place {
        Ok(place) => place,
        Err(reason) => return phrase(reason),
    };
    let text = match role(&item.name) {
        Role::Picture => stray,
        Role::Tar => "a tar file beside another layout",
        Role::Captions | Role::Class | Role::Row => "a text that belongs to no picture",
        Role::Other => {
            let head = place.head(HEAD as u64).unwrap_or_default();
            return match (what(&head), crate::data::picture::kind(&head)) {
                (Some(what), _) => what,
                (None, Some(_)) => "a picture whose name does not end as one: rename it".to_owned(),
                (None, None) => "neither a picture nor about one".to_owned(),
            };
        }
    };
    text.to_owned()
}

/// A reason as one that a file is left out for.
fn phrase(reason: &Reason) -> String {
    match reason {
        Reason::Metadata(why) => why.clone(),
        reason => {
            let text = reason.to_string();
            text.strip_prefix("is ").unwrap_or(&text).to_owned()
        }
    }
}
