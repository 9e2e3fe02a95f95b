//! What colour words and places look like.

use super::properties::{Background, Colour, Hue, Place, Shade};
use crate::layers::Tint;

/// By how much lightness differs in a light or a dark colour.
const SHADE: f32 = 0.14;

impl Colour {
    /// The colour in OkLCh: of each hue the one that people call so first.
    pub fn tint(self) -> Tint {
        let (lightness, chroma, hue) = match self.hue {
            Hue::Black => (0.22, 0.0, 0.0),
            Hue::White => (0.97, 0.0, 0.0),
            Hue::Grey => (0.64, 0.0, 0.0),
            Hue::Red => (0.58, 0.21, 27.0),
            Hue::Orange => (0.74, 0.17, 58.0),
            Hue::Yellow => (0.88, 0.17, 95.0),
            Hue::Green => (0.62, 0.17, 145.0),
            Hue::Blue => (0.55, 0.19, 260.0),
            Hue::Purple => (0.50, 0.20, 305.0),
            Hue::Pink => (0.77, 0.13, 355.0),
            Hue::Brown => (0.47, 0.08, 55.0),
            Hue::Gold => (0.77, 0.14, 86.0),
            Hue::Silver => (0.82, 0.01, 250.0),
        };
        let lightness = match self.shade {
            None => lightness,
            Some(Shade::Light) => f32::min(lightness + SHADE, 0.95),
            Some(Shade::Dark) => f32::max(lightness - SHADE, 0.15),
        };
        // The lightest blue and the darkest red have little colour in them.
        let chroma = if self.shade.is_some() { chroma * 0.75 } else { chroma };
        Tint { lightness, chroma, hue }
    }
}

impl Background {
    /// The paper that stands for it: red, green and blue.
    pub fn paper(self) -> [u8; 3] {
        match self {
            Self::Colour(colour) => colour.tint().rgb(),
            Self::Place(place) => match place {
                Place::Night => [27, 38, 74],
                Place::Sunset => [246, 178, 107],
                Place::Snow => [228, 239, 247],
                Place::Rain => [159, 177, 193],
                Place::Sea => [127, 196, 232],
                Place::Beach => [242, 223, 174],
                Place::Space => [17, 19, 43],
                Place::Forest => [169, 201, 164],
                Place::Desert => [234, 200, 146],
                Place::City => [195, 201, 212],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_look_as_they_are_called() {
        let rgb = |text: &str| text.parse::<Colour>().unwrap().tint().rgb().map(i32::from);
        let [r, g, b] = rgb("red");
        assert!(r > 150 && g < 90 && b < 90);
        let [r, g, b] = rgb("blue");
        assert!(b > 150 && r < 110 && g < 150);
        let [r, g, b] = rgb("yellow");
        assert!(r > 200 && g > 180 && b < 130);
        assert!(rgb("black").iter().all(|v| *v < 60) && rgb("white").iter().all(|v| *v > 240));
        let sum = |text: &str| rgb(text).iter().sum::<i32>();
        assert!(sum("light green") > sum("green") && sum("green") > sum("dark green"));
    }
}
