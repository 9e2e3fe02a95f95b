//! One structure for the command line, the configuration file, the saved configuration and the run itself.
//!
//! `--preset` chooses a whole [`TrainConfig`]; a file's settings go over it, options over both. The result is saved in the run folder
//! and is what `--resume` continues with. A setting has one name: the option `--image-size` is the file's key `image-size`.

pub mod file;
mod stage;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use shared::ModelConfig;

use crate::data::DataConfig;
use crate::io::device::DeviceChoice;

pub use stage::StageName;

/// A method, with all settings that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The patent's losses, with swap supervision under them: a caption drawn in a set's style must give the set's own picture of it.
    /// Measured better on held-out combinations (docs/method.md).
    Swap,
    /// The method of CN112990302B as its text has it, and nothing else.
    Patent,
}

impl Preset {
    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Swap => "swap",
            Self::Patent => "patent",
        }
    }
}

/// Which other sample's picture is a caption's negative (patent paragraph 0056).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Negative {
    /// The next one in the batch.
    Shifted,
    /// Any other one in the batch.
    Random,
}

/// How credibilities become a loss. s(x) for real pictures, s(x') for generated ones, s(x~) for real pictures with a wrong caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Adversarial {
    /// L_D = mean [1 - s(x)]+ + mean [1 + s(x')]+, L_G = - mean s(x'). Bounded gradients; the default of DF-GAN and most since.
    Hinge,
    /// L_D = mean -log sigma(s(x)) - log (1 - sigma(s(x'))), L_G = mean -log sigma(s(x')). What the paper's code does.
    CrossEntropy,
    /// L_D = mean softplus(s(x') - s(x)), L_G = mean softplus(s(x) - s(x')). R3GAN's pairing: each is compared with its counterpart.
    Relativistic,
}

/// Everything that decides a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
pub struct TrainConfig {
    /// Method, with its settings; options given beside it override them
    #[arg(long, value_enum, default_value = "swap")]
    pub preset: Preset,
    /// Where to train; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto")]
    pub device: DeviceChoice,
    /// Steps of the disentangling stage; 0 chooses by device: 60,000 on a GPU, 12,000 on a CPU
    #[arg(long, default_value_t = 0)]
    pub steps: usize,
    /// Begin with the networks of this run, or of this model file, instead of random ones: its text side replaces the matching stage.
    /// A generator grows where this run's --mapping-size, --mapping-hidden, --generator-channels, --generator-least or --detail-channels, or
    /// --image-size and --tile, are larger
    #[arg(long, value_name = "RUN or MODEL")]
    pub from: Option<PathBuf>,
    /// Stop after so many minutes of the disentangling stage (learning rates fall towards whichever end comes first)
    #[arg(long, value_name = "M")]
    pub minutes: Option<f64>,
    /// Pictures in a step
    // The paper's code has 12: with few thousand pictures, more updates teach more than larger ones.
    #[arg(long, default_value_t = 16)]
    pub batch: usize,
    /// Seed of all randomness: weights, batches, captions, noise
    // A TOML file has no larger integer.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: u64,

    /// Side of the pictures in pixels: 32, 64, 128 or 256
    #[arg(long, default_value_t = 64)]
    pub image_size: usize,
    /// Length of the style code; up to 8 for a handful of sets, more where no two pictures are of one hand
    // Standardised, these are a point of a sphere, which nine sets share out among them (docs/method.md): with eight numbers a random
    // style was far from all of them, and with four the sets could not pass each other while they were sorting themselves out.
    #[arg(long, default_value_t = ModelConfig::default().style_size)]
    pub style_size: usize,
    /// Side of the tiles that pictures are drawn in: 4, or 8 for twice the picture at half as much again
    #[arg(long, default_value_t = ModelConfig::default().tile)]
    pub tile: usize,
    /// Length of the condition that a caption and a style are mapped to: the generator's memory, cheap to work with
    #[arg(long, default_value_t = ModelConfig::default().mapping_size)]
    pub mapping_size: usize,
    /// Units that map caption and style to that condition: what tells each content in each style from all others
    #[arg(long, default_value_t = ModelConfig::default().mapping_hidden)]
    pub mapping_hidden: usize,
    /// Channels of the map of twice the side that detail is drawn from, over those tiles; 0 for none
    #[arg(long, default_value_t = ModelConfig::default().detail_channels)]
    pub detail_channels: usize,
    /// Layers that pictures are drawn in, paper among them; 0 draws pixels, as older models do
    // Nine of ten pictures have eight flat colours at most.
    #[arg(long, default_value_t = ModelConfig::default().layers)]
    pub layers: usize,
    /// Generator channels at 8 x 8, halved at each larger map
    #[arg(long, default_value_t = ModelConfig::default().generator_channels)]
    pub generator_channels: usize,
    /// Channels of any generator map at least: the largest map's are the patterns that every tile is a sum of
    #[arg(long, default_value_t = ModelConfig::default().generator_least)]
    pub generator_least: usize,
    /// Image encoder channels at its largest map
    #[arg(long, default_value_t = ModelConfig::default().encoder_channels)]
    pub encoder_channels: usize,

