use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::data::config::LoadingConfig;
use crate::data::{Sample, Split, cache};
use crate::io::hash::hex_sha256;

const QUIET: Progress = &|_, _| {};

/// Everything in the pack.
fn everything() -> DataConfig {
    let groups = tables::read_contents(Pack::embedded().contents).unwrap().into_iter().map(|content| content.group);
    DataConfig { groups: groups.collect::<HashSet<_>>().into_iter().collect(), ..DataConfig::default() }
}

/// Few enough pictures to draw in a test.
fn few() -> DataConfig {
    let sets = ["twemoji", "fluent-3d", "noto-mono"].map(str::to_owned).to_vec();
    DataConfig { groups: vec!["activities".to_owned()], sets, ..DataConfig::default() }
}

/// The side at which they are drawn here.
const SIZE: usize = 16;

fn chosen(config: &DataConfig) -> Choice {
    Choice::of(&Pack::embedded(), config).unwrap()
}

fn loaded(config: &DataConfig) -> Dataset {
    load(config, SIZE, None, QUIET).unwrap()
}

fn error(pack: &Pack, config: &DataConfig) -> DataError {
    Choice::of(pack, config).map(|_| ()).unwrap_err()
}

/// The samples of one part.
fn of_split(choice: &Choice, split: Split) -> Vec<Sample> {
    choice.samples.iter().filter(|sample| sample.split == split).copied().collect()
}

#[test]
fn the_counts_are_those_that_the_documentation_gives() {
    let choice = chosen(&DataConfig::default());
    assert_eq!((choice.contents.len(), choice.sets.len(), choice.samples.len()), (1563, 9, 12351));
    let count = |split| of_split(&choice, split).len();
    assert_eq!(count(Split::Train), 9816);
    assert_eq!(count(Split::HeldOutCombination), 1429);
    assert_eq!(count(Split::Validation), 504);
    assert_eq!(count(Split::Test), 602);
    assert_eq!(choice.contents.iter().filter(|content| content.split == ContentSplit::Train).count(), 1418);
    assert_eq!(chosen(&everything()).contents.len(), 1644);
}

/// What is read rather than seen teaches a generator nothing about drawing, and no caption asks for it.
#[test]
fn signs_are_symbols_that_show_something() {
    let pack = Pack::embedded();
    let signs = tables::read_signs(pack.signs).unwrap();
    let contents = tables::read_contents(pack.contents).unwrap();
    let symbols: Vec<&ContentRow> = contents.iter().filter(|content| content.group == "symbols").collect();
    let is_word = |word: &str| word.len() > 1 && word.chars().all(|letter| letter.is_uppercase() || letter == '!');
    for label in &signs {
        let row = symbols.iter().find(|symbol| symbol.label == *label).unwrap_or_else(|| panic!("{label} is no symbol"));
        assert!(!["keycap", "alphanum"].contains(&row.subgroup.as_str()), "{label}");
        assert!(!label.split(' ').any(is_word) && !label.contains(|letter: char| letter.is_numeric()), "{label} is writing");
    }
    // Of what is asked for as a kind, nothing is forgotten but writing.
    let kinds = ["arrow", "warning", "zodiac", "punctuation", "math", "religion", "gender", "transport-sign", "currency"];
    let forgotten = symbols.iter().filter(|symbol| kinds.contains(&symbol.subgroup.as_str()) && !signs.contains(&symbol.label));
    let forgotten: BTreeSet<&str> = forgotten.map(|symbol| symbol.label.as_str()).collect();
    let writing =
        ["ATM sign", "BACK arrow", "END arrow", "ON! arrow", "SOON arrow", "TOP arrow", "no one under eighteen", "water closet"];
    assert_eq!(forgotten, BTreeSet::from(writing));
}

/// A shape fills the picture whatever its size is called.
#[test]
fn no_two_signs_are_the_same_picture() {
    let config = DataConfig { groups: vec!["signs".to_owned()], sets: vec!["noto".to_owned()], ..DataConfig::default() };
    let (dataset, rows) = (loaded(&config), chosen(&config).contents);
    let pictures = all_pixels(&dataset);
    for (a, one) in pictures.iter().enumerate() {
        for (b, other) in pictures.iter().enumerate().take(a) {
            let apart: u32 = one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
            let mean = f64::from(apart) / one.len() as f64;
            assert!(mean > 0.5, "{} and {}: {mean}", rows[a].label, rows[b].label);
        }
    }
}

#[test]
fn the_tables_agree_with_the_archives() {
    let pack = Pack::embedded();
    let choice = chosen(&everything());
    let keys: HashSet<&String> = choice.contents.iter().map(|content| &content.key).collect();
    for (set, drawings) in choice.sets.iter().zip(&choice.drawings) {
        assert_eq!(drawings.len(), set.count, "{}", set.name);
        assert!(drawings.keys().all(|key| keys.contains(key)), "{}", set.name);
    }
    let held_out = tables::read_held_out(pack.held_out).unwrap();
    assert_eq!(of_split(&choice, Split::HeldOutCombination).len(), held_out.len());
    assert_eq!(tables::write_contents(&tables::read_contents(pack.contents).unwrap()), pack.contents);
    assert_eq!(tables::write_held_out(&held_out), pack.held_out);
    assert_eq!(tables::write_sets(choice.sets).unwrap(), pack.sets);
}

