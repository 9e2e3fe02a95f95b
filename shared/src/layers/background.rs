//! What lies behind a picture, as people write it.

use std::str::FromStr;

/// Paper of one colour (red, green, blue), or none: a transparent picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Background(pub Option<[u8; 3]>);

/// A text that names no background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the background is neither `none` nor a colour as # and six hexadecimal digits, such as #ffcc00")]
pub struct BackgroundError;

impl FromStr for Background {
    type Err = BackgroundError;

    fn from_str(text: &str) -> Result<Self, BackgroundError> {
        if text == "none" {
            return Ok(Self(None));
        }
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let rgb = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(BackgroundError)?;
        let [_, red, green, blue] = rgb.to_be_bytes();
        Ok(Self(Some([red, green, blue])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backgrounds_are_none_or_six_digits() {
        assert_eq!("none".parse(), Ok(Background(None)));
        assert_eq!("#ffCC00".parse(), Ok(Background(Some([255, 204, 0]))));
        for wrong in ["", "white", "#fff", "#ggcc00", "#ffcc0é", "ffcc00", "#+f+f+f", "None"] {
            assert_eq!(wrong.parse::<Background>(), Err(BackgroundError), "{wrong}");
        }
    }
}
