//! Files that somebody, or a failing disk, has changed: whatever they are, loading ends in data or in an error that says why,
//! never in a panic, and nothing is written.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use image::ImageFormat;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::config::{Colour, DataConfig, Fit};
use super::own;
use super::picture::{self, Policy};
use super::sources::Reason;
use super::sources::samples::{file, layouts};

const POLICY: Policy = Policy { size: 16, fit: Fit::Contain, background: Colour::WHITE };

/// Values that readers trip over.
const EDGES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'<', b'\n'];

/// Changes a file in one to four places: a bit, an edge, a cut, a piece doubled, a number blown up.
fn mutated(bytes: &[u8], random: &mut impl Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.random_range(1..=4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..6) {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes[at] = EDGES[random.random_range(0..EDGES.len())],
            2 => bytes.truncate(at),
            3 => {
                let end = (at + random.random_range(1..64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(0xff);
            }
            _ => {
                let end = (at + random.random_range(1..16)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

/// Pictures of every kind.
fn pictures() -> Vec<Vec<u8>> {
    let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    let mut pictures: Vec<Vec<u8>> = formats.into_iter().map(|format| file(5, format)).collect();
    let drawing = r##"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><defs><g id="a">
        <path d="M1 2 C3 4 5 6 7 8 z" fill="url(#b)"/></g><linearGradient id="b"><stop offset="0.5" stop-color="#f00"/></linearGradient>
        <filter id="f"><feGaussianBlur stdDeviation="2"/></filter></defs><use href="#a" transform="rotate(30)"/>
        <circle cx="9" cy="9" r="4" filter="url(#f)" style="opacity:0.5"/></svg>"##;
    pictures.push(drawing.into());
    pictures
}

/// How many of `count` changed pictures made a decoder panic.
fn panics_of_pictures(count: usize, seed: u64) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let pictures = pictures();
    let mut panics = 0;
    for number in 0..count {
        let bytes = mutated(&pictures[number % pictures.len()], &mut random);
        let decoded = catch_unwind(AssertUnwindSafe(|| picture::decode(&bytes, &POLICY)));
        // A decoder's own panic is caught in `decode` and is a fault of the file; it is counted here all the same.
        panics += usize::from(match decoded {
            Ok(Ok(decoded)) => decoded.pixels.len() != 16 * 16 * 3,
            Ok(Err(reason)) => reason == Reason::Damaged(picture::GAVE_UP.to_owned()),
            Err(_) => true,
        });
    }
    panics
}

/// How many of `count` changed folders made loading panic. Nothing in them may have been written.
fn panics_of_folders(count: usize, seed: u64) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let layouts = layouts();
    let mut panics = 0;
    for number in 0..count {
        let folder = &layouts[number % layouts.len()].1;
        let files = files(folder.path());
        let chosen = &files[random.random_range(0..files.len())];
        let good = std::fs::read(chosen).unwrap();
        std::fs::write(chosen, mutated(&good, &mut random)).unwrap();
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            own::load(folder.path(), &DataConfig::default(), 16, None, &|_, _| {}).map(|dataset| dataset.samples.len())
        }));
        panics += usize::from(loaded.is_err());
        std::fs::write(chosen, good).unwrap();
        assert_eq!(self::files(folder.path()), files, "something was written");
    }
    panics
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    walk.map(|entry| entry.unwrap()).filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}

#[test]
fn changed_files_are_read_or_refused() {
    assert_eq!(panics_of_pictures(500, 1), 0);
    assert_eq!(panics_of_folders(200, 2), 0);
}

#[test]
#[ignore = "takes minutes; run by `cargo xtask soak`"]
fn soak_ten_thousand_changed_files() {
    assert_eq!(panics_of_pictures(7_000, 3), 0);
    assert_eq!(panics_of_folders(3_000, 4), 0);
}
