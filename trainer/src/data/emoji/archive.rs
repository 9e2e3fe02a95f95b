//! The archives of the pack: tar files that depend on their contents alone, so that packing twice gives the same bytes.
//!
//! Entries are sorted by name, and every header field that could tell when, where or by whom it was written is
//! constant. SVG compresses well and goes through zstd; WebP does not and stays a plain tar.

use std::io;

pub use crate::io::archive::Files;

use crate::io::archive::unpack;

/// Nearly the strongest level: an archive is packed once and downloaded often.
const ZSTD_LEVEL: i32 = 19;

/// The suffix that says an archive is compressed.
const COMPRESSED: &str = ".zst";

/// Packs `files` into an archive to be called `name`; compressed if the name ends in `.zst`.
///
/// # Errors
/// If a file name is too long for a tar header.
pub fn write(name: &str, files: &Files) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        builder.append_data(&mut header, path, bytes.as_slice())?;
    }
    let plain = builder.into_inner()?;
    if name.ends_with(COMPRESSED) { zstd::bulk::compress(&plain, ZSTD_LEVEL) } else { Ok(plain) }
}

/// Unpacks the archive called `name`.
///
/// # Errors
/// If the bytes are not such an archive.
pub fn read(name: &str, bytes: &[u8]) -> io::Result<Files> {
    if name.ends_with(COMPRESSED) { unpack(zstd::Decoder::new(bytes)?) } else { unpack(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Files {
        names.iter().map(|name| ((*name).to_owned(), format!("<svg>{name}</svg>").into_bytes())).collect()
    }

    #[test]
    fn what_is_written_is_read_back_compressed_or_not() {
        let files = files(&["b.svg", "a.svg"]);
        for name in ["set.tar", "set.tar.zst"] {
            assert_eq!(read(name, &write(name, &files).unwrap()).unwrap(), files, "{name}");
        }
    }

    #[test]
    fn the_bytes_depend_on_the_contents_alone() {
        let one = write("s.tar", &files(&["a.svg", "b.svg", "c.svg"])).unwrap();
        let other = write("s.tar", &files(&["c.svg", "a.svg", "b.svg"])).unwrap();
        assert_eq!(one, other);
        let header = tar::Header::from_byte_slice(&one[..512]);
        assert_eq!(header.mtime().unwrap(), 0);
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!(header.path().unwrap().to_str(), Some("a.svg"));
    }

    #[test]
    fn a_cut_archive_is_an_error() {
        for name in ["set.tar", "set.tar.zst"] {
            let bytes = write(name, &files(&["a.svg"])).unwrap();
            assert!(read(name, &bytes[..bytes.len().min(520) - 10]).is_err(), "{name}");
        }
    }
}
