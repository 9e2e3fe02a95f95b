//! Where settings come from: a preset, under a TOML file, under the command line.
//!
//! All three are tables from a setting's name to its value, so precedence is putting one table over another. The names, their
//! explanations and their limits are those of the options; nothing about a setting is said twice.

use std::path::Path;

use clap::{Arg, ArgMatches, Args, Command, parser::ValueSource};
use serde::Deserialize;
use toml::{Table, Value};

use super::{Preset, SettingError, TrainConfig};

/// What decides how a run learns from its beginning: it stays as it was in a run that is continued.
const FIXED: [&str; 21] = [
    "preset",
    "from",
    "seed",
    "image-size",
    "style-size",
    "tile",
    "layers",
    "mapping-size",
    "mapping-hidden",
    "detail-channels",
    "generator-least",
    "ink",
    "generator-channels",
    "encoder-channels",
    "data",
    "format",
    "subfolders",
    "fit",
    "background",
    "emoji-groups",
    "emoji-sets",
];

/// What changes nothing in what is learnt.
const HOUSEKEEPING: [&str; 8] = ["cache", "memory-cap", "max-bad", "device", "log-every", "grid-every", "save-every", "keep"];

/// An unknown setting is compared with the known ones; below this likeness (of 1) none is suggested.
const ALIKE: f64 = 0.7;

/// Settings as a person gave them, defaults left out.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    file: Table,
    options: Table,
}

impl Sources {
    /// Reads the file, if one is named, and takes from `options` what was written on the command line that gave `matches`.
    ///
    /// # Errors
    /// [`SettingError`] where the file cannot be read, is no TOML, or has a setting that does not exist or has another type.
    pub fn read(file: Option<&Path>, options: &TrainConfig, matches: &ArgMatches) -> Result<Self, SettingError> {
        let given = |argument: &Arg| {
            matches.value_source(argument.get_id().as_str()).is_some_and(|source| source != ValueSource::DefaultValue)
        };
        let written: Vec<String> = settings().iter().filter(|argument| given(argument)).filter_map(name).collect();
        let mut options = options.to_table()?;
        options.retain(|name, _| written.iter().any(|option| option == name));
        let file = file.map(read).transpose()?.unwrap_or_default();
        Ok(Self { file, options })
    }

    /// Of a table in another file, which `place` names in messages.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of_table(table: Table, place: &Path) -> Result<Self, SettingError> {
        let text = table.to_string();
        Ok(Self { file: parse(&text, place)?, options: Table::new() })
    }

    /// Settings of a new run: the preset's, under the file's, under the options.
    ///
    /// # Errors
    /// [`SettingError::Unfit`] where they make no configuration together.
    pub fn resolve(&self) -> Result<TrainConfig, SettingError> {
        let given = self.over(Table::new());
        let preset = given.get("preset").map(|preset| Preset::deserialize(preset.clone())).transpose().map_err(unfit)?;
        let base = preset.map_or_else(TrainConfig::default, TrainConfig::of_preset);
        TrainConfig::deserialize(Value::Table(self.over(base.to_table()?))).map_err(unfit)
    }

    /// Settings of a run that continues: the saved ones, under the file's, under the options.
    ///
    /// # Errors
    /// [`SettingError::Fixed`] where that would change what a run cannot change under way. One that has not begun may change all but its
    /// preset, which brings others along.
    pub fn resume(&self, saved: &TrainConfig, has_begun: bool) -> Result<TrainConfig, SettingError> {
        let saved = saved.to_table()?;
        let merged = self.over(saved.clone());
        let fixed = if has_begun { FIXED.as_slice() } else { &["preset"] };
        match fixed.iter().copied().find(|name| merged.get(*name) != saved.get(*name)) {
            Some(option) => Err(SettingError::Fixed { option: format!("--{option}") }),
            None => TrainConfig::deserialize(Value::Table(merged)).map_err(unfit),
        }
    }

    fn over(&self, mut base: Table) -> Table {
        base.extend(self.file.clone());
        base.extend(self.options.clone());
        base
    }
}

impl TrainConfig {
    /// Reads a complete configuration that [`Self::to_toml`] has written.
    ///
    /// # Errors
    /// As [`Sources::read`].
    pub fn load(path: &Path) -> Result<Self, SettingError> {
        TrainConfig::deserialize(Value::Table(read(path)?)).map_err(unfit)
    }

    /// Every setting with its explanation. A setting without a value stands there as a comment.
    ///
    /// # Errors
    /// [`SettingError::Unfit`] where a value is beyond what TOML can hold.
    pub fn to_toml(&self) -> Result<String, SettingError> {
        let values = self.to_table()?;
        let mut text =
            String::from("# Settings of a training run: `trainer --config FILE`. Options on the command line go over these.\n");
        for argument in settings() {
            let Some(name) = name(&argument) else { continue };
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let choices: Vec<String> = argument.get_possible_values().iter().map(|choice| choice.get_name().to_owned()).collect();
            let choices = if choices.is_empty() { String::new() } else { format!(" ({})", choices.join(", ")) };
            let line = values.get(&name).map_or_else(|| format!("# {name} ="), |value| format!("{name} = {value}"));
            text += &format!("\n# {help}{choices}\n{line}\n");
        }
        Ok(text)
    }

