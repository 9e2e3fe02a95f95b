use clap::CommandFactory;

use super::*;

#[test]
fn presets_are_valid_and_the_patent_is_pure() {
    for preset in [Preset::Supervised, Preset::Adversarial] {
        assert!(TrainConfig::of_preset(preset).validate().is_ok());
    }
    let TrainConfig { losses, schedule, .. } = TrainConfig::of_preset(Preset::Adversarial);
    assert_eq!((losses.lambda_swap, losses.lambda_style_class), (0.0, 0.0));
    assert_eq!((schedule.adversarial_every, schedule.adversarial_start), (1, 0.0));
    assert_eq!((losses.lambda_adversarial, losses.lambda_content, losses.lambda_style), (1.0, 1.0, 1.0));
}

#[test]
fn settings_that_cannot_be_trained_with_are_named() {
    type Spoil = fn(&mut TrainConfig);
    let broken: [(&str, Spoil); 23] = [
        ("--batch", |c| c.optimiser.batch = 1_000_000_000_000),
        ("--batch", |c| c.optimiser.batch = 1),
        ("--matching-batch", |c| c.optimiser.matching_batch = 0),
        ("--generator-rate", |c| c.optimiser.generator_rate = 0.0),
        ("--discriminator-rate", |c| c.optimiser.discriminator_rate = f64::NAN),
        ("--ema-half-life", |c| c.optimiser.ema_half_life = f64::INFINITY),
        ("--trunk-rate", |c| c.optimiser.trunk_rate = 1.5),
        ("--beta1", |c| c.optimiser.beta1 = 1.5),
        ("--seed", |c| c.start.seed = u64::MAX),
        ("--steps", |c| c.schedule.steps = usize::MAX),
        ("--minutes", |c| c.schedule.minutes = Some(1e300)),
        ("--minutes", |c| c.schedule.minutes = Some(f64::INFINITY)),
        ("--adversarial-every", |c| c.schedule.adversarial_every = 0),
        ("--adversarial-start", |c| c.schedule.adversarial_start = -0.5),
        ("--image-size", |c| c.shape.image_size = 63),
        ("--generator-min-channels", |c| c.shape.generator_min_channels = 0),
        ("--colour-jitter", |c| c.shape.colour_jitter = 1.5),
        ("--lambda-style", |c| c.losses.lambda_style = -1.0),
        ("--margin", |c| c.losses.margin = f64::NAN),
        ("--style-gradient-scale", |c| c.losses.style_gradient_scale = 1.1),
        ("--cross-style-targets", |c| c.sampling.cross_style_targets = 2.0),
        ("--style-noise", |c| c.sampling.style_noise = -1.0),
        ("--keep-checkpoints", |c| c.housekeeping.keep_checkpoints = 0),
    ];
    for (name, spoil) in broken {
        let error = TrainConfig::default().with(spoil).validate().unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn a_budget_is_steps_or_time_or_left_to_the_device() {
    let of = |steps, minutes| Schedule { steps, minutes, ..Schedule::default() };
    for (steps, minutes, budget, planned) in [
        (0, None, Budget::ByDevice, Budget::Steps(7)),
        (0, Some(5.0), Budget::Time, Budget::Time),
        (100, None, Budget::Steps(100), Budget::Steps(100)),
        (100, Some(5.0), Budget::Steps(100), Budget::Steps(100)),
    ] {
        let schedule = of(steps, minutes);
        // As a run saves it, and plans it again when it is resumed.
        assert_eq!((schedule.budget(), schedule.planned(7).planned(9).budget()), (budget, planned), "{steps} {minutes:?}");
    }
}

#[test]
fn short_help_is_short_and_long_help_is_whole() {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        config: TrainConfig,
    }
    let [short, long] = [Cli::command().render_help(), Cli::command().render_long_help()].map(|help| help.to_string());
    let options = |help: &str| help.lines().filter(|line| line.trim_start().starts_with("--")).count();
    assert!(options(&short) <= 10, "{short}");
    assert_eq!(options(&long), Cli::command().get_arguments().count(), "{long}");
}
