//! Nothing vanishes: one table of quirks for all layouts, and sums against a walk of the test's own.

use std::path::Path;

use super::*;
use crate::data::sources::samples::{Manner, Shown, WRITTEN, coloured, counted, written};

fn nine() -> Vec<Shown> {
    let folders = (0..).zip(["001.A", "002.B", "003.C"]);
    let shown = folders.flat_map(|(at, folder)| (0..3).map(move |n| Shown::new(folder, &format!("image_{n}"), 3 * at + n)));
    shown.collect()
}

/// The four fates add up to what is there.
fn adds_up(folder: &Folder, listing: &Listing, name: &str) {
    let opened = |path: &Path| {
        let is_tar = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tar"));
        listing.format == Format::Webdataset && is_tar && fs::read(path).unwrap().len() > 1024
    };
    let there = counted(folder.path(), &opened);
    let Account { words, bad, .. } = listing.account;
    let sum = listing.records.len() + words + bad + listing.account.left_out();
    assert_eq!(sum, there, "{name}: {} + {words} + {bad} + {:?}", listing.records.len(), listing.account.left_out);
}

/// What one layout makes of what another system, program or author does to the same data: used, bad, left out, and whether parts are kept.
type Cell = (usize, usize, usize, bool);

/// Files that lie beside the samples.
type More = &'static [(&'static str, &'static [u8])];

#[test]
fn all_layouts_take_the_same_quirks_alike() {
    let plain = Manner::PLAIN;
    let picture = |picture| Manner { picture, ..plain.clone() };
    let text = |text| Manner { text, ..plain.clone() };
    let quirks: Vec<(&str, Manner, More, Cell)> = vec![
        ("plain", plain.clone(), &[], (9, 0, 0, false)),
        ("byte order mark", Manner { mark: "\u{feff}", ..plain.clone() }, &[], (9, 0, 0, false)),
        ("line ends of Windows", Manner { line_end: "\r\n", ..plain.clone() }, &[], (9, 0, 0, false)),
        ("capital picture", picture("PNG"), &[], (9, 0, 0, false)),
        ("other endings", picture("jfif"), &[], (9, 0, 0, false)),
        ("other endings", picture("jpe"), &[], (9, 0, 0, false)),
        ("other endings", picture("ApNg"), &[], (9, 0, 0, false)),
        ("capital text", text("TXT"), &[], (9, 0, 0, false)),
        ("caption", text("caption"), &[], (9, 0, 0, false)),
        ("several endings", text("output.txt"), &[], (9, 0, 0, false)),
        ("both endings", text("png.txt"), &[], (9, 0, 0, false)),
        ("capital tables", Manner { capitals: true, ..plain.clone() }, &[], (9, 0, 0, false)),
        (
            "what systems leave behind",
            plain.clone(),
            &[
                (".DS_Store", b"x"),
                ("001.A/._image_0.png", b"x"),
                ("001.A/.hidden/x.png", b"x"),
                ("__MACOSX/001.A/image_0.png", b"x"),
                ("002.B/Thumbs.db", b"x"),
            ],
            (9, 0, 5, false),
        ),
        (
            "what authors leave behind",
            plain.clone(),
            &[
                ("README.md", b"x"),
                ("README.txt", b"x"),
                ("LICENSE", b"x"),
                ("001.A/notes.txt", b"x"),
                ("paper.pdf", b"%PDF-1.7"),
            ],
            (9, 0, 5, false),
        ),
        (
            "films and archives",
            plain.clone(),
            &[("a.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0"), ("b.zip", b"PK\x03\x04")],
            (9, 0, 2, false),
        ),
    ];
    for layout in WRITTEN {
        for (name, manner, more, wanted) in &quirks {
            let folder = written(layout, &nine(), manner, more);
            cell(&folder, *wanted, &format!("{layout}, {name}"));
        }
        let mut parted = nine();
        for (shown, part) in parted.iter_mut().zip(["train", "val", "test"].iter().cycle()) {
            shown.folder = format!("{part}/{}", shown.folder);
        }
        cell(&written(layout, &parted, &plain, &[]), (9, 0, 0, true), &format!("{layout}, parts"));
    }
}

