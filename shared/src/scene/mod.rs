//! What a caption says besides a noun: things with their counts, colours and sizes, how they stand to each other, and what is behind them.
//!
//! Objects are learnt, layout is written. A grammar, one for English (`english`) and one for Chinese (`chinese`), cuts a caption into
//! phrases; `names` says which of the things that a model can draw a phrase means, and that none is meant where none is likely enough.
//! What a name of the model has in it is never cut: the longest name wins over the grammar. Nothing vanishes: each word becomes a thing, a
//! property, a relation or the background, or stands in [`Scene::unread`] or [`Scene::left_out`].

mod chinese;
mod composition;
mod contents;
mod draft;
mod english;
mod layout;
mod lexicon;
mod names;
mod palette;
mod properties;
mod scenery;
mod tokens;

pub use composition::compose;
pub use contents::{How, MOST_OF_ONE, MOST_THINGS, Relation, Scene, Thing};
pub use layout::{VisibleBox, arrange};
pub use names::Trust;
pub use properties::{Background, Colour, Counting, Hue, Place, RelationKind, Shade, Size};

use crate::text::caption::Vocabulary;
use draft::Draft;
use tokens::Tokens;

/// Reads a caption with the names that a vocabulary has. In time linear in the caption's length.
pub fn read(caption: &str, vocabulary: &Vocabulary) -> Scene {
    read_trusting(caption, vocabulary, Trust::default())
}

/// The same with other thresholds, to measure them.
pub fn read_trusting(caption: &str, vocabulary: &Vocabulary, trust: Trust) -> Scene {
    let tokens = Tokens::of(caption, vocabulary);
    let mut draft = Draft::new(&tokens, vocabulary, trust);
    match tokens.are_chinese() {
        true => chinese::read(&tokens, &mut draft),
        false => english::read(&tokens, &mut draft),
    }
    draft.finish()
}

#[cfg(test)]
mod tests;
