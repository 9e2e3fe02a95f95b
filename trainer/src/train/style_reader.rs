//! `emblem-lab fit-styles`: teaches a published model to read styles more exactly.
//!
//! The image encoder learns beside a generator that changes under it, on few pictures a step, with filters that its adversary's part
//! binds. Once all is done, what it sees can be worked out once for many pictures, and a small perceptron learns in minutes what it
//! says about their style ([`shared::model::style_reader`]): L_style (patent paragraphs 0067 to 0069) of drawn pictures, as total_D has it, and
//! of real ones in known ink. Nothing else of the model changes, and of the data only training pictures are used; a twentieth of their
//! contents is kept back to say how well it went.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use burn::nn::DropoutConfig;
use burn::optim::GradientsParams;
use burn::prelude::*;
use clap::Args;
use rand::Rng;
use rand::seq::IndexedRandom;
use shared::model::image_encoder::ImageEncoder;
use shared::model::matching::SentenceEncoder;
use shared::model::style_reader::StyleReader;
use shared::style::StyleCode;
use shared::{ModelConfig, ModelFile, PaintingModel, TrainingStage};

use super::adam::{Adam, EPSILON};
use super::batches::{self, Stream, random_for, styles_to_tensor};
use super::disentangling::GeneratorSide;
use super::export::{self, ExportError};
use super::grid;
use super::losses::{pearson, style_loss};
use super::regions::Regions;
use super::schedule::cosine_decay;
use crate::config::{SettingError, TrainConfig};
use crate::data::{DataError, Dataset, Split, captions, emoji};
use crate::io::device::{self, DeviceChoice, DeviceError};
use crate::io::files::{self, FileError};
use crate::io::model_file::{self, OpenError};
use crate::report::view::Progress;

/// Pictures drawn or looked at at a time.
const CHUNK: usize = 64;
/// One content in so many is kept back.
const KEPT_BACK: usize = 20;
/// Share of the statistics that each step of learning leaves out, so that no few of them are learnt by heart.
const DROPPED: f64 = 0.15;
/// A statistic that varies less is no help, and dividing by it would blow up what rounding leaves of it.
const LEAST_DEVIATION: f32 = 1e-2;

/// How a reader is taught.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Model file, such as models/emblem.safetensors
    pub model: PathBuf,
    /// File to write
    #[arg(short, long, default_value = "model.safetensors", value_name = "FILE")]
    pub output: PathBuf,
    /// Where to compute
    #[arg(long, value_enum, default_value = "auto")]
    pub device: DeviceChoice,
    /// Pictures to draw and look at: any training content in any style
    // As many as real ones below; in the steps below each is seen some 25 times. Fewer and more were not tried.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub drawn: u32,
    /// Times that every training picture is looked at, each time in another ink
    // About as many of real as of drawn pictures.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub inks: u32,
    /// Units of each of its two layers
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub units: u32,
    /// Steps of learning
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub steps: u32,
    /// Pictures in a step
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(2..=65_536))]
    pub batch: u32,
    /// Learning rate at the beginning; it falls along half a cosine
    #[arg(long, default_value_t = 2e-3)]
    pub rate: f64,
    /// Seed of all randomness
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

impl Options {
    /// What a model's lineage says of this.
    fn as_stage(&self) -> TrainingStage {
        let settings = [
            ("drawn", self.drawn.to_string()),
            ("inks", self.inks.to_string()),
            ("units", self.units.to_string()),
            ("batch", self.batch.to_string()),
            ("rate", self.rate.to_string()),
            ("seed", self.seed.to_string()),
        ];
        TrainingStage {
            name: "fit-styles".to_owned(),
            settings: settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            steps: self.steps as usize,
            pictures: self.steps as usize * self.batch as usize,
            ..TrainingStage::default()
        }
    }
}

