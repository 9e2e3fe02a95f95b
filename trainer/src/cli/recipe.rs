//! `trainer recipe`: a model from a file that names every stage of its training.
//!
//! A stage is a training run in a folder of its own, begun with the networks of the stage before, or a `fit-styles` at the end. Whatever is
//! done is seen from the folders, so the same command goes on wherever it was stopped, also on another machine with a copy of them.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, FromArgMatches};
use serde::Deserialize;
use toml::Table;

use super::train::to_the_end;
use crate::config::TrainConfig;
use crate::config::file::ConfigLayers;
use crate::io::device::DeviceChoice;
use crate::io::files;
use crate::io::hash::hex_sha256;
use crate::io::run_folder::RunFolder;
use crate::report::view::{Leave, Stop, View};
use crate::train::style_reader;

/// A copy of the recipe, in the folder.
const COPY: &str = "recipe.toml";

/// Options of `trainer recipe`.
#[derive(Debug, Args)]
pub struct Options {
    /// Recipe, such as recipes/emblem.toml
    recipe: PathBuf,
    /// Folder of all its runs; the model is model.safetensors in it. The same command goes on with what is there
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// The model file that the first stage begins with, where it does not lie where the recipe says
    #[arg(long, value_name = "MODEL")]
    from: Option<PathBuf>,
    /// Where to train; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceChoice,
    /// Print lines even where there is a terminal for the dashboard
    #[arg(long)]
    plain: bool,
}

/// A recipe's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    /// What the first stage begins with; random weights without.
    start: Option<Beginning>,
    #[serde(rename = "stage")]
    stages: Vec<Stage>,
}

/// A model file, known by its hash.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beginning {
    file: PathBuf,
    sha256: String,
    /// How to get it, for whoever has it not.
    obtain: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Stage {
    /// Letters, digits and hyphens: its folder is called so.
    name: String,
    #[serde(default)]
    kind: Kind,
    /// As in a file for --config, or the options of fit-styles.
    #[serde(default)]
    settings: Table,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A training run.
    #[default]
    Train,
    /// Teaches the model to read styles, as `emblem-lab fit-styles` does.
    FitStyles,
}

/// What a stage does, checked.
enum Work {
    Train(Box<TrainConfig>),
    FitStyles(Box<style_reader::Options>),
}

impl Recipe {
    fn read(path: &Path) -> Result<(Self, String)> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read the recipe {}", path.display()))?;
        Ok((Self::parse(&text, path)?, text))
    }

    fn parse(text: &str, path: &Path) -> Result<Self> {
        let recipe: Self = toml::from_str(text).with_context(|| format!("{} is no recipe", path.display()))?;
        ensure!(!recipe.stages.is_empty(), "{} has no stage; write at least one [[stage]]", path.display());
        for stage in &recipe.stages {
            let fine = !stage.name.is_empty() && stage.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            ensure!(fine, "the stage {:?} cannot name a folder; use letters, digits and hyphens", stage.name);
        }
        Ok(recipe)
    }

    /// Whether it makes the same model. What settings were called in an earlier version makes no difference.
    fn is_same(&self, other: &Self) -> bool {
        let begins = |recipe: &Self| recipe.start.as_ref().map(|start| start.sha256.clone());
        let mut stages = self.stages.iter().zip(&other.stages);
        begins(self) == begins(other)
            && self.stages.len() == other.stages.len()
            && stages.all(|(mine, theirs)| mine.is_same(theirs))
    }

    /// The file that the first stage begins with, compared with its hash.
    fn start(&self, given: Option<&Path>, beside: &Path) -> Result<Option<PathBuf>> {
        let Some(Beginning { file, sha256, obtain }) = &self.start else {
            ensure!(given.is_none(), "this recipe begins with nothing, so --from has no place in it");
            return Ok(None);
        };
        let path = match given {
            Some(given) => given.to_owned(),
            None if file.exists() => file.clone(),
            None => beside.join(file),
        };
        let advice = || format!("get it by `{obtain}` and name it with --from");
        let bytes = fs::read(&path)
            .with_context(|| format!("cannot read {}, which the recipe begins with; {}", path.display(), advice()))?;
        let found = hex_sha256(&bytes);
        ensure!(
            found == *sha256,
            "{} is another model than the recipe begins with (its SHA-256 is {found}, not {sha256}); {}",
            path.display(),
            advice()
        );
        Ok(Some(std::path::absolute(&path).unwrap_or(path)))
    }
}

