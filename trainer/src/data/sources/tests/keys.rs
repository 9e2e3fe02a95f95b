//! Whose caption is whose, where names are equal on purpose: each picture's colour says which caption is its own.

use std::collections::BTreeSet;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::data::sources::samples::{Manner, Shown, WRITTEN, coloured, number_of, written};

const FOLDERS: [&str; 4] = ["001.A", "002.B", "003.C", "003.C/deep"];
const STEMS: [&str; 6] = ["image_1", "image_2", "image_1.00", "image_1.01", "image_1.left", "image_2.left"];

/// No picture may have another's caption.
fn agree(listing: &Listing, name: &str) {
    for record in &listing.records {
        let wanted = format!("a thing of colour {}", number_of(&record.bytes().unwrap()));
        assert_eq!(record.captions, [wanted], "{name}: {}", record.name);
    }
}

#[test]
fn no_picture_has_anothers_caption_in_any_layout() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for round in 0..20 {
        let mut shown = Vec::new();
        for (number, (folder, stem)) in (0..).zip(FOLDERS.iter().flat_map(|folder| STEMS.iter().map(move |stem| (folder, stem))))
        {
            let (picture, text) = (random.random_bool(0.8), random.random_bool(0.8));
            shown.push(Shown { picture, text, ..Shown::new(folder, stem, number) });
        }
        // With all of these parts lost on one side it would be an addition, and rightly so.
        for stem in ["image_1.left", "image_2.left"] {
            shown.push(Shown::new("004.D", stem, 200 + u32::from(stem == "image_1.left")));
        }
        let whole: BTreeSet<String> = shown.iter().filter(|one| one.picture && one.text).map(Shown::caption).collect();
        let pictures = shown.iter().filter(|one| one.picture).count();
        for layout in WRITTEN {
            let folder = written(layout, &shown, &Manner::PLAIN, &[]);
            let listing = list(folder.path(), &DataConfig::default()).unwrap();
            agree(&listing, &format!("{layout}, round {round}"));
            let used: BTreeSet<String> = listing.records.iter().flat_map(|record| record.captions.clone()).collect();
            assert_eq!(used, whole, "{layout}, round {round}: {:?}", listing.faults);
            let lonely = pictures - whole.len();
            let lost = shown.iter().filter(|one| one.text && !one.picture).count();
            // A picture without a caption is bad, or not named; a caption without a picture is one that is missing, or left out.
            match layout {
                "jsonl" | "csv" | "coco" => {
                    assert_eq!((listing.faults.len(), listing.account.left_out()), (lost, lonely), "{layout}")
                }
                _ => {
                    let left = |of: &str| listing.account.left_out.iter().filter(|left| left.why.contains(of)).count();
                    assert_eq!(listing.faults.len() + left("further"), lonely, "{layout}: {:?}", listing.faults);
                    assert_eq!(listing.account.left_out() - left("further"), lost, "{layout}");
                }
            }
        }
    }
}

#[test]
fn trees_of_other_depths_are_matched_by_name_where_it_is_the_only_one() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for round in 0..40 {
        let folder = Folder::new();
        let (mut put, flat) = (0, round % 2 == 0);
        for number in 0..12 {
            let stem = format!("image_{}", number % random.random_range(4..=12));
            let class = ["001.A", "002.B"].choose(&mut random).unwrap();
            let path = folder.path().join(format!("images/{class}/{stem}.png"));
            let text = if flat { format!("text/{stem}.txt") } else { format!("text/{class}/{stem}.txt") };
            if path.exists() {
                continue;
            }
            folder.put(&format!("images/{class}/{stem}.png"), coloured(number));
            put += 1;
            // Of a text that two pictures may mean, nobody knows whose it is.
            if !folder.path().join(&text).exists() {
                folder.put(&text, format!("a thing of colour {number}"));
            }
        }
        let listing = listed(&folder);
        agree(&listing, "trees");
        assert_eq!(listing.records.len() + listing.faults.len(), put, "{:?}", listing.faults);
    }
}

/// The names of what is used, with the captions' numbers; and how many faults there are.
fn outcome(files: &[(&str, Vec<u8>)], in_tar: bool) -> (Vec<(String, String)>, usize) {
    let folder = Folder::new();
    let entries: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    match in_tar {
        true => drop(folder.put("a.tar", tar(&entries))),
        false => entries.iter().for_each(|(name, bytes)| drop(folder.put(name, bytes))),
    }
    let listing = listed(&folder);
    let name = |record: &Record| record.name.trim_start_matches("a.tar/").to_owned();
    let mut used: Vec<_> = listing.records.iter().map(|record| (name(record), record.captions.join("|"))).collect();
    used.sort();
    (used, listing.faults.len())
}

