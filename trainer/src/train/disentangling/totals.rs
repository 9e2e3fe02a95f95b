//! The terms of each total loss, of a batch or a part of one.

use burn::prelude::*;
use shared::model::heads::Heads;
use shared::model::image_encoder::{Disentangled, ImageEncoder};

use super::batch::{Batch, Reading, scale_gradient};
use super::state::{DiscriminatorSide, GeneratorSide};
use crate::config::TrainConfig;
use crate::train::batches;
use crate::train::drawn::{Drawn, Sharpening};
use crate::train::losses::{Term, content_loss, of_pictures, standardise, style_loss};
use crate::train::metrics::Metrics;

/// s_s, s_c and s_i of the same pictures: each head's logit that they are real, `[batch, 1]`.
struct Logits {
    style: Tensor<2>,
    matching: Tensor<2>,
    whole: Tensor<2>,
}

/// The total losses by a run's settings.
#[derive(Clone, Copy)]
pub(super) struct Totals<'a> {
    pub config: &'a TrainConfig,
}

impl Totals<'_> {
    /// Terms of swap supervision, and where E `lends` in this step, of what it learns from.
    pub fn swap(
        &self,
        generator: &GeneratorSide,
        encoder: &ImageEncoder,
        (batch, sharpening): (&Batch, Sharpening),
        lends: bool,
        metrics: &mut Metrics,
    ) -> Vec<Term> {
        let weights = &self.config.losses;
        let code = match &batch.placed {
            Some(placed) => placed.codes.clone(),
            // A picture's own style is all there is; L_swap is a reconstruction then, and teaches E what to lend.
            None => {
                let noise = batch.noise.clone() * self.config.sampling.style_noise;
                standardise(standardise(encoder.style(batch.real.clone())) + noise)
            }
        };
        let drawn = Drawn::of(
            &generator.generator,
            generator.text.forward(batch.sentence.clone()),
            code.clone(),
            batch.paper.as_ref(),
            sharpening,
        );
        let mut terms = of_pictures(&drawn, &batch.on_paper, weights);
        let drawn = drawn.on_white;
        // Both sides want that styles can be read. Where E learns, one pass serves both; where it does not, G still hears of it, and of
        // what stands in as well. The code itself must not move towards what is easily read.
        let share = weights.style_gradient_scale;
        let style = match &batch.placed {
            None => Some(style_loss(code.detach(), encoder.style(scale_gradient(drawn, share)))),
            Some(placed) if lends => {
                let Reading { set, of_real, style } = placed.read(encoder, batch.real.clone(), drawn, share);
                terms.push(Term::new("set", weights.lambda_style_class, set));
                metrics.push(("real_style_loss", of_real));
                Some(style)
            }
            // E rests and G would hear nothing of it.
            Some(_) if share == 0.0 => None,
            Some(placed) => Some(style_loss(placed.codes.clone(), encoder.clone().no_grad().style(scale_gradient(drawn, share)))),
        };
        let name = if lends { "swap_style_loss" } else { "drawn_style_loss" };
        terms.extend(style.map(|style| Term::new(name, weights.lambda_style, style)));
        terms
    }

    /// Terms of total_D = L_D + lambda_c L_content + lambda_s L_style, with caption and generated pictures held still.
    pub fn total_d(
        &self,
        side: &DiscriminatorSide,
        batch: &Batch,
        (caption, fake): (Tensor<2>, Tensor<4>),
        metrics: &mut Metrics,
    ) -> Vec<Term> {
        let size = batch.negatives.len();
        // One pass over real and generated pictures together.
        let both = side.encoder.forward(Tensor::cat(vec![batch.real.clone(), fake], 0));
        let (real, fake) = (part(&both, 0, size), part(&both, size, size));
        let real_logits = logits(&side.heads, caption.clone(), &real);
        let fake_logits = logits(&side.heads, caption.clone(), &fake);
        // Real pictures with another's caption: D_c must read the caption, not only the picture.
        let wrong = side.heads.matching(batches::rows(caption.clone(), &batch.negatives), &real);

        let weights = &self.config.losses;
        let form = weights.adversarial_loss;
        let style = form.discriminator(real_logits.style.clone(), fake_logits.style.clone());
        let matching = (form.discriminator(real_logits.matching.clone(), fake_logits.matching.clone())
            + form.discriminator(real_logits.matching.clone(), wrong))
            / 2.0;
        let whole = form.discriminator(real_logits.whole.clone(), fake_logits.whole.clone());
        let (content, lent) = self.disentangling(batch, caption, &fake);
        for (name, logits) in [("real", &real_logits), ("fake", &fake_logits)] {
            metrics.extend(named_means(name, logits));
        }
        vec![
            Term::unweighted("d_style", style),
            Term::unweighted("d_matching", matching),
            Term::unweighted("d_whole", whole),
            Term::new("d_content_loss", weights.lambda_content, content),
            Term::new("d_style_loss", weights.lambda_style, lent),
        ]
    }

    /// Terms of total_G = L_G + lambda_c L_content + lambda_s L_style, with E and the heads held still.
    pub fn total_g(&self, side: &DiscriminatorSide, batch: &Batch, (caption, fake): (Tensor<2>, Tensor<4>)) -> Vec<Term> {
        let codes = side.encoder.forward(fake);
        let fake = logits(&side.heads, caption.clone(), &codes);
        let weights = &self.config.losses;
        let form = weights.adversarial_loss;
        let adversarial = form.generator(fake.style) + form.generator(fake.matching) + form.generator(fake.whole);
        let (content, style) = self.disentangling(batch, caption, &codes);
        vec![
            Term::new("g_adversarial", weights.lambda_adversarial, adversarial),
            Term::new("g_content_loss", weights.lambda_content, content),
            Term::new("g_style_loss", weights.lambda_style, style),
        ]
    }

    /// L_content and L_style of generated pictures, which both totals have in common.
    fn disentangling(&self, batch: &Batch, caption: Tensor<2>, fake: &Disentangled) -> (Tensor<1>, Tensor<1>) {
        let content = fake.content();
        let negative = batches::rows(content.clone(), &batch.negatives);
        (content_loss(caption, content, negative, self.config.losses.margin), style_loss(batch.noise.clone(), fake.style()))
    }
}

fn logits(heads: &Heads, caption: Tensor<2>, codes: &Disentangled) -> Logits {
    Logits { style: heads.style(codes), matching: heads.matching(caption, codes), whole: heads.whole(codes) }
}

fn named_means(of: &str, logits: &Logits) -> Metrics {
    let names = match of {
        "real" => ["real_style", "real_matching", "real_whole"],
        _ => ["fake_style", "fake_matching", "fake_whole"],
    };
    let means = [&logits.style, &logits.matching, &logits.whole].map(|s| s.clone().detach().mean());
    names.into_iter().zip(means).collect()
}

/// Rows `start` to `start + length` of a batch of codes.
fn part(codes: &Disentangled, start: usize, length: usize) -> Disentangled {
    let cut = |map: &Tensor<4>| map.clone().narrow(0, start, length);
    Disentangled { content_map: cut(&codes.content_map), style_map: cut(&codes.style_map) }
}