impl Stage {
    /// The folder or file that it leaves, as the stage of this number.
    fn place(&self, index: usize) -> String {
        match self.kind {
            Kind::Train => format!("{}-{}", index + 1, self.name),
            Kind::FitStyles => format!("{}-{}.safetensors", index + 1, self.name),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let by_present_names = |stage: &Self| ConfigLayers::of_table(stage.settings.clone(), Path::new(COPY)).ok();
        let same_settings = match self.kind {
            Kind::Train => by_present_names(self).is_some_and(|mine| Some(mine) == by_present_names(other)),
            Kind::FitStyles => self.settings == other.settings,
        };
        (&self.name, self.kind) == (&other.name, other.kind) && same_settings
    }

    /// What it does, beginning with `from`.
    fn work(&self, from: Option<&Path>, options: &Options, out: &Path) -> Result<Work> {
        match self.kind {
            Kind::Train => {
                let layers = ConfigLayers::of_table(self.settings.clone(), &options.recipe)?;
                let config = layers.resolve()?;
                ensure!(
                    config.start.from.is_none(),
                    "the stage {} says what it begins with; each begins with the one before it",
                    self.name
                );
                let config = config.with(|config| {
                    config.start.from = from.map(Path::to_owned);
                    config.housekeeping.device = options.device;
                });
                config.validate()?;
                Ok(Work::Train(Box::new(config)))
            }
            Kind::FitStyles => {
                let model =
                    from.with_context(|| format!("the stage {} has no model to teach; put it after another", self.name))?;
                let mut words: Vec<OsString> = vec!["fit-styles".into(), model.into(), "--output".into(), out.into()];
                for (name, value) in &self.settings {
                    words.extend([format!("--{name}").into(), value.to_string().trim_matches('"').into()]);
                }
                let command = style_reader::Options::augment_args(clap::Command::new("fit-styles"));
                let matches = command.try_get_matches_from(words).with_context(|| format!("the stage {}", self.name))?;
                let mut work = style_reader::Options::from_arg_matches(&matches)?;
                work.device = options.device;
                Ok(Work::FitStyles(Box::new(work)))
            }
        }
    }
}

/// Does all stages that are not done.
///
/// # Errors
/// Where the recipe, what it begins with or a setting cannot be used, before anything is trained; then as training does.
pub fn run(options: &Options, leave: Leave) -> Result<()> {
    let (recipe, text) = Recipe::read(&options.recipe)?;
    let beside = options.recipe.parent().unwrap_or(Path::new(""));
    let begun = same_recipe(&options.run, &recipe)?;
    let first_done = begun && is_done(&options.run.join(recipe.stages[0].place(0)));
    // Once the first stage is done, nobody asks for what it began with.
    let start = if first_done { None } else { recipe.start(options.from.as_deref(), beside)? };
    let places: Vec<PathBuf> =
        recipe.stages.iter().enumerate().map(|(index, stage)| options.run.join(stage.place(index))).collect();
    let mut works = vec![];
    for (index, (stage, place)) in recipe.stages.iter().zip(&places).enumerate() {
        // What fit-styles teaches is a file.
        let before = index.checked_sub(1).map(|before| match (stage.kind, recipe.stages[before].kind) {
            (Kind::FitStyles, Kind::Train) => places[before].join("model.safetensors"),
            _ => places[before].clone(),
        });
        works.push(stage.work(before.as_deref().or(start.as_deref()), options, place)?);
    }
    files::make_folder(&options.run)?;
    if !begun {
        write(&options.run.join(COPY), text.as_bytes())?;
    }

    let stop = Stop::on_signal(leave).context("cannot listen to Ctrl-C")?;
    let count = works.len();
    for (index, ((stage, work), place)) in recipe.stages.iter().zip(works).zip(&places).enumerate() {
        let title = format!("stage {} of {count}, {}", index + 1, stage.name);
        if is_done(place) {
            tracing::info!("{title}: done");
            continue;
        }
        match work {
            Work::Train(config) => {
                let mut view = View::open(options.plain, &stop).of_recipe_stage(&stage.name);
                view.say(&format!("{title}: {}", place.display()));
                train(*config, place, &stop, &mut view)?;
            }
            Work::FitStyles(work) => {
                tracing::info!("{title}");
                style_reader::fit(&work)?;
            }
        }
    }
    let last = places.last().map(|place| if place.is_dir() { place.join("model.safetensors") } else { place.clone() });
    if let Some(last) = last {
        let bytes = fs::read(&last).with_context(|| format!("cannot read {}", last.display()))?;
        let model = options.run.join("model.safetensors");
        write(&model, &bytes)?;
        tracing::info!("model written to {}", model.display());
    }
    Ok(())
}

/// Whether the folder was begun with this recipe.
fn same_recipe(folder: &Path, recipe: &Recipe) -> Result<bool> {
    let path = folder.join(COPY);
    match fs::read_to_string(&path) {
        Ok(copy) if Recipe::parse(&copy, &path).is_ok_and(|begun| begun.is_same(recipe)) => Ok(true),
        Ok(_) => bail!("{} was begun with another recipe (its {COPY}); name another folder with --run", folder.display()),
        Err(_) => Ok(false),
    }
}

/// Whether a stage has left all that it leaves: the report is a run's last.
fn is_done(place: &Path) -> bool {
    place.is_file() || (place.join("report.html").exists() && place.join("model.safetensors").exists())
}

/// Begins a stage's run, or goes on with it.
fn train(config: TrainConfig, place: &Path, stop: &Stop, view: &mut View) -> Result<()> {
    let claim = RunFolder::claim(place)?;
    let mut config = config;
    if RunFolder::exists(place) {
        let saved = claim.load_config()?;
        // Steps are planned by device where a recipe does not say, and rates are lowered after a divergence.
        let (from, device) = (config.start.from, config.housekeeping.device);
        config = saved.with(|config| (config.start.from, config.housekeeping.device) = (from, device));
    }
    to_the_end(config, &claim, stop, view)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    files::replace(path, |file| file.write_all(bytes)).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(folder: &Path, recipe: &str, from: Option<&Path>) -> Options {
        let path = folder.join("recipe-to-read.toml");
        fs::write(&path, recipe).unwrap();
        Options { recipe: path, run: folder.join("runs"), from: from.map(Path::to_owned), device: DeviceChoice::Cpu, plain: true }
    }

    /// Nothing of it may be trained, so every fault is found before.
    fn fault(recipe: &str, from: Option<&Path>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let error = run(&options(folder.path(), recipe, from), || {}).unwrap_err();
        assert!(!folder.path().join("runs").exists(), "{error:#}");
        format!("{error:#}")
    }

    #[test]
    fn every_fault_is_found_before_anything_is_trained() {
        for (recipe, part) in [
            ("", "missing field `stage`"),
            ("stage = []", "no stage"),
            ("[[stage]]\nname = \"../x\"", "cannot name a folder"),
            ("[[stage]]\nname = \"a\"\nkind = \"dance\"", "dance"),
            ("[[stage]]\nname = \"a\"\nsettings = { bath = 3 }", "did you mean `batch`"),
            ("[[stage]]\nname = \"a\"\nsettings = { batch = 1 }", "--batch is 1"),
            ("[[stage]]\nname = \"a\"\nsettings = { from = \"x\" }", "begins with the one before"),
            ("[[stage]]\nname = \"a\"\nkind = \"fit-styles\"", "no model to teach"),
            ("[[stage]]\nname = \"a\"\n[[stage]]\nname = \"b\"\nkind = \"fit-styles\"\nsettings = { drown = 3 }", "--drown"),
            (
                "start = { file = \"no.safetensors\", sha256 = \"00\", obtain = \"git show\" }\n[[stage]]\nname = \"a\"",
                "git show",
            ),
        ] {
            let error = fault(recipe, None);
            assert!(error.contains(part), "{recipe:?}: {error}");
        }
        let error = fault("[[stage]]\nname = \"a\"", Some(Path::new("model.safetensors")));
        assert!(error.contains("--from has no place"), "{error}");
    }

    #[test]
    fn another_model_than_the_recipes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other.safetensors");
        fs::write(&other, b"something else").unwrap();
        let recipe = "start = { file = \"m\", sha256 = \"00\", obtain = \"git show\" }\n[[stage]]\nname = \"a\"";
        let error = run(&options(folder.path(), recipe, Some(&other)), || {}).unwrap_err();
        assert!(error.to_string().contains("another model"), "{error:#}");
    }

