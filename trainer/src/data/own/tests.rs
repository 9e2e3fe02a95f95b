use std::collections::HashMap;

use super::*;
use crate::data::config::{LoadingConfig, Subfolders};
use crate::data::sources::samples::{Folder, layouts, png, tar};

const QUIET: Progress = &|_, _| {};

fn loaded(folder: &Folder, config: &DataConfig) -> Dataset {
    load(folder.path(), config, 16, None, QUIET).unwrap()
}

/// Many captioned pictures, each with a caption of its own.
fn many(count: u32) -> Folder {
    let folder = Folder::new();
    for number in 0..count {
        folder.put(&format!("{number}.png"), png(number));
        folder.put(&format!("{number}.txt"), format!("bird number {number}"));
    }
    folder
}

/// The part of each picture, by its caption.
fn parts(dataset: &Dataset) -> HashMap<String, Split> {
    let of = |sample: &Sample| (dataset.contents[sample.content].captions.texts()[0].to_owned(), sample.split);
    dataset.samples.iter().map(of).collect()
}

#[test]
fn every_layout_becomes_the_same_data() {
    for (name, folder) in layouts() {
        let dataset = loaded(&folder, &DataConfig::default());
        assert_eq!(dataset.samples.len(), 2, "{name}");
        let captions: Vec<Vec<&str>> = dataset.contents.iter().map(|content| content.captions.texts()).collect();
        assert_eq!(captions, [vec!["a blue bird"], vec!["a red bird", "it is red"]], "{name}");
        assert_ne!(dataset.pixels(0).unwrap(), dataset.pixels(1).unwrap());
    }
}

#[test]
fn the_split_has_its_shares_and_follows_the_picture_alone() {
    let all = parts(&loaded(&many(400), &DataConfig::default()));
    let count = |part| all.values().filter(|split| **split == part).count();
    let (train, validation, test) = (count(Split::Train), count(Split::Validation), count(Split::Test));
    assert_eq!(train + validation + test, all.len());
    assert!((330..=385).contains(&train) && validation >= 8 && test >= 8, "{train}, {validation}, {test}");
    // With half of them gone, and under other names, each is where it was.
    let fewer = Folder::new();
    for number in (0..400).step_by(2) {
        fewer.put(&format!("{}.png", 1000 - number), png(number));
        fewer.put(&format!("{}.txt", 1000 - number), format!("bird number {number}"));
    }
    for (caption, split) in parts(&loaded(&fewer, &DataConfig::default())) {
        assert_eq!(all[&caption], split, "{caption}");
    }
}

#[test]
fn copies_of_a_picture_are_on_the_same_side() {
    let folder = many(60);
    for number in 0..60 {
        folder.put(&format!("copy/{number}.png"), png(number));
        folder.put(&format!("copy/{number}.txt"), format!("copy number {number}"));
    }
    let parts = parts(&loaded(&folder, &DataConfig::default()));
    for number in 0..60 {
        assert_eq!(parts[&format!("bird number {number}")], parts[&format!("copy number {number}")]);
    }
}

#[test]
fn classes_of_birds_and_flowers_go_to_one_part_as_a_whole() {
    let folder = Folder::new();
    for number in 0..120 {
        let class = format!("{:03}.Bird_{}", number / 3, number / 3);
        folder.put(&format!("images/{class}/b_{number}.png"), png(number));
        folder.put(&format!("text/{class}/b_{number}.txt"), format!("bird number {number}"));
    }
    let dataset = loaded(&folder, &DataConfig::default());
    let mut of_class: HashMap<usize, Split> = HashMap::new();
    for (index, sample) in dataset.samples.iter().enumerate() {
        assert_eq!(*of_class.entry(dataset.class(index)).or_insert(sample.split), sample.split);
    }
    assert_eq!(of_class.len(), 40);
    assert!(of_class.values().any(|split| *split != Split::Train));
}

