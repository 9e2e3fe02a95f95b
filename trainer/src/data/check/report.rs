//! The report: one HTML page with everything in it, that opens from disk without a network.
//!
//! Names and captions come from the data and may hold anything; `html!` escapes all of it.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::super::sources::LeftOut;
use super::facts::Facts;
use super::findings::Findings;
use crate::charts::{bars, histogram};

/// Groups of duplicates that are listed, and pictures named in each.
const GROUPS: usize = 100;
const NAMED: usize = 8;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #24221e; --paper: #fbfaf7; --soft: #6f6a60; --line: #ddd8cc; --bar: #4a6fa5; }
@media (prefers-color-scheme: dark) { :root { --ink: #ebe7df; --paper: #1b1a18; --soft: #a29c90; --line: #3a3833; --bar: #86a8d8; } }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink);
       background: var(--paper); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
table { border-collapse: collapse; } td { padding: .15rem 1.2rem .15rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
td:first-child { color: var(--soft); white-space: pre; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: .8rem; }
figure { margin: 0; } figure img { width: 100%; image-rendering: pixelated; border: 1px solid var(--line); }
figcaption { font-size: 11px; line-height: 1.3; color: var(--soft); overflow: hidden; display: -webkit-box; -webkit-line-clamp: 3;
             -webkit-box-orient: vertical; overflow-wrap: anywhere; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; } .plots h3 { font-size: .9rem; margin: .8rem 0 .3rem; color: var(--soft); }
svg { max-width: 100%; height: auto; } svg rect { fill: var(--bar); } svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
.names { font-size: 13px; overflow-wrap: anywhere; } .bad { color: #b3382c; }
";

/// The whole page.
pub fn page(findings: &Findings, facts: &Facts) -> String {
    let title = format!("Data check: {}", findings.source.display());
    let data = &findings.options.data;
    let policy = format!(
        "Pictures at {} pixels, fit {:?} on {}; at most {} bad.",
        findings.options.image_size, data.fit, data.background, data.loading.max_bad
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p { (policy) }
                table { @for (name, value) in &facts.table { tr { td { (name) } td { (value) } } } }
                (sheet(findings))
                (plots(facts))
                (faults(findings))
                (left_out(findings))
                (groups(findings, "Exact duplicates", &facts.same))
                (groups(findings, "Pictures that look alike", &facts.alike))
            }
        }
    };
    page.into_string()
}

/// Some of the pictures as training will see them, with their captions.
fn sheet(findings: &Findings) -> Markup {
    html! {
        h2 { "As training sees it" }
        div.sheet {
            @for (number, pixels) in &findings.sheet {
                @let record = &findings.listing.records[findings.seen[*number].record];
                figure title=(format!("{}\n{}", record.name, record.captions.join("\n"))) {
                    img alt="" src=(format!("data:image/png;base64,{}", png(pixels, findings.options.image_size)));
                    figcaption { (record.captions.first().map(String::as_str).unwrap_or_default()) }
                }
            }
        }
    }
}

fn plots(facts: &Facts) -> Markup {
    let plots = [
        ("Words of a caption", histogram(&facts.words_of_captions, "words")),
        ("Captions of a picture", histogram(&facts.captions_of_pictures, "captions")),
        ("Longer side", histogram(&facts.sides, "px")),
        ("Width over height", histogram(&facts.shapes, "")),
        ("Commonest words", bars(&facts.common)),
    ];
    html! {
        h2 { "How it is spread" }
        div.plots { @for (title, plot) in plots { div { h3 { (title) } (plot) } } }
    }
}

fn faults(findings: &Findings) -> Markup {
    html! {
        @if !findings.faults.is_empty() {
            h2.bad { "Bad samples (" (findings.faults.len()) ")" }
            ul.names { @for fault in &findings.faults { li { b { (fault.name) } " " (fault.reason) } } }
        }
    }
}

/// Every file that is left out, below its reason.
fn left_out(findings: &Findings) -> Markup {
    let account = &findings.listing.account;
    let all = |files: usize| if files > 1 { format!(", a folder of {files} files") } else { String::new() };
    html! {
        @if !account.left_out.is_empty() {
            h2 { "Left out (" (account.left_out()) ")" }
            @for (count, why, left) in account.reasons() {
                details {
                    summary { (count) ", " (why) }
                    ul.names { @for LeftOut { name, files, .. } in left { li { (name) (all(*files)) } } }
                }
            }
        }
    }
}

fn groups(findings: &Findings, title: &str, groups: &[Vec<usize>]) -> Markup {
    let names = |group: &[usize]| {
        let name = |number: &usize| findings.listing.records[findings.seen[*number].record].name.as_str();
        group.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ")
    };
    html! {
        @if !groups.is_empty() {
            h2 { (title) " (" (groups.len()) " groups)" }
            ul.names {
                @for group in groups.iter().take(GROUPS) {
                    li { (names(group)) @if group.len() > NAMED { " and " (group.len() - NAMED) " more" } }
                }
            }
        }
    }
}

fn png(pixels: &[u8], size: usize) -> String {
    let mut bytes = Cursor::new(Vec::new());
    // A picture that cannot be written leaves its caption without one.
    let written =
        RgbImage::from_raw(size as u32, size as u32, pixels.to_vec()).map(|it| it.write_to(&mut bytes, ImageFormat::Png));
    if matches!(written, Some(Ok(()))) { STANDARD.encode(bytes.into_inner()) } else { String::new() }
}
