//! What a visitor means by the text in the style box.

/// A text of decimal digits is that seed, as on the trainer's command line; any other text is hashed to one ("ada" is a style).
///
/// Digits beyond [`shared::MAX_SEED`] are hashed too: JavaScript would round the number, and two seeds would become one.
pub fn seed_of(text: &str) -> u64 {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(seed) if digits && seed <= shared::MAX_SEED => seed,
        _ => shared::seed_from_text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::seed_of;
    use shared::{MAX_SEED, seed_from_text};

    #[test]
    fn digits_are_the_seed_itself() {
        assert_eq!(seed_of("7"), 7);
        assert_eq!(seed_of(" 0042 "), 42);
        assert_eq!(seed_of(&MAX_SEED.to_string()), MAX_SEED);
    }

    #[test]
    fn anything_else_is_hashed() {
        for text in ["ada", "-7", "+7", "7.0", "七", "", "9007199254740992", "99999999999999999999999"] {
            assert_eq!(seed_of(text), seed_from_text(text), "{text:?}");
        }
    }
}
