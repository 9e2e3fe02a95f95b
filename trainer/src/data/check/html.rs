//! HTML, put together as text.

use std::fmt::Write;

/// Adds to a page.
pub fn add(html: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = html.write_str(text);
}

/// Text with nothing in it that HTML would take for its own.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
