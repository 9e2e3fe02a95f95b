//! Reads Iconify's `icons.json` and writes each icon as an SVG of its own.

use std::collections::HashMap;

use serde::Deserialize;

use crate::data::emoji::archive::Files;

/// Where every package of this kind has its icons.
const PATH: &str = "package/icons.json";

/// How many names an alias may go through; the published sets need one.
const MAX_ALIASES: usize = 4;

#[derive(Deserialize)]
struct IconSet {
    icons: HashMap<String, Icon>,
    #[serde(default)]
    aliases: HashMap<String, Alias>,
    #[serde(default)]
    left: f32,
    #[serde(default)]
    top: f32,
    /// Side of the view box unless an icon has its own.
    #[serde(default = "default_side")]
    width: f32,
    #[serde(default = "default_side")]
    height: f32,
}

#[derive(Deserialize)]
struct Icon {
    body: String,
    left: Option<f32>,
    top: Option<f32>,
    width: Option<f32>,
    height: Option<f32>,
}

/// Another name of an icon.
#[derive(Deserialize)]
struct Alias {
    parent: String,
    /// Turned, mirrored or moved: no emoji here needs such an alias, so none is followed.
    #[serde(flatten)]
    changes: HashMap<String, serde_json::Value>,
}

/// The format's own default.
fn default_side() -> f32 {
    16.0
}

/// `<key>.svg` for each wanted (key, icon name).
///
/// # Errors
/// In words, if the package has no such file or icon.
pub fn drawings<'a>(package: &Files, wanted: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Files, String> {
    let json = package.get(PATH).ok_or_else(|| format!("it has no {PATH}"))?;
    let set: IconSet = serde_json::from_slice(json).map_err(|error| format!("{PATH}: {error}"))?;
    wanted
        .map(|(key, name)| {
            let svg = set.svg(name).ok_or_else(|| format!("it has no icon {name}"))?;
            Ok((format!("{key}.svg"), svg.into_bytes()))
        })
        .collect()
}

impl IconSet {
    fn svg(&self, name: &str) -> Option<String> {
        let mut name = name;
        for _ in 0..MAX_ALIASES {
            match self.aliases.get(name) {
                Some(alias) if alias.changes.is_empty() => name = &alias.parent,
                _ => break,
            }
        }
        let icon = self.icons.get(name)?;
        let (left, top) = (icon.left.unwrap_or(self.left), icon.top.unwrap_or(self.top));
        let (width, height) = (icon.width.unwrap_or(self.width), icon.height.unwrap_or(self.height));
        let names = r#"xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink""#;
        Some(format!(r#"<svg {names} viewBox="{left} {top} {width} {height}">{}</svg>"#, icon.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Files {
        let json = r#"{"prefix": "x", "width": 32, "height": 32, 
            "aliases": {"other": {"parent": "b"}, "mirrored": {"parent": "b", "hFlip": true}},
            "icons": {"a": {"body": "<A/>"}, "b": {"body": "<B/>", "left": -1, "width": 34.5}}}"#;
        Files::from([(PATH.to_owned(), json.as_bytes().to_vec())])
    }

    fn svg(name: &str) -> Result<String, String> {
        let files = drawings(&package(), [("1f34e", name)].into_iter())?;
        Ok(String::from_utf8(files["1f34e.svg"].clone()).unwrap())
    }

    #[test]
    fn the_view_box_is_the_icons_own_or_the_sets() {
        assert!(svg("a").unwrap().ends_with(r#"viewBox="0 0 32 32"><A/></svg>"#));
        assert!(svg("b").unwrap().ends_with(r#"viewBox="-1 0 34.5 32"><B/></svg>"#));
    }

    #[test]
    fn an_alias_is_followed() {
        assert_eq!(svg("other"), svg("b"));
    }

    #[test]
    fn a_mirrored_alias_is_not_taken_for_its_icon() {
        assert!(svg("mirrored").is_err());
    }

    #[test]
    fn an_icon_that_is_not_there_is_named() {
        assert_eq!(svg("c"), Err("it has no icon c".to_owned()));
    }
}
