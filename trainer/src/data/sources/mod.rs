//! Where people's own captioned pictures come from: one function per [layout](layouts), from a place on disk to a list of records.
//!
//! Listing reads captions and labels but no picture, and nothing is ever unpacked or written. A record says where its
//! picture's bytes lie, in a file of their own or inside a tar file, and [`Record::bytes`] reads them from there.
//!
//! A data folder may come from a stranger. So no path leaves it, links or not; everything that is read has a most; and
//! whatever is wrong with one sample is a [`Fault`] that names it, not the end of the run. What a name, an ending or a folder says is
//! said once, in [`names`], [`grouping`] and [`published`], for all layouts; and whatever lies there and is not used has its reason in
//! the [`Account`].

mod account;
mod csv;
mod fault;
mod grouping;
mod layouts;
mod list;
mod names;
mod published;
mod record;
mod root;
mod row;
#[cfg(test)]
pub mod samples;
mod text;
mod what;

pub use account::Account;
pub use fault::{Fault, Reason};
pub use list::{Listing, list};
pub use record::{FileSpan, MOST_PICTURE, Record, SplitRule};
pub use root::LeftOut;

#[cfg(test)]
mod tests;
