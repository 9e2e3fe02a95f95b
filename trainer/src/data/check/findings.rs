//! What is asked about data, and what is found out.

use std::path::PathBuf;

use clap::Args;

use super::duplicates::Fingerprint;
use crate::data::own::Seen;
use crate::data::sources::{Fault, Listing};
use crate::data::{DataConfig, Dataset};

/// What to check, and where to write the report.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder or tar file of captioned pictures
    #[arg(value_name = "DATA", required_unless_present = "source", conflicts_with = "source")]
    pub place: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataConfig,
    /// Side of the pictures in pixels, as training will see them
    #[arg(long, default_value_t = 64)]
    pub image_size: usize,
    /// Report to write: one page that opens without a network
    #[arg(long, default_value = "check.html", value_name = "FILE")]
    pub report: PathBuf,
}

/// All that was found out about data.
pub struct Findings<'a> {
    pub source: PathBuf,
    pub options: &'a Options,
    pub listing: Listing,
    pub seen: Vec<Seen>,
    pub fingerprints: Vec<Fingerprint>,
    pub faults: Vec<Fault>,
    /// Number in `seen`, and pixels, of the pictures on the contact sheet.
    pub sheet: Vec<(usize, Vec<u8>)>,
    /// The data as training will have it, without its pixels.
    pub dataset: Dataset,
}
