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
