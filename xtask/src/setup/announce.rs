//! What is said before anything is set up.

/// Announces, in one plain line, what is about to be set up and why.
pub fn announce(message: &str) {
    println!("set-up: {message}");
}