    /// Steps of the matching stage
    // About 13 passes over the data: its accuracy on unseen captions has stopped rising by then.
    #[arg(long, default_value_t = 1400)]
    pub matching_steps: usize,
    /// Pictures in a step of the matching stage
    // A larger batch is a harder question: the right one of 64.
    #[arg(long, default_value_t = 64)]
    pub matching_batch: usize,
    /// Learning rate of the matching stage
    #[arg(long, default_value_t = 1e-3)]
    pub matching_rate: f64,

    /// Share of captions that are a content's plain name; the others mix in keywords and groups
    // Names are what people type first, and a keyword often fits twenty contents.
    #[arg(long, default_value_t = 0.6)]
    pub plain_names: f64,
    /// Form of the adversarial loss
    #[arg(long, value_enum, default_value = "hinge")]
    pub adversarial: Adversarial,
    /// Which other sample is a caption's negative
    #[arg(long, value_enum, default_value = "shifted")]
    pub negative: Negative,
    /// Weight of the content loss in total_D and total_G
    #[arg(long, default_value_t = 1.0)]
    pub lambda_content: f64,
    /// Weight of the style loss in total_D and total_G
    // At 20 and above, z shows as colour casts and dots.
    #[arg(long, default_value_t = 4.0)]
    pub lambda_style: f64,
    /// Share of the style loss's gradient that reaches the generator in a swap step
    // E has to learn to read what is drawn. A generator that is pushed as hard from the start writes z into the picture as a pattern of
    // dots, long before the codes mean anything; one that can draw may be pushed harder.
    #[arg(long, default_value_t = 0.1)]
    pub style_share: f64,
    /// Margin alpha of the content loss
    // 0.5 in the paper's code.
    #[arg(long, default_value_t = 0.5)]
    pub margin: f64,
    /// Weight of the swap loss; 0 leaves it out
    // Pixel losses are of the order of 0.1, the patent's of 1: the pictures lead, the adversary sharpens.
    #[arg(long, default_value_t = 40.0)]
    pub lambda_swap: f64,
    /// Weight of the edge loss beside it; 0 leaves it out
    #[arg(long, default_value_t = 20.0)]
    pub lambda_edge: f64,
    /// Weight of how undecided pixels are between layers, once layers are drawn at full sharpness; 0 leaves it out
    // A generator that may mix two layers to fake a third colour is right at the size that it learns at, and draws specks when enlarged.
    #[arg(long, default_value_t = 2.0)]
    pub lambda_undecided: f64,
    /// Steps until layers are drawn at full sharpness, at most half of the run; 0 for a run that begins with trained layers
    #[arg(long, default_value_t = 4000, value_name = "STEPS")]
    pub sharpness_warm_up: usize,
    /// Weight of the sharpness loss beside it; 0 leaves it out
    #[arg(long, default_value_t = 0.0)]
    pub lambda_sharp: f64,
    /// Share of pictures that stand in for what their set has no picture of, taken from the set that draws most alike; 0 for none. They are
    /// left out of steps in which E learns
    // About the share of combinations that the emoji sets lack. Without, what is drawn for these is a scribble (docs/method.md).
    #[arg(long, default_value_t = 0.2)]
    pub stand_ins: f64,
    /// Names of contents to draw more often than others, such as what is new since the model that --from names
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub more_of: Vec<String>,
    /// Share of pictures that is kept for these
    #[arg(long, default_value_t = 0.2)]
    pub more_share: f64,
    /// Weight of the set loss, by which E learns to tell the sets of the data apart; 0 leaves it out
    #[arg(long, default_value_t = 3.0)]
    pub lambda_set: f64,
    /// Let E learn from pictures whose style is known every so many steps; total_D teaches it besides
    // The generator needs no E where the data names its sets, and E is the dearer half of a step.
    #[arg(long, default_value_t = 4)]
    pub lend_every: usize,
    /// How far a style seed may change the ink of a set, as a share of the depth of colour; 0 draws every set as it is
    // At 0.3 the sets can still be told apart at a glance, and black ink leans visibly to brown, blue or green.
    #[arg(long, default_value_t = 0.3)]
    pub ink: f64,
    /// Deviation of the noise on a lent style code, whose own deviation is 1, where the data names no sets
    // Each picture then owns a region of the codes rather than a point, and a random seed lands in one.
    #[arg(long, default_value_t = 0.7)]
    pub style_noise: f64,
    /// Weight of the adversarial loss in total_G
    // At 1 beside the swap loss it draws dots, at 0.2 specks on the paper.
    #[arg(long, default_value_t = 0.05)]
    pub lambda_adversarial: f64,
    /// Take total_D and total_G every so many steps; the swap loss is in every step
    // A step with them costs three times one without, and content is learnt from the swap loss.
    #[arg(long, default_value_t = 2)]
    pub patent_every: usize,
    /// Share of the run after which total_D and total_G join the swap loss
    // An adversary from the start pulls the generator apart before it can draw (docs/method.md); once pictures are recognisable it
    // sharpens them, and style codes mean something that z can follow.
    #[arg(long, default_value_t = 0.6)]
    pub patent_from: f64,
    /// Learning rate of generator and text encoder
    #[arg(long, default_value_t = 1e-3)]
    pub generator_rate: f64,
    /// Learning rate of image encoder and heads
    // It joins late, when rates have fallen to a third, and has to catch up with the generator.
    #[arg(long, default_value_t = 2e-3)]
    pub discriminator_rate: f64,
    /// Adam's beta1 for all adversarially trained parts
    // Momentum and a moving opponent do not go together; supervised by pictures it may have some.
    #[arg(long, default_value_t = 0.5)]
    pub beta1: f64,
    /// Half-life of the published generator's averaged weights, in pictures
    // StyleGAN's: ten thousand pictures.
    #[arg(long, default_value_t = 10_000.0)]
    pub average_half_life: f64,

