use super::*;

#[test]
fn presets_are_valid_and_the_patent_is_pure() {
    for preset in [Preset::Swap, Preset::Patent] {
        assert!(TrainConfig::of_preset(preset).validate().is_ok());
    }
    let patent = TrainConfig::of_preset(Preset::Patent);
    assert_eq!((patent.lambda_swap, patent.lambda_set, patent.patent_every, patent.patent_from), (0.0, 0.0, 1, 0.0));
    assert_eq!((patent.lambda_adversarial, patent.lambda_content, patent.lambda_style), (1.0, 1.0, 1.0));
}

#[test]
fn settings_that_cannot_be_trained_with_are_named() {
    type Spoil = fn(&mut TrainConfig);
    let broken: [(&str, Spoil); 14] = [
        ("--batch", |c| c.batch = 1_000_000_000_000),
        ("--steps", |c| c.steps = usize::MAX),
        ("--minutes", |c| c.minutes = Some(1e300)),
        ("image_size", |c| c.image_size = 63),
        ("--batch", |c| c.batch = 1),
        ("--matching-batch", |c| c.matching_batch = 0),
        ("--patent-every", |c| c.patent_every = 0),
        ("--lambda-style", |c| c.lambda_style = -1.0),
        ("--generator-rate", |c| c.generator_rate = 0.0),
        ("--discriminator-rate", |c| c.discriminator_rate = f64::NAN),
        ("--beta1", |c| c.beta1 = 1.5),
        ("--style-share", |c| c.style_share = 1.1),
        ("--stand-ins", |c| c.stand_ins = 2.0),
        ("--minutes", |c| c.minutes = Some(f64::INFINITY)),
    ];
    for (name, spoil) in broken {
        let mut config = TrainConfig::default();
        spoil(&mut config);
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}
