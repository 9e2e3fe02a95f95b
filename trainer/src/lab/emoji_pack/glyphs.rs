//! Writes the glyphs of a TrueType font as SVG paths.

use std::fmt::Write;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::data::emoji::archive::Files;

/// `<key>.svg` for each wanted (key, glyph), a glyph being a code point in hexadecimal, or `#` and a glyph number for
/// those that the font makes of several code points.
///
/// # Errors
/// In words, if the package has no such font or the font no such glyph.
pub fn drawings<'a>(package: &Files, path: &str, wanted: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Files, String> {
    let font = package.get(path).ok_or_else(|| format!("it has no {path}"))?;
    let face = Face::parse(font, 0).map_err(|error| format!("{path}: {error}"))?;
    wanted
        .map(|(key, name)| {
            let svg = glyph(&face, name).and_then(|glyph| svg(&face, glyph));
            let svg = svg.ok_or_else(|| format!("the font has no glyph {name}"))?;
            Ok((format!("{key}.svg"), svg.into_bytes()))
        })
        .collect()
}

fn glyph(face: &Face, name: &str) -> Option<GlyphId> {
    match name.strip_prefix('#') {
        Some(number) => number.parse().ok().map(GlyphId),
        None => face.glyph_index(char::from_u32(u32::from_str_radix(name, 16).ok()?)?),
    }
}

fn svg(face: &Face, glyph: GlyphId) -> Option<String> {
    let mut path = Path::default();
    let bounds = face.outline_glyph(glyph, &mut path)?;
    // A font's y axis points up, an SVG's down: the path is written with y negated.
    let (left, top) = (bounds.x_min, -i32::from(bounds.y_max));
    let (width, height) = (bounds.width(), bounds.height());
    Some(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}"><path fill="currentColor" d="{}"/></svg>"#,
        path.0
    ))
}

/// Collects an outline as SVG path data.
#[derive(Default)]
struct Path(String);

impl Path {
    fn command(&mut self, letter: char, points: &[(f32, f32)]) {
        self.0.push(letter);
        for (index, (x, y)) in points.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            // Writing to a string cannot fail.
            let _ = write!(self.0, "{space}{x} {}", -y);
        }
    }
}

impl OutlineBuilder for Path {
    fn move_to(&mut self, x: f32, y: f32) {
        self.command('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.command('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.command('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.command('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.0.push('Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_that_is_missing_or_damaged_is_an_error() {
        let package = Files::from([("damaged.ttf".to_owned(), b"not a font".to_vec())]);
        for path in ["missing.ttf", "damaged.ttf"] {
            let reason = drawings(&package, path, [("1f34e", "1f34e")].into_iter()).unwrap_err();
            assert!(reason.contains(path), "{reason}");
        }
    }

    #[test]
    fn outlines_become_paths_with_y_pointing_down() {
        let mut path = Path::default();
        path.move_to(0.0, 10.0);
        path.line_to(5.5, -3.0);
        path.quad_to(1.0, 2.0, 3.0, 4.0);
        path.close();
        assert_eq!(path.0, "M0 -10L5.5 3Q1 -2 3 -4Z");
    }
}
