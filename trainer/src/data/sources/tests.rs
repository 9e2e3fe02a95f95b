use std::fs;

use super::samples::{Folder, file, layouts, png, tar, tar_with_raw_name};
use super::*;
use crate::data::config::Format;
use crate::data::config::Subfolders;
use crate::data::picture::Policy;
use crate::data::{DataConfig, DataError};

fn listed(folder: &Folder) -> Listing {
    list(folder.path(), &DataConfig::default()).unwrap()
}

/// The one fault of a folder.
fn fault(folder: &Folder) -> Fault {
    let listing = listed(folder);
    assert_eq!(listing.faults.len(), 1, "{:?}", listing.faults);
    listing.faults[0].clone()
}

#[test]
fn every_layout_is_told_by_what_is_there() {
    for (name, folder) in layouts() {
        let listing = listed(&folder);
        assert_eq!(listing.format.name(), name);
        assert_eq!(listing.faults, [], "{name}");
        let captions: Vec<&[String]> = listing.records.iter().map(|record| record.captions.as_slice()).collect();
        assert_eq!(captions, [vec!["a blue bird"], vec!["a red bird", "it is red"]], "{name}");
        for record in &listing.records {
            assert!(crate::data::picture::decode(&record.bytes().unwrap(), &Policy::new(&DataConfig::default(), 8)).is_ok());
        }
        let asked = DataConfig { format: listing.format, ..DataConfig::default() };
        assert_eq!(list(folder.path(), &asked).unwrap().records, listing.records, "{name}");
    }
}

#[test]
fn labels_are_carried_where_the_layout_has_them() {
    let labels = |wanted: &str, at: usize| {
        let (_, folder) = layouts().into_iter().filter(|(name, _)| *name == wanted).nth(at).unwrap();
        let labels = |record: &Record| (record.class.clone(), record.style.clone());
        listed(&folder).records.iter().map(labels).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(labels("folder", 0), [(None, None), (None, None)]);
    assert_eq!(labels("imagefolder", 0), [(None, some("chalk")), (some("3"), some("ink"))]);
    assert_eq!(labels("webdataset", 0), [(None, some("ink")), (some("7"), None)]);
    assert_eq!(labels("cub", 0), [(some("002.Blue_bird"), None), (some("001.Red_bird"), None)]);
    assert_eq!(labels("flowers", 0), [(some("class_00002"), None), (some("class_00001"), None)]);
    assert_eq!(labels("flowers", 1), [(None, None), (None, None)], "the folder of all pictures is no class");
}

#[test]
fn subfolders_mean_what_they_are_said_to_mean() {
    let (_, folder) = layouts().remove(0);
    let more = |subfolders| {
        let config = DataConfig { subfolders, ..DataConfig::default() };
        let record = list(folder.path(), &config).unwrap().records.remove(0);
        (record.class, record.style)
    };
    let named = Some("more".to_owned());
    assert_eq!(more(Subfolders::Nothing), (None, None));
    assert_eq!(more(Subfolders::Class), (named.clone(), None));
    assert_eq!(more(Subfolders::Style), (None, named));
}

#[test]
fn one_tar_file_or_one_file_of_captions_may_be_named() {
    let layouts = layouts();
    let named = |layout: &str, file: &str| {
        let folder = &layouts.iter().find(|(name, _)| *name == layout).unwrap().1;
        list(&folder.path().join(file), &DataConfig::default()).map(|listing| listing.records.len())
    };
    assert_eq!(named("webdataset", "a.tar").unwrap(), 1);
    assert!(matches!(named("folder", "red.png"), Err(DataError::NothingFound { .. })));
}

#[test]
fn what_was_looked_for_is_said_where_nothing_is() {
    let folder = Folder::new();
    folder.put("notes.txt", "nothing here");
    let error = list(folder.path(), &DataConfig::default()).unwrap_err().to_string();
    for word in ["metadata.jsonl", "apple.txt", "*.tar", "captions_train2017.json", "text_c10", "image_00001"] {
        assert!(error.contains(word), "{word}: {error}");
    }
    let asked = DataConfig { format: Format::Coco, ..DataConfig::default() };
    let error = list(folder.path(), &asked).unwrap_err().to_string();
    assert!(error.contains("captions_train2017.json") && !error.contains("metadata.jsonl"), "{error}");
    assert!(matches!(list(&folder.path().join("none"), &DataConfig::default()), Err(DataError::Source { .. })));
}

#[test]
fn a_picture_without_a_usable_caption_is_named() {
    type Right = fn(&Reason) -> bool;
    let wanted: [(&[u8], Right); 5] = [
        (b"", |reason| *reason == Reason::NoCaption),
        (b"caf\xe9", |reason| *reason == Reason::NotUtf8),
        (&[b'x'; 5000], |reason| matches!(reason, Reason::CaptionTooLong { bytes: 5000, .. })),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            |reason| matches!(reason, Reason::Foreign(what) if what.contains("git lfs pull")),
        ),
        (&[b'x'; 10_000_000], |reason| matches!(reason, Reason::CaptionTooLong { bytes: 10_000_000, .. })),
    ];
    for (text, is_wanted) in wanted {
        let folder = Folder::new();
        folder.put("apple.png", png(1));
        folder.put("apple.txt", text);
        let Fault { name, reason } = fault(&folder);
        assert!(name == "apple.png" && is_wanted(&reason), "{name} {reason}");
    }
    let folder = Folder::new();
    folder.put("apple.png", png(1));
    assert_eq!(fault(&folder), Fault::new("apple.png", Reason::NoCaption));
}

