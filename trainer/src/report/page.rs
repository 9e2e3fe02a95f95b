//! A run as one HTML file: pictures, curves, figures, settings, log. It opens from disk; nothing is fetched.

use base64::Engine;
use image::ImageFormat;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::error::ReportError;
use super::figures::Report;
use super::film::{self, Grid};
use super::metrics::Metrics;
use super::view::duration;
use crate::charts::{Curve, chart};
use crate::config::{StageName, TrainConfig};
use crate::io::files::FileError;

/// Grids in a report, at most, as JPEG: about 200 KB each.
const GRIDS: usize = 12;

/// What a report is made from.
pub struct Material<'a> {
    pub config: &'a TrainConfig,
    pub metrics: &'a Metrics,
    pub figures: Option<&'a Report>,
    pub grids: &'a [Grid],
    pub log: &'a str,
}

/// Writes the page.
///
/// # Errors
/// [`ReportError`] where a grid cannot be read.
pub fn page(material: &Material<'_>) -> Result<String, ReportError> {
    let Material { config, metrics, log, .. } = material;
    let grids: Vec<(usize, String)> = film::spread(material.grids, GRIDS).into_iter().map(embed).collect::<Result<_, _>>()?;
    let settings = config.to_toml()?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Emblem: a training run" }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                header {
                    h1 { "A training run" }
                    p { (summary(config, metrics)) }
                }
                @if !grids.is_empty() { (pictures(&grids)) }
                h2 { "Curves" }
                div.charts { @for (title, curves) in charts(metrics) { (chart(&title, &curves)) } }
                @if let Some(figures) = material.figures { h2 { "Figures" } (figure_table(figures)) }
                h2 { "Settings" }
                (changed(config))
                details { summary { "All settings" } pre { (settings) } }
                @if !log.is_empty() { details { summary { "Log" } pre { (log) } } }
            }
        }
    };
    Ok(page.into_string())
}

/// "swap, 64 px: 12,000 steps of 16 pictures in 73 min".
fn summary(config: &TrainConfig, metrics: &Metrics) -> String {
    let (step, seconds) = metrics.last(StageName::Disentangling).map_or((0, 0.0), |line| (line.step, line.seconds));
    let best = metrics.curve(StageName::Disentangling, "validation").into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let best =
        best.map_or_else(String::new, |(step, loss)| format!("; best on the validation pictures at step {step} ({loss:.4})"));
    format!(
        "preset {}, {} px, seed {}: {step} steps of {} pictures in {}{best}",
        config.start.preset.name(),
        config.shape.image_size,
        config.start.seed,
        config.optimiser.batch,
        duration(std::time::Duration::from_secs_f64(seconds)),
    )
}

/// The newest grid, and a slider back to the earlier ones.
fn pictures(grids: &[(usize, String)]) -> Markup {
    let last = grids.len() - 1;
    html! {
        section.pictures {
            @for (index, (step, picture)) in grids.iter().enumerate() {
                img src=(picture) alt=(format!("Sample grid at step {step}")) data-step=(step) hidden[index != last];
            }
            @if last > 0 {
                label { "Step " output { (grids[last].0) }
                    input type="range" min="0" max=(last) value=(last) aria-label="Which grid"; }
                script { (PreEscaped(include_str!("page.js"))) }
            }
            p.note { "Rows are captions, the left columns style seeds; to the right real pictures of the same caption." }
        }
    }
}

/// A grid as a data address.
fn embed(grid: &Grid) -> Result<(usize, String), FileError> {
    let failed = |error| FileError { path: grid.path.clone(), source: std::io::Error::other(error) };
    let mut jpeg = std::io::Cursor::new(vec![]);
    film::open(&grid.path).and_then(|picture| picture.to_rgb8().write_to(&mut jpeg, ImageFormat::Jpeg)).map_err(failed)?;
    let text = base64::engine::general_purpose::STANDARD.encode(jpeg.into_inner());
    Ok((grid.step, format!("data:image/jpeg;base64,{text}")))
}

