//! Charts as SVG, coloured by the style sheet of the page that they stand in.

use maud::{Markup, html};

/// The drawing area of curves in SVG units, and what is left of it for axes.
const SIZE: (f64, f64) = (460.0, 220.0);
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 8.0;
/// Points of a curve, at most: more cannot be told apart in the width.
const POINTS: usize = 230;
/// Ticks on an axis, about.
const TICKS: f64 = 4.0;

/// A histogram, or the width of bars.
const BARS: (f64, f64) = (420.0, 130.0);
/// Room for the labels below a histogram, and for names and numbers beside bars.
const BELOW: f64 = 18.0;
const NAMES: f64 = 130.0;
const NUMBERS: f64 = 50.0;
/// Height of a horizontal bar with the gap to the next.
const BAR: f64 = 16.0;
/// Columns of a histogram, at most.
const COLUMNS: usize = 40;

/// A named curve.
pub struct Curve {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// One chart of a few curves over the steps. Long ones are shown as means of neighbouring points.
pub fn chart(title: &str, curves: &[Curve]) -> Markup {
    let thinned: Vec<Vec<(f64, f64)>> = curves.iter().map(|curve| thin(&curve.points)).collect();
    let all = || thinned.iter().flatten();
    let (x0, x1) = bounds(all().map(|point| point.0));
    let (y0, y1) = bounds(all().map(|point| point.1));
    let x = |value: f64| LEFT + (value - x0) / (x1 - x0) * (SIZE.0 - LEFT - TOP);
    let y = |value: f64| TOP + (y1 - value) / (y1 - y0) * (SIZE.1 - TOP - BOTTOM);
    html! {
        figure.chart {
            figcaption { (title) }
            svg viewBox=(format!("0 0 {} {}", SIZE.0, SIZE.1)) role="img" aria-label=(title) {
                @for tick in ticks(y0, y1) {
                    line.grid x1=(LEFT) x2=(SIZE.0 - TOP) y1=(coordinate(y(tick))) y2=(coordinate(y(tick))) {}
                    text.y x=(LEFT - 6.0) y=(coordinate(y(tick) + 4.0)) { (label(tick)) }
                }
                @for tick in ticks(x0, x1) {
                    text.x x=(coordinate(x(tick))) y=(SIZE.1 - 6.0) { (label(tick)) }
                }
                @for (index, points) in thinned.iter().enumerate() {
                    @let line: Vec<String> = points.iter().map(|p| format!("{},{}", coordinate(x(p.0)), coordinate(y(p.1)))).collect();
                    polyline class=(format!("curve c{index}")) points=(line.join(" ")) {}
                }
            }
            ul.legend {
                @for (index, curve) in curves.iter().enumerate() {
                    li { i class=(format!("c{index}")) {} (curve.name) @if let Some(last) = curve.points.last() { b { (label(last.1)) } } }
                }
            }
        }
    }
}

/// How many values lie where. Values above the 99th percentile count to the last column, so that one of them does not flatten the
/// rest. Nothing of no values.
pub fn histogram(values: &[f64], unit: &str) -> Markup {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (sorted.first(), sorted.get((sorted.len() * 99 / 100).min(sorted.len().saturating_sub(1))))
    else {
        return Markup::default();
    };
    let whole = sorted.iter().all(|value| value.fract() == 0.0);
    let span = if whole { most - least + 1.0 } else { (most - least).max(f64::MIN_POSITIVE) };
    let columns = if whole { (span as usize).min(COLUMNS) } else { COLUMNS };
    let mut counts = vec![0_usize; columns];
    for value in &sorted {
        counts[(((value - least) / span * columns as f64) as usize).min(columns - 1)] += 1;
    }
    let highest = counts.iter().max().copied().unwrap_or(1).max(1) as f64;
    let step = BARS.0 / columns as f64;
    let above = if sorted.last() > Some(most) { " and above" } else { "" };
    let columns = counts.iter().enumerate().map(|(column, count)| {
        let height = *count as f64 / highest * BARS.1;
        let from = least + span * column as f64 / columns as f64;
        bar([column as f64 * step, BARS.1 - height, (step - 1.0).max(0.5), height], &format!("{}: {count}", number(from)))
    });
    let label = BARS.1 + 14.0;
    html! {
        svg viewBox=(format!("0 0 {} {}", BARS.0, BARS.1 + BELOW)) width=(BARS.0) height=(BARS.1 + BELOW) role="img" {
            @for column in columns { (column) }
            text x="0" y=(label) text-anchor="start" { (number(*least)) " " (unit) }
            text x=(BARS.0) y=(label) text-anchor="end" { (number(*most)) " " (unit) (above) }
        }
    }
}

/// Named values as horizontal bars.
pub fn bars(values: &[(String, usize)]) -> Markup {
    let highest = values.iter().map(|(_, value)| *value).max().unwrap_or(1).max(1) as f64;
    let height = values.len() as f64 * BAR;
    html! {
        svg viewBox=(format!("0 0 {} {height}", BARS.0)) width=(BARS.0) height=(height) role="img" {
            @for (row, (name, value)) in values.iter().enumerate() {
                @let top = row as f64 * BAR;
                @let width = *value as f64 / highest * (BARS.0 - NAMES - NUMBERS);
                text x=(NAMES - 6.0) y=(top + 12.0) text-anchor="end" { (name) }
                (bar([NAMES, top + 2.0, width, BAR - 4.0], &format!("{name}: {value}")))
                text x=(coordinate(NAMES + width + 5.0)) y=(top + 12.0) text-anchor="start" { (value) }
            }
        }
    }
}

fn bar([x, y, width, height]: [f64; 4], title: &str) -> Markup {
    let [x, y, width, height] = [x, y, width, height].map(coordinate);
    html! { rect x=(x) y=(y) width=(width) height=(height) { title { (title) } } }
}

/// "12", "1.50".
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}

fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

/// Means of neighbouring points.
fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let group = points.len().div_ceil(POINTS).max(1);
    let mean = |points: &[(f64, f64)]| {
        let count = points.len() as f64;
        (points.iter().map(|p| p.0).sum::<f64>() / count, points.iter().map(|p| p.1).sum::<f64>() / count)
    };
    points.chunks(group).map(mean).collect()
}

/// Least and greatest, apart even where all values are the same.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    match high - low {
        range if range > 0.0 => (low, high),
        _ if low.is_finite() => (low - 0.5, high + 0.5),
        _ => (0.0, 1.0),
    }
}

/// Round numbers between two.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / TICKS;
    let magnitude = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * magnitude).find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).ceil();
    (0..).map(|n| (first + f64::from(n)) * step).take_while(|tick| *tick <= high).collect()
}

/// "12k", "1.5", "0.004".
fn label(value: f64) -> String {
    // Nothing has no sign.
    let value = if value.abs() < 1e-9 { 0.0 } else { value };
    let text = match value.abs() {
        size if size >= 10_000.0 => format!("{:.1}k", value / 1000.0).replace(".0k", "k"),
        size if size >= 100.0 || size == 0.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 0.001 => format!("{value:.3}"),
        _ => format!("{value:.0e}"),
    };
    if text.contains('.') && !text.contains('k') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 12_000.0), [0.0, 5000.0, 10_000.0]);
        assert_eq!(ticks(-0.3, 0.9).iter().map(|t| label(*t)).collect::<Vec<_>>(), ["0", "0.5"]);
        let labels = [12_000.0, 1.5, 0.004, 150.2, 0.0002, -0.0].map(label);
        assert_eq!(labels, ["12k", "1.5", "0.004", "150", "2e-4", "0"]);
    }

    #[test]
    fn any_curves_make_a_chart_with_finite_coordinates() {
        let long = (0..10_000).map(|step| (f64::from(step), f64::from(step).sin())).collect();
        for points in [vec![], vec![(5.0, 1.0)], vec![(0.0, 2.0), (1.0, 2.0)], long] {
            let drawn = chart("a < b", &[Curve { name: "swap & set".into(), points }]).into_string();
            assert!(drawn.contains("a &lt; b") && drawn.contains("swap &amp; set"));
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
            assert!(drawn.matches(',').count() <= POINTS + 1);
        }
    }

    #[test]
    fn a_curve_rises_from_left_to_right() {
        let drawn = chart("up", &[Curve { name: "up".into(), points: vec![(0.0, 0.0), (10.0, 1.0)] }]).into_string();
        assert!(drawn.contains(r#"points="46.0,196.0 452.0,8.0""#), "{drawn}");
    }

    #[test]
    fn bars_hold_every_value() {
        let sum = |svg: Markup| -> usize {
            let svg = svg.into_string();
            assert!(!svg.contains("NaN") && !svg.contains("<b>"), "{svg}");
            let counts = svg.split("</title>").filter_map(|part| part.rsplit(": ").next());
            counts.filter_map(|count| count.parse::<usize>().ok()).sum()
        };
        for values in [vec![1.0], vec![3.0; 50], (0..200).map(f64::from).collect(), vec![0.5, 0.75, 1.25, 80.0]] {
            assert_eq!(sum(histogram(&values, "px")), values.len());
        }
        assert_eq!(histogram(&[], "px").into_string(), "");
        assert_eq!(sum(bars(&[("<b>".to_owned(), 3), ("c".to_owned(), 4)])), 7);
    }
}
