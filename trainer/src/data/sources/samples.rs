//! Small data folders of every layout, made for tests. Pictures are real ones, of one colour and a shape each.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{ImageFormat, Rgb, RgbImage};
use tempfile::TempDir;

/// A folder to put data into, gone at the end of its test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders that it is in.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// A picture that differs from that of every other number: a rectangle on paper.
pub fn picture(number: u32) -> RgbImage {
    RgbImage::from_fn(40, 32, |x, y| {
        let inside = (4..12 + number * 7 % 24).contains(&x) && (number % 8..20).contains(&y);
        if inside { Rgb([(number * 53 % 200) as u8, (number * 97 % 200) as u8, 60]) } else { Rgb([250, 245, 240]) }
    })
}

/// The same as a file.
pub fn file(number: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture(number).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn png(number: u32) -> Vec<u8> {
    file(number, ImageFormat::Png)
}

/// A tar file of these entries.
pub fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// A tar file with one entry whose name is written as it is, whatever it says, and with this type.
pub fn tar_with_raw_name(name: &str, kind: tar::EntryType, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_entry_type(kind);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, bytes).unwrap();
    builder.into_inner().unwrap()
}

/// What every layout can say: a picture whose colour is its caption.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown {
    pub folder: String,
    pub stem: String,
    pub number: u32,
    /// Whether the picture and the caption are there.
    pub picture: bool,
    pub text: bool,
}

impl Shown {
    pub fn new(folder: &str, stem: &str, number: u32) -> Self {
        Self { folder: folder.to_owned(), stem: stem.to_owned(), number, picture: true, text: true }
    }

    pub fn caption(&self) -> String {
        format!("a thing of colour {}", self.number)
    }
}

