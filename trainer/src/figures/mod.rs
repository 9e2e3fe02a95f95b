//! Figures of a model, by one protocol: `trainer eval`.
//!
//! The design decision is who is asked. A model is measured by an independent judge wherever a judge is needed at all; where its own
//! networks are asked, because that is the question, the figure says so. Every figure stands beside what it would be by chance, or what
//! real pictures get. Held-out combinations and test contents are looked at here and nowhere else; validation contents are left for
//! choosing between runs, and the judge learns from training pictures only.
//!
//! - [`subject`]: the model; [`judge`] and [`judge_file`]: who judges it; [`inception`]: in whose features papers compare pictures
//! - [`drawing`]: who draws: the model, or in its place [`lookup`], a table of pictures
//! - [`retrieval`]: does a picture show its caption? [`likeness`]: are pictures like real ones? [`crispness`]: as crisp, pair by pair?
//! - [`everyday`]: is a caption of words that were never trained on understood?
//! - [`disentanglement`], [`variance`], [`combinations`]: do content and style come apart? [`unseen_set`]: is a style lent that was never seen?
//! - [`matrix`] and [`distances`]: the mathematics; [`table`]: what is printed and saved
//! - [`sweep`] and [`comparison`]: several ways of training, at equal cost

mod combinations;
mod comparison;
mod crispness;
mod disentanglement;
mod distances;
mod drawing;
mod everyday;
mod inception;
mod judge;
mod judge_file;
mod likeness;
mod lookup;
pub mod matrix;
mod morphs;
mod retrieval;
mod subject;
pub mod sweep;
mod table;
mod unseen_set;
mod variance;

use std::path::{Path, PathBuf};

use burn::prelude::*;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use crate::batches::{self, Stream};
use crate::data::emoji::TrueArt;
use crate::data::{DataConfig, DataError, Dataset};
use crate::run::RunError;

pub use inception::{Inception, InceptionError};
pub use judge::{Judge, JudgeSettings};
pub use judge_file::{JudgeError, save};
pub use retrieval::Skill;
pub use subject::{Model, Place};
pub use table::{Figure, Report};
pub use unseen_set::{UnseenSetError, pictures as pictures_of_unseen_set};

use drawing::ModelDrawer;
use lookup::Lookup;
use subject::Subject;

/// How many of everything. One protocol for all models, so that their figures can be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// Seed of the draws: which captions, which styles, which halves.
    pub seed: u64,
    /// Parts whose R-precisions give a mean and a spread: ten, as in the literature since AttnGAN.
    pub folds: usize,
    /// Pictures in a part: with a hundred a part's own error is five per cent at most.
    pub fold: usize,
    /// Captions that the own one is ranked against: 99, as in the literature.
    pub against: usize,
    /// Pictures that z is read off: the mean of so many correlations is known to 0.02.
    pub recovery: usize,
    /// Captions of the grid, at most. More would say little more about captions and cost a picture for each seed.
    pub captions: usize,
    /// Seeds of the grid: more than there are sets, so that a model could show them all.
    pub seeds: usize,
    /// Real pictures that lend a set's style.
    pub lenders: usize,
    /// Held-out combinations, at most: all of the emoji's.
    pub combinations: usize,
    /// Pictures of its set among which the true one must be found, at most: all of the emoji's.
    pub candidates: usize,
    /// Pictures in half of the held-out ones, at most: all of the emoji's, and not hours for somebody's million.
    pub half: usize,
    /// How often the held-out pictures are halved anew.
    pub halvings: usize,
    /// Styles that each everyday caption is drawn in.
    pub everyday_seeds: usize,
    /// Training pictures that are drawn and looked at closely: an edge's width is known to a few hundredths.
    pub crispness: usize,
    /// Captions that are blended from one hand to another.
    pub morphs: usize,
    /// Neighbours for precision, recall, density and coverage: five, as in Naeem et al.
    pub neighbours: usize,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            seed: 1,
            folds: 10,
            fold: 100,
            against: 99,
            recovery: 256,
            captions: 64,
            seeds: 16,
            lenders: 64,
            combinations: 2000,
            candidates: 1000,
            half: 700,
            halvings: 5,
            everyday_seeds: 8,
            crispness: 512,
            morphs: 24,
            neighbours: 5,
        }
    }
}

