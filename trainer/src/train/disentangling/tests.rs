//! Which parameters each total loss moves, and that a step is a function of its number.

use std::collections::BTreeSet;

use burn::module::{ModuleVisitor, Param};
use shared::Vocabulary;
use shared::model::matching::MatchingModel;
use shared::model::parameters::{Parameters, parameters_of};

use super::batch::{Pick, Place};
use super::*;
use crate::config::TrainConfig;
use crate::config::{Adversarial, Preset};
use crate::data::DataConfig;
use crate::data::Dataset;
use crate::train::batches::TrainingSet;
use crate::train::losses::total;

struct Fixture {
    config: TrainConfig,
    dataset: Dataset,
    vocabulary: Vocabulary,
    matching: MatchingModel,
    training: TrainingSet,
    device: Device,
}

impl Fixture {
    fn new(preset: Preset) -> Self {
        let small = TrainConfig::of_preset(preset).with(|config| {
            config.optimiser.batch = 4;
            config.schedule.adversarial_every = 1;
            (config.shape.image_size, config.shape.generator_channels, config.shape.encoder_channels) = (32, 16, 4);
        });
        let data = DataConfig {
            groups: vec!["activities".into()],
            sets: vec!["twemoji".into(), "noto".into()],
            ..DataConfig::default()
        };
        let dataset = Dataset::load(&data, 32, None, &|_, _| {}).unwrap();
        let vocabulary = Vocabulary::of_captions(dataset.contents.iter().flat_map(|c| c.captions.texts())).unwrap();
        let device = Device::flex();
        device.seed(3);
        let matching = MatchingModel::new(&small.model(), vocabulary.table_size(), &device);
        let training = TrainingSet::new(&dataset);
        Self { config: small, dataset, vocabulary, matching, training, device }
    }

    fn stage(&self) -> Stage<'_> {
        let (data, texts) = ((&self.dataset, &self.training), (&self.vocabulary, &self.matching.sentence));
        Stage::new(&self.config, data, texts, &self.device).with_stand_ins().unwrap()
    }

    fn state(&self) -> State {
        self.device.seed(4);
        State::new(&self.config, &self.device)
    }
}

fn weights(state: &State) -> Parameters {
    let mut all = Parameters::new();
    all.extend(parameters_of(&state.generator.valid()));
    all.extend(parameters_of(&state.discriminator.valid()));
    all
}

/// The parts ("text", "generator", "encoder", "heads") with a weight that differs.
fn moved(before: &Parameters, after: &Parameters) -> BTreeSet<String> {
    let part = |name: &String| name.split('.').next().unwrap_or_default().to_owned();
    before.iter().filter(|(name, value)| after[*name] != **value).map(|(name, _)| part(name)).collect()
}

