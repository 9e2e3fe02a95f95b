//! What a file is that is not what its place or its name says.
//!
//! Data is fetched, synchronised and converted by other programs, and what they leave where a picture should be is nearly always one
//! of a few things: a pointer to the picture, a page that says why there is none, or a picture of a kind that is not read. Whoever
//! is told which can mend it.

/// Bytes that tell it.
pub const HEAD: usize = 4096;

/// The first bytes of what Git keeps in place of a large file.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Names a file by its first bytes, with what to do about it: "a Git LFS pointer and not the file: ...". `None` where they say nothing,
/// or where it is of a kind that is read here.
pub fn what(bytes: &[u8]) -> Option<String> {
    let bytes = &bytes[..bytes.len().min(HEAD)];
    if bytes.is_empty() {
        return Some("an empty file: fetch or write it again".to_owned());
    }
    if bytes.len() >= 16 && bytes.iter().all(|byte| *byte == 0) {
        return Some("a file of zeros, as a broken download or disk leaves it: fetch it again".to_owned());
    }
    if bytes.starts_with(b"PAR1") {
        return Some("a Parquet table: write its pictures as files, with a metadata.csv or metadata.jsonl".to_owned());
    }
    // A table may begin with the two letters that a BMP picture begins with.
    let by_type = || if is_text(bytes) { None } else { by_type(infer::get(bytes)?.mime_type()) };
    not_text(bytes).map(str::to_owned).or_else(by_type)
}

/// Whether bytes are text, of which the last character may be cut.
fn is_text(bytes: &[u8]) -> bool {
    let cut_at_most = std::str::from_utf8(bytes).err().is_none_or(|error| error.error_len().is_none());
    cut_at_most && !bytes.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// The same of what should be text: what can be read as text and is none that somebody wrote.
pub fn not_text(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(LFS) {
        return Some("a Git LFS pointer and not the file itself: run `git lfs pull` where the data was cloned");
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some("UTF-16 text: save it as UTF-8");
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if text.starts_with("<!doctype html") || text.starts_with("<html") || text.starts_with("<head") {
        return Some("an HTML page, as servers answer instead of a file: fetch it again, signed in if need be");
    }
    if text.starts_with("<?xml") && ["<error>", "<error "].iter().any(|tag| text.contains(tag)) {
        return Some("a server's message of an error: fetch the file again");
    }
    if text.starts_with("<?xml") && text.contains("<html") {
        return Some("an HTML page, as servers answer instead of a file: fetch it again, signed in if need be");
    }
    None
}

fn by_type(mime: &str) -> Option<String> {
    let picture = |name: &str| Some(format!("{name}, which is not read: save it as PNG, JPEG or WebP"));
    let packed = |name: &str, with: &str| Some(format!("{name}, which is not opened: unpack it with {with}"));
    match mime {
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "application/x-tar" | "text/xml" | "text/html" => None,
        "image/heif" => picture("a HEIC picture"),
        "image/avif" => picture("an AVIF picture"),
        "image/jxl" => picture("a JPEG XL picture"),
        "image/jp2" => picture("a JPEG 2000 picture"),
        "image/bmp" => picture("a BMP picture"),
        "image/tiff" => picture("a TIFF picture"),
        "image/vnd.microsoft.icon" => picture("an icon (ICO)"),
        "image/vnd.adobe.photoshop" => picture("a Photoshop file"),
        "image/x-canon-cr2" => picture("a raw photograph"),
        "image/vnd.ms-photo" => picture("a JPEG XR picture"),
        "application/pdf" => picture("a PDF"),
        "application/postscript" => picture("PostScript"),
        "application/zip" => packed("a zip archive", "`unzip`"),
        "application/gzip" => packed("gzip-compressed", "`gunzip`"),
        "application/zstd" => packed("zstd-compressed", "`unzstd`"),
        "application/x-xz" => packed("xz-compressed", "`unxz`"),
        "application/x-bzip2" => packed("bzip2-compressed", "`bunzip2`"),
        "application/x-lz4" => packed("lz4-compressed", "`unlz4`"),
        "application/x-7z-compressed" => packed("a 7z archive", "`7z x`"),
        "application/vnd.rar" => packed("a rar archive", "`unrar x`"),
        _ if mime.starts_with("image/") => picture(&format!("a picture of type {mime}")),
        _ if mime.starts_with("video/") => Some("a video, which is not read: write its frames as pictures".to_owned()),
        _ => Some(format!("a file of type {mime}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_downloads_and_telephones_leave_is_named_with_what_to_do() {
        let cases: [(&[u8], &[&str]); 20] = [
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n", &["Git LFS pointer", "git lfs pull"]),
            (b"<!DOCTYPE html><html><body>Sign in", &["HTML page", "fetch"]),
            (b"\xef\xbb\xbf\n  <HTML lang=en>", &["HTML page", "fetch"]),
            (b"<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\"><html>", &["HTML page", "fetch"]),
            (b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code></Error>", &["error", "fetch"]),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", &["HEIC", "save it as"]),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", &["AVIF", "save it as"]),
            (b"\xff\x0a\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0", &["JPEG XL", "save it as"]),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", &["BMP", "save it as"]),
            (b"II*\0\x08\0\0\0\0\0\0\0\0\0\0\0", &["TIFF", "save it as"]),
            (b"8BPS\0\x01\0\0\0\0\0\0\0\x03", &["Photoshop", "save it as"]),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", &["PDF", "save it as"]),
            (b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0", &["zip", "unzip"]),
            (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &["gzip", "gunzip"]),
            (b"\x28\xb5\x2f\xfd\x04\0\x01\0", &["zstd", "unzstd"]),
            (b"\xfd7zXZ\0\0\x04", &["xz", "unxz"]),
            (b"BZh91AY&SY\xd2\x0f", &["bzip2", "bunzip2"]),
            (b"PAR1\x15\x04\x15\x10", &["Parquet", "metadata.csv"]),
            (b"", &["empty", "again"]),
            (&[0; 100], &["zeros", "again"]),
        ];
        for (bytes, words) in cases {
            let said = what(bytes).unwrap_or_default();
            assert!(words.iter().all(|word| said.contains(word)), "{bytes:?}: {said}");
        }
        assert!(not_text(b"\xff\xfea\0b\0").is_some_and(|said| said.contains("UTF-8")));
    }

    #[test]
    fn nothing_is_said_of_what_is_read_here() {
        let svg = b"<?xml version=\"1.0\"?><svg xmlns=\"x\"/>";
        for good in [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), b"\xff\xd8\xff\xe0\0\x10JFIF", b"GIF89a", svg, b"a red bird\n"]
        {
            assert_eq!(what(good), None, "{good:?}");
        }
        assert_eq!(not_text("a bird <b>in</b> a tree".as_bytes()), None);
    }
}
