//! SHA-256, as it is written and compared.

use sha2::{Digest, Sha256};

/// SHA-256 in lower-case hexadecimal.
pub fn hex_sha256(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}
