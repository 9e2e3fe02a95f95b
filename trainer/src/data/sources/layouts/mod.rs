//! The layouts that a place may have: a file for each, from a place on disk to what is found there, and the table of them.

mod coco;
pub mod folder;
mod imagefolder;
mod paired;
mod webdataset;

use crate::data::DataConfig;
use crate::data::config::Format;
use crate::data::sources::Fault;
use crate::data::sources::account::Found;
use crate::data::sources::root::{Inventory, Root};

/// A layout of pictures and captions.
pub struct Layout {
    pub format: Format,
    /// Lists a place, if it has this layout. Files that look as if they had and do not fit are named.
    pub list: fn(&Root, &Inventory, &DataConfig, &mut Vec<Fault>) -> Option<Found>,
    /// What it looks like.
    pub look: &'static str,
    /// What a picture is that it does not take.
    pub stray: &'static str,
}

/// The most particular first: of several that hold the same, the first is taken.
pub const LAYOUTS: [Layout; 6] = [
    Layout { format: Format::Cub, list: paired::list_birds, look: paired::BIRDS_LOOK, stray: paired::STRAY },
    Layout { format: Format::Flowers, list: paired::list_flowers, look: paired::FLOWERS_LOOK, stray: paired::STRAY },
    Layout { format: Format::Coco, list: coco::list, look: coco::LOOK, stray: coco::STRAY },
    Layout { format: Format::Imagefolder, list: imagefolder::list, look: imagefolder::LOOK, stray: imagefolder::STRAY },
    Layout { format: Format::Webdataset, list: webdataset::list, look: webdataset::LOOK, stray: webdataset::STRAY },
    Layout { format: Format::Folder, list: folder::list, look: folder::LOOK, stray: folder::STRAY },
];

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_format_that_can_be_asked_for_is_one_layout() {
        for format in Format::value_variants() {
            let rows = LAYOUTS.iter().filter(|layout| layout.format == *format).count();
            assert_eq!(rows, usize::from(*format != Format::Auto), "{}", format.name());
        }
    }
}
