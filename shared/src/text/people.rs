//! People in names and captions: who is meant, and what is said of them.
//!
//! Many people are drawn three times, as a person, a man and a woman, and their names differ by that word alone: "teacher", "man teacher",
//! "person running", "woman running". Such names are a family. The bare word means the person; "man" or "woman", wherever it stands, finds
//! the variant.

use crate::text::phrase::is_passed_over;

/// Who is drawn, where a name says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gender {
    Man,
    Woman,
}

const MEN: [&str; 5] = ["man", "men", "male", "guy", "gentleman"];
const WOMEN: [&str; 5] = ["woman", "women", "female", "lady", "ladies"];
/// Children are names of their own, and grown-ups where there is no child that does it.
const BOYS: [&str; 2] = ["boy", "boys"];
const GIRLS: [&str; 2] = ["girl", "girls"];
/// Say no more than that somebody is there.
const ANYBODY: [&str; 5] = ["person", "people", "somebody", "someone", "human"];

/// What a name or a caption says, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Saying {
    /// What tells it from others, sorted: neither links and counts nor persons, men and women; without, which turns it round, stays.
    pub telling: Vec<String>,
    /// The men and women in it, in order.
    pub grown_up: Vec<Gender>,
}

impl Saying {
    pub fn of(words: &[String]) -> Self {
        let tells = |word: &str| word == "without" || !is_passed_over(word);
        let is_telling = |word: &&String| tells(word) && !ANYBODY.contains(&word.as_str()) && grown_up(word).is_none();
        let mut telling: Vec<String> = words.iter().filter(is_telling).cloned().collect();
        telling.sort_unstable();
        Self { telling, grown_up: words.iter().filter_map(|word| grown_up(word)).collect() }
    }

    /// The same of somebody else, or of anybody.
    pub fn of_another(&self, gender: Option<Gender>) -> Self {
        Self { telling: self.telling.clone(), grown_up: gender.into_iter().collect() }
    }
}

/// Who a caption speaks of first: also a boy or a girl, and in Chinese.
pub fn spoken_of(words: &[String]) -> Option<Gender> {
    words.iter().find_map(|word| match word.as_str() {
        word if BOYS.contains(&word) || word.contains('男') => Some(Gender::Man),
        word if GIRLS.contains(&word) || word.contains('女') => Some(Gender::Woman),
        word => grown_up(word),
    })
}

fn grown_up(word: &str) -> Option<Gender> {
    match word {
        word if MEN.contains(&word) => Some(Gender::Man),
        word if WOMEN.contains(&word) => Some(Gender::Woman),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saying(text: &str) -> Saying {
        Saying::of(&crate::text::words::words_of(text).collect::<Vec<_>>())
    }

    #[test]
    fn order_links_and_counts_say_nothing() {
        assert_eq!(saying("man running"), saying("a running man"));
        assert_eq!(saying("man: red hair"), saying("the man with red hair"));
        assert_eq!(saying("women holding hands"), saying("two ladies holding hands"));
        assert_ne!(saying("face without mouth"), saying("face with mouth"));
        assert_ne!(saying("man running"), saying("woman running"));
    }

    #[test]
    fn who_is_meant() {
        assert_eq!(saying("woman running").of_another(None), saying("person running"));
        assert_eq!(saying("teacher").of_another(Some(Gender::Man)), saying("a male teacher"));
        assert_ne!(saying("kiss: man, man"), saying("kiss: woman, man"));
        let spoken_of = |text: &str| spoken_of(&crate::text::words::words_of(text).collect::<Vec<_>>());
        assert_eq!(spoken_of("a running girl"), Some(Gender::Woman));
        assert_eq!(spoken_of("一个男人"), Some(Gender::Man));
        assert_eq!(spoken_of("a woman with a man"), Some(Gender::Woman));
        assert_eq!(spoken_of("a manual"), None);
    }
}