/// What is drawn at random; each has its own stream, so that a figure stays what it is when another changes.
#[derive(Debug, Clone, Copy)]
enum Draws {
    Skill = 16,
    Content,
    Rivals,
    Recovery,
    Grid,
    Likeness,
    Combinations,
    Lenders,
    Everyday,
    UnseenSet,
    Crispness,
    Morphs,
}

fn draws(seed: u64, what: Draws) -> ChaCha8Rng {
    batches::random_for(seed, Stream::Evaluation, (what as usize) << 20)
}

/// A judge that has been found or made, and how good it is on the data at hand.
pub struct Appointed {
    pub judge: Judge,
    pub skill: Skill,
    /// Asked as well, where its weights were given, how like real pictures the drawn ones are.
    pub inception: Option<Inception>,
    /// Pictures of a set that the model has never seen, where they were given: can it lend their style?
    pub unseen_set: Option<Vec<Vec<u8>>>,
    /// The drawings behind the pictures, where the data are the embedded emoji: what is drawn large is measured against them.
    pub art: Option<TrueArt>,
}

impl Appointed {
    /// Asks a judge about the held-out pictures of the data.
    ///
    /// # Errors
    /// [`RunError`] where they cannot be read.
    pub fn new(judge: Judge, dataset: &Dataset, protocol: &Protocol, device: &Device) -> Result<Self, RunError> {
        let skill = Skill::of(&judge, dataset, protocol, device)?;
        Ok(Self { judge, skill, inception: None, unseen_set: None, art: None })
    }

    /// The judge of a file, which must be for pictures of this size.
    ///
    /// # Errors
    /// [`RunError::Judge`].
    pub fn from_file(
        path: &Path,
        dataset: &Dataset,
        protocol: &Protocol,
        device: &Device,
        say: &dyn Fn(&str),
    ) -> Result<Self, RunError> {
        let judge = judge_file::load(path, device)?;
        let (size, model) = (judge.settings.image_size, dataset.image_size);
        if size != model {
            return Err(JudgeError::Size { path: path.to_owned(), judge: size, model }.into());
        }
        if judge.data != judge::fingerprint(dataset)? {
            say("warning: this judge learnt from other data; pictures held out here may have been among them");
        }
        Self::new(judge, dataset, protocol, device)
    }

    /// The usual judge for this data: the one that comes with the program, or from the folder where the last such one was kept, else
    /// trained now and kept there.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be trained; one that cannot be kept is a warning.
    pub fn usual(
        dataset: &Dataset,
        source: &str,
        keep_in: &Path,
        protocol: &Protocol,
        device: &Device,
        say: &dyn Fn(&str),
    ) -> Result<Self, RunError> {
        let settings = JudgeSettings::usual(dataset.image_size);
        let data = judge::fingerprint(dataset)?;
        match judge_file::embedded(device) {
            Ok(judge) if (&judge.settings, &judge.data) == (&settings, &data) => {
                say("judge: the one that comes with this program");
                return Self::new(judge, dataset, protocol, device);
            }
            _ => {}
        }
        let path = kept(keep_in, &settings, &data);
        if path.exists() {
            match judge_file::load(&path, device) {
                Ok(judge) => {
                    say(&format!("judge: {}, trained earlier", path.display()));
                    return Self::new(judge, dataset, protocol, device);
                }
                Err(error) => say(&format!("warning: {error}; training it anew")),
            }
        }
        say(&format!("judge: none given with --judge, so one is trained now, with seed {}", settings.seed));
        let judge = Judge::train(dataset, settings, device, say)?;
        let appointed = Self::new(judge, dataset, protocol, device)?;
        match judge_file::save(&appointed.judge, &appointed.skill, source, &path) {
            Ok(()) => say(&format!("judge: kept as {} for the next time", path.display())),
            Err(error) => say(&format!("warning: the judge is not kept: {error}")),
        }
        Ok(appointed)
    }
}