#[test]
fn published_lists_say_which_classes_are_held_out() {
    let folder = Folder::new();
    for number in 0..12 {
        let class = format!("{number:03}.Bird_{number}");
        folder.put(&format!("CUB_200_2011/images/{class}/b_{number}.png"), png(number));
        folder.put(&format!("cvpr2016_cub/text_c10/{class}/b_{number}.txt"), format!("bird number {number}"));
    }
    folder.put("cvpr2016_cub/trainvalclasses.txt", "000.Bird_0\n001.Bird_1\n002.Bird_2\n");
    folder.put("cvpr2016_cub/valclasses.txt", "001.Bird_1\r\n");
    let tests: Vec<String> = (3..12).map(|number| format!("{number:03}.Bird_{number}")).collect();
    folder.put("cvpr2016_cub/testclasses.txt", tests.join("\n"));
    let parts = parts(&loaded(&folder, &DataConfig::default()));
    for number in 0..12 {
        let expected = match number {
            0 | 2 => Split::Train,
            1 => Split::Validation,
            _ => Split::Test,
        };
        assert_eq!(parts[&format!("bird number {number}")], expected, "{number}");
    }

    folder.put("cvpr2016_cub/testclasses.txt", b"\xff\xfe");
    let strict = DataConfig {
        loading: LoadingConfig { max_bad: Allowance::Count(0), ..LoadingConfig::default() },
        ..DataConfig::default()
    };
    let error = load(folder.path(), &strict, 16, None, QUIET).err().unwrap();
    assert!(error.to_string().contains("testclasses.txt"), "{error}");
}

