//! How far decoding is.

use std::io::IsTerminal;

/// Called from several threads with (pictures drawn, pictures to draw).
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// A [`Progress`] that says how far decoding is, where somebody is looking.
pub fn tell(done: usize, all: usize) {
    if std::io::stderr().is_terminal() && (done.is_multiple_of(100) || done == all) {
        eprint!("\r{done} of {all} pictures{}", if done == all { "\n" } else { "" });
    }
}
