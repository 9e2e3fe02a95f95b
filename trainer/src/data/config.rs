//! Which pictures to use and how to look at them: one structure for the command line and the saved configuration.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// The data of a run. Defaults are the embedded emoji as the shipped model was trained on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Data")]
pub struct DataConfig {
    /// Captioned pictures: a folder or a tar file (docs/data.md). Default: the embedded emoji
    #[arg(long = "data", value_name = "PATH", help_heading = None)]
    #[serde(rename = "data")]
    pub source: Option<PathBuf>,
    /// Layout of the pictures and their captions; `auto` tells by what is there
    #[arg(long, value_enum, default_value = "auto", hide_short_help = true)]
    pub format: Format,
    /// What the first subfolder of a picture says about it, in the layout `folder`
    #[arg(long, value_enum, default_value = "nothing", hide_short_help = true)]
    pub subfolders: Subfolders,
    /// How a picture that is not square becomes so
    #[arg(long, value_enum, default_value = "contain", hide_short_help = true)]
    pub fit: Fit,
    /// Colour, as in CSS, of transparent pictures' background and of the margins that `contain` adds
    #[arg(long, default_value_t = Colour::WHITE, value_name = "COLOUR", hide_short_help = true)]
    pub background: Colour,
    /// Groups of emoji to train on; `signs` are those symbols that show something, and `symbols` all of them, boxed letters and digits too
    #[arg(long = "emoji-groups", value_delimiter = ',', value_name = "GROUPS", hide_short_help = true, default_values_t = owned(&[
        "smileys-emotion", "people-body", "animals-nature", "food-drink", "travel-places", "activities", "objects", "signs",
    ]))]
    #[serde(rename = "emoji-groups")]
    pub groups: Vec<String>,
    /// Sets of emoji to train on: each is a style
    // All of them: the more styles a content is seen in, the better style and content come apart.
    #[arg(long = "emoji-sets", value_delimiter = ',', value_name = "SETS", hide_short_help = true, default_values_t = owned(&[
        "noto", "noto-v1", "twemoji", "fluent-3d", "fluent-flat", "fluent-contrast", "emojione2", "emojione2-mono", "noto-mono",
    ]))]
    #[serde(rename = "emoji-sets")]
    pub sets: Vec<String>,
    /// How they are loaded
    #[command(flatten)]
    #[serde(flatten)]
    pub loading: LoadingConfig,
}

/// How pictures are loaded, which changes nothing in them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Data")]
pub struct LoadingConfig {
    /// Refuse to start when more samples than this cannot be used: a share such as 5%, or a number
    #[arg(long, default_value_t = Allowance::Share(5.0), value_name = "N", hide_short_help = true)]
    pub max_bad: Allowance,
    /// Memory for decoded pictures, such as 500MB; more than fits is read from the cache, picture by picture
    #[arg(long, default_value_t = Memory(ByteSize::gb(4)), value_name = "SIZE", hide_short_help = true)]
    pub memory_cap: Memory,
    /// Keep decoded pictures in this folder between runs. Default: in the run's folder; the emoji, which are drawn in seconds, nowhere
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub cache: Option<PathBuf>,
}

impl DataConfig {
    /// What the data is called in public: a folder's or file's name, without the path to it.
    pub fn public_name(&self) -> String {
        let name = |source: &Path| {
            let absolute = std::path::absolute(source).unwrap_or_else(|_| source.to_owned());
            absolute.file_name().map_or_else(|| "own pictures".to_owned(), |name| name.to_string_lossy().into_owned())
        };
        self.source.as_deref().map_or_else(|| "embedded emoji".to_owned(), name)
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A group of options as it is where none of them is given: clap holds the defaults.
pub fn defaults<A: Args>() -> A {
    #[derive(clap::Parser)]
    struct Defaults<A: Args> {
        #[command(flatten)]
        options: A,
    }
    <Defaults<A> as clap::Parser>::parse_from(["defaults"]).options
}

impl Default for DataConfig {
    fn default() -> Self {
        defaults()
    }
}

impl Default for LoadingConfig {
    fn default() -> Self {
        defaults()
    }
}

/// A layout of pictures and captions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Told by what is there
    Auto,
    /// Pictures beside text files of the same name
    Folder,
    /// Hugging Face's: metadata.jsonl or metadata.csv beside pictures
    Imagefolder,
    /// Tar files with key.jpg, key.txt, key.json
    Webdataset,
    /// Pictures and captions_*.json
    Coco,
    /// CUB-200-2011 with a folder of captions
    Cub,
    /// Oxford-102 flowers with a folder of captions
    Flowers,
}

impl Format {
    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// What the first subfolder of a picture says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Subfolders {
    /// No label.
    Nothing,
    /// What is shown, such as a species.
    Class,
    /// How it is drawn. Swap supervision needs it.
    Style,
}

/// How a picture that is not square becomes so. All of it, or as much as is kept, is then scaled to the side asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// All of it, with background on two sides.
    Contain,
    /// The largest square in its middle.
    Cover,
    /// All of it, with other proportions.
    Stretch,
}

