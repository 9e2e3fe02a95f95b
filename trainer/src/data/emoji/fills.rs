//! A drawing in other colours: the rule by which layers are recoloured ([`shared::layers::recolourings`]), on the fills of the SVG itself. So
//! there is a truth for "a blue apple" though nobody has drawn one.

use shared::layers::{Tint, recolourings};

use crate::data::CHANNELS;

/// What a colour stands behind in an SVG.
const BEFORE: [&str; 6] = ["fill=\"", "fill:", "stop-color=\"", "stop-color:", "stroke=\"", "stroke:"];
/// Levels by which visible pixels may differ from the nearest colour of the document on average: what is further is drawn by other means.
const NEAR: f64 = 20.0;

/// The document with its colours changed. `picture` is its rendering (RGBA8), which says how much of it each colour covers; `None` where
/// its colours are not written as hexadecimal digits.
pub fn recoloured(svg: &str, picture: &[u8], tints: &[Tint]) -> Option<String> {
    let found = colours(svg);
    let mut palette: Vec<[u8; 3]> = found.iter().map(|(.., rgb)| *rgb).collect();
    palette.sort_unstable();
    palette.dedup();
    let (mut counts, mut off, mut visible) = (vec![0_usize; palette.len()], 0.0, 0_usize);
    for pixel in picture.as_chunks::<CHANNELS>().0.iter().filter(|pixel| pixel[3] > 127) {
        let distance = |rgb: &[u8; 3]| rgb.iter().zip(pixel).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum::<f64>().sqrt();
        let nearest = (0..palette.len()).min_by(|a, b| distance(&palette[*a]).total_cmp(&distance(&palette[*b])))?;
        (counts[nearest], off, visible) = (counts[nearest] + 1, off + distance(&palette[nearest]), visible + 1);
    }
    if visible == 0 || off / visible as f64 > NEAR {
        return None;
    }
    let share = |rgb: [u8; 3]| rgb.map(|value| f32::from(value) / 255.0);
    let shares: Vec<_> = palette.iter().zip(counts).map(|(rgb, count)| (share(*rgb), count as f32 / visible as f32)).collect();
    let changes = recolourings(&shares, tints);
    let (mut document, mut end) = (String::new(), 0);
    for (start, length, rgb) in found {
        let change = palette.binary_search(&rgb).ok().and_then(|place| changes[place]);
        let [r, g, b] = change.map_or(rgb, |change| change.apply(share(rgb)).map(|value| (value * 255.0).round() as u8));
        document += &svg[end..start];
        document += &format!("#{r:02x}{g:02x}{b:02x}");
        end = start + length;
    }
    Some(document + &svg[end..])
}

/// Where colours stand, how long each is, and what it is.
fn colours(svg: &str) -> Vec<(usize, usize, [u8; 3])> {
    let colour = |(start, _): (usize, &str)| {
        let before = svg[..start].trim_end();
        let digits: String = svg[start + 1..].chars().take_while(char::is_ascii_hexdigit).collect();
        let long = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.clone(),
            _ => return None,
        };
        let [_, rgb @ ..] = u32::from_str_radix(&long, 16).ok()?.to_be_bytes();
        BEFORE.iter().any(|end| before.ends_with(end)).then_some((start, digits.len() + 1, rgb))
    };
    svg.match_indices('#').filter_map(colour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::emoji::raster::rasterise;

    const BLUE: Tint = Tint { lightness: 0.55, chroma: 0.19, hue: 260.0 };

    #[test]
    fn fills_take_the_colour_and_references_stay() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><defs><path id="fab" d="M0 0"/></defs><rect width="10" height="10" fill="#d02030"/><rect width="4" height="1" style="fill:#0a0"/><use href="#fab"/></svg>"##;
        let blue = recoloured(svg, &rasterise(svg.as_bytes(), 64).unwrap(), &[BLUE]).unwrap();
        assert!(blue.contains("style=\"fill:#00aa00\"") && blue.contains("href=\"#fab\"") && !blue.contains("#d02030"), "{blue}");
        let picture = rasterise(blue.as_bytes(), 64).unwrap();
        let [r, g, b, _] = picture.as_chunks::<4>().0[40 * 64 + 40];
        assert!(b > 150 && r < 110 && g < 150, "{r} {g} {b}");
        let named = svg.replace("#d02030", "red");
        assert_eq!(recoloured(&named, &rasterise(named.as_bytes(), 64).unwrap(), &[BLUE]), None);
    }
}
