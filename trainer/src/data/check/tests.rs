use image::{GrayImage, ImageFormat, Luma, RgbImage};

use super::*;
use crate::data::DataConfig;
use crate::data::config::LoadingConfig;
use crate::data::sources::samples::{Folder, file, layouts, picture, png, tar};

fn options(place: &std::path::Path, report: PathBuf) -> Options {
    Options { place: Some(place.to_owned()), data: DataConfig::default(), image_size: 32, report }
}

/// Checks a folder; what comes of it, and the report.
fn checked(folder: &Folder) -> (Result<(), DataError>, String) {
    let out = Folder::new();
    let report = out.path().join("check.html");
    let result = run(&options(folder.path(), report.clone())).map(drop);
    (result, std::fs::read_to_string(report).unwrap_or_default())
}

#[test]
fn every_layout_has_a_report_that_needs_nothing_else() {
    for (name, folder) in layouts() {
        let (result, report) = checked(&folder);
        result.unwrap();
        assert!(report.contains(&format!("<td>{name}</td>")) && report.contains("a blue bird"), "{name}");
        assert_eq!(report.matches("data:image/png;base64,").count(), 2);
        for outside in ["http:", "https:", "src=\"/", "<script", "<link", "@import", "url("] {
            assert!(!report.contains(outside), "{name}: {outside}");
        }
    }
}

#[test]
fn what_a_caption_says_is_text_and_nothing_else() {
    let folder = Folder::new();
    folder.put("<img src=x>.png", png(1));
    folder.put("<img src=x>.txt", "\"><script>alert('hello')</script> & more");
    let (result, report) = checked(&folder);
    result.unwrap();
    assert!(!report.contains("<script") && !report.contains("<img src=x>"));
    assert!(report.contains("&lt;script&gt;alert('hello')&lt;/script&gt; &amp; more"));
}

#[test]
fn bad_samples_are_all_named_and_end_in_an_error() {
    let folder = Folder::new();
    for number in 0..30 {
        folder.put(&format!("{number}.png"), b"no picture");
        folder.put(&format!("{number}.txt"), "a bird");
    }
    folder.put("good.png", png(1));
    folder.put("good.txt", "a bird");
    let (result, report) = checked(&folder);
    assert!(matches!(result, Err(DataError::TooManyBad { bad: 30, all: 31, .. })));
    for number in 0..30 {
        assert!(report.contains(&format!("<b>{number}.png</b> is no PNG")), "{number}");
    }
    assert!(matches!(checked(&Folder::new()).0, Err(DataError::NothingFound { .. })));
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let (_, folder) = layouts().remove(0);
    let nowhere = folder.path().join("no/such/folder/check.html");
    assert!(matches!(run(&options(folder.path(), nowhere)), Err(DataError::Report { .. })));
}

/// The figures of a folder.
fn facts_of(folder: &Folder) -> facts::Facts {
    let options = options(folder.path(), PathBuf::new());
    facts::of(&look(folder.path().to_owned(), &options).unwrap())
}

fn value<'a>(facts: &'a facts::Facts, name: &str) -> &'a str {
    &facts.table.iter().find(|(row, _)| row.trim() == name).unwrap().1
}

#[test]
fn figures_are_what_the_data_holds() {
    let folder = Folder::new();
    for number in 0..40 {
        folder.put(&format!("{number:02}.png"), png(number));
        folder.put(&format!("{number:02}.txt"), format!("a bird on a twig\nthe bird {number}"));
    }
    folder.put("00.txt", "bird ".repeat(20));
    folder.put("copy.png", png(7));
    folder.put("copy.txt", "a copy");
    folder.put("alike.jpg", file(7, ImageFormat::Jpeg));
    folder.put("alike.txt", "a bird with a difference");
    let facts = facts_of(&folder);
    assert_eq!(value(&facts, "pictures"), "42 used, 0 bad, 0 left out");
    assert_eq!(value(&facts, "kinds"), "41 Png, 1 Jpeg");
    assert_eq!(value(&facts, "longer side"), "40 pixels");
    assert_eq!(value(&facts, "captions"), "81 (1 to 2, median 2 a picture)");
    assert_eq!(value(&facts, "longer than is read"), "1 (more than 16 words)");
    assert_eq!(value(&facts, "exact duplicates"), "1 in 1 groups");
    assert_eq!(facts.common[0], ("bird".to_owned(), 20 + 2 * 39 + 1));
    assert_eq!(facts.same.len(), 1);
    assert!(facts.alike.iter().any(|group| group.len() >= 2), "{:?}", facts.alike);
    let known: f64 = value(&facts, "of held-out captions").split(' ').next().unwrap().parse().unwrap();
    assert!((50.0..100.0).contains(&known), "{known}");
}

