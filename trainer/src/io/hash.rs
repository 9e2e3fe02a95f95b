//! SHA-256, as it is written and compared.

use sha2::{Digest, Sha256};

/// SHA-256 in lower-case hexadecimal.
pub fn hex_sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