fn cell(folder: &Folder, wanted: Cell, name: &str) {
    let listing = listed(folder);
    let parts = listing.records.iter().all(|record| record.part.is_some());
    let cell = (listing.records.len(), listing.faults.len(), listing.account.left_out(), parts);
    assert_eq!(cell, wanted, "{name}: {:?} {:?}", listing.faults, listing.account.left_out);
    adds_up(folder, &listing, name);
}

#[test]
fn sums_hold_in_a_zoo() {
    let lfs: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    let (pair, good) = (tar(&[("x.png", &coloured(1)), ("x.txt", b"a"), ("y.png", &coloured(1))]), coloured(1));
    let zoo: Vec<(&str, &[u8])> = vec![
        ("zoo/a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("zoo/a.txt", b"a caption of it"),
        ("zoo/b.bmp", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"),
        ("zoo/c.tif", b"II*\0"),
        ("zoo/page.jpg", b"<!doctype html><html>"),
        ("zoo/page.txt", b"a page"),
        ("zoo/lfs.png", lfs),
        ("zoo/lfs.txt", lfs),
        ("zoo/data.json", b"[1]"),
        ("zoo/no-ending", &good),
        ("zoo/twice.png", &good),
        ("zoo/twice.jpg", &good),
        ("zoo/twice.txt", b"whose?"),
        ("zoo/more.depth.png", &good),
        ("zoo/more.png", &good),
        ("zoo/more.txt", b"b\xe9"),
        ("zoo/instances_val2017.json", b"{}"),
        ("zoo/.git/objects/1", b"x"),
        ("zoo/.git/HEAD", b"x"),
        ("zoo/backup.tar", &pair),
        ("zoo/metadata.tsv", b"a\tb"),
        ("classes.txt", b"x"),
    ];
    for layout in WRITTEN {
        let folder = written(layout, &nine(), &Manner::PLAIN, &zoo);
        // Beside the tar file, too.
        zoo.iter()
            .filter(|(name, _)| layout == "tar" && *name != "zoo/backup.tar")
            .for_each(|(name, bytes)| drop(folder.put(name, bytes)));
        #[cfg(unix)]
        for (link, to) in [("gone.png", "nowhere"), ("out.jpg", "/etc/hosts"), ("out", "/etc/hosts"), ("folder", "/etc")] {
            std::os::unix::fs::symlink(to, folder.path().join(link)).unwrap();
        }
        let listing = listed(&folder);
        assert!(listing.records.len() >= 9, "{layout}");
        adds_up(&folder, &listing, layout);
        let unexplained = listing.account.left_out.iter().filter(|left| left.why.is_empty()).count();
        assert_eq!(unexplained, 0);
    }
}

#[test]
fn of_two_layouts_that_fit_the_one_that_holds_more_is_taken_and_the_other_named() {
    let names: Vec<String> = (0..10).flat_map(|n| [format!("{n}.png"), format!("{n}.txt")]).collect();
    let bytes = coloured(3);
    let entry = |name: &String| if name.ends_with("png") { bytes.clone() } else { b"a thing".to_vec() };
    let files: Vec<(String, Vec<u8>)> = names.iter().map(|name| (name.clone(), entry(name))).collect();
    let packed = |count: usize| {
        let entries: Vec<(&str, &[u8])> = files[..count].iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        tar(&entries)
    };
    for (loose, in_tar, format, other) in [
        (20, 6, Format::Folder, (Format::Webdataset, 3)),
        (6, 20, Format::Webdataset, (Format::Folder, 3)),
        (6, 6, Format::Webdataset, (Format::Folder, 3)),
    ] {
        let folder = Folder::new();
        files[..loose].iter().for_each(|(name, bytes)| drop(folder.put(name, bytes)));
        folder.put("old/backup.tar", packed(in_tar));
        let listing = listed(&folder);
        assert_eq!((listing.format, listing.others.as_slice()), (format, [other].as_slice()));
        adds_up(&folder, &listing, "two");
        let asked = DataConfig { format: other.0, ..DataConfig::default() };
        assert_eq!(list(folder.path(), &asked).unwrap().records.len(), 3);
    }
}

#[test]
fn what_git_notes_in_a_tar_file_is_no_file() {
    let mut header = tar::Header::new_ustar();
    let note = b"52 comment=0123456789012345678901234567890123456789\n";
    header.set_entry_type(tar::EntryType::XGlobalHeader);
    header.set_path("pax_global_header").unwrap();
    header.set_size(note.len() as u64);
    header.set_cksum();
    let mut padded = note.to_vec();
    padded.resize(512, 0);
    let folder = Folder::new();
    let rest = tar(&[("data/1.png", &coloured(1)), ("data/1.txt", b"a"), ("data/._1.png", b"x")]);
    folder.put("a.tar", [header.as_bytes().as_slice(), &padded, &rest].concat());
    cell(&folder, (1, 0, 1, false), "git archive");
}

#[test]
fn a_run_of_this_trainer_is_no_data() {
    let folder = written("folder", &nine(), &Manner::PLAIN, &[]);
    for name in ["runs/a/config.toml", "runs/a/lock", "runs/a/checkpoints/1/x", "runs/a/samples/1.png", "runs/a/film.gif"] {
        folder.put(name, coloured(1));
    }
    cell(&folder, (9, 0, 5, false), "run");
}

#[test]
fn cocos_own_file_finds_its_pictures_beside_its_folder() {
    let folder = written("coco", &nine(), &Manner::PLAIN, &[]);
    let listing = list(&folder.path().join("annotations/captions.json"), &DataConfig::default()).unwrap();
    assert_eq!((listing.records.len(), listing.faults.len()), (9, 0));
}

#[test]
fn labels_by_folder_come_after_the_published_part() {
    let folder = Folder::new();
    for (number, name) in ["train/ink/0", "train/oil/1", "test/ink/2", "test/3"].iter().enumerate() {
        folder.put(&format!("{name}.png"), coloured(number as u32));
        folder.put(&format!("{name}.txt"), format!("a thing of colour {number}"));
    }
    let config = DataConfig { subfolders: Subfolders::Style, ..DataConfig::default() };
    let records = list(folder.path(), &config).unwrap().records;
    let styles: Vec<Option<&str>> = records.iter().map(|record| record.style.as_deref()).collect();
    assert_eq!(styles.iter().filter(|style| style.is_none()).count(), 1);
    assert!(styles.contains(&Some("ink")) && styles.contains(&Some("oil")) && !styles.contains(&Some("train")));
}

#[cfg(unix)]
#[test]
fn a_cache_of_links_says_how_it_can_be_read() {
    let outside = Folder::new();
    let folder = Folder::new();
    for number in 0..3 {
        for (ending, bytes) in [("png", coloured(number)), ("txt", b"a thing".to_vec())] {
            let blob = outside.put(&format!("{number}{ending}"), bytes);
            std::os::unix::fs::symlink(blob, folder.path().join(format!("{number}.{ending}"))).unwrap();
        }
    }
    let listing = listed(&folder);
    assert_eq!((listing.records.len(), listing.faults.len()), (0, 3));
    assert!(listing.faults.iter().all(|fault| fault.reason.to_string().contains("cp -rL")));
    adds_up(&folder, &listing, "links");
}

#[test]
fn folders_that_are_too_deep_are_no_secret() {
    let folder = written("folder", &nine(), &Manner::PLAIN, &[]);
    folder.put(&format!("{}x.png", "deep/".repeat(40)), coloured(1));
    let listing = listed(&folder);
    assert!(matches!(listing.faults.as_slice(), [Fault { reason: Reason::TooDeep(_), .. }]), "{:?}", listing.faults);
}
