//! Small bar charts as SVG, in the colours of the page that they stand in.

use std::fmt::Write;

use super::html::escape;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 130.0;
/// Room for the labels below a histogram, and beside bars.
const BELOW: f64 = 18.0;
const BESIDE: f64 = 130.0;
/// Height of a horizontal bar with the gap to the next.
const BAR: f64 = 16.0;
/// Columns of a histogram, at most.
const COLUMNS: usize = 40;

/// How many values lie where. Values above the 99th percentile count to the last column, so that one of them does not flatten the
/// rest.
pub fn histogram(values: &[f64], unit: &str) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (sorted.first(), sorted.get((sorted.len() * 99 / 100).min(sorted.len().saturating_sub(1))))
    else {
        return String::new();
    };
    let whole = sorted.iter().all(|value| value.fract() == 0.0);
    let span = if whole { most - least + 1.0 } else { (most - least).max(f64::MIN_POSITIVE) };
    let columns = if whole { (span as usize).min(COLUMNS) } else { COLUMNS };
    let mut counts = vec![0_usize; columns];
    for value in &sorted {
        counts[(((value - least) / span * columns as f64) as usize).min(columns - 1)] += 1;
    }
    let highest = counts.iter().max().copied().unwrap_or(1).max(1) as f64;
    let step = WIDTH / columns as f64;
    let mut svg = open(WIDTH, HEIGHT + BELOW);
    for (column, count) in counts.iter().enumerate() {
        let height = *count as f64 / highest * HEIGHT;
        let from = least + span * column as f64 / columns as f64;
        bar(
            &mut svg,
            [column as f64 * step, HEIGHT - height, (step - 1.0).max(0.5), height],
            &format!("{}: {count}", number(from)),
        );
    }
    let above = if sorted.last() > Some(most) { " and above" } else { "" };
    text(&mut svg, 0.0, HEIGHT + 14.0, "start", &format!("{} {unit}", number(*least)));
    text(&mut svg, WIDTH, HEIGHT + 14.0, "end", &format!("{} {unit}{above}", number(*most)));
    svg + "</svg>"
}

/// Named values as horizontal bars.
pub fn bars(values: &[(String, usize)]) -> String {
    let highest = values.iter().map(|(_, value)| *value).max().unwrap_or(1).max(1) as f64;
    let mut svg = open(WIDTH, values.len() as f64 * BAR);
    for (row, (name, value)) in values.iter().enumerate() {
        let y = row as f64 * BAR;
        let width = *value as f64 / highest * (WIDTH - BESIDE - 50.0);
        text(&mut svg, BESIDE - 6.0, y + 12.0, "end", name);
        bar(&mut svg, [BESIDE, y + 2.0, width, BAR - 4.0], &format!("{name}: {value}"));
        text(&mut svg, BESIDE + width + 5.0, y + 12.0, "start", &value.to_string());
    }
    svg + "</svg>"
}

fn open(width: f64, height: f64) -> String {
    format!(r#"<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#)
}

fn bar(svg: &mut String, [x, y, width, height]: [f64; 4], title: &str) {
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"><title>{}</title></rect>"#,
        escape(title)
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ = write!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#, escape(text));
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}
