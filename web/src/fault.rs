//! Errors as JavaScript sees them.

use std::borrow::Cow;

use serde::Serialize;
use shared::finish::FinishError;
use shared::layers::BackgroundError;
use shared::{ModelFileError, PaintError, SelfTestError, StyleError, UnknownWord};

/// A plain object with a stable code for programs, a message for people and an advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Such as `model.truncated`; the part before the dot says whose fault it is.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub advice: Cow<'static, str>,
    /// The caption's words that the model does not know, where that is what is wrong.
    #[serde(rename = "unknownWords")]
    pub unknown_words: Vec<UnknownWord>,
}

macro_rules! from_coded {
    ($($error:ty),+) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self { code: error.code(), message: sentence(&error.to_string()), advice: error.advice().into(), unknown_words: vec![] }
            }
        })+
    };
}

from_coded!(FinishError, ModelFileError, SelfTestError, StyleError);

impl From<BackgroundError> for Fault {
    fn from(error: BackgroundError) -> Self {
        Self {
            code: "option.background",
            message: sentence(&error.to_string()),
            advice: "give \"none\" for a transparent picture, or a colour such as \"#ffffff\"".into(),
            unknown_words: vec![],
        }
    }
}

impl Fault {
    /// Of a picture that is too small or too large.
    pub fn size(size: usize) -> Self {
        Self {
            code: "option.size",
            message: format!("A picture of {size} pixels cannot be drawn"),
            advice: "give a size from 16 to 4096 pixels".into(),
            unknown_words: vec![],
        }
    }
}

impl From<PaintError> for Fault {
    fn from(error: PaintError) -> Self {
        let (code, message, advice) = (error.code(), sentence(&error.to_string()), error.advice().into());
        let unknown_words = if let PaintError::NothingKnown(reading) = error { reading.unknown } else { vec![] };
        Self { code, message, advice, unknown_words }
    }
}

/// Rust's messages begin in lower case, because they are quoted in others; a page shows them by themselves.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Reading;

    #[test]
    fn a_fault_keeps_what_the_error_says() {
        let fault = Fault::from(StyleError::Length { expected: 8, found: 4 });
        assert_eq!(fault.code, "style.length");
        assert_eq!(fault.message, "A style code of 4 numbers was given, the model takes 8");
        assert_eq!(fault.advice, StyleError::Length { expected: 8, found: 4 }.advice());
    }

    #[test]
    fn unknown_words_come_with_it() {
        let unknown = vec![UnknownWord { word: "rokcet".into(), nearest: vec!["rocket".into()] }];
        let reading = Reading { unknown: unknown.clone(), ..Reading::default() };
        let fault = Fault::from(PaintError::NothingKnown(reading));
        assert_eq!((fault.code, fault.unknown_words), ("caption.unknown", unknown));
    }

    #[test]
    fn a_device_that_draws_wrongly_is_told_from_one_that_fails() {
        let mismatch = SelfTestError::Mismatch { caption: "a cat".into(), seed: 7, difference: 9 };
        assert_eq!(Fault::from(mismatch).code, "self-test.mismatch");
        assert_eq!(Fault::from(SelfTestError::Paint(PaintError::NotFinite)).code, "device.not-finite");
    }

    #[test]
    fn a_sentence_begins_with_a_capital() {
        assert_eq!(sentence("école"), "École");
        assert_eq!(sentence(""), "");
    }
}
