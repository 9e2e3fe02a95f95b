//! Curves as SVG, coloured by the page's style sheet.

use maud::{Markup, html};

/// The drawing area in SVG units, and what is left of it for axes.
const SIZE: (f64, f64) = (460.0, 220.0);
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 8.0;
/// Points of a curve, at most: more cannot be told apart in the width.
const POINTS: usize = 230;
/// Ticks on an axis, about.
const TICKS: f64 = 4.0;

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
}
