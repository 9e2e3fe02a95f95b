//! The card that goes with a model file: what it is, how it was made, and what it may be used for.

use std::fmt::Write;

use shared::{ModelInfo, TrainingStage};

use super::figures::Report;
use super::metrics::Metrics;
use crate::config::{StageName, TrainConfig};

/// Writes the card in Markdown.
pub fn card(config: &TrainConfig, metrics: &Metrics, figures: Option<&Report>) -> String {
    let (step, seconds) = metrics.last(StageName::Disentangling).map_or((0, 0.0), |line| (line.step, line.seconds));
    // Where somebody's pictures lie on their disk is not for publication; what the folder is called will do.
    let published = |name: &str, value: String| if name == "data" { config.data.public_name() } else { value };
    let changes: Vec<String> =
        config.changes().into_iter().map(|(name, value)| format!("--{name} {}", published(&name, value))).collect();
    let mut card = format!(
        "# An Emblem model\n\n\
         `model.safetensors` draws {size} x {size} pictures from captions, in a style that a seed or another picture chooses.\n\n\
         | | |\n|---|---|\n\
         | method | preset `{preset}`; the patent is CN112990302B |\n\
         | settings | `{changes}` |\n\
         | pretraining | {matching} steps of {matching_batch} pictures, then frozen |\n\
         | disentangling stage | {step} steps of {batch} pictures: {seen} in {minutes:.0} minutes |\n\
         | seed | {seed} |\n\
         | weights | 16 bits; the averaged generator, half-life {half_life} pictures |\n\n\
         ## Use\n\n\
         ```sh\ntrainer paint model.safetensors \"a red apple\" --style 7\n```\n\n\
         or, on a page that has Emblem's scripts, `Painter.load(\"model.safetensors\")`.\n",
        size = config.shape.image_size,
        preset = config.start.preset.name(),
        changes = if changes.is_empty() { "the preset's own".to_owned() } else { changes.join(" ") },
        matching = config.schedule.matching_steps,
        matching_batch = config.optimiser.matching_batch,
        batch = config.optimiser.batch,
        seen = step * config.optimiser.batch,
        minutes = seconds / 60.0,
        seed = config.start.seed,
        half_life = config.optimiser.ema_half_life,
    );
    if let Some(report) = figures {
        card += "\n## Figures\n\nBy `trainer eval`; each line says what it was computed from, and what it is to be compared with.\n\n\
                 | figure | value | beside | from |\n|---|---|---|---|\n";
        for figure in &report.figures {
            let (value, beside, from) = (figure.value_text(), figure.beside_text(), figure.source_text());
            // Writing to a string cannot fail.
            let _ = writeln!(card, "| {} | {value} | {beside} | {from} |", figure.name);
        }
        for reason in &report.left_out {
            let _ = writeln!(card, "\nLeft out: {reason}.");
        }
    }
    card += "\n## Limits and licence\n\n\
             It knows the words of its training captions and says so when it meets another. It has seen the pictures it was trained on and \
             no others: what they leave out, or draw one-sidedly, it leaves out or draws one-sidedly.\n\n\
             The pictures' licences bind the weights; a model trained on the embedded sets may be shared under CC-BY-4.0 with Emblem's \
             CREDITS.md. The method is patented; Emblem's README says what that may mean.\n";
    card
}

/// Where a card says how its model was made, and where that ends.
const MARKS: [&str; 2] = ["<!-- training: written by `emblem-lab card` from the model file -->\n", "<!-- end of training -->\n"];

/// A card with what the model file says of its training between the card's marks; `None` of a card without them.
pub fn with_training(card: &str, info: &ModelInfo) -> Option<String> {
    let (before, rest) = card.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some([before, MARKS[0], &training(info), MARKS[1], after].concat())
}