#[test]
fn every_set_is_credited() {
    let credits = include_str!("../../../../CREDITS.md");
    for set in tables::read_sets(Pack::embedded().sets).unwrap() {
        let row = credits.lines().find(|line| line.starts_with(&format!("| `{}` |", set.name))).unwrap();
        for wanted in [&set.title, &set.project, &set.licence] {
            assert!(row.contains(wanted.as_str()), "{}: {wanted}", set.name);
        }
    }
}

#[test]
fn no_cluster_straddles_two_parts() {
    let mut parts: HashMap<u32, ContentSplit> = HashMap::new();
    for content in &chosen(&everything()).contents {
        let part = parts.entry(content.cluster).or_insert(content.split);
        assert_eq!(*part, content.split, "{}", content.label);
    }
}

#[test]
fn linked_styles_are_held_out_together_and_three_styles_stay() {
    let choice = chosen(&everything());
    let mut training: BTreeMap<usize, usize> = BTreeMap::new();
    for sample in of_split(&choice, Split::Train) {
        *training.entry(sample.content).or_default() += 1;
    }
    for sample in of_split(&choice, Split::HeldOutCombination) {
        let label = &choice.contents[sample.content].label;
        assert!(training[&sample.content] >= 3, "{label}");
        let linked = choice.sets[sample.style].linked.as_ref();
        let linked = linked.and_then(|name| choice.sets.iter().position(|set| set.name == *name));
        for other in choice.samples.iter().filter(|other| other.content == sample.content && Some(other.style) == linked) {
            assert_eq!(other.split, Split::HeldOutCombination, "{label}");
        }
    }
}

#[test]
fn every_picture_is_in_one_part_and_can_be_found() {
    let dataset = loaded(&few());
    let parts = [Split::Train, Split::HeldOutCombination, Split::Validation, Split::Test];
    let mut all: Vec<usize> = parts.into_iter().flat_map(|split| dataset.of_split(split)).collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..dataset.samples.len()));
    for (index, sample) in dataset.samples.iter().enumerate() {
        assert_eq!(dataset.find(sample.content, sample.style), Some(index));
        assert_eq!(dataset.class(index), sample.content);
        let seen = matches!(sample.split, Split::Train | Split::HeldOutCombination);
        assert_eq!(seen, dataset.contents[sample.content].split == ContentSplit::Train);
    }
    let pairs = dataset.contents.len() * dataset.styles.len();
    let found = (0..pairs).filter(|pair| dataset.find(pair / 3, pair % 3).is_some()).count();
    assert_eq!(found, dataset.samples.len());
}

#[test]
fn pictures_are_drawn_the_same_in_any_order_and_belong_to_their_samples() {
    let one = loaded(&few());
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let other = single.install(|| loaded(&few()));
    assert_eq!(all_pixels(&one), all_pixels(&other));
    let Choice { contents, drawings, .. } = chosen(&few());
    for (index, sample) in one.samples.iter().enumerate().step_by(29) {
        let drawing = &drawings[sample.style][&contents[sample.content].key];
        assert_eq!(*one.rgba(index).unwrap(), raster::rasterise(drawing, SIZE).unwrap());
    }
}

fn all_pixels(dataset: &Dataset) -> Vec<Vec<u8>> {
    dataset.pictures(&(0..dataset.samples.len()).collect::<Vec<_>>()).unwrap()
}

/// Mean colours found when the pack was made and looked at. A tolerance, as processors round differently.
#[test]
fn known_pictures_have_their_known_colours() {
    let dataset = loaded(&few());
    for (label, set, wanted) in KNOWN {
        let content = dataset.contents.iter().position(|content| crate::data::captions::canonical(content) == label).unwrap();
        let style = dataset.styles.iter().position(|style| style == set).unwrap();
        let pixels = dataset.pixels(dataset.find(content, style).unwrap()).unwrap();
        let mean = |channel: usize| pixels.iter().skip(channel).step_by(3).map(|&value| f64::from(value)).sum::<f64>() / 256.0;
        let found = [mean(0), mean(1), mean(2)];
        let near = found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1.0);
        assert!(near, "{label} in {set}: {found:.1?}");
    }
}

const KNOWN: [(&str, &str, [f64; 3]); 3] = [
    ("soccer ball", "twemoji", [193.4, 196.5, 199.1]),
    ("basketball", "fluent-3d", [229.6, 161.2, 144.8]),
    ("basketball", "noto-mono", [213.4, 213.4, 213.4]),
];

#[test]
fn one_colour_sets_have_no_colour() {
    let dataset = loaded(&few());
    let sets = chosen(&few()).sets;
    let mut darkest = 255;
    for (index, sample) in dataset.samples.iter().enumerate() {
        if sets[sample.style].monochrome {
            for pixel in dataset.pixels(index).unwrap().as_chunks::<3>().0 {
                assert!(pixel.iter().all(|value| *value == pixel[0]));
                darkest = darkest.min(pixel[0]);
            }
        }
    }
    assert_eq!(darkest, 0x22);
}

