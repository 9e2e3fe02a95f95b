//! Finishes as texts: a look's name, numbers, or both.

use std::fmt;
use std::str::FromStr;

use super::error::FinishError;
use super::looks::{LOOKS, look};
use super::parameter::{Finish, Parameter};

/// What a text may say.
fn known() -> String {
    let looks: Vec<&str> = LOOKS.iter().map(|look| look.name).collect();
    let names: Vec<&str> = Parameter::all().map(Parameter::name).collect();
    format!("looks are {}; numbers are {}", looks.join(", "), names.join(", "))
}

fn unknown(name: &str) -> FinishError {
    FinishError::Unknown { name: name.trim().into(), known: known() }
}

/// A look's name, or numbers as `outline=0.5,tone=-1`; or both, as `sticker,slant=0.5`.
impl FromStr for Finish {
    type Err = FinishError;

    fn from_str(text: &str) -> Result<Self, FinishError> {
        let mut finish = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                finish = look(part).ok_or_else(|| unknown(part))?.finish();
                continue;
            };
            let parameter = Parameter::all().find(|parameter| parameter.name() == name.trim());
            let parameter = parameter.ok_or_else(|| unknown(name))?;
            let number: f32 = value.trim().parse().map_err(|_| FinishError::Form { part: part.into(), known: known() })?;
            if !parameter.range().contains(&number) {
                let range = [parameter.range().start().to_string(), parameter.range().end().to_string()];
                return Err(FinishError::Range { name: parameter.name(), value: value.trim().into(), range });
            }
            finish = finish.with(parameter, number);
        }
        Ok(finish)
    }
}

impl fmt::Display for Finish {
    /// What is not neutral, as it can be read again; `plain` where all is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = Parameter::all().filter(|parameter| self.get(*parameter) != parameter.neutral());
        let parts: Vec<String> = changed.map(|parameter| format!("{}={}", parameter.name(), self.get(parameter))).collect();
        if parts.is_empty() { f.write_str("plain") } else { f.write_str(&parts.join(",")) }
    }
}