#[test]
fn published_parts_of_pictures_are_kept() {
    let parts = [("train", Split::Train), ("val", Split::Validation), ("test", Split::Test)];
    let (coco, hugging_face) = (Folder::new(), Folder::new());
    for (at, (name, _)) in (0..).zip(parts) {
        let numbers = at * 20..(at + 1) * 20;
        let images: Vec<_> = numbers.clone().map(|n| format!(r#"{{"id": {n}, "file_name": "{n}.png"}}"#)).collect();
        let captions: Vec<_> = numbers.clone().map(|n| format!(r#"{{"image_id": {n}, "caption": "bird number {n}"}}"#)).collect();
        let text = format!(r#"{{"images": [{}], "annotations": [{}]}}"#, images.join(", "), captions.join(", "));
        coco.put(&format!("annotations/captions_{name}2017.json"), text);
        let folder = if name == "val" { "Validation" } else { name };
        let lines: Vec<_> =
            numbers.clone().map(|n| format!(r#"{{"file_name": "{n}.png", "text": "bird number {n}"}}"#)).collect();
        hugging_face.put(&format!("{folder}/metadata.jsonl"), lines.join("\n"));
        for n in numbers {
            coco.put(&format!("{name}2017/{n}.png"), png(n));
            hugging_face.put(&format!("{folder}/{n}.png"), png(n));
        }
    }
    for folder in [&coco, &hugging_face] {
        let found = self::parts(&loaded(folder, &DataConfig::default()));
        for n in 0..60 {
            assert_eq!(found[&format!("bird number {n}")], parts[n / 20].1, "{n}");
        }
    }
    // One part alone is divided as anything else, or there would be nothing to learn from, or nothing held out.
    for name in ["train", "test"] {
        std::fs::remove_file(coco.path().join(format!("annotations/captions_{name}2017.json"))).unwrap();
    }
    for name in ["Validation", "test"] {
        std::fs::remove_dir_all(hugging_face.path().join(name)).unwrap();
    }
    for folder in [&coco, &hugging_face] {
        let listing = sources::list(folder.path(), &DataConfig::default()).unwrap();
        assert_eq!(listing.records.iter().filter(|record| record.part.is_none()).count(), 20);
    }
}

#[test]
fn pictures_with_the_same_captions_in_several_styles_are_one_content() {
    let folder = Folder::new();
    for (style, from) in [("ink", 0), ("chalk", 100), ("oil", 200)] {
        for number in 0..50 {
            folder.put(&format!("{style}/{number}.png"), png(from + number));
            folder.put(&format!("{style}/{number}.txt"), format!("bird number {number}"));
        }
    }
    let dataset = loaded(&folder, &DataConfig { subfolders: Subfolders::Style, ..DataConfig::default() });
    assert_eq!(dataset.styles, ["chalk", "ink", "oil"]);
    assert_eq!((dataset.contents.len(), dataset.samples.len()), (50, 150));
    assert!(dataset.has_styles() && dataset.warnings.is_empty());
    let held_out = dataset.of_split(Split::HeldOutCombination);
    assert!(!held_out.is_empty());
    for index in held_out {
        let sample = dataset.samples[index];
        assert_eq!(dataset.contents[sample.content].split, ContentSplit::Train);
        let elsewhere = dataset.samples.iter().filter(|other| other.content == sample.content && other.split == Split::Train);
        assert!(elsewhere.count() > 0);
    }
    // Whoever knows no styles is told what becomes of the swap loss.
    let without = loaded(&folder, &DataConfig::default());
    assert!(!without.has_styles() && without.warnings[0].contains("--subfolders style"), "{:?}", without.warnings);
    assert!(without.of_split(Split::HeldOutCombination).is_empty());
}

#[test]
fn bad_samples_are_set_aside_until_they_are_too_many() {
    let folder = many(8);
    folder.put("cut.png", &png(9)[..60]);
    folder.put("cut.txt", "a cut bird");
    folder.put("silent.png", png(10));
    let with = |allowed: &str| {
        let config = DataConfig {
            loading: LoadingConfig { max_bad: allowed.parse().unwrap(), ..LoadingConfig::default() },
            ..DataConfig::default()
        };
        load(folder.path(), &config, 16, None, QUIET)
    };
    let dataset = with("2").unwrap();
    assert_eq!(dataset.samples.len(), 8);
    let warning = dataset.warnings.join("\n");
    assert!(
        ["2 samples", "cut.png is damaged", "silent.png has no caption"].iter().all(|word| warning.contains(word)),
        "{warning}"
    );
    for allowed in ["1", "5%"] {
        let error = with(allowed).unwrap_err();
        assert!(matches!(error, DataError::TooManyBad { bad: 2, all: 10, .. }), "{error}");
        assert!(error.to_string().contains("cut.png") && error.to_string().contains(allowed), "{error}");
    }
}

#[test]
fn a_file_of_many_samples_that_is_there_in_part_is_refused() {
    let entries: Vec<(String, Vec<u8>)> =
        (0..40).flat_map(|n| [(format!("{n}.png"), png(n)), (format!("{n}.txt"), format!("bird {n}").into_bytes())]).collect();
    let whole = tar(&entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>());
    let shards = Folder::new();
    shards.put("whole.tar", &whole);
    shards.put("cut.tar", &whole[..whole.len() / 10]);
    let (half, coco) = (Folder::new(), Folder::new());
    half.put("0.tar", &whole);
    half.put("1.tar.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
    let row =
        |n: u32| (format!(r#"{{"id": {n}, "file_name": "{n}.png"}}"#), format!(r#"{{"image_id": {n}, "caption": "bird {n}"}}"#));
    let (images, captions): (Vec<String>, Vec<String>) = (0..40).map(row).unzip();
    let text = format!(r#"{{"images": [{}], "annotations": [{}]}}"#, images.join(", "), captions.join(", "));
    coco.put("captions_a.json", &text);
    coco.put("captions_b.json", &text[..text.len() / 2]);
    (0..40).for_each(|n| drop(coco.put(&format!("{n}.png"), png(n))));
    for (folder, file, left) in [(shards, "cut.tar", 40), (half, "1.tar.gz", 40), (coco, "captions_b.json", 40)] {
        let with = |allowed: &str| {
            let config = DataConfig {
                loading: LoadingConfig { max_bad: allowed.parse().unwrap(), ..LoadingConfig::default() },
                ..DataConfig::default()
            };
            load(folder.path(), &config, 16, None, QUIET)
        };
        for allowed in ["5%", "99%", "1000"] {
            let error = with(allowed).unwrap_err();
            assert!(matches!(error, DataError::CutOff { .. }) && error.to_string().contains(file), "{error}");
            assert!(error.advice().contains("--max-bad 100%"));
        }
        let dataset = with("100%").unwrap();
        assert!(dataset.samples.len() >= left && dataset.warnings.join("\n").contains(file), "{:?}", dataset.warnings);
    }
}

#[test]
fn two_hundred_pictures_of_ten_kinds_are_used_or_named() {
    let kinds: [(&str, Option<&[u8]>, &str); 10] = [
        ("png", None, ""),
        ("jfif", None, ""),
        ("JPE", None, ""),
        ("apng", None, ""),
        ("webp", None, ""),
        ("bmp", Some(b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), "is a BMP picture"),
        ("tif", Some(b"II*\0\x08\0\0\0\0\0\0\0"), "is a TIFF picture"),
        ("avif", Some(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"), "is an AVIF picture"),
        ("heic", Some(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "is a HEIC picture"),
        ("jxl", Some(b"\xff\x0a\x10\x20\x30\x40\x50\x60"), "is a JPEG XL picture"),
    ];
    let folder = Folder::new();
    for number in 0..200 {
        let (ending, bytes, _) = kinds[number as usize % 10];
        folder.put(&format!("{number}.{ending}"), bytes.map_or_else(|| png(number), <[u8]>::to_vec));
        folder.put(&format!("{number}.txt"), format!("bird number {number}"));
    }
    let config = DataConfig {
        loading: LoadingConfig { max_bad: Allowance::Count(100), ..LoadingConfig::default() },
        ..DataConfig::default()
    };
    let dataset = loaded(&folder, &config);
    assert_eq!(dataset.samples.len(), 100);
    assert!(dataset.remarks().any(|line| line == "data: 100 pictures used, 100 bad, 0 left out (folder)"));
    let listing = sources::list(folder.path(), &config).unwrap();
    let mut faults = Vec::new();
    see(&listing.records, &Policy::new(&config, 16), QUIET, |looked| {
        faults.extend(looked.err().map(|fault| format!("{} {}", fault.name, fault.reason)));
        Ok::<(), ()>(())
    })
    .unwrap();
    for (number, (_, _, words)) in kinds.iter().enumerate().skip(5) {
        let named = faults.iter().filter(|fault| fault.contains(words) && fault.contains("save it as PNG")).count();
        assert_eq!(named, 20, "{number}: {faults:?}");
    }
}

#[test]
fn nothing_usable_is_an_error_whatever_is_allowed() {
    let folder = Folder::new();
    folder.put("cut.png", &png(9)[..60]);
    folder.put("cut.txt", "a cut bird");
    let config = DataConfig {
        loading: LoadingConfig { max_bad: "100%".parse().unwrap(), ..LoadingConfig::default() },
        ..DataConfig::default()
    };
    let error = load(folder.path(), &config, 16, None, QUIET).unwrap_err();
    assert!(matches!(error, DataError::NothingUsable { bad: 1, .. }) && error.to_string().contains("cut.png"), "{error}");
}

/// Loads with a cache, and tells how many pictures had to be decoded.
fn load_and_count(folder: &Folder, cache: &Path, config: &DataConfig) -> (Dataset, usize) {
    let decoded = AtomicUsize::new(0);
    // Whichever thread tells last.
    let count = |done: usize, _: usize| {
        decoded.fetch_max(done, Ordering::Relaxed);
    };
    let dataset = load(folder.path(), config, 16, Some(cache), &count).unwrap();
    (dataset, decoded.into_inner())
}

#[test]
fn the_cache_saves_decoding_and_knows_what_was_bad() {
    let (folder, cache) = (many(70), Folder::new());
    folder.put("cut.png", &png(9)[..60]);
    folder.put("cut.txt", "a cut bird");
    let config = DataConfig::default();
    let (first, decoded) = load_and_count(&folder, cache.path(), &config);
    assert_eq!(decoded, 71);
    let (second, decoded) = load_and_count(&folder, cache.path(), &config);
    assert_eq!(decoded, 0);
    assert_eq!((&second.samples, &second.contents, &second.warnings), (&first.samples, &first.contents, &first.warnings));
    let all: Vec<usize> = (0..70).collect();
    assert_eq!(second.pictures(&all).unwrap(), first.pictures(&all).unwrap());

    // The same pictures read from the file, as little memory as is given them.
    let tight = DataConfig {
        loading: LoadingConfig { memory_cap: "1000".parse().unwrap(), ..LoadingConfig::default() },
        ..config.clone()
    };
    let (on_disk, decoded) = load_and_count(&folder, cache.path(), &tight);
    assert_eq!((decoded, on_disk.pictures(&all).unwrap()), (0, first.pictures(&all).unwrap()));
    let elsewhere = Folder::new();
    let (fresh, decoded) = load_and_count(&folder, elsewhere.path(), &tight);
    assert_eq!((decoded, fresh.pictures(&all).unwrap()), (71, first.pictures(&all).unwrap()));
    assert!(matches!(load(folder.path(), &tight, 16, None, QUIET), Err(DataError::Cap { .. })));
}

#[test]
fn other_files_captions_or_settings_are_decoded_again() {
    let (folder, cache) = (many(5), Folder::new());
    let config = DataConfig::default();
    let again = |config: &DataConfig| load_and_count(&folder, cache.path(), config).1;
    assert_eq!(again(&config), 5);
    folder.put("3.txt", "another caption");
    assert_eq!(again(&config), 5);
    folder.put("3.png", png(33));
    assert_eq!(again(&config), 5);
    assert_eq!(again(&DataConfig { background: "black".parse().unwrap(), ..config.clone() }), 5);
    assert_eq!(again(&DataConfig { fit: crate::data::config::Fit::Cover, ..config.clone() }), 5);
    assert_eq!(
        again(&DataConfig {
            loading: LoadingConfig { max_bad: "3".parse().unwrap(), ..LoadingConfig::default() },
            ..config.clone()
        }),
        0
    );
    assert_eq!(again(&config), 0);
}

#[test]
fn a_damaged_cache_is_decoded_again() {
    let (folder, cache) = (many(5), Folder::new());
    let (first, _) = load_and_count(&folder, cache.path(), &DataConfig::default());
    let file = cache.path().read_dir().unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let (again, decoded) = load_and_count(&folder, cache.path(), &DataConfig::default());
    assert_eq!(decoded, 5);
    assert!(again.warnings[0].contains("checksum"), "{:?}", again.warnings);
    assert_eq!(again.pixels(2).unwrap(), first.pixels(2).unwrap());
}

#[test]
fn a_single_picture_is_taken_as_training_takes_it() {
    let folder = Folder::new();
    let path = folder.put("a.png", png(1));
    let decoded = picture::decode(&png(1), &Policy::new(&DataConfig::default(), 16)).unwrap();
    assert_eq!(crate::data::picture_file(&path, 16).unwrap(), decoded.pixels);
    let drawing =
        folder.put("a.svg", r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4"/></svg>"#);
    assert_eq!(crate::data::picture_file(&drawing, 16).unwrap(), [0; 16 * 16 * 3]);
    let wrong = |path: &Path| crate::data::picture_file(path, 16).unwrap_err().to_string();
    assert!(wrong(&folder.put("b.png", &png(1)[..60])).contains("b.png is damaged"));
    assert!(wrong(&folder.put("c.png", b"text")).contains("is no PNG"));
    assert!(wrong(Path::new("none.png")).contains("none.png does not exist"));
    let large = folder.put("d.png", b"");
    std::fs::File::options().write(true).open(&large).unwrap().set_len(sources::MOST_PICTURE + 1).unwrap();
    assert!(wrong(&large).contains("bytes"));
}

#[test]
fn the_digest_tells_the_same_data_from_other_data() {
    let (folder, elsewhere) = (many(5), many(5));
    let digest = |folder: &Folder, size: usize| load(folder.path(), &DataConfig::default(), size, None, QUIET).unwrap().digest;
    let first = digest(&folder, 16);
    assert_eq!(first, digest(&elsewhere, 8), "neither the place nor the image size matters");
    elsewhere.put("3.txt", "another caption");
    let captioned = digest(&elsewhere, 16);
    elsewhere.put("3.txt", "bird number 3");
    elsewhere.put("3.png", png(33));
    assert!(first != captioned && first != digest(&elsewhere, 16));
}