#[test]
fn files_of_a_sample_are_told_by_their_names_in_folders_and_tar_files_alike() {
    let text = |text: &str| text.as_bytes().to_vec();
    let used =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>();
    let cases = [
        // A depth map is no sample, whichever comes first.
        (vec![("0.depth.png", png(1)), ("0.jpg", png(2)), ("0.txt", text("a"))], used(&[("0.jpg", "a")]), 0),
        (vec![("0.rgb.png", png(1)), ("0.txt", text("a"))], used(&[("0.rgb.png", "a")]), 0),
        (vec![("0.png", png(1)), ("0.output.txt", text("a"))], used(&[("0.png", "a")]), 0),
        (vec![("0.png", png(1)), ("0.url.txt", text("b")), ("0.txt", text("a"))], used(&[("0.png", "a")]), 0),
        (vec![("0.png", png(1)), ("0.png.txt", text("a"))], used(&[("0.png", "a")]), 0),
        (
            vec![("0.jpg", png(2)), ("0.jpg.txt", text("b")), ("0.png", png(1)), ("0.png.txt", text("a"))],
            used(&[("0.jpg", "b"), ("0.png", "a")]),
            0,
        ),
        // Nobody knows whose the caption is.
        (vec![("0.jpg", png(2)), ("0.png", png(1)), ("0.txt", text("a"))], vec![], 2),
        (vec![("0.in.jpg", png(2)), ("0.out.jpg", png(1)), ("0.txt", text("a"))], vec![], 2),
        (vec![("0.PNG", png(1)), ("0.CAPTION", text("a"))], used(&[("0.PNG", "a")]), 0),
        (vec![("0.png", png(1)), ("0.caption", text("b")), ("0.txt", text("a"))], used(&[("0.png", "b|a")]), 0),
        // One part hides no other.
        (vec![("0.png", png(1)), ("0.txt", text("")), ("0.json", text(r#"{"text": "a"}"#))], used(&[("0.png", "a")]), 0),
        (vec![("0.png", png(1)), ("0.json", text("")), ("0.txt", text("a"))], used(&[("0.png", "a")]), 0),
        (vec![("0.png", png(1)), ("0.json", text("{}")), ("0.txt", text("a"))], used(&[("0.png", "a")]), 0),
        (vec![("0.png", png(1)), ("0.json", text("{")), ("0.txt", text("a"))], used(&[("0.png", "a")]), 1),
        (vec![("0.png", png(1)), ("0.caption", b"\xe9".to_vec()), ("0.txt", text("a"))], used(&[("0.png", "a")]), 1),
        (vec![("0.png", png(1)), ("0.json", text("{")), ("0.txt", text(""))], vec![], 1),
        (vec![("0.png", png(1)), ("0.txt", b"a\n\xe9\nb".to_vec())], used(&[("0.png", "a|b")]), 1),
    ];
    for (files, used, faults) in cases {
        for in_tar in [false, true] {
            let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
            assert_eq!(outcome(&files, in_tar), (used.clone(), faults), "{names:?} {in_tar}");
        }
    }
}

#[test]
fn entries_that_come_again_are_taken_whole_or_not_at_all() {
    let (old, new) = (coloured(1), coloured(2));
    let (before, after): (&[u8], &[u8]) = (b"a thing of colour 1", b"a thing of colour 2");
    let once = [("0.png", old.as_slice()), ("0.txt", before)];
    for (more, used, bad) in [
        (vec![("0.png", new.as_slice()), ("0.txt", after)], 1, 0),
        (vec![("./0.txt", after), ("0.png", new.as_slice())], 1, 0),
        (vec![("0.png", new.as_slice())], 0, 1),
        (vec![("0.txt", after)], 0, 1),
        (vec![("0.png", new.as_slice()), ("0.caption", after)], 0, 1),
        (vec![("0.jpg", new.as_slice()), ("0.txt", after)], 0, 2),
        (vec![("x/0.png", new.as_slice()), ("x/0.txt", after)], 2, 0),
    ] {
        // As `tar -r` writes it, and as `cat` does.
        for whole in [tar(&[once.as_slice(), &more].concat()), [tar(&once), tar(&more)].concat()] {
            let folder = Folder::new();
            folder.put("a.tar", whole);
            let listing = listed(&folder);
            agree(&listing, "tar");
            assert_eq!((listing.records.len(), listing.faults.len()), (used, bad), "{more:?}: {:?}", listing.faults);
        }
    }
}

#[test]
fn lines_about_one_picture_may_not_contradict_each_other() {
    let folder = Folder::new();
    folder.put("a.png", png(1));
    folder.put("metadata.csv", "file_name,text,label\na.png,one,cat\n./a.png,two,\na.png,three,dog\n");
    let listing = listed(&folder);
    assert_eq!((listing.records[0].captions.join("|"), listing.records[0].class.as_deref()), ("one|two".to_owned(), Some("cat")));
    assert!(listing.faults.len() == 1 && listing.faults[0].name.contains("metadata.csv:4"), "{:?}", listing.faults);
}
