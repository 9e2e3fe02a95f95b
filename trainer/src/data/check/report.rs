//! The report: one HTML page with everything in it, that opens from disk without a network.
//!
//! Names and captions come from the data and may hold anything; all of it goes through [`escape`].

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};

use super::super::sources::LeftOut;
use super::facts::Facts;
use super::findings::Findings;
use super::html::{add, escape};
use super::plot;

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
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title><style>{STYLE}</style></head><body>\n<h1>{0}</h1>\n",
        escape(&title)
    );
    let data = &findings.options.data;
    let policy = format!(
        "Pictures at {} pixels, fit {:?} on {}; at most {} bad.",
        findings.options.image_size, data.fit, data.background, data.loading.max_bad
    );
    add(&mut html, &format!("<p>{}</p>\n<table>", escape(&policy)));
    for (name, value) in &facts.table {
        add(&mut html, &format!("<tr><td>{}</td><td>{}</td></tr>", escape(name), escape(value)));
    }
    add(&mut html, "</table>\n");
    sheet(&mut html, findings);
    plots(&mut html, facts);
    faults(&mut html, findings);
    left_out(&mut html, findings);
    groups(&mut html, findings, "Exact duplicates", &facts.same);
    groups(&mut html, findings, "Pictures that look alike", &facts.alike);
    html + "</body></html>\n"
}

/// Some of the pictures as training will see them, with their captions.
fn sheet(html: &mut String, findings: &Findings) {
    add(html, "<h2>As training sees it</h2>\n<div class=\"sheet\">");
    for (number, pixels) in &findings.sheet {
        let record = &findings.listing.records[findings.seen[*number].record];
        let caption = record.captions.first().map(String::as_str).unwrap_or_default();
        let all = format!("{}\n{}", record.name, record.captions.join("\n"));
        let picture = png(pixels, findings.options.image_size);
        add(
            html,
            &format!(
                "<figure title=\"{}\"><img alt=\"\" src=\"data:image/png;base64,{picture}\"><figcaption>{}</figcaption></figure>\n",
                escape(&all),
                escape(caption)
            ),
        );
    }
    add(html, "</div>\n");
}

fn plots(html: &mut String, facts: &Facts) {
    let plots = [
        ("Words of a caption", plot::histogram(&facts.words_of_captions, "words")),
        ("Captions of a picture", plot::histogram(&facts.captions_of_pictures, "captions")),
        ("Longer side", plot::histogram(&facts.sides, "px")),
        ("Width over height", plot::histogram(&facts.shapes, "")),
        ("Commonest words", plot::bars(&facts.common)),
    ];
    add(html, "<h2>How it is spread</h2>\n<div class=\"plots\">");
    for (title, svg) in plots {
        add(html, &format!("<div><h3>{title}</h3>{svg}</div>\n"));
    }
    add(html, "</div>\n");
}

fn faults(html: &mut String, findings: &Findings) {
    if findings.faults.is_empty() {
        return;
    }
    add(html, &format!("<h2 class=\"bad\">Bad samples ({})</h2>\n<ul class=\"names\">", findings.faults.len()));
    for fault in &findings.faults {
        add(html, &format!("<li><b>{}</b> {}</li>\n", escape(&fault.name), escape(&fault.reason.to_string())));
    }
    add(html, "</ul>\n");
}

/// Every file that is left out, below its reason.
fn left_out(html: &mut String, findings: &Findings) {
    let account = &findings.listing.account;
    if account.left_out.is_empty() {
        return;
    }
    add(html, &format!("<h2>Left out ({})</h2>\n", account.left_out()));
    for (count, why, left) in account.reasons() {
        add(html, &format!("<details><summary>{count}, {}</summary>\n<ul class=\"names\">", escape(why)));
        for LeftOut { name, files, .. } in left {
            let all = if *files > 1 { format!(", a folder of {files} files") } else { String::new() };
            add(html, &format!("<li>{}{all}</li>\n", escape(name)));
        }
        add(html, "</ul></details>\n");
    }
}

fn groups(html: &mut String, findings: &Findings, title: &str, groups: &[Vec<usize>]) {
    if groups.is_empty() {
        return;
    }
    add(html, &format!("<h2>{title} ({} groups)</h2>\n<ul class=\"names\">", groups.len()));
    for group in groups.iter().take(GROUPS) {
        let names: Vec<String> = group
            .iter()
            .take(NAMED)
            .map(|number| escape(&findings.listing.records[findings.seen[*number].record].name))
            .collect();
        let more = group.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        add(html, &format!("<li>{}{more}</li>\n", names.join(", ")));
    }
    add(html, "</ul>\n");
}

fn png(pixels: &[u8], size: usize) -> String {
    let mut bytes = Cursor::new(Vec::new());
    // A picture that cannot be written leaves its caption without one.
    let written =
        RgbImage::from_raw(size as u32, size as u32, pixels.to_vec()).map(|it| it.write_to(&mut bytes, ImageFormat::Png));
    if matches!(written, Some(Ok(()))) { STANDARD.encode(bytes.into_inner()) } else { String::new() }
}
