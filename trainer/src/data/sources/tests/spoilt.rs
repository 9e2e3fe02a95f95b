//! Files that describe many samples: whatever is wrong with one entry costs one fault, and no other entry anything.

use serde_json::{Value, json};

use super::*;
use crate::data::sources::samples::coloured;

/// Pictures 0 to 9, and this file.
fn beside(name: &str, bytes: &[u8]) -> Listing {
    let folder = Folder::new();
    (0..10).for_each(|number| drop(folder.put(&format!("{number}.png"), coloured(number))));
    folder.put(name, bytes);
    listed(&folder)
}

fn faults(listing: &Listing) -> Vec<String> {
    let said: Vec<String> = listing.faults.iter().map(|fault| format!("{} {}", fault.name, fault.reason)).collect();
    for said in &said {
        for word in ["untagged", "serde", "variant", "expected", "invalid type", "utf-8", "missing field"] {
            assert!(!said.contains(word), "{said}");
        }
    }
    said
}

#[test]
fn one_line_of_a_table_costs_itself() {
    let long = format!(r#"{{"file_name": "5.png", "text": "{}"}}"#, "x".repeat(2 << 20));
    let wordy = format!(r#"{{"file_name": "5.png", "text": "{}"}}"#, "x".repeat(5000));
    let spoilt: [&[u8]; 17] = [
        b"null",
        b"7",
        b"[]",
        b"{",
        b"no JSON",
        b"\xff\xfe\xfd",
        br#"{"text": "a"}"#,
        br#"{"file_name": "", "text": "a"}"#,
        br#"{"file_name": null, "text": "a"}"#,
        br#"{"file_name": ["5.png"], "text": "a"}"#,
        br#"{"file_name": "gone.png", "text": "a"}"#,
        br#"{"file_name": "../5.png", "text": "a"}"#,
        br#"{"file_name": "5.png", "text": null}"#,
        br#"{"file_name": "5.png", "text": {"en": "a"}}"#,
        br#"{"file_name": "5.png", "text": "a", "label": {"x": 1}}"#,
        long.as_bytes(),
        wordy.as_bytes(),
    ];
    for spoilt in spoilt {
        let line = |n: u32| format!(r#"{{"file_name": "{n}.png", "text": "thing {n}"}}"#).into_bytes();
        let lines: Vec<Vec<u8>> = (0..10).map(|n| if n == 5 { spoilt.to_vec() } else { line(n) }).collect();
        let listing = beside("metadata.jsonl", &lines.join(&b'\n'));
        let said = faults(&listing);
        assert_eq!((listing.records.len(), said.len()), (9, 1), "{said:?}");
        assert!(said[0].contains("metadata.jsonl:6"), "{said:?}");
    }
    let spoilt: [&[u8]; 10] = [
        b"5.png,a red apple, on a green table",
        b"5.png",
        b",a",
        b"5.png,",
        b"gone.png,a",
        b"/5.png,a",
        b"5.png,\"a",
        b"5.png,\"a\" b",
        b"5.png,caf\xe9",
        b"5.png,a\rb",
    ];
    for spoilt in spoilt {
        let line = |n: u32| format!("{n}.png,thing {n}").into_bytes();
        let rows = (0..10).map(|n| if n == 5 { spoilt.to_vec() } else { line(n) });
        let lines: Vec<Vec<u8>> = std::iter::once(b"file_name,text".to_vec()).chain(rows).collect();
        let listing = beside("metadata.csv", &lines.join(&b'\n'));
        let said = faults(&listing);
        assert_eq!((listing.records.len(), said.len()), (9, 1), "{said:?}");
        assert!(said[0].contains("metadata.csv:7"), "{said:?}");
    }
}

#[test]
fn one_entry_of_a_coco_file_costs_itself() {
    let images: Vec<Value> = (0..10).map(|n| json!({"id": n, "file_name": format!("{n}.png"), "width": 8})).collect();
    let captions: Vec<Value> = (0..20).map(|n| json!({"id": n, "image_id": n % 10, "caption": format!("thing {n}")})).collect();
    let whole = json!({"info": {}, "images": images, "annotations": captions});
    // What is spoilt, and how many pictures are left.
    let annotation = |with: Value| ("/annotations/5", with, 10);
    let image = |with: Value| ("/images/5", with, 9);
    let spoilt = [
        annotation(json!(null)),
        annotation(json!([1])),
        annotation(json!({"image_id": 5, "bbox": [1, 2, 3, 4], "segmentation": [[1]], "iscrowd": 0})),
        annotation(json!({"image_id": 5, "caption": null})),
        annotation(json!({"image_id": 5, "caption": ""})),
        annotation(json!({"image_id": 5, "caption": ["a"]})),
        annotation(json!({"image_id": 5, "caption": "x".repeat(5000)})),
        annotation(json!({"image_id": null, "caption": "a"})),
        annotation(json!({"image_id": {"$oid": 5}, "caption": "a"})),
        annotation(json!({"image_id": 77, "caption": "a"})),
        annotation(json!({"caption": "a"})),
        image(json!(null)),
        image(json!("5.png")),
        image(json!({"file_name": "5.png"})),
        image(json!({"id": [5], "file_name": "5.png"})),
        image(json!({"id": 5})),
        image(json!({"id": 5, "file_name": null})),
        image(json!({"id": 5, "file_name": "gone.png"})),
        image(json!({"id": 5, "file_name": "../5.png"})),
    ];
    for (at, with, left) in spoilt {
        let mut file = whole.clone();
        *file.pointer_mut(at).unwrap() = with.clone();
        let listing = beside("captions.json", file.to_string().as_bytes());
        let said = faults(&listing);
        assert_eq!((listing.records.len(), said.len()), (left, 1), "{at} {with}: {said:?}");
    }
    // Numbers written as text, in some places, and a byte order mark.
    let mut text = whole.clone();
    *text.pointer_mut("/images/3/id").unwrap() = json!("3");
    *text.pointer_mut("/annotations/4/image_id").unwrap() = json!("4");
    *text.pointer_mut("/annotations/6/image_id").unwrap() = json!(6.0);
    let listing = beside("captions.json", format!("\u{feff}{text}").as_bytes());
    assert_eq!((listing.records.len(), faults(&listing).len()), (10, 0));
    assert!(listing.records.iter().all(|record| record.captions.len() == 2));
    // The only caption of a picture.
    let mut few = whole.clone();
    few["annotations"].as_array_mut().unwrap().truncate(10);
    *few.pointer_mut("/annotations/5/caption").unwrap() = json!(null);
    let listing = beside("captions.json", few.to_string().as_bytes());
    assert_eq!((listing.records.len(), faults(&listing).len()), (9, 1));
    // Two pictures of one number are both in doubt; two numbers of one picture are one picture.
    let mut doubled = whole.clone();
    *doubled.pointer_mut("/images/5/id").unwrap() = json!(4);
    doubled["annotations"].as_array_mut().unwrap().retain(|entry| entry["image_id"] != json!(5));
    let listing = beside("captions.json", doubled.to_string().as_bytes());
    assert_eq!((listing.records.len(), faults(&listing).len()), (8, 2));
    let mut same = whole;
    *same.pointer_mut("/images/5/file_name").unwrap() = json!("4.png");
    let listing = beside("captions.json", same.to_string().as_bytes());
    assert_eq!((listing.records.len(), faults(&listing).len(), listing.account.left_out()), (9, 0, 1));
}

#[test]
fn one_entry_of_a_tar_file_costs_itself() {
    let json = |text: &str| ("5.json".to_owned(), text.as_bytes().to_vec());
    let spoilt: [Vec<(String, Vec<u8>)>; 9] = [
        vec![("5.txt".to_owned(), vec![])],
        vec![("5.txt".to_owned(), b"caf\xe9".to_vec())],
        vec![("5.txt".to_owned(), vec![b'x'; 100_000])],
        vec![json("{")],
        vec![json("[]")],
        vec![json("{}")],
        vec![json(r#"{"caption": null}"#)],
        vec![json(r#"{"caption": {"en": "a"}}"#)],
        vec![json(r#"{"caption": "a", "label": [1]}"#)],
    ];
    for spoilt in spoilt {
        let mut files: Vec<(String, Vec<u8>)> = (0..10).map(|n| (format!("{n}.png"), coloured(n))).collect();
        files.extend((0..10).filter(|n| *n != 5).map(|n| (format!("{n}.txt"), format!("thing {n}").into_bytes())));
        files.extend(spoilt.clone());
        let entries: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let folder = Folder::new();
        folder.put("a.tar", tar(&entries));
        let listing = listed(&folder);
        let said = faults(&listing);
        assert_eq!((listing.records.len(), said.len()), (9, 1), "{said:?}");
        assert!(said[0].contains("a.tar/5."), "{said:?}");
    }
}