/// Why a reader cannot be taught.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("{0}\n{advice}", advice = .0.advice())]
    Data(DataError),
    #[error("the data has no training pictures")]
    NothingToLearn,
    #[error("this model's styles are not those of the embedded pictures, so they cannot say how its pictures' styles are read")]
    OtherStyles,
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Not as a source: its message is whole already, and who prints the chain would say it twice.
impl From<DataError> for FitError {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl FitError {
    /// 2 wrong usage, 3 bad data or file, 5 no device.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Setting(error) => error.exit_code(),
            Self::Device(_) => 5,
            _ => 3,
        }
    }
}

/// Pictures of known style as the image encoder sees them, `[pictures, ...]` each.
struct Seen {
    statistics: Tensor<2>,
    /// Style codes as they are read without a reader.
    own: Tensor<2>,
    /// The styles that they show.
    styles: Tensor<2>,
}

/// A model and what it learnt from.
struct Subject<'a> {
    file: &'a ModelFile,
    sentence: SentenceEncoder,
    side: GeneratorSide,
    encoder: ImageEncoder,
    dataset: &'a Dataset,
    regions: Regions,
    device: &'a Device,
}

/// Writes `options.output`: the model with a new reader, also in the place of one that it had.
///
/// # Errors
/// [`FitError`] where a file cannot be read or written, or the model's styles are not those of the embedded pictures.
pub fn fit(options: &Options) -> Result<(), FitError> {
    if !(options.rate > 0.0 && options.rate.is_finite()) {
        return Err(SettingError::Range { option: "rate".to_owned(), found: options.rate, rule: "a number above 0" }.into());
    }
    let device = device::open(options.device)?.device;
    let (file, model) = model_file::load(&options.model, &device)?;
    let data = emoji::learnt_by(&file.vocabulary)?;
    let own = file.info.styles.iter().map(|style| style.name.clone()).eq(emoji::set_names(&data)?);
    let regions =
        Regions::of_sets(file.info.styles.len(), file.config.style_size).filter(|_| own).ok_or(FitError::OtherStyles)?;
    let dataset = Dataset::load(&data, file.config.image_size, None, &crate::data::tell)?;
    let PaintingModel { sentence, text, generator, encoder } = model;
    let (side, encoder) = (GeneratorSide { text, generator }, encoder.without_reader());
    let subject = Subject { file: &file, sentence, side, encoder, dataset: &dataset, regions, device: &device };

    let (taught, kept) = subject.look(options)?;
    let shape = ModelConfig { style_reader: options.units as usize, ..file.config.clone() };
    let reader = learn(&taught, &shape, options, &device);
    for (pictures, kept) in ["drawn", "real"].iter().zip(&kept) {
        if let Some(kept) = kept {
            let [without, with] = [None, Some(&reader)].map(|reader| kept.rho(reader));
            let count = kept.styles.dims()[0];
            tracing::info!(
                "{count} {pictures} pictures of contents kept back: rho(z, h_s) {without:.3} without it, {with:.3} with it"
            );
        }
    }
    let Subject { sentence, side, encoder, .. } = subject;
    let encoder = encoder.with_reader(reader);
    let model = PaintingModel { sentence, text: side.text, generator: side.generator, encoder };
    let mut info = file.info.clone();
    info.lineage.push(options.as_stage());
    let bytes = export::file_bytes(&model, shape, file.vocabulary.clone(), info)?;
    Ok(files::replace(&options.output, |out| out.write_all(&bytes))?)
}

