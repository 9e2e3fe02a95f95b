use clap::{CommandFactory, FromArgMatches, Parser};

use super::*;
use crate::data::config::LoadingConfig;
use crate::io::device::DeviceChoice;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    config: TrainConfig,
}

fn layers(file: &str, arguments: &[&str]) -> Result<ConfigLayers, SettingError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, file).unwrap();
    let matches = Cli::command().get_matches_from([&["trainer"], arguments].concat());
    ConfigLayers::read(Some(&path), &Cli::from_arg_matches(&matches).unwrap().config, &matches)
}

fn resolved(file: &str, arguments: &[&str]) -> TrainConfig {
    layers(file, arguments).unwrap().resolve().unwrap()
}

fn adversarial() -> TrainConfig {
    TrainConfig::of_preset(Preset::Adversarial)
}

/// Settings, all of which have a value.
fn everything() -> TrainConfig {
    TrainConfig::default().with(|config| {
        config.schedule.minutes = Some(1.0);
        config.start.from = Some("run".into());
        config.data.source = Some("pictures".into());
        config.data.loading.cache = Some("cache".into());
    })
}

#[test]
fn a_setting_has_one_name_and_one_group() {
    let options: Vec<String> = settings().iter().filter_map(name).collect();
    let keys: Vec<String> = everything().to_table().unwrap().into_iter().map(|(key, _)| key).collect();
    let mut sorted = options.clone();
    sorted.sort();
    assert_eq!(sorted, keys, "options and keys of files");
    let config = TrainConfig::default();
    let mut grouped: Vec<String> =
        config.groups().iter().flat_map(|group| group.options()).filter_map(|option| name(&option)).collect();
    grouped.sort();
    assert_eq!(grouped, keys, "settings of all groups");
    let by_effect = [Effect::Fixed, Effect::Tunable, Effect::Housekeeping].map(|effect| names_of(effect).len());
    assert_eq!(by_effect, [21, 31, 8]);
}

#[test]
fn every_setting_is_explained_and_has_a_default() {
    for option in settings() {
        let setting = name(&option).unwrap();
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.len() > 20, "{setting}: {help:?}");
        let value = !option.get_default_values().is_empty();
        // Clap shows a default value by itself.
        assert!(value != help.contains("Default:"), "{setting} says its default twice or never: {help:?}");
    }
}

#[test]
fn every_setting_is_in_what_is_printed() {
    let text = TrainConfig::default().to_toml().unwrap();
    for option in settings() {
        let setting = name(&option).unwrap();
        let lines = text.lines().filter(|line| line.trim_start_matches("# ").starts_with(&format!("{setting} =")));
        assert_eq!(lines.count(), 1, "{setting} in {text}");
    }
}

#[test]
fn an_option_overrides_its_preset_and_nothing_else() {
    assert_eq!(resolved("", &[]), TrainConfig::of_preset(Preset::Supervised));
    assert_eq!(resolved("", &["--preset", "adversarial"]), adversarial());
    let expected = adversarial().with(|config| {
        config.optimiser.beta1 = 0.9;
        config.schedule.minutes = Some(5.0);
    });
    assert_eq!(resolved("", &["--preset", "adversarial", "--beta1", "0.9", "--minutes", "5"]), expected);
    // Even where it says what the other preset's default is.
    assert_eq!(resolved("", &["--preset", "adversarial", "--lambda-swap", "40"]).losses.lambda_swap, 40.0);
}

#[test]
fn a_file_goes_over_the_preset_and_under_the_options() {
    let file = "preset = \"adversarial\"\nbatch = 8\nlambda-swap = 3";
    let change = |config: &mut TrainConfig| (config.optimiser.batch, config.losses.lambda_swap) = (8, 3.0);
    assert_eq!(resolved(file, &[]), adversarial().with(change));
    let nine = adversarial().with(change).with(|config| config.optimiser.batch = 9);
    assert_eq!(resolved(file, &["--batch", "9"]), nine);
    let supervised = TrainConfig::of_preset(Preset::Supervised).with(change);
    assert_eq!(resolved(file, &["--preset", "supervised"]), supervised);
}

