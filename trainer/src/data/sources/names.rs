//! What the name of a file says about it: the same in a folder and in a tar file.
//!
//! Endings count in whatever case. A name's stem is all before its last dot, and a sample's key is a stem, or the beginning of one
//! before parts that begin with a letter: `000.jpg` and `000.output.txt` belong together, and `photo_0.00.png` with `photo_0.01.txt`
//! does not.

/// Endings of pictures that are read, as far as names tell: what they are is told by their first bytes.
const PICTURES: [&str; 13] = ["png", "apng", "jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg", "pjp", "webp", "gif", "svg", "svgz"];

/// Endings of pictures that are not read. Who has such ones means them to be: they are bad samples, and not passed over.
const OTHER_PICTURES: [&str; 40] = [
    "bmp", "dib", "tif", "tiff", "avif", "avifs", "heic", "heif", "hif", "jxl", "jp2", "j2k", "jpf", "jpx", "jxr", "wdp", "ico",
    "psd", "xcf", "tga", "qoi", "ppm", "pgm", "pbm", "pnm", "pam", "exr", "hdr", "eps", "emf", "wmf", "dng", "cr2", "cr3", "nef",
    "arw", "orf", "rw2", "raf", "pcx",
];

/// Files and folders that operating systems leave behind, beside those that begin with a dot.
const LITTER: [&str; 8] =
    ["thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin", "system volume information", "icon\r"];

/// What a file may be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Picture,
    /// Text with a caption a line.
    Captions,
    /// Text with a class.
    Class,
    /// What is said about a picture, as JSON.
    Row,
    Tar,
    Other,
}

/// What a file is for, by its ending.
pub fn role(name: &str) -> Role {
    let ending = ending(name);
    match ending.as_str() {
        "txt" | "caption" => Role::Captions,
        "cls" => Role::Class,
        "json" => Role::Row,
        "tar" => Role::Tar,
        ending if PICTURES.contains(&ending) || OTHER_PICTURES.contains(&ending) => Role::Picture,
        _ => Role::Other,
    }
}

/// Whether a path is that of a hidden file, or of what an operating system leaves behind, or lies in such a folder.
pub fn is_litter(path: &str) -> bool {
    path.split('/').any(|part| {
        let hidden = part.starts_with('.') && !part.chars().all(|letter| letter == '.');
        hidden || LITTER.contains(&part.to_lowercase().as_str())
    })
}

/// Splits a path into its folder, which may be empty, and its name there.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The name in a path without its last ending.
pub fn stem(path: &str) -> &str {
    let name = split(path).1;
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The last ending of a name, in lower case; empty where there is none.
pub fn ending(path: &str) -> String {
    split(path).1.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// The beginnings of a stem before its last parts, the longest first. A part that does not begin with a letter belongs to the key.
pub fn shorter(stem: &str) -> impl Iterator<Item = &str> {
    let ends = stem.rmatch_indices('.').take_while(|(at, _)| stem[at + 1..].starts_with(char::is_alphabetic));
    ends.map(|(at, _)| &stem[..at]).filter(|start| !start.is_empty())
}

/// The parts of a stem after its first.
pub fn parts(stem: &str) -> impl Iterator<Item = &str> {
    stem.split('.').skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_count_in_whatever_case() {
        for (name, wanted) in [
            ("a/B.JPG", Role::Picture),
            ("b.JfIf", Role::Picture),
            ("b.heic", Role::Picture),
            ("c.TXT", Role::Captions),
            ("c.output.caption", Role::Captions),
            ("d.Json", Role::Row),
            ("0.TAR", Role::Tar),
            ("0.tar.gz", Role::Other),
            ("png", Role::Other),
        ] {
            assert_eq!(role(name), wanted, "{name}");
        }
    }

    #[test]
    fn litter_is_told_wherever_it_lies() {
        for name in [".DS_Store", "a/._b.png", ".git/x.png", "__MACOSX/a.png", "a/Thumbs.db", "@eaDir/a.png/x.jpg"] {
            assert!(is_litter(name), "{name}");
        }
        for name in ["a.png", "a/b.c.png", "./a.png", "../a.png", "...png"] {
            assert_eq!(is_litter(name), name == "...png", "{name}");
        }
    }

    #[test]
    fn names_are_taken_apart_at_the_last_dot() {
        assert_eq!((stem("a/b.c.png"), ending("a/b.c.PNG").as_str(), split("a/b/c")), ("b.c", "png", ("a/b", "c")));
        assert_eq!((stem("a.d/b"), ending("a.d/b").as_str()), ("b", ""));
        assert_eq!(shorter("a.b.c").collect::<Vec<_>>(), ["a.b", "a"]);
        assert_eq!(shorter("a.00.rgb").collect::<Vec<_>>(), ["a.00"]);
        assert_eq!(shorter("a").count() + shorter(".a").count() + shorter("a.0").count(), 0);
        assert_eq!(parts("a.b.0").collect::<Vec<_>>(), ["b", "0"]);
    }
}
