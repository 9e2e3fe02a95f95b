//! Where settings come from: a preset, under a TOML file, under the command line.
//!
//! All three are tables from a setting's name to its value, so precedence is putting one table over another. The names, their
//! explanations and their limits are those of the options; nothing about a setting is said twice. Names of earlier versions are hidden
//! aliases of options, and what a file calls so is renamed when it is read, so that no run folder becomes unreadable.

use std::path::Path;

use clap::{Arg, ArgMatches, Args, Command, parser::ValueSource};
use serde::Deserialize;
use toml::de::DeTable;
use toml::{Table, Value};

use super::{Effect, Preset, SettingError, TrainConfig};

/// Settings of earlier versions that are gone: the name, the values that meant "not used", and what became of it.
const RETIRED: [(&str, [&str; 2], &str); 2] = [
    ("lambda-sharp", ["0", "0.0"], "the sharpness loss is gone: it drew at half the size"),
    ("negative", ["\"shifted\"", "'shifted'"], "a caption's negative is always the next one in the batch"),
];

/// An unknown setting is compared with the known ones; below this likeness (of 1) none is suggested.
const ALIKE: f64 = 0.7;

/// Settings as a person gave them, defaults left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConfigLayers {
    file: Table,
    options: Table,
}

impl ConfigLayers {
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
        let fixed = if has_begun { names_of(Effect::Fixed) } else { vec!["preset".to_owned()] };
        match fixed.iter().find(|name| merged.get(*name) != saved.get(*name)) {
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
    /// As [`ConfigLayers::read`].
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
        let (Ok(mine), Ok(own)) = (self.to_table(), Self::of_preset(self.start.preset).to_table()) else { return vec![] };
        let housekeeping = names_of(Effect::Housekeeping);
        let changed = mine.into_iter().filter(|(name, value)| !housekeeping.contains(name) && own.get(name) != Some(value));
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

fn name(option: &Arg) -> Option<String> {
    option.get_long().map(str::to_owned)
}

/// The settings that have this effect.
fn names_of(effect: Effect) -> Vec<String> {
    let config = TrainConfig::default();
    let groups = config.groups().into_iter().filter(|group| group.effect() == effect);
    groups.flat_map(|group| group.options()).filter_map(|option| name(&option)).collect()
}

/// Reads the settings in a file, which need not be all.
fn read(path: &Path) -> Result<Table, SettingError> {
    let text = std::fs::read_to_string(path).map_err(|source| SettingError::File { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// The settings in the text of a file, by their present names.
fn parse(text: &str, path: &Path) -> Result<Table, SettingError> {
    let syntax = |error: toml::de::Error| SettingError::Syntax { path: path.to_owned(), reason: error.to_string() };
    text.parse::<Table>().map_err(syntax)?;
    let options = settings();
    let text = &renamed(text, path, &options)?;
    let table: Table = text.parse().map_err(syntax)?;
    let known: Vec<String> = options.iter().filter_map(name).collect();
    if let Some(unknown) = table.keys().find(|key| !known.contains(key)) {
        return Err(SettingError::Unknown { path: path.to_owned(), name: unknown.clone(), advice: nearest(unknown, &options) });
    }
    // Group by group, so that messages show the line.
    let defaults = TrainConfig::default();
    defaults.groups().into_iter().try_for_each(|group| group.try_text(text)).map_err(syntax)?;
    // Written as a saved configuration is, values can be compared with one.
    let mut values = toml::from_str::<TrainConfig>(text).map_err(syntax)?.to_table()?;
    values.retain(|key, _| table.contains_key(key));
    Ok(values)
}

/// The same text with the present names of settings and without those that are gone. Lines stay where they are.
fn renamed(text: &str, path: &Path, options: &[Arg]) -> Result<String, SettingError> {
    let syntax = |error: toml::de::Error| SettingError::Syntax { path: path.to_owned(), reason: error.to_string() };
    let document = DeTable::parse(text).map_err(syntax)?;
    let mut edits = vec![];
    for (key, value) in document.get_ref() {
        let key_name = key.get_ref().as_ref();
        let found = &text[value.span()];
        match RETIRED.iter().find(|(name, ..)| *name == key_name) {
            Some((_, unused, _)) if unused.contains(&found) => edits.push((key.span().start..value.span().end, String::new())),
            Some((name, _, reason)) => {
                return Err(SettingError::Retired { path: path.to_owned(), name, value: found.to_owned(), reason });
            }
            None => {
                let present = options.iter().find(|option| aliases(option).contains(&key_name)).and_then(name);
                edits.extend(present.map(|present| (key.span(), present)));
            }
        }
    }
    // From the end, so that places before it stay right.
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut text = text.to_owned();
    edits.into_iter().for_each(|(place, present)| text.replace_range(place, &present));
    Ok(text)
}

/// Its names in earlier versions.
fn aliases(option: &Arg) -> Vec<&str> {
    option.get_all_aliases().unwrap_or_default()
}

/// "; did you mean `batch`?", where one is or was called alike.
fn nearest(unknown: &str, options: &[Arg]) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(&unknown.replace('_', "-"), name);
    let names = options.iter().flat_map(|option| {
        let present = option.get_long();
        present.into_iter().chain(aliases(option)).filter_map(move |called| Some((likeness(called), present?)))
    });
    let best = names.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(likeness, _)| *likeness >= ALIKE).map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

fn unfit(error: impl std::fmt::Display) -> SettingError {
    SettingError::Unfit(error.to_string().trim_end().to_owned())
}

#[cfg(test)]
mod tests;
