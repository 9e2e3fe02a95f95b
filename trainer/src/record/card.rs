//! The card that goes with a model file: what it is, how it was made, and what it may be used for.

use std::fmt::Write;

use serde_json::Value;

use super::metrics::Metrics;
use crate::config::TrainConfig;
use crate::run::checkpoint::StageName;

/// Writes the card in Markdown.
pub fn card(config: &TrainConfig, metrics: &Metrics, figures: Option<&Value>) -> String {
    let (step, seconds) = metrics.last(StageName::Disentangling).map_or((0, 0.0), |line| (line.step, line.seconds));
    let changes: Vec<String> = config.changes().into_iter().map(|(name, value)| format!("--{name} {value}")).collect();
    let mut card = format!(
        "# An Emblem model\n\n\
         `model.safetensors` draws {size} x {size} pictures from captions, in a style that a seed or another picture chooses.\n\n\
         | | |\n|---|---|\n\
         | method | preset `{preset}`; the patent is CN112990302B |\n\
         | settings | `{changes}` |\n\
         | matching stage | {matching} steps of {matching_batch} pictures, then frozen |\n\
         | disentangling stage | {step} steps of {batch} pictures: {seen} in {minutes:.0} minutes |\n\
         | seed | {seed} |\n\
         | weights | 16 bits; the averaged generator, half-life {half_life} pictures |\n\n\
         ## Use\n\n\
         ```sh\ntrainer paint model.safetensors \"a red apple\" --style 7\n```\n\n\
         or, on a page that has Emblem's scripts, `Painter.load(\"model.safetensors\")`.\n",
        size = config.image_size,
        preset = config.preset.name(),
        changes = if changes.is_empty() { "the preset's own".to_owned() } else { changes.join(" ") },
        matching = config.matching_steps,
        matching_batch = config.matching_batch,
        batch = config.batch,
        seen = step * config.batch,
        minutes = seconds / 60.0,
        seed = config.seed,
        half_life = config.average_half_life,
    );
    if let Some(rows) = figures.and_then(Value::as_array) {
        card += "\n## Figures\n\nBy `trainer evaluate`, on pictures that training never saw unless a line says otherwise.\n\n| figure | value | from |\n|---|---|---|\n";
        for row in rows {
            let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
            let value = row.get("value").and_then(Value::as_f64).unwrap_or(f64::NAN);
            // Writing to a string cannot fail.
            let _ = writeln!(card, "| {} | {value:.2} | {} |", text("name"), text("from"));
        }
    }
    card += "\n## Limits and licence\n\n\
             It knows the words of its training captions and says so when it meets another. It has seen the pictures it was trained on and \
             no others: what they leave out, or draw one-sidedly, it leaves out or draws one-sidedly.\n\n\
             The pictures' licences bind the weights; a model trained on the embedded sets may be shared under CC-BY-4.0 with Emblem's \
             CREDITS.md. The method is patented; Emblem's README says what that may mean.\n";
    card
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_how_the_model_was_made() {
        let config = TrainConfig { batch: 7, ..TrainConfig::default() };
        let figures = serde_json::json!([{"name": "top-1 (%)", "value": 10.12, "from": "1,002 combinations"}]);
        let card = card(&config, &Metrics::default(), Some(&figures));
        for part in ["64 x 64", "preset `swap`", "--batch 7", "| top-1 (%) | 10.12 | 1,002 combinations |", "CC-BY-4.0"] {
            assert!(card.contains(part), "{part} is missing: {card}");
        }
    }
}
