//! What `--memory-cap` promises: however many pictures there are, they take no more memory than it says.

use std::fs;
use std::io::Cursor;
use std::process::Child;
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};

use super::runs::Runs;
use super::{leaves, resident};

/// Megabytes that a run may take beyond the cap and what a run with few pictures takes: of noise, and of each picture what is not
/// pixels (its name, caption, label and place) in kilobytes.
const NOISE: f64 = 24.0;
const BESIDE: f64 = 1.0;
/// Pictures of the run that is compared with.
const FEW: usize = 100;

/// A tar file of small pictures, no two of which have the same caption.
fn shard(pictures: usize) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut put = |name: String, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, bytes).unwrap();
    };
    for number in 0..pictures {
        let colour = [number % 251, number / 251 % 251, number % 241].map(|level| level as u8);
        let mut png = Cursor::new(vec![]);
        RgbImage::from_pixel(8, 8, Rgb(colour)).write_to(&mut png, ImageFormat::Png).unwrap();
        put(format!("{number:06}.png"), png.get_ref());
        // Few words, so that the vocabulary does not grow with the pictures.
        let word = |digit: usize| char::from(b'a' + (digit % 26) as u8).to_string().repeat(3);
        let caption = [number, number / 26, number / 676, number / 17_576].map(word).join(" ");
        put(format!("{number:06}.txt"), caption.as_bytes());
    }
    archive.into_inner().unwrap()
}

/// The most memory that a process has had, in megabytes, read until it ends.
fn peak(mut child: Child) -> f64 {
    let mut most = 0.0;
    while child.try_wait().unwrap().is_none() {
        most = resident(child.id(), "VmHWM:").map_or(most, |kilobytes| kilobytes / 1024.0);
        std::thread::sleep(Duration::from_millis(5));
    }
    let (code, text) = leaves(child);
    assert_eq!(code, Some(0), "{text}");
    most
}

/// Trains on many pictures with this cap in megabytes.
fn capped(pictures: usize, size: usize, cap: usize) {
    let taken = |pictures: usize| {
        let runs = Runs::new();
        runs.desk.put("many.tar", &shard(pictures));
        let size = format!("--image-size={size}");
        let cap = format!("--memory-cap={cap}MB");
        let peak = peak(runs.start(&["--data=many.tar", &size, &cap, "--cache=cache", "--matching-steps=2", "--steps=2"]));
        let cached =
            fs::read_dir(runs.desk.path("cache")).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum::<u64>();
        (peak, cached as f64 / 1e6)
    };
    let ((few, _), (many, pixels)) = (taken(FEW), taken(pictures));
    let most = few + cap as f64 + NOISE + BESIDE * pictures as f64 / 1000.0;
    println!(
        "{pictures} pictures, {pixels:.0} MB of pixels, --memory-cap {cap}MB: {many:.0} MB; with {FEW} pictures {few:.0} MB"
    );
    assert!(few + pixels > most, "without a cap it would not be noticed");
    assert!(many < most, "{many:.0} MB, more than {most:.0} MB");
}

#[test]
#[ignore = "long: cargo xtask soak"]
fn soak_memory_cap() {
    capped(4_000, 64, 5);
    capped(60_000, 64, 50);
}