impl Subject<'_> {
    /// What to learn from, and what is kept back of drawn and of real pictures.
    fn look(&self, options: &Options) -> Result<(Seen, [Option<Seen>; 2]), FitError> {
        let mut random = random_for(options.seed, Stream::StyleReader, 0);
        let learnt: BTreeSet<usize> =
            self.dataset.of_split(Split::Train).into_iter().map(|sample| self.dataset.samples[sample].content).collect();
        let (kept, taught): (Vec<usize>, Vec<usize>) = learnt.into_iter().partition(|content| is_kept(*content));
        let chunks = (options.drawn as usize).div_ceil(CHUNK);
        let mut progress = Progress::start();
        let mut drawn = [vec![], vec![]];
        for chunk in 0..chunks {
            let (part, contents) = if chunk.is_multiple_of(KEPT_BACK) { (1, &kept) } else { (0, &taught) };
            let contents: Vec<usize> = (0..CHUNK).filter_map(|_| contents.choose(&mut random).copied()).collect();
            drawn[part].push(self.drawn(&contents, &mut random));
            progress.tell("drawing:", chunk, chunks);
        }
        let samples = self.dataset.of_split(Split::Train);
        let (kept, taught): (Vec<usize>, Vec<usize>) =
            samples.into_iter().partition(|sample| is_kept(self.dataset.samples[*sample].content));
        let mut real = [vec![], vec![]];
        for (part, samples) in [taught, kept].iter().enumerate() {
            let all: Vec<usize> = samples.repeat(options.inks as usize);
            let chunks = all.len().div_ceil(CHUNK);
            for (chunk, samples) in all.chunks(CHUNK).enumerate() {
                real[part].push(self.inked(samples, &mut random)?);
                progress.tell("looking at real pictures:", chunk, chunks);
            }
        }
        let [taught_drawn, kept_drawn] = drawn;
        let [taught_real, kept_real] = real;
        let taught = Seen::all(taught_drawn.into_iter().chain(taught_real).collect()).ok_or(FitError::NothingToLearn)?;
        Ok((taught, [Seen::all(kept_drawn), Seen::all(kept_real)]))
    }

    /// These contents, drawn in random styles.
    fn drawn(&self, contents: &[usize], random: &mut impl Rng) -> Seen {
        let styles: Vec<StyleCode> =
            contents.iter().map(|_| StyleCode::from_seed(random.random(), self.file.config.style_size)).collect();
        let captions: Vec<Vec<u32>> = contents
            .iter()
            .map(|content| captions::canonical(&self.dataset.contents[*content]))
            .map(|caption| self.file.vocabulary.read(&caption, self.file.config.caption_words).numbers)
            .collect();
        let codes = styles_to_tensor(&styles, self.device);
        self.seen(&grid::paint(&self.sentence, &self.side, &captions, codes, self.device), &styles)
    }

    /// These pictures, in random inks of their sets.
    fn inked(&self, samples: &[usize], random: &mut impl Rng) -> Result<Seen, FitError> {
        let strength = TrainConfig::default().shape.colour_jitter as f32;
        let (mut pictures, mut styles) = (vec![], vec![]);
        for sample in samples {
            let set = self.dataset.samples[*sample].style;
            let style = self.regions.draw(set, random);
            let mut picture = self.dataset.pixels(*sample)?;
            self.regions.ink(set, &style).apply(&mut picture, strength);
            pictures.push(picture);
            styles.push(style);
        }
        Ok(self.seen(&pictures, &styles))
    }

    fn seen(&self, pictures: &[Vec<u8>], styles: &[StyleCode]) -> Seen {
        let pixels = batches::upload(&pictures.concat(), pictures.len(), self.file.config.image_size, self.device);
        let (own, statistics) = self.encoder.style_and_statistics(pixels);
        Seen { statistics, own, styles: styles_to_tensor(styles, self.device) }
    }
}

impl Seen {
    /// rho(z, h_s): how well styles are read.
    fn rho(&self, reader: Option<&StyleReader>) -> f32 {
        let read = reader.map_or(self.own.clone(), |reader| self.own.clone() + reader.forward(self.statistics.clone()));
        pearson(self.styles.clone(), read).mean().into_scalar::<f32>()
    }

    /// One after another; `None` of none.
    fn all(parts: Vec<Self>) -> Option<Self> {
        let joined = |of: fn(&Self) -> &Tensor<2>| Tensor::cat(parts.iter().map(|part| of(part).clone()).collect(), 0);
        (!parts.is_empty()).then(|| Self {
            statistics: joined(|seen| &seen.statistics),
            own: joined(|seen| &seen.own),
            styles: joined(|seen| &seen.styles),
        })
    }
}

