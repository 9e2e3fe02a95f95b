//! Which of the embedded pictures to use, and at which size.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What to load from the embedded pack. Names are those of `data/emoji/contents.tsv` and `data/emoji/sets.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Side of the square pictures, in pixels (8 to 512). 64: emoji are drawn to be read at that size, and the
    /// generator is small enough to train on a desktop processor.
    pub image_size: usize,
    /// Groups of contents. The default leaves out `people-body` (mostly the same drawing with another hair-cut) and
    /// `symbols` (signs and letters in boxes), which teach a generator little about drawing things.
    pub groups: Vec<String>,
    /// Style sets. All of them: the more styles a content is seen in, the better style and content come apart.
    pub sets: Vec<String>,
    /// Where rasterised pictures are kept between runs. None: drawing them all takes seconds, and nothing is written
    /// that was not asked for.
    pub cache_dir: Option<PathBuf>,
}

impl Default for DataConfig {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            image_size: 64,
            groups: owned(&["smileys-emotion", "animals-nature", "food-drink", "travel-places", "activities", "objects"]),
            sets: owned(&[
                "noto",
                "noto-v1",
                "twemoji",
                "fluent-3d",
                "fluent-flat",
                "fluent-contrast",
                "emojione2",
                "emojione2-mono",
                "noto-mono",
            ]),
            cache_dir: None,
        }
    }
}
