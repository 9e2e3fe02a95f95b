//! Pictures beside text files of the same name: `apple.png`, `apple.txt`.

use crate::data::DataConfig;
use crate::data::config::Subfolders;
use crate::data::sources::account::Found;
use crate::data::sources::names::{Role, role};
use crate::data::sources::root::{Inventory, Root};
use crate::data::sources::{Fault, Record, grouping, published};

pub const LOOK: &str = "apple.png beside apple.txt with a caption a line, in folders inside folders if you like";
pub const STRAY: &str = "a picture outside the folder of pictures";

/// Lists every picture; one without a caption is a fault.
pub fn list(root: &Root, inventory: &Inventory, _: &DataConfig, _: &mut Vec<Fault>) -> Option<Found> {
    if !root.is_folder() || !inventory.items.iter().any(|item| role(&item.name) == Role::Picture) {
        return None;
    }
    let mut found = Found::default();
    grouping::take_beside(&inventory.items, &mut found);
    Some(found)
}

/// Gives pictures the label that their first folder is, after that of a published part.
pub fn label(records: &mut [Record], subfolders: Subfolders) {
    for record in records {
        let mut folders = record.name.split('/');
        folders.next_back();
        let mut folders = folders.skip_while(|folder| record.part.is_some() && published::part_named(folder).is_some());
        let label = folders.next().map(str::to_owned);
        match subfolders {
            Subfolders::Nothing => {}
            Subfolders::Class => record.class = record.class.take().or(label),
            Subfolders::Style => record.style = record.style.take().or(label),
        }
    }
}
