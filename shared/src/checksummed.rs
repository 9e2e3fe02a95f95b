//! Safetensors files that notice damage: the SHA-256 of all tensors' bytes stands in the metadata.
//!
//! A flipped bit of a weight is still a weight, so nothing else in a reader would find it. The header needs no sum of its own: its
//! offsets must cover the bytes exactly, and each reader validates every field that it takes. What is written twice is the same to the
//! byte, so that a file's own hash says whether anything has changed.

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::{Dtype, TensorInfo, TensorView};
use safetensors::{SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The metadata's key of the checksum.
pub const CHECKSUM: &str = "sha256";

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// How its values are written.
    pub dtype: Dtype,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// Its values, little-endian.
    pub bytes: Vec<u8>,
}

/// Writes tensors and metadata, and their checksum into the metadata.
///
/// # Errors
/// [`SafeTensorError`] where a tensor has not as many bytes as its shape says.
pub fn write(tensors: &[Stored], mut metadata: HashMap<String, String>) -> Result<Vec<u8>, SafeTensorError> {
    let views = tensors.iter().map(|t| Ok((t.name.as_str(), TensorView::new(t.dtype, t.shape.clone(), &t.bytes)?)));
    let views: Vec<(&str, TensorView<'_>)> = views.collect::<Result<_, SafeTensorError>>()?;
    // The format orders the tensors, so what is summed is what it has written.
    let unsealed = safetensors::serialize(views.clone(), Some(metadata.clone()))?;
    metadata.insert(CHECKSUM.to_owned(), checksum(&unsealed));
    in_order(&safetensors::serialize(views, Some(metadata))?)
}

/// The header of a file, as the format has it.
#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

/// The same file with its header's fields in order, which the format leaves to chance.
fn in_order(file: &[u8]) -> Result<Vec<u8>, SafeTensorError> {
    let (length, _) = SafeTensors::read_metadata(file)?;
    let (header, tensors) = file[8..].split_at(length);
    let invalid = SafeTensorError::InvalidHeaderDeserialization;
    let header: Header = serde_json::from_slice(header).map_err(invalid)?;
    let mut header = serde_json::to_vec(&header).map_err(SafeTensorError::JsonError)?;
    // Tensors begin at a multiple of eight bytes.
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok([&(header.len() as u64).to_le_bytes()[..], &header, tensors].concat())
}

/// Reads tensors and metadata; the checksum is left to [`is_whole`], so that whose file it is can be asked first.
///
/// # Errors
/// [`SafeTensorError`] where the bytes are no such file or end too early.
pub fn open(bytes: &[u8]) -> Result<(HashMap<String, String>, SafeTensors<'_>), SafeTensorError> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let tensors = SafeTensors::deserialize(bytes)?;
    Ok((header.metadata().clone().unwrap_or_default(), tensors))
}

/// Whether the tensors are those that were written.
pub fn is_whole(bytes: &[u8], metadata: &HashMap<String, String>) -> bool {
    metadata.get(CHECKSUM).is_some_and(|sum| *sum == checksum(bytes))
}

/// SHA-256, in hexadecimal, of a file's bytes behind its header.
fn checksum(bytes: &[u8]) -> String {
    let header = bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
    let data = usize::try_from(header).ok().and_then(|header| bytes.get(header.checked_add(8)?..)).unwrap_or_default();
    hex::encode(Sha256::digest(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// coreutils: `printf '\1\2\3\4' | sha256sum`.
    const SUM: &str = "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a";

    #[test]
    fn what_is_written_twice_is_the_same() {
        let tensors = ["b", "a"].map(|name| Stored { name: name.into(), dtype: Dtype::U8, shape: vec![3], bytes: vec![1, 2, 3] });
        // Every map has an order of its own.
        let metadata = || (0..20).map(|key| (key.to_string(), "\"value\"\n".to_owned())).collect::<HashMap<_, _>>();
        let first = write(&tensors, metadata()).unwrap();
        assert!((0..5).all(|_| write(&tensors, metadata()).unwrap() == first));
        let (read, opened) = open(&first).unwrap();
        assert!(is_whole(&first, &read) && read["7"] == "\"value\"\n" && opened.tensor("b").unwrap().data() == [1, 2, 3]);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let tensor = Stored { name: "a".into(), dtype: Dtype::U8, shape: vec![4], bytes: vec![1, 2, 3, 4] };
        let good = write(&[tensor], HashMap::from([("format".into(), "test".into())])).unwrap();
        let (metadata, _) = open(&good).unwrap();
        assert_eq!(metadata[CHECKSUM], SUM);
        assert!(is_whole(&good, &metadata));
        for bit in 0..32 {
            let mut bad = good.clone();
            let place = bad.len() - 4 + bit / 8;
            bad[place] ^= 1 << (bit % 8);
            assert!(!is_whole(&bad, &open(&bad).unwrap().0));
        }
        assert!(!is_whole(&good, &HashMap::new()) && !is_whole(&[], &metadata));
    }
}