#[test]
fn fingerprints_survive_scaling_and_compression_and_tell_pictures_apart() {
    let of = |picture: &RgbImage| {
        let square = image::imageops::resize(picture, 64, 64, image::imageops::FilterType::Triangle);
        Fingerprint::of(square.as_raw(), 64)
    };
    let drawings: Vec<RgbImage> = (0..20).map(|number| hills(number, 96)).collect();
    for drawing in &drawings {
        let small = image::imageops::resize(drawing, 40, 40, image::imageops::FilterType::CatmullRom);
        let mut jpeg = std::io::Cursor::new(Vec::new());
        drawing.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let jpeg = image::load_from_memory(jpeg.get_ref()).unwrap().into_rgb8();
        assert_eq!(duplicates::near(&[of(drawing), of(&small), of(&jpeg)]), (vec![vec![0, 1, 2]], 0));
    }
    assert_eq!(duplicates::near(&drawings.iter().map(of).collect::<Vec<_>>()), (vec![], 0));
    assert_ne!(of(&picture(1)), of(&picture(2)));
}

#[test]
fn very_many_pictures_with_a_blank_corner_are_not_compared_each_with_each() {
    let blank = Fingerprint::of(&[255; 16 * 16 * 3], 16);
    assert_eq!(duplicates::near(&vec![blank; 2000]), (vec![(0..2000).collect()], 0));
    assert_eq!(duplicates::near(&vec![blank; 2001]), (vec![], 8));
}

#[test]
fn pictures_that_the_metadata_does_not_name_are_counted() {
    let folder = Folder::new();
    for number in 0..4 {
        folder.put(&format!("{number}.png"), png(number));
    }
    folder.put("metadata.csv", "file_name,text\n0.png,a bird\n1.png,\n");
    let facts = facts_of(&folder);
    assert_eq!(value(&facts, "pictures"), "1 used, 1 bad, 2 left out");
    assert_eq!(value(&facts, "left out"), "2, a picture that the metadata does not name (2.png, 3.png)");
    assert_eq!(value(&facts, "files"), "5: 1 pictures, 1 that say what they show, 1 bad, 2 left out");
    let config = DataConfig {
        loading: LoadingConfig { max_bad: "1".parse().unwrap(), ..LoadingConfig::default() },
        ..DataConfig::default()
    };
    let dataset = own::load(folder.path(), &config, 16, None, &|_, _| {}).unwrap();
    let said: Vec<String> = dataset.remarks().collect();
    for line in ["data: 1 pictures used, 1 bad, 2 left out (imagefolder)", "data: left out: 2, a picture that"] {
        assert!(said.iter().any(|said| said.starts_with(line)), "{said:?}");
    }
}

#[test]
fn everything_that_is_left_out_is_in_the_report() {
    let (_, folder) = layouts().remove(0);
    for number in 0..9 {
        folder.put(&format!("<b>{number}.pdf"), "%PDF-1.7");
    }
    folder.put(".git/a/b", "");
    folder.put(".git/c", "");
    folder.put("backup.tar", tar(&[("x.png", &png(1)), ("x.txt", b"a bird")]));
    let (result, report) = checked(&folder);
    result.unwrap();
    assert!((0..9).all(|number| report.contains(&format!("<li>&lt;b&gt;{number}.pdf</li>"))));
    for words in ["Left out (12)", "<li>.git, a folder of 2 files</li>", "backup.tar", "--format webdataset takes those instead"]
    {
        assert!(report.contains(words), "{words}");
    }
    assert!(report.contains("16: 2 pictures, 2 that say what they show, 0 bad, 12 left out"));
}

/// A landscape of light and dark that no other number has.
fn hills(number: u32, size: u32) -> RgbImage {
    let (a, b) = (f64::from(number * 37 % 11 + 2), f64::from(number * 53 % 13 + 2));
    let level = |x: u32, y: u32| {
        let (x, y) = (f64::from(x) / f64::from(size), f64::from(y) / f64::from(size));
        (127.0 + 60.0 * (a * x * 3.0 + f64::from(number)).sin() + 60.0 * (b * y * 3.0 + x * a).cos()) as u8
    };
    image::DynamicImage::from(GrayImage::from_fn(size, size, |x, y| Luma([level(x, y)]))).into_rgb8()
}