#[test]
fn metadata_cannot_lead_out_of_the_folder() {
    let outside = Folder::new();
    let secret = outside.put("secret.png", png(1));
    let climbing = format!("../{}/secret.png", outside.path().file_name().unwrap().to_string_lossy());
    let absolute = secret.to_string_lossy().replace('\\', "\\\\");
    for name in [climbing.as_str(), absolute.as_str(), "../../etc/passwd", "a/../../x.png"] {
        let (jsonl, csv, coco) = (Folder::new(), Folder::new(), Folder::new());
        jsonl.put("metadata.jsonl", format!(r#"{{"file_name": "{name}", "text": "a bird"}}"#));
        csv.put("metadata.csv", format!("file_name,text\n{name},a bird\n"));
        let images = format!(r#"{{"id": 1, "file_name": "{name}"}}"#);
        coco.put(
            "captions_x.json",
            format!(r#"{{"images": [{images}], "annotations": [{{"image_id": 1, "caption": "a bird"}}]}}"#),
        );
        for folder in [jsonl, csv, coco] {
            let Fault { name: named, reason } = fault(&folder);
            assert!(reason == Reason::Outside && named.contains(name), "{named} {reason}");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_and_nowhere_else() {
    use std::os::unix::fs::symlink;
    let (outside, folder) = (Folder::new(), Folder::new());
    outside.put("secret.png", png(1));
    outside.put("secret.txt", "a secret");
    folder.put("real.png", png(1));
    folder.put("real.txt", "a bird");
    symlink(folder.path().join("real.png"), folder.path().join("link.png")).unwrap();
    symlink(folder.path().join("real.txt"), folder.path().join("link.txt")).unwrap();
    symlink(outside.path().join("secret.png"), folder.path().join("out.png")).unwrap();
    folder.put("out.txt", "a bird");
    symlink(outside.path(), folder.path().join("elsewhere")).unwrap();
    symlink(folder.path(), folder.path().join("loop")).unwrap();
    folder.put("text.png", png(2));
    symlink(outside.path().join("secret.txt"), folder.path().join("text.txt")).unwrap();
    let listing = listed(&folder);
    let names: Vec<&str> = listing.records.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names, ["link.png", "real.png"]);
    let faults: Vec<(&str, &Reason)> = listing.faults.iter().map(|fault| (fault.name.as_str(), &fault.reason)).collect();
    for wanted in [
        ("elsewhere", &Reason::LinkToFolder),
        ("loop", &Reason::LinkToFolder),
        ("out.png", &Reason::LinkOutside),
        ("text.png", &Reason::LinkOutside),
    ] {
        assert!(faults.contains(&wanted), "{wanted:?} is not in {faults:?}");
    }
    // A user's own link to the data is as good as the data.
    symlink(folder.path(), outside.path().join("mine")).unwrap();
    assert_eq!(list(&outside.path().join("mine"), &DataConfig::default()).unwrap().records.len(), 2);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_opened() {
    let folder = Folder::new();
    folder.put("real.png", png(1));
    folder.put("real.txt", "a bird");
    // Opening it would wait for ever.
    let pipe = folder.path().join("pipe.png");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(fault(&folder), Fault::new("pipe.png", Reason::NoFile));
}

#[test]
fn rows_that_say_too_little_are_named_by_their_line() {
    let folder = Folder::new();
    folder.put("red.png", png(1));
    let long = "x".repeat(2 << 20);
    let lines = [
        r#"{"file_name": "red.png", "text": "a red bird"}"#.to_owned(),
        r#"{"text": "no name"}"#.to_owned(),
        "no json".to_owned(),
        format!(r#"{{"file_name": "red.png", "text": "{long}"}}"#),
        r#"{"file_name": "gone.png", "text": "a bird"}"#.to_owned(),
        r#"{"file_name": "red.png"}"#.to_owned(),
    ];
    folder.put("metadata.jsonl", lines.join("\n"));
    let listing = listed(&folder);
    assert_eq!(listing.records.len(), 1);
    let said: Vec<String> = listing.faults.iter().map(|fault| format!("{} {}", fault.name, fault.reason)).collect();
    for (fault, wanted) in said.iter().zip([
        ["metadata.jsonl:2", "no file_name"],
        ["metadata.jsonl:3", "no JSON"],
        ["metadata.jsonl:4", "bytes"],
        ["gone.png (metadata.jsonl:5)", "does not exist"],
        ["red.png (metadata.jsonl:6)", "but file_name"],
    ]) {
        assert!(wanted.iter().all(|word| fault.contains(word)), "{fault}");
    }
    assert_eq!(said.len(), 5);
}

#[test]
fn a_layout_that_does_not_fit_is_said_and_is_not_this_layout() {
    for (name, text, words) in [
        ("metadata.csv", "picture,text\nred.png,a red bird\n", "the columns are picture, text"),
        ("metadata.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        ("metadata.parquet", "PAR1 and more", "Parquet"),
        ("captions_x.json", "{}", "no images"),
        ("captions_x.json", "[1, 2", "no images and annotations"),
        ("captions.json", r#"{"red.png": "a red bird"}"#, "no images"),
        ("captions.json", r#"{"images": {"a": 1}, "annotations": 3}"#, "no lists of images"),
        ("annotations/captions_y.json", "", "empty file"),
        ("annotations/captions_y.json", r#"{"images": [], "annotations": [{"bbox": [1]}]}"#, "no captions among"),
    ] {
        let folder = Folder::new();
        folder.put(name, text);
        let error = list(folder.path(), &DataConfig::default()).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(words), "{name} {text}: {error}");
        // Beside captioned pictures it is in nobody's way, and still named.
        folder.put("a.png", png(1));
        folder.put("a.txt", "a bird");
        let listing = listed(&folder);
        assert_eq!((listing.format, listing.records.len(), listing.faults.len()), (Format::Folder, 1, 0), "{name}");
        assert!(listing.account.lines().iter().any(|line| line.contains(words)), "{:?}", listing.account);
    }
}

#[test]
fn tar_entries_that_lead_somewhere_are_refused_by_name() {
    let good: [(&str, &[u8]); 2] = [("1.png", &png(1)), ("1.txt", b"a bird")];
    for (name, kind, wanted) in [
        ("../out.png", tar::EntryType::Regular, Reason::Outside),
        ("/etc/out.png", tar::EntryType::Regular, Reason::Outside),
        ("a/../../out.png", tar::EntryType::Regular, Reason::Outside),
        ("link.png", tar::EntryType::Symlink, Reason::LinkInTar),
        ("link.png", tar::EntryType::Link, Reason::LinkInTar),
        ("pipe.png", tar::EntryType::Fifo, Reason::NoFile),
    ] {
        let folder = Folder::new();
        // The end of a tar file is two empty blocks.
        let bad = tar_with_raw_name(name, kind, b"");
        folder.put("a.tar", [&bad[..bad.len() - 1024], &tar(&good)].concat());
        let listing = listed(&folder);
        assert_eq!(listing.records.len(), 1, "{name}");
        assert_eq!(listing.faults, [Fault::new(format!("a.tar/{name}"), wanted)]);
    }
    assert_eq!(
        fs::read_dir(std::env::temp_dir()).unwrap().filter(|entry| entry.as_ref().unwrap().file_name() == "out.png").count(),
        0
    );
}

#[test]
fn tar_files_that_lie_about_lengths_are_refused() {
    let whole = tar(&[("1.png", &png(1)), ("1.txt", b"a bird"), ("2.png", &png(2)), ("2.txt", b"another")]);
    // Cut inside the second picture: each entry takes a block for its header and one for its bytes.
    let folder = Folder::new();
    folder.put("cut.tar", &whole[..5 * 512 + 50]);
    let listing = listed(&folder);
    assert_eq!(listing.records.len(), 1);
    let named = |fault: &Fault| fault.name == "cut.tar" && matches!(&fault.reason, Reason::CutOff(why) if why.contains("2.png"));
    assert!(listing.faults.iter().any(named), "{:?}", listing.faults);
    // Cut between two samples, and just before its end.
    for length in [0, 4 * 512, whole.len() - 1024, whole.len() - 1024 + 100] {
        let folder = Folder::new();
        folder.put("cut.tar", &whole[..length]);
        let Fault { name, reason } = fault(&folder);
        assert!(name == "cut.tar" && matches!(&reason, Reason::CutOff(_)), "{length}: {name} {reason}");
    }

    // An entry of terabytes, and a name of gigabytes.
    for kind in [tar::EntryType::Regular, tar::EntryType::GNULongName, tar::EntryType::XHeader] {
        let mut header = tar::Header::new_gnu();
        header.set_path("1.png").unwrap();
        header.set_size(5 << 40);
        header.set_entry_type(kind);
        header.set_cksum();
        let folder = Folder::new();
        folder.put("huge.tar", [header.as_bytes().as_slice(), &[0; 2048]].concat());
        let Fault { name, reason } = fault(&folder);
        assert!(name.starts_with("huge.tar") && matches!(reason, Reason::CutOff(_)), "{kind:?}: {name} {reason}");
    }
    let folder = Folder::new();
    folder.put("x.tar", tar(&[("1.png", &png(1)), ("1.txt", &[b'x'; 100_000])]));
    assert_eq!(fault(&folder).name, "x.tar/1.png");
    let folder = Folder::new();
    for (bytes, words) in [
        (b"no tar file at all, but long enough to be read as a header".repeat(20), "no entry of a tar file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n".to_vec(), "git lfs pull"),
        ([b"\x1f\x8b\x08\0\0\0\0\0\0\x03".as_slice(), &[7; 600]].concat(), "gunzip"),
    ] {
        folder.put("x.tar", bytes);
        assert!(matches!(fault(&folder).reason, Reason::CutOff(why) if why.contains(words)), "{words}");
    }
}

#[test]
fn tar_files_may_begin_as_they_like_and_hold_nothing() {
    let folder = Folder::new();
    folder.put("cars.tar", tar(&[("BMW_1.png", &png(1)), ("BMW_1.txt", b"a car")]));
    folder.put("empty.tar", [0; 10_240]);
    let listing = listed(&folder);
    assert_eq!((listing.records.len(), listing.faults.len()), (1, 0), "{:?}", listing.faults);
    folder.put("empty.tar", [0; 20_480]);
    assert!(matches!(fault(&folder).reason, Reason::CutOff(why) if why.contains("zeros")));
}

#[test]
fn long_names_in_tar_files_are_read() {
    let long = format!("{}/1", "folder".repeat(30));
    let folder = Folder::new();
    folder.put("a.tar", tar(&[(&format!("{long}.png"), &png(1)), (&format!("{long}.txt"), b"a bird")]));
    assert_eq!(listed(&folder).records[0].name, format!("a.tar/{long}.png"));
}

#[test]
fn a_picture_that_changes_under_way_is_a_fault() {
    let folder = Folder::new();
    let path = folder.put("apple.png", png(1));
    folder.put("apple.txt", "an apple");
    let record = listed(&folder).records.remove(0);
    fs::write(&path, &png(1)[..20]).unwrap();
    assert!(matches!(record.bytes(), Err(Reason::Damaged(_))));
    fs::remove_file(&path).unwrap();
    assert_eq!(record.bytes(), Err(Reason::Missing));
    let huge = Record { place: FileSpan { length: u64::MAX, ..record.place.clone() }, ..record };
    assert!(matches!(huge.bytes(), Err(Reason::FileTooLarge { .. })));
}

#[test]
fn hidden_files_and_other_endings_are_passed_over() {
    let (_, folder) = layouts().remove(0);
    folder.put(".git/x.png", png(1));
    folder.put("._red.png", "what another system leaves behind");
    folder.put("notes.txt", "no caption of anything");
    folder.put("film.mp4", file(1, image::ImageFormat::Gif));
    let listing = listed(&folder);
    assert_eq!((listing.records.len(), listing.faults.len(), listing.account.left_out()), (2, 0, 4));
}

mod conservation;
mod keys;
mod spoilt;