/// Where a judge of such settings and such data is kept.
fn kept(folder: &Path, settings: &JudgeSettings, data: &str) -> PathBuf {
    let digest = Sha256::digest(format!("{settings:?} {data}"));
    let key: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    folder.join(format!("judge-{key}.safetensors"))
}

/// What data is called in public: a folder's or file's name, without the path to it.
pub fn public_name(data: &DataConfig) -> String {
    let name = |source: &Path| {
        let absolute = std::path::absolute(source).unwrap_or_else(|_| source.to_owned());
        absolute.file_name().map_or_else(|| "own pictures".to_owned(), |name| name.to_string_lossy().into_owned())
    };
    data.source.as_deref().map_or_else(|| "embedded emoji".to_owned(), name)
}

/// The figure with what a table of pictures gets in it.
fn beside_table(figure: Figure, of_table: &[Figure]) -> Figure {
    match of_table.iter().find(|other| other.name == figure.name && other.by == figure.by) {
        Some(table) => figure.beside("table of pictures", table.value),
        None => figure,
    }
}

/// Measures a model by the whole protocol; `say` is told what is under way.
///
/// # Errors
/// [`RunError`] where pictures cannot be read.
pub fn evaluate(
    model: &Model,
    appointed: &Appointed,
    dataset: &Dataset,
    source: &str,
    protocol: &Protocol,
    device: &Device,
    say: &dyn Fn(&str),
) -> Result<Report, RunError> {
    type Part = fn(&Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError>;
    // With whether a table of pictures is measured in the model's place; the others ask it themselves.
    let parts: [(&str, Part, bool); 9] = [
        ("R-precision", retrieval::figures, true),
        ("FID, KID, precision, recall, density, coverage", likeness::figures, true),
        ("recovery of z and content", disentanglement::figures, true),
        ("captions against styles", variance::figures, true),
        ("held-out combinations", combinations::figures, false),
        ("everyday words", everyday::figures, true),
        ("a style lent by an unseen set", unseen_set::figures, true),
        ("training pictures, edges, plain colour", crispness::figures, false),
        ("blends of two hands", morphs::figures, false),
    ];
    let Appointed { judge, skill, inception, unseen_set, art } = appointed;
    let lookup = Lookup::of(dataset, model)?;
    let subject = Subject {
        model,
        drawer: &ModelDrawer { model, device },
        lookup: lookup.as_ref(),
        art: art.as_ref(),
        judge,
        inception: inception.as_ref(),
        unseen_set: unseen_set.as_deref(),
        dataset,
        protocol,
        device,
        say,
    };
    let (mut figures, mut left_out) = (vec![], vec![]);
    for (name, part, has_table) in parts {
        say(&format!("measuring: {name}"));
        let (mut found, missing) = part(&subject)?;
        if let Some(lookup) = lookup.as_ref().filter(|_| has_table && !found.is_empty()) {
            say(&format!("measuring: {name}, of a table of pictures"));
            let (of_table, _) = part(&Subject { drawer: lookup, ..subject })?;
            found = found.into_iter().map(|figure| beside_table(figure, &of_table)).collect();
        }
        figures.extend(found);
        left_out.extend(missing);
    }
    for figure in &mut figures {
        figure.seed = protocol.seed;
        figure.judge = (figure.by == table::By::Judge).then(|| skill.short());
    }
    let settings = &judge.settings;
    Ok(Report {
        model: model.name.clone(),
        data: source.to_owned(),
        seed: protocol.seed,
        truncation: "none".to_owned(),
        judge: format!(
            "{} steps of {} training pictures, seed {}; {}",
            settings.steps,
            settings.batch,
            settings.seed,
            skill.text()
        ),
        inception: inception.as_ref().map(|inception| inception.name.clone()),
        figures,
        left_out,
    })
}

#[cfg(test)]
pub mod tests;