/// The values that belong together: both sides' losses, the logits of each head, each other loss by itself.
fn charts(metrics: &Metrics) -> Vec<(String, Vec<Curve>)> {
    let mut charts: Vec<(String, Vec<Curve>)> = vec![];
    for stage in [StageName::Disentangling, StageName::Matching] {
        for name in metrics.names(stage) {
            let title = match name.split_once('_') {
                Some(("d", _)) => "Losses of the discriminator".to_owned(),
                Some(("g", _)) => "Losses of the generator".to_owned(),
                Some(("real" | "fake", head)) => format!("Logits, {head}: real and generated pictures"),
                _ => format!("{stage}: {name}"),
            };
            let curve = Curve { points: metrics.curve(stage, &name), name };
            match charts.iter_mut().find(|chart| chart.0 == title) {
                Some(chart) => chart.1.push(curve),
                None => charts.push((title, vec![curve])),
            }
        }
    }
    // What has a chart of its own tells most.
    charts.sort_by_key(|(_, curves)| curves.len() > 1);
    charts
}

/// Each figure with what it is to be compared with and what it was computed from.
fn figure_table(report: &Report) -> Markup {
    html! {
        table {
            @for figure in &report.figures {
                tr {
                    th { (figure.name) }
                    td.number { (figure.value_text()) }
                    td { (figure.beside_text()) }
                    td.note { (figure.source_text()) }
                }
            }
        }
        @for reason in &report.left_out { p.note { "Left out: " (reason) "." } }
    }
}

/// The settings that are not the preset's own.
fn changed(config: &TrainConfig) -> Markup {
    let changes = config.changes();
    html! {
        @if changes.is_empty() { p { "Those of the preset " code { (config.start.preset.name()) } "." } } @else {
            p { "Those of the preset " code { (config.start.preset.name()) } ", but for" }
            table { @for (name, value) in changes { tr { th { code { (name) } } td { (value) } } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::Line;
    use super::*;

    fn metrics() -> Metrics {
        let line = |step: usize| Line {
            stage: StageName::Disentangling,
            step,
            seconds: step as f64,
            values: [("swap", 1.0 / step as f64), ("d_style", 0.5), ("real_style", 1.0), ("fake_style", -1.0)]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        };
        Metrics(vec![line(50), line(100)])
    }

    #[test]
    fn a_report_stands_alone_and_shows_what_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0000100.png");
        image::RgbImage::new(8, 8).save(&path).unwrap();
        let grids = [Grid { step: 50, path: path.clone() }, Grid { step: 100, path }];
        let figures = crate::report::figures::tests::report();
        let config = TrainConfig::default().with(|config| config.optimiser.batch = 7);
        let (metrics, log) = (metrics(), "training on the <CPU>");
        let material = Material { config: &config, metrics: &metrics, figures: Some(&figures), grids: &grids, log };
        let page = page(&material).unwrap();
        for part in [
            "100 steps of 7 pictures",
            "data:image/jpeg;base64,",
            "top-1 &lt;%&gt;",
            "12.35 ± 1.00",
            "Left out: style: no sets",
            "&lt;CPU&gt;",
            "batch</code>",
            "Logits, style",
        ] {
            assert!(page.contains(part), "{part} is missing");
        }
        // Nothing in it is fetched.
        let fetched = ["http:", "https:", "src=\"/", "href", "url("];
        assert!(fetched.iter().all(|part| !page.contains(part)));
    }

    #[test]
    fn a_run_that_has_just_begun_has_a_report() {
        let (config, metrics) = (TrainConfig::default(), Metrics::default());
        let material = Material { config: &config, metrics: &metrics, figures: None, grids: &[], log: "" };
        assert!(page(&material).unwrap().contains("0 steps"));
    }

    #[test]
    fn values_that_belong_together_share_a_chart() {
        let titles: Vec<(String, usize)> = charts(&metrics()).into_iter().map(|(title, curves)| (title, curves.len())).collect();
        let expected =
            [("Losses of the discriminator", 1), ("disentangling: swap", 1), ("Logits, style: real and generated pictures", 2)];
        assert_eq!(titles, expected.map(|(title, curves)| (title.to_owned(), curves)));
    }
}
