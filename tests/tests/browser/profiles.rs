//! Colour profiles: a picture lends the style of the colours that it shows, not of the numbers that stand in it, as where the trainer
//! reads it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use libtest_mimic::Failed;
use moxcms::{ColorProfile, Layout, TransformOptions};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tests::page::ensure;

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[("a lent picture's colour profile is applied", a_lent_pictures_colour_profile_is_applied)];

/// Side of the picture and of its patches, in pixels: a JPEG's blocks fit into a patch.
const SIDE: usize = 64;
const PATCH: usize = 16;
/// Two ways of computing the same colours may differ by so many levels of 255.
const LEVELS: u8 = 3;

/// Patches of one colour each, in RGB.
fn patches(random: &mut ChaCha8Rng) -> Vec<u8> {
    let across = SIDE / PATCH;
    let colours: Vec<[u8; 3]> = (0..across * across).map(|_| random.random()).collect();
    (0..SIDE * SIDE).flat_map(|at| colours[at / SIDE / PATCH * across + at % SIDE / PATCH]).collect()
}

/// Profiles that are none of sRGB, and one that has red and green the other way round: nobody can overlook that.
fn profiles() -> [(&'static str, ColorProfile); 5] {
    let mut swapped = ColorProfile::new_srgb();
    std::mem::swap(&mut swapped.red_colorant, &mut swapped.green_colorant);
    swapped.cicp = None;
    [
        ("sRGB", ColorProfile::new_srgb()),
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("Display P3", ColorProfile::new_display_p3()),
        ("ProPhoto RGB", ColorProfile::new_pro_photo_rgb()),
        ("red and green swapped", swapped),
    ]
}

fn in_srgb(rgb: &[u8], profile: &ColorProfile) -> Result<Vec<u8>, Failed> {
    let options = TransformOptions::default();
    let transform = profile.create_transform_8bit(Layout::Rgb, &ColorProfile::new_srgb(), Layout::Rgb, options)?;
    let mut shown = vec![0; rgb.len()];
    transform.transform(rgb, &mut shown)?;
    Ok(shown)
}

/// The picture as a file with this profile in it.
fn file(rgb: &[u8], profile: &ColorProfile, kind: &str) -> Result<Vec<u8>, Failed> {
    let (mut file, side) = (Vec::new(), u32::try_from(SIDE)?);
    if kind == "image/png" {
        let mut encoder = PngEncoder::new(&mut file);
        encoder.set_icc_profile(profile.encode()?)?;
        encoder.write_image(rgb, side, side, ExtendedColorType::Rgb8)?;
    } else {
        let mut encoder = JpegEncoder::new_with_quality(&mut file, 100);
        encoder.set_icc_profile(profile.encode()?)?;
        encoder.write_image(rgb, side, side, ExtendedColorType::Rgb8)?;
    }
    Ok(file)
}

fn a_lent_pictures_colour_profile_is_applied(session: &Session) -> Result<(), Failed> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for (name, profile) in profiles() {
        for kind in ["image/png", "image/jpeg"] {
            // Outside what sRGB can show, ProPhoto makes much of how a JPEG is rounded, which each decoder does in its own way.
            if (name, kind) == ("ProPhoto RGB", "image/jpeg") {
                continue;
            }
            let file = file(&patches(&mut random), &profile, kind)?;
            let own = image::load_from_memory(&file)?.to_rgb8().into_raw();
            let expected = in_srgb(&own, &profile)?;
            let rgba: Vec<u8> = session.bench()?.eval(&format!(
                "(async () => {{
                    const {{ fitted }} = await import(probe.part('lend.js'));
                    const bytes = Uint8Array.from(atob('{}'), (letter) => letter.charCodeAt(0));
                    return Array.from((await fitted(new Blob([bytes], {{ type: '{kind}' }}), {SIDE})).data);
                }})()",
                BASE64.encode(&file)
            ))?;
            let lent = rgba.chunks_exact(4).flat_map(|pixel| pixel[..3].iter());
            let apart = lent.zip(&expected).map(|(lent, expected)| lent.abs_diff(*expected)).max().unwrap_or(u8::MAX);
            println!("{name}, {kind}: {apart} levels apart");
            ensure(apart <= LEVELS, format!("{name}, {kind}: {apart} levels apart"))?;
            let changed = own.iter().zip(&expected).any(|(own, shown)| own.abs_diff(*shown) > 20);
            ensure(changed == (name != "sRGB"), format!("{name} changes hardly anything"))?;
        }
    }
    session.bench()?.ensure_calm()
}