    /// Write metrics every so many steps
    #[arg(long, default_value_t = 50)]
    pub log_every: usize,
    /// Draw the sample grid every so many steps
    #[arg(long, default_value_t = 500)]
    pub grid_every: usize,
    /// Save a checkpoint every so many steps
    #[arg(long, default_value_t = 500)]
    pub save_every: usize,
    /// Keep so many of the last checkpoints; the best on the validation pictures stays as well
    #[arg(long, default_value_t = 3)]
    pub keep: usize,

    /// What to train on
    #[command(flatten)]
    #[serde(flatten)]
    pub data: DataConfig,
}

impl Default for TrainConfig {
    fn default() -> Self {
        /// Clap holds the defaults; this asks it for them.
        #[derive(clap::Parser)]
        struct Defaults {
            #[command(flatten)]
            config: TrainConfig,
        }
        <Defaults as clap::Parser>::parse_from(["defaults"]).config
    }
}

/// A setting that cannot be trained with.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    #[error(transparent)]
    Model(#[from] shared::model::config::ConfigError),
    #[error("{option} cannot be changed in a run that has begun; start another with --run")]
    Fixed { option: String },
    #[error("--{option} is {found}; it must be {rule}")]
    Range { option: &'static str, found: f64, rule: &'static str },
    #[error("cannot read {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} is no configuration: {reason}")]
    Syntax { path: PathBuf, reason: String },
    #[error("{path} has the setting `{name}`, which does not exist{advice}; `trainer config` prints all settings")]
    Unknown { path: PathBuf, name: String, advice: String },
    #[error(
        "--more-of names {0:?}, but no training picture is called that; a name is the whole first caption, and what is held out has none"
    )]
    MoreOf(String),
    #[error("these settings do not fit together: {0}")]
    Unfit(String),
}

impl SettingError {
    /// 3 for a file that cannot be read, else 2: wrong usage.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::File { .. }) { 3 } else { 2 }
    }
}

/// Steps of a run that ends by the clock, and the most that one may have.
pub const MOST_STEPS: usize = 1_000_000_000;
/// Pictures in a step, at most: beyond, a typing error is likelier than a machine with the memory.
const MOST_PICTURES: usize = 4096;
/// Two years.
const MOST_MINUTES: f64 = 1e6;

impl TrainConfig {
    /// A preset with its own settings.
    pub fn of_preset(preset: Preset) -> Self {
        let swap = Self { preset, ..Self::default() };
        match preset {
            Preset::Swap => swap,
            // DF-GAN's rates, at which an adversarial generator of this kind is known to be stable.
            Preset::Patent => Self {
                style_size: 8,
                lambda_swap: 0.0,
                lambda_style: 1.0,
                lambda_edge: 0.0,
                lambda_sharp: 0.0,
                stand_ins: 0.0,
                lambda_set: 0.0,
                lambda_adversarial: 1.0,
                patent_every: 1,
                patent_from: 0.0,
                generator_rate: 2e-4,
                discriminator_rate: 4e-4,
                beta1: 0.0,
                ..swap
            },
        }
    }