#[test]
fn a_file_that_cannot_be_used_says_why() {
    for (file, words) in [
        ("bacth = 7", ["settings.toml", "`bacth`", "did you mean `batch`?"]),
        ("image_size = 32", ["settings.toml", "`image_size`", "did you mean `image-size`?"]),
        ("memory-kap = 1", ["settings.toml", "`memory-kap`", "did you mean `memory-cap`?"]),
        // Nearest to an old name, told by the present one.
        ("lend-evry = 1", ["settings.toml", "`lend-evry`", "did you mean `style-encoder-every`?"]),
        ("qqqq = 1", ["settings.toml", "`qqqq`", "`trainer config`"]),
        ("\nbatch = \"many\"", ["settings.toml", "line 2", "many"]),
        ("\nlambda-swap = \"many\"", ["settings.toml", "line 2", "many"]),
        ("\n\nkeep = \"many\"", ["settings.toml", "line 3", "many"]),
        ("\nmax-bad = \"many\"", ["settings.toml", "line 2", "many"]),
        ("preset = \"magic\"", ["settings.toml", "magic", "adversarial"]),
        ("background = \"whitish\"", ["settings.toml", "whitish", "CSS"]),
        ("batch = = 1", ["settings.toml", "line 1", "="]),
        ("ink = 0.1\ncolour-jitter = 0.2", ["settings.toml", "line 2", "duplicate key"]),
        ("lambda-sharp = 40.0", ["settings.toml", "`lambda-sharp = 40.0`", "is gone"]),
        ("negative = \"random\"", ["settings.toml", "`negative = \"random\"`", "the next one"]),
        ("adversarial = \"relativistic\"", ["settings.toml", "relativistic", "cross-entropy"]),
    ] {
        let error = layers(file, &[]).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{file}: {error}");
    }
    let matches = Cli::command().get_matches_from(["trainer"]);
    let missing = ConfigLayers::read(Some(Path::new("nowhere.toml")), &TrainConfig::default(), &matches).unwrap_err();
    assert!(matches!(missing, SettingError::File { .. }));
}

/// As every run folder of before has it: all settings, by their old names.
const OLD: &str = include_str!("old-names.toml");

#[test]
fn old_names_are_read_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, OLD).unwrap();
    let config = TrainConfig::load(&path).unwrap();
    let mut expected = TrainConfig::of_preset(Preset::Supervised);
    expected.start.from = Some("models/emblem.safetensors".into());
    expected.start.seed = 301;
    (expected.shape.image_size, expected.shape.tile, expected.shape.layers) = (128, 8, 8);
    (expected.shape.mapping_size, expected.shape.mapping_hidden) = (1024, 4096);
    (expected.shape.generator_min_channels, expected.shape.colour_jitter) = (112, 0.25);
    (expected.schedule.steps, expected.schedule.style_encoder_every) = (64000, 8);
    (expected.schedule.adversarial_start, expected.schedule.adversarial_every) = (1.0, 5);
    (expected.optimiser.batch, expected.optimiser.beta1, expected.optimiser.ema_half_life) = (32, 0.9, 20000.0);
    (expected.optimiser.generator_rate, expected.optimiser.discriminator_rate) = (0.0006, 0.0005);
    (expected.losses.lambda_undecided, expected.losses.lambda_style_class) = (5.0, 2.5);
    (expected.losses.style_gradient_scale, expected.losses.adversarial_loss) = (0.5, crate::config::Adversarial::CrossEntropy);
    (expected.sampling.plain_names, expected.sampling.cross_style_targets) = (1.0, 0.25);
    (expected.sampling.oversample, expected.sampling.oversample_share) = (vec!["llama".into()], 0.1);
    (expected.housekeeping.device, expected.housekeeping.keep_checkpoints) = (DeviceChoice::Cpu, 4);
    assert_eq!(config, expected);
    config.validate().unwrap();

    // What is written has the new names, and means the same.
    let text = config.to_toml().unwrap();
    let parsed: Table = text.parse().unwrap();
    let known: Vec<String> = settings().iter().filter_map(name).collect();
    assert!(parsed.keys().all(|key| known.contains(key)), "{text}");
    std::fs::write(&path, text).unwrap();
    assert_eq!(TrainConfig::load(&path).unwrap(), expected);
    // Every alias is in that file.
    let old: Table = OLD.parse().unwrap();
    for option in settings() {
        assert!(aliases(&option).iter().all(|alias| old.contains_key(*alias)), "{option:?}");
    }
}

#[test]
fn old_names_are_options_too_and_resume_with_the_new() {
    let old =
        ["--ink=0.1", "--keep=9", "--preset=patent", "--more-of=llama,yak", "--adversarial=cross-entropy", "--patent-from=0"];
    let new = [
        "--colour-jitter=0.1",
        "--keep-checkpoints=9",
        "--preset=adversarial",
        "--oversample=llama,yak",
        "--adversarial-loss=cross-entropy",
        "--adversarial-start=0",
    ];
    assert_eq!(layers("", &old).unwrap(), layers("", &new).unwrap());
    let help = Cli::command().render_long_help().to_string();
    for hidden in ["--ink", "--keep ", "patent-", "--more-of", "swap]", "patent]"] {
        assert!(!help.contains(hidden), "{hidden} in {help}");
    }
    // Repeated by its old name and as an integer, a fixed setting is not changed.
    let saved = adversarial().with(|config| config.shape.colour_jitter = 0.0);
    let repeated = layers("preset = \"patent\"\nink = 0", &["--ink=0"]).unwrap();
    assert_eq!(repeated.resume(&saved, true).unwrap(), saved);
    let error = layers("ink = 0.5", &[]).unwrap().resume(&saved, true).unwrap_err();
    assert!(matches!(&error, SettingError::Fixed { option } if option == "--colour-jitter"), "{error}");
}