/// The stages that a model went through, as a table in Markdown.
fn training(info: &ModelInfo) -> String {
    let mut table = "| stage | began with | steps | pictures | minutes | on | settings that differ from the defaults |\n\
                     |---|---|---|---|---|---|---|\n"
        .to_owned();
    for stage in &info.lineage {
        let TrainingStage { name, steps, pictures, minutes, .. } = stage;
        let began_with = stage.began_with.as_deref().unwrap_or("random weights");
        let settings: Vec<String> = stage.settings.iter().map(|(name, value)| format!("`{name} {value}`")).collect();
        let (devices, settings) = (stage.devices.join(", then "), settings.join(", "));
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {name} | {began_with} | {steps} | {pictures} | {minutes:.0} | {devices} | {settings} |");
    }
    if info.lineage.is_empty() {
        let value = |name: &str| info.training.get(name).map_or("not recorded", String::as_str);
        let count = |name: &str| info.training.get(name).and_then(|value| value.parse::<usize>().ok());
        let pictures = count("steps").zip(count("batch")).map_or("not recorded".to_owned(), |(a, b)| (a * b).to_string());
        let settings = ["preset", "batch", "seed"].map(|name| format!("`{name} {}`", value(name))).join(", ");
        let _ = writeln!(
            table,
            "| the last | not recorded | {} | {pictures} | {} | not recorded | {settings} |",
            value("steps"),
            value("minutes")
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_how_the_model_was_made() {
        let config = TrainConfig::default().with(|config| config.optimiser.batch = 7);
        let figures = crate::report::figures::tests::report();
        let card = card(&config, &Metrics::default(), Some(&figures));
        for part in
            ["64 x 64", "preset `supervised`", "--batch 7", "| top-1 <%> | 12.35 ± 1.00 | chance 0.10 | N 10,", "CC-BY-4.0"]
        {
            assert!(card.contains(part), "{part} is missing: {card}");
        }
    }

    #[test]
    fn the_shipped_card_says_what_the_shipped_file_says() {
        let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
        let card = std::fs::read_to_string(place.join("MODEL_CARD.md")).unwrap();
        let file = crate::io::model_file::read(&place.join("emblem.safetensors")).unwrap();
        let expected = with_training(&card, &file.info).expect("the card has its marks");
        assert!(card == expected, "`emblem-lab card models/emblem.safetensors` brings the card up to date: {expected}");
    }

    #[test]
    fn training_is_told_stage_by_stage_and_of_older_files_what_is_known() {
        let stage = TrainingStage {
            name: "layers".into(),
            began_with: Some("trunk.safetensors sha256:15c0".into()),
            settings: [("batch".to_owned(), "32".to_owned())].into(),
            steps: 100,
            pictures: 3200,
            minutes: 1.5,
            devices: vec!["CPU".into(), "H200".into()],
        };
        let random = TrainingStage { name: "first".into(), ..TrainingStage::default() };
        let info = ModelInfo { lineage: vec![random, stage], ..ModelInfo::default() };
        let card = with_training(&format!("above\n{}old\n{}below\n", MARKS[0], MARKS[1]), &info).unwrap();
        assert!(card.starts_with("above\n") && card.ends_with("below\n") && !card.contains("old"), "{card}");
        for row in [
            "| first | random weights | 0 |",
            "| layers | trunk.safetensors sha256:15c0 | 100 | 3200 | 2 | CPU, then H200 | `batch 32` |",
        ] {
            assert!(card.contains(row), "{row} is missing: {card}");
        }
        let settings = [("steps", "10"), ("batch", "7")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let older = super::training(&ModelInfo { training: settings, ..ModelInfo::default() });
        assert!(older.contains("| the last | not recorded | 10 | 70 | not recorded |"), "{older}");
        assert!(with_training("no marks", &info).is_none());
    }

    #[test]
    fn a_card_keeps_the_path_to_the_data_to_itself() {
        let data = crate::data::DataConfig { source: Some("/home/ada/secret/birds".into()), ..Default::default() };
        let card = card(&TrainConfig { data, ..TrainConfig::default() }, &Metrics::default(), None);
        assert!(card.contains("--data birds") && !card.contains("secret"), "{card}");
    }
}