fn parts(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// total_D's and total_G's gradients, by part.
fn gradients_of(fixture: &Fixture, of_discriminator: bool) -> BTreeSet<String> {
    let (stage, totals) = (fixture.stage(), Totals { config: &fixture.config });
    let state = fixture.state();
    let batch = stage.batch(batches::random_for(1, batches::Stream::Disentangling, 0), true).unwrap();
    let caption = state.generator.text.forward(batch.sentence.clone());
    let fake = state.generator.generator.forward(caption.clone(), batch.noise.clone());
    let terms = if of_discriminator {
        totals.total_d(&state.discriminator, &batch, (caption.detach(), fake.detach()), &mut vec![])
    } else {
        totals.total_g(&state.discriminator.clone().no_grad(), &batch, (caption, fake))
    };
    let mut gradients = total(terms, &mut vec![]).unwrap().backward();
    let any = |g: GradientsParams| !g.is_empty();
    let found = [
        ("text", any(GradientsParams::from_module(&mut gradients, &state.generator.text))),
        ("generator", any(GradientsParams::from_module(&mut gradients, &state.generator.generator))),
        ("encoder", any(GradientsParams::from_module(&mut gradients, &state.discriminator.encoder))),
        ("heads", any(GradientsParams::from_module(&mut gradients, &state.discriminator.heads))),
    ];
    found.into_iter().filter(|(_, any)| *any).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn total_d_moves_encoder_and_heads_and_nothing_else() {
    assert_eq!(gradients_of(&Fixture::new(Preset::Adversarial), true), parts(&["encoder", "heads"]));
}

#[test]
fn total_g_moves_generator_and_text_encoder_and_nothing_else() {
    assert_eq!(gradients_of(&Fixture::new(Preset::Adversarial), false), parts(&["generator", "text"]));
}

#[test]
fn a_patent_step_moves_all_four_and_a_swap_step_leaves_the_heads() {
    let fixture = Fixture::new(Preset::Adversarial);
    let state = fixture.state();
    let before = weights(&state);
    let (state, metrics) = fixture.stage().step(state, 0.9).unwrap();
    assert_eq!(moved(&before, &weights(&state)), parts(&["encoder", "generator", "heads", "text"]));
    let names: BTreeSet<&str> = metrics.iter().map(|(name, _)| *name).collect();
    for name in ["real_style", "fake_matching", "real_whole", "d_content_loss", "g_style_loss"] {
        assert!(names.contains(name), "{name} is not logged");
    }

    let mut fixture = Fixture::new(Preset::Supervised);
    (fixture.config.schedule.adversarial_every, fixture.config.schedule.style_encoder_every) = (8, 2);
    // Between two steps with the patent's losses E learns from what is known, and every other time not at all.
    for (step, expected) in [(2, parts(&["encoder", "generator", "text"])), (3, parts(&["generator", "text"]))] {
        let mut state = fixture.state();
        state.step = step;
        let before = weights(&state);
        let (state, _) = fixture.stage().step(state, 0.9).unwrap();
        assert_eq!(moved(&before, &weights(&state)), expected, "step {step}");
    }
}

#[test]
fn every_adversarial_form_takes_a_step() {
    for form in [Adversarial::Hinge, Adversarial::CrossEntropy] {
        let mut fixture = Fixture::new(Preset::Adversarial);
        fixture.config.losses.adversarial_loss = form;
        let (state, metrics) = fixture.stage().step(fixture.state(), 0.9).unwrap();
        assert!(metrics.into_iter().all(|(_, value)| value.into_scalar::<f32>().is_finite()));
        assert!(weights(&state).values().all(|p| p.values.iter().all(|v| v.is_finite())));
    }
}

#[test]
fn what_stands_in_is_learnt_as_its_sets_own_but_not_by_the_encoder() {
    let mut fixture = Fixture::new(Preset::Supervised);
    fixture.config.sampling.cross_style_targets = 1.0;
    fixture.config.optimiser.batch = 64;
    let stage = fixture.stage();
    let mut random = batches::random_for(1, batches::Stream::Disentangling, 0);
    let set_of = |pick: &Pick| fixture.dataset.samples[pick.sample].style;
    assert!(stage.picks(true, &mut random).iter().all(|pick| set_of(pick) == pick.set));
    let picks = stage.picks(false, &mut random);
    let standing_in = picks.iter().filter(|pick| set_of(pick) != pick.set).count();
    assert!(standing_in > 0, "each of these sets lacks something that the other has");
    let places = stage.places(stage.regions.as_ref().unwrap(), &picks, &mut random);
    let owner = |place: &Place| stage.regions.as_ref().unwrap().owner(&place.code);
    assert!(places.iter().zip(&picks).all(|(place, pick)| owner(place) == pick.set && place.set == pick.set));
}

/// Drawn as layers on paper of any colour, a few steps bring the picture nearer and reach every part of the last layer.
#[test]
fn layers_learn_the_true_pictures() {
    let mut fixture = Fixture::new(Preset::Supervised);
    fixture.config.shape.layers = 4;
    fixture.config.schedule.adversarial_start = 1.0;
    fixture.config.optimiser.generator_rate = 1e-3;
    fixture.config.losses.lambda_undecided = 0.2;
    let stage = fixture.stage();
    let mut state = fixture.state();
    let before = weights(&state);
    let mut swaps = vec![];
    // Rates rise over the first 300 steps.
    state.step = 300;
    for _ in 0..40 {
        let (next, metrics) = stage.step(state, 0.1).unwrap();
        state = next;
        let value = |name| metrics.iter().find(|(known, _)| *known == name).map(|(_, v)| v.clone().into_scalar::<f32>());
        let undecided = value("undecided");
        assert!(undecided.is_some_and(|undecided| (-1e-6..1.0).contains(&undecided)), "{undecided:?}");
        swaps.extend(value("swap"));
    }
    let mean = |swaps: &[f32]| swaps.iter().sum::<f32>() / swaps.len() as f32;
    assert!(mean(&swaps[30..]) < 0.8 * mean(&swaps[..5]), "{swaps:?}");
    let after = weights(&state);
    for name in ["generator.output.weight", "generator.output.bias", "generator.colours.weight", "generator.colours.bias"] {
        assert_ne!(before[name], after[name], "{name}");
    }
}

/// While the trunk waits only the head moves; with a rate of its own the trunk moves less than with the head's.
#[test]
fn a_trunk_waits_and_has_a_rate_of_its_own() {
    let mut fixture = Fixture::new(Preset::Supervised);
    fixture.config.shape.layers = 4;
    fixture.config.schedule.adversarial_start = 1.0;
    let mut moved = |trunk_rate: f64, trunk_start: usize| {
        (fixture.config.optimiser.trunk_rate, fixture.config.optimiser.trunk_start) = (trunk_rate, trunk_start);
        let mut state = fixture.state();
        let before = weights(&state);
        state.step = 300;
        let after = weights(&fixture.stage().step(state, 0.1).unwrap().0);
        ["generator.output.weight", "generator.start.weight", "text.layer.weight"]
            .map(|name| before[name].values.iter().zip(&after[name].values).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max))
    };
    let [head, trunk, text] = moved(1.0, 0);
    assert!(head > 0.0 && trunk > 0.0 && text > 0.0);
    let waiting = moved(1.0, 301);
    assert!((waiting[0] - head).abs() < 1e-6 && waiting[1..] == [0.0, 0.0], "{waiting:?}");
    let slow = moved(0.1, 0);
    assert!((slow[0] - head).abs() < 1e-6 && (slow[1] - 0.1 * trunk).abs() < 0.02 * trunk, "{slow:?} {trunk}");
}

/// Of a white thing on white paper, only another paper tells where it ends.
#[test]
fn paper_is_of_any_colour_for_layers_and_white_for_pixels() {
    let mut fixture = Fixture::new(Preset::Supervised);
    let batch =
        |fixture: &Fixture| fixture.stage().batch(batches::random_for(1, batches::Stream::Disentangling, 0), true).unwrap();
    let pixels = batch(&fixture);
    assert!(pixels.paper.is_none());
    assert_eq!(pixels.on_paper.into_data(), pixels.real.into_data());
    fixture.config.shape.layers = 4;
    let layers = batch(&fixture);
    let paper: Vec<f32> = layers.paper.unwrap().into_data().iter().collect();
    let corner: Vec<f32> = layers.on_paper.slice([0..4, 0..3, 0..1, 0..1]).into_data().iter().collect();
    for (paper, corner) in paper.iter().zip(corner) {
        assert!((paper * 2.0 - 1.0 - corner).abs() < 1e-2, "{paper} {corner}");
    }
    let white = layers.real.slice([0..4, 0..3, 0..1, 0..1]).into_data();
    assert!(white.iter::<f32>().all(|value| value == 1.0));
}

/// What was found for each weight that something was found for.
struct Found<'a> {
    gradients: &'a GradientsParams,
    values: Vec<Vec<f32>>,
}