/// Loads, and tells whether anything had to be drawn.
fn load_and_watch(config: &DataConfig, fallback: Option<&Path>) -> (Dataset, bool) {
    let drew = AtomicBool::new(false);
    let dataset = load(config, SIZE, fallback, &|_, _| drew.store(true, Ordering::Relaxed)).unwrap();
    (dataset, drew.into_inner())
}

#[test]
fn the_cache_saves_drawing_and_a_damaged_one_is_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        DataConfig { loading: LoadingConfig { cache: Some(folder.path().to_owned()), ..LoadingConfig::default() }, ..few() };
    let (first, drew) = load_and_watch(&config, None);
    assert!(drew && first.warnings.is_empty());
    let (second, drew) = load_and_watch(&config, None);
    assert!(!drew && all_pixels(&second) == all_pixels(&first));

    let path = cache::path(folder.path(), &chosen(&config).cache_key(SIZE));
    let good = std::fs::read(&path).unwrap();
    let mut flipped = good.clone();
    flipped[1000] ^= 1;
    std::fs::write(&path, flipped).unwrap();
    let (again, drew) = load_and_watch(&config, None);
    assert!(drew && all_pixels(&again) == all_pixels(&first));
    assert_eq!(again.warnings.len(), 1);
    assert_eq!(std::fs::read(&path).unwrap(), good);
}

#[test]
fn emoji_are_written_to_the_fallback_only_when_memory_is_too_small() {
    let folder = tempfile::tempdir().unwrap();
    let (in_memory, _) = load_and_watch(&few(), Some(folder.path()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let tight =
        DataConfig { loading: LoadingConfig { memory_cap: "1000".parse().unwrap(), ..LoadingConfig::default() }, ..few() };
    let (on_disk, _) = load_and_watch(&tight, Some(folder.path()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(all_pixels(&on_disk), all_pixels(&in_memory));
    assert!(matches!(load(&tight, SIZE, None, QUIET), Err(DataError::Cap { .. })));
}

#[test]
fn other_settings_have_another_cache() {
    let keys: HashSet<String> = [
        (few(), SIZE),
        (few(), 32),
        (DataConfig { groups: vec!["objects".to_owned()], ..few() }, SIZE),
        (DataConfig { sets: vec!["twemoji".to_owned()], ..few() }, SIZE),
    ]
    .map(|(config, size)| chosen(&config).cache_key(size))
    .into();
    assert_eq!(keys.len(), 4);
}

#[test]
fn a_cache_that_cannot_be_written_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "a file where a folder should be").unwrap();
    let (dataset, _) = load_and_watch(
        &DataConfig { loading: LoadingConfig { cache: Some(file.join("cache")), ..LoadingConfig::default() }, ..few() },
        None,
    );
    assert!(!dataset.warnings.is_empty());
}

#[test]
fn a_damaged_archive_is_an_error() {
    let mut pack = Pack::embedded();
    let twemoji = pack.archives.iter_mut().find(|(name, _)| name.starts_with("twemoji")).unwrap();
    twemoji.1 = &twemoji.1[..twemoji.1.len() - 1];
    let error = error(&pack, &few());
    assert!(matches!(&error, DataError::Pack { file, .. } if file == "twemoji.tar.zst"), "{error}");
}

#[test]
fn an_archive_that_does_not_unpack_is_an_error() {
    let pack = Pack { archives: vec![("x.tar.zst", b"not an archive")], ..Pack::embedded() };
    let mut set = tables::read_sets(pack.sets).unwrap().remove(0);
    set.archive = "x.tar.zst".to_owned();
    set.archive_sha256 = hex_sha256(b"not an archive");
    assert!(matches!(pack.drawings(&set), Err(DataError::Pack { .. })));
}

#[test]
fn a_missing_archive_is_an_error() {
    let pack = Pack { archives: Vec::new(), ..Pack::embedded() };
    assert!(error(&pack, &few()).to_string().contains("not embedded"));
}

#[test]
fn settings_that_mean_nothing_are_errors() {
    let pack = Pack::embedded();
    let with = |change: fn(&mut DataConfig)| {
        let mut config = few();
        change(&mut config);
        error(&pack, &config)
    };
    for size in [4, 1024] {
        assert!(matches!(Dataset::load(&few(), size, None, QUIET), Err(DataError::ImageSize(wrong)) if wrong == size));
    }
    assert!(
        matches!(with(|config| config.groups.push("food".to_owned())), DataError::UnknownGroup { name, .. } if name == "food")
    );
    assert!(matches!(with(|config| config.sets.push("apple".to_owned())), DataError::UnknownSet { name, .. } if name == "apple"));
    assert!(matches!(with(|config| config.sets.clear()), DataError::Empty));
    assert!(matches!(with(|config| config.groups.clear()), DataError::Empty));
}