#[test]
fn a_resumed_run_keeps_its_settings_but_for_what_is_given() {
    let saved = adversarial().with(|config| config.optimiser.batch = 7);
    let resume = |file: &str, arguments: &[&str]| layers(file, arguments).unwrap().resume(&saved, true);
    assert_eq!(resume("", &[]).unwrap(), saved);
    // A fixed setting may be repeated, not changed.
    assert_eq!(resume("preset = \"adversarial\"", &["--image-size", "64"]).unwrap(), saved);
    let slower = saved.clone().with(|config| config.optimiser.generator_rate = 1e-5);
    assert_eq!(resume("", &["--generator-rate", "1e-5"]).unwrap(), slower);
    assert_eq!(resume("generator-rate = 1e-5", &[]).unwrap(), slower);
    let roomier = saved.clone().with(|config| config.data.loading.memory_cap = "64GB".parse().unwrap());
    assert_eq!(resume("", &["--memory-cap", "64GB"]).unwrap(), roomier);
    // One that has not begun may be told another place of its data, but no other preset, which would bring others along.
    let amended = layers("", &["--data=pictures"]).unwrap().resume(&saved, false).unwrap();
    assert_eq!(amended, saved.clone().with(|config| config.data.source = Some("pictures".into())));
    let other = layers("preset = \"supervised\"", &[]).unwrap().resume(&saved, false).unwrap_err();
    assert!(matches!(&other, SettingError::Fixed { option } if option == "--preset"), "{other}");
}

/// Each fixed setting with another value is refused by name; each other one is taken.
#[test]
fn what_is_fixed_and_nothing_else_is_refused_by_name() {
    let saved = everything();
    let values = saved.to_table().unwrap();
    let fixed = names_of(Effect::Fixed);
    for setting in ["preset", "from", "seed", "image-size", "layers", "colour-jitter", "data", "format", "fit", "emoji-sets"] {
        assert!(fixed.iter().any(|name| name == setting), "{setting}");
    }
    for setting in settings().iter().filter_map(name) {
        let choices = settings().into_iter().find(|option| name(option).as_ref() == Some(&setting)).unwrap();
        let choice = choices.get_possible_values().iter().map(|choice| choice.get_name().to_owned()).next_back();
        let other = match (&values[&setting], choice) {
            (Value::Integer(n), _) => Value::Integer(n + 1),
            (Value::Float(n), _) => Value::Float(n + 0.125),
            (Value::Array(_), _) => Value::Array(vec!["other".into()]),
            (Value::String(_), Some(choice)) => Value::String(choice),
            (Value::String(_), None) if setting == "background" => "#010203".into(),
            (Value::String(_), None) if setting == "max-bad" => "7".into(),
            (Value::String(_), None) if setting == "memory-cap" => "7GB".into(),
            (Value::String(_), None) => "other".into(),
            (value, _) => panic!("{setting} is {value}"),
        };
        let file = Table::from_iter([(setting.clone(), other)]).to_string();
        match layers(&file, &[]).unwrap().resume(&saved, true) {
            Err(SettingError::Fixed { option }) => {
                assert!(fixed.contains(&setting) && option == format!("--{setting}"), "{option} for {setting}");
            }
            Ok(changed) => assert!(!fixed.contains(&setting) && changed != saved, "{file}"),
            Err(error) => panic!("{file}: {error}"),
        }
    }
}

#[test]
fn changes_are_those_of_learning() {
    let config = adversarial().with(|config| {
        config.optimiser.batch = 7;
        config.data.loading = LoadingConfig { cache: Some("cache".into()), ..LoadingConfig::default() };
        config.housekeeping.keep_checkpoints = 9;
    });
    assert_eq!(config.changes(), [("batch".to_owned(), "7".to_owned())]);
    assert!(adversarial().changes().is_empty());
}

#[test]
fn what_is_printed_can_be_read() {
    let config = adversarial().with(|config| {
        config.schedule.minutes = Some(0.1);
        config.optimiser.generator_rate = 1.0 / 3.0;
        config.start.seed = i64::MAX as u64;
        config.data.source = Some("my pictures".into());
        config.data.loading.memory_cap = "500MB".parse().unwrap();
    });
    let text = config.to_toml().unwrap();
    assert!(text.contains("\n# Pictures in a step: 2 to 4096\nbatch = 16\n"), "{text}");
    assert!(text.contains("(supervised, adversarial)\npreset = \"adversarial\"\n"), "{text}");
    assert!(text.contains("\n# cache =\n"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    assert_eq!(TrainConfig::load(&path).unwrap(), config);
}