/// A picture of nothing but the colour of a number.
pub fn coloured(number: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let colour = Rgb([(number % 16 * 16) as u8, (number / 16 * 16) as u8, 77]);
    RgbImage::from_pixel(8, 8, colour).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The number whose colour a file shows.
pub fn number_of(bytes: &[u8]) -> u32 {
    let [red, green, blue] = image::load_from_memory(bytes).unwrap().into_rgb8().get_pixel(4, 4).0;
    assert_eq!(blue, 77);
    u32::from(red / 16) + 16 * u32::from(green / 16)
}

/// How the files of a folder are written.
#[derive(Clone, Debug)]
pub struct Manner {
    pub picture: &'static str,
    pub text: &'static str,
    /// Before every text and table.
    pub mark: &'static str,
    pub line_end: &'static str,
    /// Whether names of tables and tar files are in capitals.
    pub capitals: bool,
}

impl Manner {
    pub const PLAIN: Self = Self { picture: "png", text: "txt", mark: "", line_end: "\n", capitals: false };
}

/// The layouts that can be written.
pub const WRITTEN: [&str; 7] = ["folder", "jsonl", "csv", "tar", "coco", "cub", "flowers"];

/// Writes samples in a layout. `more` lies where the samples do: in the folder, or in the tar file.
pub fn written(layout: &str, shown: &[Shown], manner: &Manner, more: &[(&str, &[u8])]) -> Folder {
    let folder = Folder::new();
    let mut files: Vec<(String, Vec<u8>)> = more.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    let (pictures, texts) = match layout {
        "coco" => ("images/", ""),
        "cub" => ("images/", "text/"),
        "flowers" => ("jpg/", "text_c10/"),
        _ => ("", ""),
    };
    let path = |shown: &Shown| format!("{}/{}.{}", shown.folder, shown.stem, manner.picture);
    for shown in shown.iter().filter(|shown| shown.picture) {
        files.push((format!("{pictures}{}", path(shown)), coloured(shown.number)));
    }
    let told: Vec<&Shown> = shown.iter().filter(|shown| shown.text).collect();
    let named = |name: &str| if manner.capitals { name.to_uppercase() } else { name.to_owned() };
    let lines = |lines: Vec<String>| format!("{}{}{}", manner.mark, lines.join(manner.line_end), manner.line_end).into_bytes();
    match layout {
        "jsonl" => {
            let line = |shown: &&Shown| format!(r#"{{"file_name": "{}", "text": "{}"}}"#, path(shown), shown.caption());
            files.push((named("metadata.jsonl"), lines(told.iter().map(line).collect())));
        }
        "csv" => {
            let line = |shown: &&Shown| format!("{},{}", path(shown), shown.caption());
            let rows = std::iter::once("file_name,text".to_owned()).chain(told.iter().map(line));
            files.push((named("metadata.csv"), lines(rows.collect())));
        }
        "coco" => {
            let image = |shown: &&Shown| format!(r#"{{"id": {}, "file_name": "{}"}}"#, shown.number, path(shown));
            let caption = |shown: &&Shown| format!(r#"{{"image_id": {}, "caption": "{}"}}"#, shown.number, shown.caption());
            let join = |items: Vec<String>| items.join(&format!(",{}", manner.line_end));
            let (images, captions) = (join(told.iter().map(image).collect()), join(told.iter().map(caption).collect()));
            let text = format!(r#"{{"images": [{images}], "annotations": [{captions}]}}"#);
            files.push((format!("annotations/{}", named("captions.json")), lines(vec![text])));
        }
        _ => {
            for shown in told {
                files.push((format!("{texts}{}/{}.{}", shown.folder, shown.stem, manner.text), lines(vec![shown.caption()])));
            }
        }
    }
    if layout == "tar" {
        let entries: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        folder.put(&named("a.tar"), tar(&entries));
    } else {
        files.iter().for_each(|(name, bytes)| drop(folder.put(name, bytes)));
    }
    folder
}

/// How many files there are, told by a walk of its own: all of a folder, with the entries of each tar file that `opened` names.
pub fn counted(folder: &Path, opened: &dyn Fn(&Path) -> bool) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            count += counted(&entry.path(), opened);
            continue;
        }
        count += 1;
        if opened(&entry.path()) {
            let mut archive = tar::Archive::new(fs::File::open(entry.path()).unwrap());
            archive.set_ignore_zeros(true);
            let is_file = |entry: &tar::Entry<'_, fs::File>| {
                let kind = entry.header().entry_type();
                !kind.is_dir() && !kind.is_pax_global_extensions()
            };
            count += archive.entries().unwrap().filter(|entry| is_file(entry.as_ref().unwrap())).count();
        }
    }
    count
}

/// Each layout with two pictures, "a red bird" and "a blue bird".
pub fn layouts() -> Vec<(&'static str, Folder)> {
    let (red, blue) = (png(1), png(2));
    let jpeg = file(2, ImageFormat::Jpeg);
    let folder = Folder::new();
    folder.put("red.png", &red);
    folder.put("red.txt", "a red bird\nit is red\n");
    folder.put("more/blue.jpg", &jpeg);
    folder.put("more/blue.txt", "a blue bird");

    let jsonl = Folder::new();
    jsonl.put("train/red.png", &red);
    jsonl.put("train/blue.png", &blue);
    let lines = r#"{"file_name": "red.png", "text": ["a red bird", "it is red"], "label": 3, "style": "ink"}

{"file_name": "blue.png", "text": "a blue bird", "style": "chalk", "other": {"x": 1}}"#;
    jsonl.put("train/metadata.jsonl", lines);

    let csv = Folder::new();
    csv.put("red.png", &red);
    csv.put("blue.png", &blue);
    csv.put("metadata.csv", "file_name,text\nred.png,a red bird\nred.png,it is red\nblue.png,\"a blue bird\"\n");

    let shards = Folder::new();
    shards.put("a.tar", tar(&[("x/1.png", &red), ("x/1.txt", b"a red bird\nit is red"), ("x/1.cls", b"7")]));
    shards.put("b.tar", tar(&[("2.json", br#"{"caption": "a blue bird", "style": "ink"}"#), ("2.png", &blue)]));

    let coco = Folder::new();
    coco.put("val2017/0001.png", &red);
    coco.put("val2017/0002.png", &blue);
    let text = r#"{"info": {}, "images": [{"id": 1, "file_name": "0001.png"}, {"id": 2, "file_name": "0002.png"}],
        "annotations": [{"image_id": 1, "id": 9, "caption": "a red bird"}, {"image_id": 2, "id": 8, "caption": "a blue bird"},
                        {"image_id": 1, "id": 7, "caption": "it is red"}]}"#;
    coco.put("annotations/captions_val2017.json", text);

    let birds = Folder::new();
    birds.put("CUB_200_2011/images/001.Red_bird/Red_1.png", &red);
    birds.put("CUB_200_2011/images/002.Blue_bird/Blue_1.png", &blue);
    birds.put("text_c10/001.Red_bird/Red_1.txt", "a red bird\nit is red\n");
    birds.put("text_c10/002.Blue_bird/Blue_1.txt", "a blue bird\n");

    let flowers = Folder::new();
    flowers.put("jpg/image_00001.jpg", file(1, ImageFormat::Jpeg));
    flowers.put("jpg/image_00002.jpg", &jpeg);
    flowers.put("text_c10/class_00001/image_00001.txt", "a red bird\nit is red\n");
    flowers.put("text_c10/class_00002/image_00002.txt", "a blue bird\n");

    let flat = Folder::new();
    flat.put("jpg/image_00001.jpg", file(1, ImageFormat::Jpeg));
    flat.put("jpg/image_00002.jpg", &jpeg);
    flat.put("text/image_00001.txt", "a red bird\nit is red\n");
    flat.put("text/image_00002.txt", "a blue bird\n");

    vec![
        ("folder", folder),
        ("imagefolder", jsonl),
        ("imagefolder", csv),
        ("webdataset", shards),
        ("coco", coco),
        ("cub", birds),
        ("flowers", flowers),
        ("flowers", flat),
    ]
}
