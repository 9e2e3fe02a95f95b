//! The pinned sets, and which of their drawings shows which emoji.

use std::collections::HashMap;

use crate::data::DataError;
use crate::data::emoji::tables;
use crate::lab::fetch::NpmPackage;

/// The name table; see [`super`].
const SOURCES: &str = include_str!("../../../../data/emoji/sources.tsv");

/// How a package holds its drawings.
pub enum Form {
    /// Iconify's `icons.json`: SVG bodies by icon name.
    Icons,
    /// A TrueType font at this path: glyphs by code point, or by `#` and glyph number.
    Font(&'static str),
    /// WebP files by file name in this folder.
    WebP(&'static str),
}

/// One set: where it comes from and whose it is.
pub struct Source {
    pub name: &'static str,
    pub title: &'static str,
    pub authors: &'static str,
    /// SPDX identifier.
    pub licence: &'static str,
    pub project: &'static str,
    pub package: NpmPackage,
    pub form: Form,
    pub monochrome: bool,
    pub linked: Option<&'static str>,
}

/// The sets, all under licences that allow use, change and redistribution without share-alike.
pub static SETS: [Source; 9] = [
    Source {
        name: "noto",
        title: "Noto Emoji",
        authors: "Google",
        licence: "Apache-2.0",
        project: "https://github.com/googlefonts/noto-emoji",
        package: NpmPackage {
            name: "@iconify-json/noto",
            version: "1.2.9",
            sha256: "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad",
        },
        form: Form::Icons,
        monochrome: false,
        linked: None,
    },
    Source {
        name: "noto-v1",
        title: "Noto Emoji, first version (\"blobs\")",
        authors: "Google",
        licence: "Apache-2.0",
        project: "https://github.com/googlefonts/noto-emoji",
        package: NpmPackage {
            name: "@iconify-json/noto-v1",
            version: "1.2.5",
            sha256: "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37",
        },
        form: Form::Icons,
        monochrome: false,
        linked: None,
    },
    Source {
        name: "twemoji",
        title: "Twemoji",
        authors: "Twitter and the contributors of jdecked/twemoji",
        licence: "CC-BY-4.0",
        project: "https://github.com/jdecked/twemoji",
        package: NpmPackage {
            name: "@iconify-json/twemoji",
            version: "1.2.5",
            sha256: "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7",
        },
        form: Form::Icons,
        monochrome: false,
        linked: None,
    },
    Source {
        name: "fluent-3d",
        title: "Fluent Emoji, 3D",
        authors: "Microsoft Corporation, packaged by LobeHub",
        licence: "MIT",
        project: "https://github.com/microsoft/fluentui-emoji",
        package: NpmPackage {
            name: "@lobehub/fluent-emoji-3d",
            version: "1.1.0",
            sha256: "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
        },
        form: Form::WebP("package/assets"),
        monochrome: false,
        linked: Some("fluent-flat"),
    },
    Source {
        name: "fluent-flat",
        title: "Fluent Emoji, flat",
        authors: "Microsoft Corporation",
        licence: "MIT",
        project: "https://github.com/microsoft/fluentui-emoji",
        package: NpmPackage {
            name: "@iconify-json/fluent-emoji-flat",
            version: "1.2.6",
            sha256: "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175",
        },
        form: Form::Icons,
        monochrome: false,
        linked: Some("fluent-3d"),
    },
    Source {
        name: "fluent-contrast",
        title: "Fluent Emoji, high contrast",
        authors: "Microsoft Corporation",
        licence: "MIT",
        project: "https://github.com/microsoft/fluentui-emoji",
        package: NpmPackage {
            name: "@iconify-json/fluent-emoji-high-contrast",
            version: "1.2.6",
            sha256: "0b92d48c90d2200bd499e3cdd09a127ca6a8c8ddefd34c35eb5a1e4994012ae0",
        },
        form: Form::Icons,
        monochrome: true,
        linked: None,
    },
    Source {
        name: "emojione2",
        title: "EmojiOne 2 (EmojiTwo)",
        authors: "EmojiOne and the contributors of EmojiTwo",
        licence: "CC-BY-4.0",
        project: "https://github.com/EmojiTwo/emojitwo",
        package: NpmPackage {
            name: "@iconify-json/emojione",
            version: "1.2.3",
            sha256: "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e",
        },
        form: Form::Icons,
        monochrome: false,
        linked: Some("emojione2-mono"),
    },
    Source {
        name: "emojione2-mono",
        title: "EmojiOne 2 (EmojiTwo), monotone",
        authors: "EmojiOne and the contributors of EmojiTwo",
        licence: "CC-BY-4.0",
        project: "https://github.com/EmojiTwo/emojitwo",
        package: NpmPackage {
            name: "@iconify-json/emojione-monotone",
            version: "1.2.1",
            sha256: "40b90004bafb406b59266155ef9b7e1dd67bf2947fc8db8d07388776f4d0d04e",
        },
        form: Form::Icons,
        monochrome: true,
        linked: Some("emojione2"),
    },
    Source {
        name: "noto-mono",
        title: "Noto Emoji font, regular weight",
        authors: "Google",
        licence: "OFL-1.1",
        project: "https://fonts.google.com/noto/specimen/Noto+Emoji",
        package: NpmPackage {
            name: "@expo-google-fonts/noto-emoji",
            version: "0.4.7",
            sha256: "6a25fd5a4da5bb34bbc2d300531bbf32de86afd866e119314d7e358f61a6104d",
        },
        form: Form::Font("package/400Regular/NotoEmoji_400Regular.ttf"),
        monochrome: true,
        linked: None,
    },
];

/// One emoji and the name of its drawing in each set that has it.
pub struct Emoji {
    pub key: String,
    pub emoji: String,
    pub label: String,
    pub group: String,
    pub subgroup: String,
    pub tags: Vec<String>,
    /// Set name to the drawing's name in that set's package.
    pub names: HashMap<&'static str, String>,
}

/// Reads the name table.
///
/// # Errors
/// If it is not such a table.
pub fn emoji() -> Result<Vec<Emoji>, DataError> {
    let sets = SETS.each_ref().map(|set| set.name);
    let [a, b, c, d, e, f, g, h, i] = sets;
    let columns = ["key", "emoji", "label", "group", "subgroup", "tags", a, b, c, d, e, f, g, h, i];
    let rows = tables::rows("sources.tsv", SOURCES, columns)?;
    Ok(rows
        .into_iter()
        .map(|[key, emoji, label, group, subgroup, tags, names @ ..]| Emoji {
            key: key.to_owned(),
            emoji: emoji.to_owned(),
            label: label.to_owned(),
            group: group.to_owned(),
            subgroup: subgroup.to_owned(),
            tags: tables::read_tags(tags),
            names: sets
                .into_iter()
                .zip(names)
                .filter(|(_, name)| !name.is_empty())
                .map(|(set, name)| (set, name.to_owned()))
                .collect(),
        })
        .collect())
}
