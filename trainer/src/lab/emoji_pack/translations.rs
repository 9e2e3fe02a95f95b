//! What the emoji are called in Chinese, from Emojibase's copy of Unicode CLDR.

use std::collections::HashMap;

use serde::Deserialize;

use crate::data::emoji::archive::Files;
use crate::data::emoji::tables::Translation;
use crate::lab::fetch::NpmPackage;

/// Where the names come from.
pub const EMOJIBASE: NpmPackage = NpmPackage {
    name: "emojibase-data",
    version: "17.0.0",
    sha256: "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a",
};
const FILE: &str = "package/zh/compact.json";

#[derive(Deserialize)]
struct Entry {
    hexcode: String,
    label: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// Those of the emoji with these keys, in their order; an emoji that the package lacks is left out.
///
/// # Errors
/// What is wrong with the package.
pub fn chinese<'a>(package: &Files, keys: impl Iterator<Item = &'a str>) -> Result<Vec<Translation>, String> {
    let bytes = package.get(FILE).ok_or_else(|| format!("it has no {FILE}"))?;
    let entries: Vec<Entry> = serde_json::from_slice(bytes).map_err(|error| format!("{FILE}: {error}"))?;
    let key = |entry: &Entry| entry.hexcode.to_lowercase().replace("-fe0f", "");
    let by_key: HashMap<String, Entry> = entries.into_iter().map(|entry| (key(&entry), entry)).collect();
    let translation = |wanted: &'a str| {
        let Entry { label, tags, .. } = by_key.get(wanted)?;
        Some(Translation { key: wanted.to_owned(), label: label.clone(), tags: tags.clone() })
    };
    Ok(keys.filter_map(translation).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_key() {
        let text = r#"[{"hexcode": "2615", "label": "热饮", "tags": ["茶"]}, {"hexcode": "0023-FE0F-20E3", "label": "井号", "order": 1}]"#;
        let package = Files::from([(FILE.to_owned(), text.as_bytes().to_vec())]);
        let found = chinese(&package, ["0023-20e3", "1f34e", "2615"].into_iter()).unwrap();
        let labels: Vec<&str> = found.iter().map(|one| one.label.as_str()).collect();
        assert_eq!((labels, found[1].tags.as_slice()), (vec!["井号", "热饮"], ["茶".to_owned()].as_slice()));
        assert!(chinese(&Files::new(), std::iter::empty()).unwrap_err().contains(FILE));
        let broken = Files::from([(FILE.to_owned(), b"[{}]".to_vec())]);
        assert!(chinese(&broken, std::iter::empty()).unwrap_err().contains("hexcode"));
    }
}
