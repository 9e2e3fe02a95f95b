//! Texts and numbers that are no finish.

/// A finish that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FinishError {
    /// Another number of numbers.
    #[error("a finish of {found} numbers was given, and it has {expected}")]
    Length { found: usize, expected: usize },
    /// A NaN or an infinity.
    #[error("`{name}` of the finish is not a finite number")]
    NotFinite { name: &'static str },
    /// No such parameter or look.
    #[error("`{name}` is neither a look nor a number of a finish")]
    Unknown { name: String, known: String },
    /// Not of the form name=number.
    #[error("`{part}` is not a number of a finish, such as outline=0.5")]
    Form { part: String, known: String },
    /// Outside its range.
    #[error("`{name}` of the finish is {value}")]
    Range { name: &'static str, value: String, range: [String; 2] },
}

impl FinishError {
    /// Stable identifier for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "look.length",
            Self::NotFinite { .. } => "look.not-finite",
            Self::Unknown { .. } => "look.unknown",
            Self::Form { .. } => "look.form",
            Self::Range { .. } => "look.range",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Length { .. } | Self::NotFinite { .. } => "use a finish that this edition made, or a look".into(),
            Self::Unknown { known, .. } | Self::Form { known, .. } => known.clone(),
            Self::Range { range: [low, high], .. } => format!("it goes from {low} to {high}"),
        }
    }
}