    /// Lowers a stage's learning rates, for a run that has diverged in it.
    pub fn slow_down(&mut self, stage: StageName, factor: f64) {
        match stage {
            StageName::Matching => self.matching_rate *= factor,
            StageName::Disentangling => {
                self.generator_rate *= factor;
                self.discriminator_rate *= factor;
            }
        }
    }

    /// Checks every setting that could stop or spoil a run later.
    ///
    /// # Errors
    /// [`SettingError`] names the option and what it may be.
    pub fn validate(&self) -> Result<(), SettingError> {
        self.model().validate()?;
        let at_least = |option, found: f64, least: f64, rule| match found >= least && found.is_finite() {
            true => Ok(()),
            false => Err(SettingError::Range { option, found, rule }),
        };
        let within = |option, found: f64, least: f64, most: f64, rule| {
            let ok = at_least(option, found, least, rule).and(at_least(option, most - found, 0.0, rule));
            ok.map_err(|_| SettingError::Range { option, found, rule })
        };
        for (option, batch) in [("batch", self.batch), ("matching-batch", self.matching_batch)] {
            within(option, batch as f64, 2.0, MOST_PICTURES as f64, "2 to 4096: every caption needs a negative")?;
        }
        for (option, steps) in [("steps", self.steps), ("matching-steps", self.matching_steps)] {
            within(option, steps as f64, 0.0, MOST_STEPS as f64, "at most 1,000,000,000")?;
        }
        within("seed", self.seed as f64, 0.0, i64::MAX as f64, "at most 9,223,372,036,854,775,807")?;
        within("minutes", self.minutes.unwrap_or(1.0), 0.0, MOST_MINUTES, "0 to 1,000,000")?;
        for (option, value) in [
            ("patent-every", self.patent_every),
            ("lend-every", self.lend_every),
            ("log-every", self.log_every),
            ("grid-every", self.grid_every),
            ("save-every", self.save_every),
            ("keep", self.keep),
        ] {
            at_least(option, value as f64, 1.0, "at least 1")?;
        }
        let not_negative = [
            ("lambda-content", self.lambda_content),
            ("lambda-style", self.lambda_style),
            ("lambda-swap", self.lambda_swap),
            ("lambda-edge", self.lambda_edge),
            ("lambda-sharp", self.lambda_sharp),
            ("lambda-undecided", self.lambda_undecided),
            ("lambda-set", self.lambda_set),
            ("lambda-adversarial", self.lambda_adversarial),
            ("style-noise", self.style_noise),
            ("margin", self.margin),
        ];
        for (option, value) in not_negative {
            at_least(option, value, 0.0, "a number of at least 0")?;
        }
        let rates = [
            ("matching-rate", self.matching_rate),
            ("generator-rate", self.generator_rate),
            ("discriminator-rate", self.discriminator_rate),
            ("average-half-life", self.average_half_life),
        ];
        for (option, value) in rates {
            at_least(option, value, f64::MIN_POSITIVE, "a number above 0")?;
        }
        let shares = [
            ("plain-names", self.plain_names),
            ("patent-from", self.patent_from),
            ("style-share", self.style_share),
            ("stand-ins", self.stand_ins),
            ("more-share", self.more_share),
            ("ink", self.ink),
        ];
        for (option, value) in shares {
            within(option, value, 0.0, 1.0, "a number from 0 to 1")?;
        }
        within("beta1", self.beta1, 0.0, 0.999, "a number from 0 to 0.999")?;
        Ok(())
    }

    /// The shape of the model to train.
    pub fn model(&self) -> ModelConfig {
        ModelConfig {
            image_size: self.image_size,
            style_size: self.style_size,
            tile: self.tile,
            layers: self.layers,
            mapping_size: self.mapping_size,
            mapping_hidden: self.mapping_hidden,
            detail_channels: self.detail_channels,
            generator_least: self.generator_least,
            // What a style seed may say within a set is how its ink is mixed.
            mixes_ink: self.ink > 0.0 && self.lambda_swap > 0.0,
            generator_channels: self.generator_channels,
            encoder_channels: self.encoder_channels,
            ..ModelConfig::default()
        }
    }
}

#[cfg(test)]
mod tests;
