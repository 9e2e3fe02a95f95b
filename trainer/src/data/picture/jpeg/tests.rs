use image::ImageFormat;
use rand::{Rng, SeedableRng};

use super::super::decode;
use super::super::tests::{WHITE, refused};
use crate::data::sources::{Reason, samples};

/// What telephones, cameras and programs write behind a picture: films, other pictures, nothing in particular.
#[test]
fn what_follows_the_end_of_a_picture_is_nothing_to_it() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut tails: Vec<Vec<u8>> = (0..40).map(|_| (0..random.random_range(1..3000)).map(|_| random.random()).collect()).collect();
    // Markers that look like a picture's, as a film has them by chance.
    tails.extend([
        b"\xff\xda".to_vec(),
        b"\xff\xd9\xff\xda\0\x0c".repeat(9),
        vec![0xff; 50],
        vec![0; 5000],
        samples::file(7, ImageFormat::Jpeg),
    ]);
    tails.push([b"\0\0\0\x18ftypmp42\0\0\0\0".as_slice(), &b"\xff\xda\x12\x34".repeat(100)].concat());
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let whole = samples::file(3, format);
        let wanted = decode(&whole, &WHITE).unwrap().pixels;
        for tail in &tails {
            let longer = [whole.as_slice(), tail].concat();
            assert!(decode(&longer, &WHITE).unwrap().pixels == wanted, "{format:?}, {} bytes more", tail.len());
        }
    }
    // A picture that is cut stays so, whatever fills up its place.
    let whole = samples::file(3, ImageFormat::Jpeg);
    for tail in [vec![0; 5000], vec![0xff; 50], b"\xff\xda\0\x04ab".to_vec()] {
        let cut = [&whole[..whole.len() / 2], &tail].concat();
        assert!(matches!(refused(&cut), Reason::Damaged(_)), "{} bytes more", tail.len());
    }
}

/// A preview in a picture's own data has markers, too, and they are not the picture's.
#[test]
fn a_preview_ends_no_picture() {
    let preview = samples::file(7, ImageFormat::Jpeg);
    let segment = |marker: u8, data: &[u8]| [&[0xff, marker], &(data.len() as u16 + 2).to_be_bytes()[..], data].concat();
    let whole = samples::file(3, ImageFormat::Jpeg);
    let with_preview = [&whole[..2], &segment(0xe1, &preview), &segment(0xfe, b"\xff\xd9"), &whole[2..]].concat();
    assert_eq!(decode(&with_preview, &WHITE).unwrap().pixels, decode(&whole, &WHITE).unwrap().pixels);
    for length in (with_preview.len() - whole.len() + 12..with_preview.len() - 12).step_by(whole.len() / 20) {
        assert!(matches!(refused(&with_preview[..length]), Reason::Damaged(_)), "cut to {length}");
    }
}