    /// Settings of learning that are not the preset's own, by name, as TOML values. How the run was run is left out.
    pub fn changes(&self) -> Vec<(String, String)> {
        let (Ok(mine), Ok(own)) = (self.to_table(), Self::of_preset(self.preset).to_table()) else { return vec![] };
        let learning = |name: &str| !HOUSEKEEPING.contains(&name);
        let changed = mine.into_iter().filter(|(name, value)| learning(name) && own.get(name) != Some(value));
        changed.map(|(name, value)| (name, value.to_string())).collect()
    }

    fn to_table(&self) -> Result<Table, SettingError> {
        Table::try_from(self).map_err(unfit)
    }
}

/// The options that are settings, in their order.
fn settings() -> Vec<Arg> {
    TrainConfig::augment_args(Command::new("settings")).get_arguments().cloned().collect()
}

fn name(argument: &Arg) -> Option<String> {
    argument.get_long().map(str::to_owned)
}

/// Reads the settings in a file, which need not be all.
fn read(path: &Path) -> Result<Table, SettingError> {
    let text = std::fs::read_to_string(path).map_err(|source| SettingError::File { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// The settings in the text of a file.
fn parse(text: &str, path: &Path) -> Result<Table, SettingError> {
    let syntax = |error: toml::de::Error| SettingError::Syntax { path: path.to_owned(), reason: error.to_string() };
    let table: Table = text.parse().map_err(syntax)?;
    let known: Vec<String> = settings().iter().filter_map(name).collect();
    if let Some(unknown) = table.keys().find(|key| !known.contains(key)) {
        return Err(SettingError::Unknown { path: path.to_owned(), name: unknown.clone(), advice: nearest(unknown, &known) });
    }
    // Types are checked on the text, so that the message shows the line.
    toml::from_str::<TrainConfig>(text).map_err(syntax)?;
    Ok(table)
}

/// "; did you mean `batch`?", where one is alike.
fn nearest(unknown: &str, known: &[String]) -> String {
    let likeness = |name: &String| strsim::jaro_winkler(&unknown.replace('_', "-"), name);
    let best = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    best.filter(|name| likeness(name) >= ALIKE).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn unfit(error: impl std::fmt::Display) -> SettingError {
    SettingError::Unfit(error.to_string().trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataConfig;
    use clap::{CommandFactory, FromArgMatches, Parser};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        config: TrainConfig,
    }

    fn sources(file: &str, arguments: &[&str]) -> Result<Sources, SettingError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, file).unwrap();
        let matches = Cli::command().get_matches_from([&["trainer"], arguments].concat());
        Sources::read(Some(&path), &Cli::from_arg_matches(&matches).unwrap().config, &matches)
    }

    fn resolved(file: &str, arguments: &[&str]) -> TrainConfig {
        sources(file, arguments).unwrap().resolve().unwrap()
    }

    /// Settings of data, all with a value.
    fn everything() -> DataConfig {
        DataConfig { source: Some("pictures".into()), cache: Some("cache".into()), ..DataConfig::default() }
    }

    #[test]
    fn a_setting_has_one_name() {
        let options: Vec<String> = settings().iter().filter_map(name).collect();
        let mut all = TrainConfig { minutes: Some(1.0), from: Some("run".into()), data: everything(), ..TrainConfig::default() }
            .to_table()
            .unwrap();
        all.retain(|key, _| !options.iter().any(|option| option == key));
        assert!(all.is_empty(), "keys that are no option: {all:?}");
        for name in FIXED.iter().chain(&HOUSEKEEPING) {
            assert!(options.iter().any(|option| option == name), "{name}");
        }
    }

    #[test]
    fn an_option_overrides_its_preset_and_nothing_else() {
        assert_eq!(resolved("", &[]), TrainConfig::of_preset(Preset::Swap));
        assert_eq!(resolved("", &["--preset", "patent"]), TrainConfig::of_preset(Preset::Patent));
        let expected = TrainConfig { beta1: 0.9, minutes: Some(5.0), ..TrainConfig::of_preset(Preset::Patent) };
        assert_eq!(resolved("", &["--preset", "patent", "--beta1", "0.9", "--minutes", "5"]), expected);
        // Even where it says what the other preset's default is.
        assert_eq!(resolved("", &["--preset", "patent", "--lambda-swap", "40"]).lambda_swap, 40.0);
    }

    #[test]
    fn a_file_goes_over_the_preset_and_under_the_options() {
        let file = "preset = \"patent\"\nbatch = 8\nlambda-swap = 3";
        let expected = TrainConfig { batch: 8, lambda_swap: 3.0, ..TrainConfig::of_preset(Preset::Patent) };
        assert_eq!(resolved(file, &[]), expected);
        assert_eq!(resolved(file, &["--batch", "9"]), TrainConfig { batch: 9, ..expected });
        let swap = TrainConfig { batch: 8, lambda_swap: 3.0, ..TrainConfig::of_preset(Preset::Swap) };
        assert_eq!(resolved(file, &["--preset", "swap"]), swap);
    }

    #[test]
    fn a_file_that_cannot_be_used_says_why() {
        for (file, words) in [
            ("bacth = 7", ["settings.toml", "`bacth`", "did you mean `batch`?"]),
            ("image_size = 32", ["settings.toml", "`image_size`", "did you mean `image-size`?"]),
            ("qqqq = 1", ["settings.toml", "`qqqq`", "`trainer config`"]),
            ("batch = \"many\"", ["settings.toml", "line 1", "many"]),
            ("preset = \"magic\"", ["settings.toml", "magic", "patent"]),
            ("background = \"whitish\"", ["settings.toml", "whitish", "CSS"]),
            ("batch = = 1", ["settings.toml", "line 1", "="]),
        ] {
            let error = sources(file, &[]).unwrap_err().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{file}: {error}");
        }
        let matches = Cli::command().get_matches_from(["trainer"]);
        let missing = Sources::read(Some(Path::new("nowhere.toml")), &TrainConfig::default(), &matches).unwrap_err();
        assert!(matches!(missing, SettingError::File { .. }));
    }

    #[test]
    fn a_resumed_run_keeps_its_settings_but_for_what_is_given() {
        let saved = TrainConfig { batch: 7, ..TrainConfig::of_preset(Preset::Patent) };
        let resume = |file: &str, arguments: &[&str]| sources(file, arguments).unwrap().resume(&saved, true);
        assert_eq!(resume("", &[]).unwrap(), saved);
        // A fixed setting may be repeated, not changed.
        assert_eq!(resume("preset = \"patent\"", &["--image-size", "64"]).unwrap(), saved);
        let slower = TrainConfig { generator_rate: 1e-5, ..saved.clone() };
        assert_eq!(resume("", &["--generator-rate", "1e-5"]).unwrap(), slower);
        assert_eq!(resume("generator-rate = 1e-5", &[]).unwrap(), slower);
        let roomier = DataConfig { memory_cap: "64GB".parse().unwrap(), ..saved.data.clone() };
        assert_eq!(resume("", &["--memory-cap", "64GB"]).unwrap(), TrainConfig { data: roomier, ..saved.clone() });
        for (file, given, fixed) in [
            ("image-size = 32", "", "--image-size"),
            ("", "--image-size=32", "--image-size"),
            ("data = \"pictures\"", "", "--data"),
            ("", "--data=pictures", "--data"),
            ("", "--emoji-sets=noto", "--emoji-sets"),
        ] {
            let arguments: Vec<&str> = [given].into_iter().filter(|o| !o.is_empty()).collect();
            let error = resume(file, &arguments).unwrap_err();
            assert!(matches!(&error, SettingError::Fixed { option } if option == fixed), "{error}");
        }
        // One that has not begun may be told another place of its data.
        let amended = sources("", &["--data=pictures"]).unwrap().resume(&saved, false).unwrap();
        let elsewhere = DataConfig { source: Some("pictures".into()), ..saved.data.clone() };
        assert_eq!(amended, TrainConfig { data: elsewhere, ..saved.clone() });
        let other = sources("preset = \"swap\"", &[]).unwrap().resume(&saved, false).unwrap_err();
        assert!(matches!(&other, SettingError::Fixed { option } if option == "--preset"), "{other}");
    }

    #[test]
    fn changes_are_those_of_learning() {
        let config = TrainConfig {
            batch: 7,
            data: DataConfig { cache: Some("cache".into()), ..DataConfig::default() },
            keep: 9,
            ..TrainConfig::of_preset(Preset::Patent)
        };
        assert_eq!(config.changes(), [("batch".to_owned(), "7".to_owned())]);
        assert!(TrainConfig::of_preset(Preset::Patent).changes().is_empty());
    }

    #[test]
    fn what_is_printed_can_be_read() {
        let config = TrainConfig {
            minutes: Some(0.1),
            generator_rate: 1.0 / 3.0,
            seed: i64::MAX as u64,
            data: DataConfig {
                source: Some("my pictures".into()),
                memory_cap: "500MB".parse().unwrap(),
                ..DataConfig::default()
            },
            ..TrainConfig::of_preset(Preset::Patent)
        };
        let text = config.to_toml().unwrap();
        assert!(text.contains("\n# Pictures in a step\nbatch = 16\n"), "{text}");
        assert!(text.contains("(swap, patent)\npreset = \"patent\"\n"), "{text}");
        assert!(text.contains("\n# cache =\n"), "{text}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        assert_eq!(TrainConfig::load(&path).unwrap(), config);
    }
}
