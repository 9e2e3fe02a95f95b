//! The two stages of training.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The two stages of training, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    Matching,
    Disentangling,
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Matching => "matching",
            Self::Disentangling => "disentangling",
        })
    }
}