impl ModuleVisitor for Found<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id);
        self.values.extend(gradient.map(|gradient| gradient.into_data().iter().collect::<Vec<f32>>()));
    }
}

/// Metrics by name, and gradients of all weights, of a batch in so many parts.
fn found_in_parts(fixture: &Fixture, state: &State, parts: usize) -> (Vec<(&'static str, f32)>, Vec<Vec<f32>>) {
    let totals = Totals { config: &fixture.config };
    let batch = fixture.stage().batch(batches::random_for(1, batches::Stream::Disentangling, 0), true).unwrap();
    let shards = Shard::cut(batch, parts, &fixture.device);
    assert_eq!(shards.len(), parts);
    let work = shards.iter().map(|shard| (shard, shard.fork(&(state.generator.clone(), state.discriminator.clone())))).collect();
    let found = side_by_side(work, |(shard, sides): (&Shard, (GeneratorSide, DiscriminatorSide))| {
        let mut metrics = Metrics::new();
        let caption = sides.0.text.forward(shard.batch.sentence.clone());
        let fake = sides.0.generator.forward(caption.clone(), shard.batch.noise.clone());
        let mut terms = totals.total_d(&sides.1, &shard.batch, (caption.clone(), fake.clone()), &mut metrics);
        terms.extend(totals.total_g(&sides.1, &shard.batch, (caption, fake)));
        let sharpening = Sharpening { progress: 0.5 };
        terms.extend(totals.swap(&sides.0, &sides.1.encoder, (&shard.batch, sharpening), true, &mut metrics));
        let gradients = shard.backward(terms, &mut metrics);
        (gradients.map(|gradients| GradientsParams::from_grads(gradients, &sides)), metrics)
    });
    let mut metrics = Metrics::new();
    let sides = (state.generator.clone(), state.discriminator.clone());
    let gradients = shards::gathered(&sides, &shards, found, &mut metrics);
    let mut found = Found { gradients: &gradients, values: vec![] };
    sides.visit(&mut found);
    (metrics.into_iter().map(|(name, value)| (name, value.into_scalar::<f32>())).collect(), found.values)
}

#[test]
fn a_batch_in_parts_has_the_losses_and_gradients_of_the_whole() {
    let mut fixture = Fixture::new(Preset::Supervised);
    (fixture.config.optimiser.batch, fixture.config.shape.layers) = (24, 4);
    let state = fixture.state();
    let (metrics, gradients) = found_in_parts(&fixture, &state, 1);
    assert!(metrics.len() > 10 && gradients.len() > 40, "{} and {}", metrics.len(), gradients.len());
    for parts in [2, 3] {
        let (of_parts, in_parts) = found_in_parts(&fixture, &state, parts);
        for ((name, whole), (other, sum)) in metrics.iter().zip(&of_parts) {
            assert!(name == other && (whole - sum).abs() <= 1e-4 * whole.abs().max(1.0), "{name}: {whole}, {other}: {sum}");
        }
        assert_eq!(gradients.len(), in_parts.len());
        for (whole, sum) in gradients.iter().zip(&in_parts) {
            let length = |values: &mut dyn Iterator<Item = f32>| values.map(|v| v * v).sum::<f32>().sqrt();
            let (apart, length) = (length(&mut whole.iter().zip(sum).map(|(a, b)| a - b)), length(&mut whole.iter().copied()));
            assert!(apart <= 1e-3 * length + 1e-7, "{apart} of {length}");
        }
    }
}