    #[test]
    fn a_folder_of_another_recipe_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path(), "[[stage]]\nname = \"a\"", None);
        fs::create_dir(&options.run).unwrap();
        fs::write(options.run.join(COPY), "other").unwrap();
        assert!(run(&options, || {}).unwrap_err().to_string().contains("another recipe"));
    }

    /// A folder of before goes on with the recipe as it is written now.
    #[test]
    fn a_recipe_by_old_names_is_the_same() {
        let recipe = |settings: &str, kind: &str| {
            let text = format!(
                "start = {{ file = \"m\", sha256 = \"00\", obtain = \"git show\" }}\n[[stage]]\nname = \"a\"\n{kind}\nsettings = {{ {settings} }}"
            );
            Recipe::parse(&text, Path::new("recipe")).unwrap()
        };
        let present = recipe("colour-jitter = 0.0, style-encoder-every = 8", "");
        for (settings, kind, same) in [
            ("colour-jitter = 0.0, style-encoder-every = 8", "", true),
            ("lend-every = 8, ink = 0", "", true),
            ("lend-every = 8, ink = 0, lambda-sharp = 0.0", "", true),
            ("lend-every = 4, ink = 0", "", false),
            ("lend-every = 8", "", false),
            ("lend-evry = 8", "", false),
            ("lend-every = 8, ink = 0", "kind = \"fit-styles\"", false),
        ] {
            assert_eq!(recipe(settings, kind).is_same(&present), same, "{settings} {kind}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(!same_recipe(folder.path(), &present).unwrap());
        let old = "[[stage]]\nname = \"a\"\nsettings = { patent-from = 1 }";
        fs::write(folder.path().join(COPY), old).unwrap();
        let new =
            Recipe::parse("# Told anew.\n[[stage]]\nname = \"a\"\nsettings = { adversarial-start = 1.0 }", Path::new("new"));
        assert!(same_recipe(folder.path(), &new.unwrap()).unwrap());
    }

    /// The recipes that come with the program.
    #[test]
    fn shipped_recipes_are_whole() {
        // Cargo runs tests in their package's folder; where they were compiled may be another clone.
        let recipes: Vec<PathBuf> = fs::read_dir("../recipes").unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(recipes.iter().any(|path| path.ends_with("emblem.toml")), "{recipes:?}");
        for path in recipes {
            let (recipe, _) = Recipe::read(&path).unwrap();
            let options = Options { recipe: path, run: "r".into(), from: None, device: DeviceChoice::Cpu, plain: true };
            for (index, stage) in recipe.stages.iter().enumerate() {
                let from = (index > 0 || recipe.start.is_some()).then(|| Path::new("before"));
                assert!(stage.work(from, &options, Path::new("out")).is_ok(), "{} in {}", stage.name, options.recipe.display());
            }
        }
    }
}