/// A setting that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("'{0}' is no opaque colour; write it as in CSS: white, #ffffff, rgb(255, 255, 255)")]
    Colour(String),
    #[error("'{0}' is neither a share such as 5% nor a number of samples such as 20")]
    Allowance(String),
    #[error("'{0}' is no amount of memory; write it as 500MB, 4GB or 4GiB")]
    Memory(String),
}

/// An opaque sRGB colour, written as in CSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub [u8; 3]);

impl Colour {
    pub const WHITE: Self = Self([255; 3]);
}

impl FromStr for Colour {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match svgtypes::Color::from_str(text) {
            Ok(colour) if colour.alpha == 255 => Ok(Self([colour.red, colour.green, colour.blue])),
            _ => Err(ValueError::Colour(text.to_owned())),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", hex::encode(self.0))
    }
}

/// How many samples may be unusable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Allowance {
    /// Per cent of all samples.
    Share(f64),
    Count(usize),
}

impl Allowance {
    /// Whether `bad` of `all` samples are too many.
    pub fn is_exceeded(self, bad: usize, all: usize) -> bool {
        match self {
            Self::Share(share) => bad as f64 > share / 100.0 * all as f64,
            Self::Count(count) => bad > count,
        }
    }
}

impl FromStr for Allowance {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = || ValueError::Allowance(text.to_owned());
        match text.strip_suffix('%') {
            Some(share) => {
                let share = share.trim().parse().ok().filter(|share| (0.0..=100.0).contains(share));
                share.map(Self::Share).ok_or_else(wrong)
            }
            None => text.parse().map(Self::Count).map_err(|_| wrong()),
        }
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => write!(f, "{share}%"),
            Self::Count(count) => write!(f, "{count}"),
        }
    }
}

/// An amount of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Memory(pub ByteSize);

impl Memory {
    pub fn bytes(self) -> u64 {
        self.0.as_u64()
    }
}

impl FromStr for Memory {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse().map(Self).map_err(|_| ValueError::Memory(text.to_owned()))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Exact where it was given exactly: it is read back from the saved configuration.
        match self.bytes() {
            bytes if bytes.is_multiple_of(1_000_000_000) => write!(f, "{}GB", bytes / 1_000_000_000),
            bytes if bytes.is_multiple_of(1_000_000) => write!(f, "{}MB", bytes / 1_000_000),
            bytes => write!(f, "{bytes}B"),
        }
    }
}

/// Text in the saved configuration as on the command line.
macro_rules! saved_as_written {
    ($type:ty) => {
        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
        impl TryFrom<String> for $type {
            type Error = ValueError;
            fn try_from(text: String) -> Result<Self, ValueError> {
                text.parse()
            }
        }
    };
}

saved_as_written!(Colour);
saved_as_written!(Allowance);
saved_as_written!(Memory);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_published_by_its_name_alone() {
        let source = Some("/home/ada/secret/birds/".into());
        assert_eq!(DataConfig { source, ..DataConfig::default() }.public_name(), "birds");
        assert_eq!(DataConfig::default().public_name(), "embedded emoji");
    }

    #[test]
    fn colours_are_those_of_css() {
        for (text, wanted) in [("white", [255; 3]), ("#fff", [255; 3]), ("#102030", [16, 32, 48]), ("rgb(1, 2, 3)", [1, 2, 3])] {
            assert_eq!(text.parse(), Ok(Colour(wanted)));
        }
        for text in ["", "whitish", "#12", "transparent", "rgba(0, 0, 0, 0.5)"] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_allowance_is_a_share_or_a_number() {
        let exceeded = |text: &str, bad| text.parse::<Allowance>().map(|allowance| allowance.is_exceeded(bad, 200));
        assert_eq!((exceeded("5%", 10), exceeded("5%", 11)), (Ok(false), Ok(true)));
        assert_eq!((exceeded("0.5 %", 1), exceeded("0.5 %", 2)), (Ok(false), Ok(true)));
        assert_eq!((exceeded("10", 10), exceeded("10", 11)), (Ok(false), Ok(true)));
        assert_eq!((exceeded("0", 0), exceeded("0", 1)), (Ok(false), Ok(true)));
        for text in ["", "five", "-1", "101%", "NaN%", "1.5"] {
            assert!(text.parse::<Allowance>().is_err(), "{text}");
        }
    }

    #[test]
    fn memory_is_written_as_people_write_it() {
        let read = |text: &str| text.parse::<Memory>().map(|memory| (memory.bytes(), memory.to_string()));
        assert_eq!(read("4GB"), Ok((4_000_000_000, "4GB".to_owned())));
        assert_eq!(read("500 MB"), Ok((500_000_000, "500MB".to_owned())));
        assert_eq!(read("1KiB"), Ok((1024, "1024B".to_owned())));
        assert!(read("much").is_err());
    }

    #[test]
    fn what_is_saved_is_what_was_given() {
        let config = DataConfig {
            source: Some("pictures".into()),
            background: Colour([1, 2, 3]),
            loading: LoadingConfig {
                max_bad: Allowance::Count(7),
                memory_cap: Memory(ByteSize::kib(200)),
                ..LoadingConfig::default()
            },
            ..DataConfig::default()
        };
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<DataConfig>(&text).unwrap(), config);
        assert!(serde_json::from_str::<DataConfig>(r#"{"background": "whitish"}"#).is_err());
    }
}