/// Whether a content is kept back.
fn is_kept(content: usize) -> bool {
    content.is_multiple_of(KEPT_BACK)
}

/// A reader that has learnt from what was seen.
fn learn(seen: &Seen, shape: &ModelConfig, options: &Options, device: &Device) -> StyleReader {
    let autodiff = device.clone().autodiff();
    device.seed(options.seed);
    let mut reader = StyleReader::new(shape, &autodiff);
    let [count, _] = seen.statistics.dims();
    let mean = seen.statistics.clone().mean_dim(0);
    let deviation = (seen.statistics.clone() - mean.clone()).square().mean_dim(0).sqrt().clamp_min(LEAST_DEVIATION);
    let standardised = (seen.statistics.clone() - mean.clone()) / deviation.clone();
    let dropout = DropoutConfig::new(DROPPED).init();
    let mut optimiser = Adam::new(0.9, 0.999, EPSILON).init();
    let mut progress = Progress::start();
    let steps = options.steps as usize;
    for step in 0..steps {
        let mut random = random_for(options.seed, Stream::StyleReader, step + 1);
        let rows: Vec<i32> = (0..options.batch).map(|_| random.random_range(0..count) as i32).collect();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [options.batch as usize]), device);
        let of = |x: &Tensor<2>| Tensor::from_inner(x.clone().select(0, rows.clone()));
        let read = of(&seen.own) + reader.forward(dropout.forward(of(&standardised)));
        let gradients = GradientsParams::from_grads(style_loss(of(&seen.styles), read).backward(), &reader);
        reader = optimiser.step(options.rate * cosine_decay(step as f64 / steps as f64), reader, gradients);
        progress.tell("learning:", step, steps);
    }
    reader.valid().of_unscaled(mean.squeeze_dim::<1>(0), deviation.squeeze_dim::<1>(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataConfig;
    use shared::{ModelInfo, Vocabulary};

    /// The encoder's weights are random: what there is to learn is in the statistics.
    #[test]
    fn a_reader_learns_what_the_encoder_does_not_say() {
        let device = Device::flex();
        device.seed(5);
        let data = DataConfig {
            groups: vec!["activities".into()],
            sets: vec!["twemoji".into(), "noto".into()],
            ..DataConfig::default()
        };
        let dataset = Dataset::load(&data, 32, None, &|_, _| {}).unwrap();
        let config = ModelConfig {
            image_size: 32,
            generator_channels: 16,
            encoder_channels: 8,
            style_reader: 32,
            ..ModelConfig::default()
        };
        let vocabulary = Vocabulary::new(vec!["ball".into()]).unwrap();
        let model = PaintingModel::new(&config, vocabulary.table_size(), &device);
        let file = ModelFile::of(&model, config.clone(), vocabulary, ModelInfo::default()).unwrap();
        let PaintingModel { sentence, text, generator, encoder } = model;
        let (side, encoder) = (GeneratorSide { text, generator }, encoder.without_reader());
        let regions = Regions::of(&dataset, config.style_size).unwrap();
        let subject = Subject { file: &file, sentence, side, encoder, dataset: &dataset, regions, device: &device };

        let samples = dataset.of_split(Split::Train);
        let seen = subject.inked(&samples, &mut random_for(1, Stream::StyleReader, 0)).unwrap();
        let options = Options::parse_from(["fit", "model", "--steps", "80", "--batch", "64"]);
        let reader = learn(&seen, &config, &options, &device);
        let [without, with] = [None, Some(&reader)].map(|reader| seen.rho(reader));
        assert!(without < 0.2 && with > 0.45, "rho {without} and {with}");
    }

    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    impl Options {
        fn parse_from<const N: usize>(line: [&str; N]) -> Self {
            Line::parse_from(line).options
        }
    }
}
