//! `trainer check DATA`: what is in the data, before anyone trains on it.
//!
//! It looks at every picture with the eyes of training: the same listing, decoding and splitting. Pixels are measured as
//! they pass and forgotten, so data of any size can be checked in little memory.

mod duplicates;
mod facts;
mod findings;
mod report;

use std::fs;
use std::path::PathBuf;

use super::loading::IMAGE_SIZES;
use super::own;
use super::picture::Policy;
use super::sources::{self, Fault};
use super::{DataError, Dataset, tell};
use crate::data::pixels::Pixels;
pub use findings::Options;

use duplicates::Fingerprint;
use findings::Findings;

/// Pictures on the contact sheet, taken evenly from all.
const SHEET: usize = 120;

/// Faults that are printed; the report has them all.
const PRINTED: usize = 20;

/// Checks data, prints a table and writes the report. Gives the data as training will have it, without its pixels.
///
/// # Errors
/// [`DataError`] where training would refuse to start, too; the report is written all the same, if anything was found.
pub fn run(options: &Options) -> Result<Dataset, DataError> {
    let source = options.place.as_ref().or(options.data.source.as_ref()).cloned().unwrap_or_default();
    if !IMAGE_SIZES.contains(&options.image_size) {
        return Err(DataError::ImageSize(options.image_size));
    }
    let findings = look(source, options)?;
    let facts = facts::of(&findings);
    for (name, value) in &facts.table {
        println!("{name:<28} {value}");
    }
    for Fault { name, reason } in findings.faults.iter().take(PRINTED) {
        println!("bad: {name} {reason}");
    }
    if findings.faults.len() > PRINTED {
        println!("and {} more, all in the report", findings.faults.len() - PRINTED);
    }
    let path = &options.report;
    fs::write(path, report::page(&findings, &facts)).map_err(|cause| DataError::Report { path: path.clone(), cause })?;
    println!("report written to {}", path.display());
    own::refuse(
        &findings.source,
        findings.seen.len(),
        &findings.faults,
        &findings.listing.account,
        options.data.loading.max_bad,
    )?;
    Ok(findings.dataset)
}

fn look(source: PathBuf, options: &Options) -> Result<Findings<'_>, DataError> {
    let listing = sources::list(&source, &options.data)?;
    let (mut seen, mut fingerprints, mut sheet) = (Vec::new(), Vec::new(), Vec::new());
    let mut faults = listing.faults.clone();
    let every = listing.records.len().div_ceil(SHEET).max(1);
    let policy = Policy::new(&options.data, options.image_size);
    own::see(&listing.records, &policy, &tell, |looked| {
        match looked {
            Ok((picture, pixels)) => {
                fingerprints.push(Fingerprint::of(&pixels, options.image_size));
                if picture.record % every == 0 {
                    sheet.push((seen.len(), pixels));
                }
                seen.push(picture);
            }
            Err(fault) => faults.push(fault),
        }
        Ok::<(), DataError>(())
    })?;
    let dataset = own::assemble(&listing, &seen, options.image_size, Pixels::in_memory(0, Vec::new()));
    Ok(Findings { source, options, listing, seen, fingerprints, faults, sheet, dataset })
}

#[cfg(test)]
mod tests;
