//! Pictures with alpha, and what they look like on a paper.
//!
//! Pictures are kept as RGBA8, straight alpha, sRGB, so that training can lay them on any paper. White is what everything sees that asks
//! for no other. Compositing is done on the sRGB values themselves, as browsers do.

/// Bytes of a pixel as it is kept.
pub const CHANNELS: usize = 4;

/// The paper that pictures lie on where none is named.
pub const WHITE: [u8; 3] = [255; 3];

/// A picture laid on a paper: RGBA8, straight alpha, to RGB8, pixel by pixel.
pub fn on_paper(rgba: &[u8], paper: [u8; 3]) -> Vec<u8> {
    let blend = |over: u8, under: u8, alpha: u8| {
        let (over, under, alpha) = (u32::from(over), u32::from(under), u32::from(alpha));
        ((over * alpha + under * (255 - alpha) + 127) / 255) as u8
    };
    let pixels = rgba.as_chunks::<CHANNELS>().0.iter();
    pixels.flat_map(|&[r, g, b, a]| [blend(r, paper[0], a), blend(g, paper[1], a), blend(b, paper[2], a)]).collect()
}

/// A picture without alpha as it is kept: RGB8 to RGBA8.
pub fn opaque(rgb: &[u8]) -> Vec<u8> {
    rgb.as_chunks().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect()
}

/// The straight colour of a pixel that averaging gave, premultiplied and from 0 to 255: chosen so that [`on_paper`] on white gives what
/// averaging on white would have given, to the level. Where nothing is visible it is black.
pub fn straight([r, g, b, alpha]: [f32; CHANNELS]) -> [u8; CHANNELS] {
    let opacity = alpha.round().clamp(0.0, 255.0);
    let colour = |value: f32| {
        let on_white = (value + 255.0 - alpha).round().clamp(0.0, 255.0);
        ((on_white - 255.0 + opacity) * 255.0 / opacity.max(1.0)).round().clamp(0.0, 255.0) as u8
    };
    if opacity == 0.0 { [0; CHANNELS] } else { [colour(r), colour(g), colour(b), opacity as u8] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_shows_through_as_far_as_alpha_says() {
        let picture = [200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51];
        assert_eq!(on_paper(&picture, WHITE), [200, 100, 0, 255, 255, 255, 244, 224, 204]);
        assert_eq!(on_paper(&picture, [0, 10, 20]), [200, 100, 0, 0, 10, 20, 40, 28, 16]);
        assert_eq!(on_paper(&opaque(&[1, 2, 3, 4, 5, 6]), [9; 3]), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn straight_colours_are_on_white_what_averaging_on_white_gives() {
        for quarter in 0..=4 * 255_u16 {
            let alpha = f32::from(quarter) / 4.0;
            for share in [0.0, 0.01, 0.37, 0.5, 0.99, 1.0] {
                let value = share * alpha;
                let pixel = straight([value, alpha, 0.0, alpha]);
                let white = on_paper(&pixel, WHITE);
                let wanted = [value, alpha, 0.0].map(|value| (value + 255.0 - alpha).round() as u8);
                assert_eq!(white, wanted, "{value} of {alpha}");
                let black = on_paper(&pixel, [0; 3]);
                assert!((f32::from(black[0]) - value).abs() <= 1.01, "{value} of {alpha}: {black:?} on black");
            }
        }
    }
}
