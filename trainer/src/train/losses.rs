//! Every loss of the method, each with its formula. Notation as in `docs/method.md`: x real, x' generated, (h_c, h_s) = E(picture),
//! h_tc = T(e), s = logit of a head, rho = Pearson correlation over the features of one sample.
//!
//! ```text
//! L_content = mean [ alpha - rho(h_tc, h_c(x')) + rho(h_tc, h_c(x'_negative)) ]+        paragraphs 0061 to 0066
//! L_style   = mean ( 1 - rho(z, h_s(x')) )                                              paragraphs 0067 to 0069
//! L_G, L_D  = an adversarial form over s_s, s_c and s_i                                 paragraphs 0070 and 0071
//! total_D   = L_D + lambda_c L_content + lambda_s L_style                               paragraphs 0072 to 0075
//! total_G   = L_G + lambda_c L_content + lambda_s L_style
//! L_swap    = mean |G(h_tc(A), z(S)) - A in S| + mean ( ... )^2                         this project's additions
//! L_edge    = mean |d/dx ( ... )| + mean |d/dy ( ... )|
//! L_set     = mean - log softmax_S ( sharpness cos(h_s(x), c_S) ) at the set S of x
//! undecided = mean ( 1 - sum of p^2 ) [ 1 - |x' - x| / 0.2 ]+                           p the shares of a pixel's layers
//! ```
//!
//! All are first-order: burn differentiates once.

use burn::prelude::*;
use burn::tensor::activation::{relu, softplus};

use crate::config::{Adversarial, LossWeights};
use crate::train::drawn::Drawn;
use crate::train::metrics::Metrics;

/// Keeps a correlation finite where a code is constant.
const EPSILON: f64 = 1e-8;
/// Takes a pair out of a softmax: far below every logit, and finite, since shaders do not know infinity.
const HIDDEN: f64 = -1e4;
/// From so far off, of 2, a pixel counts as wrong and not as mixed.
const WRONG: f64 = 0.2;

impl Adversarial {
    /// Discriminator's part for one head: logits of real pictures up, of generated ones down.
    ///
    /// # Shapes
    /// `[batch, 1]` each; the result is `[1]`
    pub fn discriminator(self, real: Tensor<2>, fake: Tensor<2>) -> Tensor<1> {
        match self {
            Self::Hinge => relu(real.neg() + 1.0).mean() + relu(fake + 1.0).mean(),
            Self::CrossEntropy => softplus(real.neg(), 1.0).mean() + softplus(fake, 1.0).mean(),
        }
    }

    /// Generator's part for one head: logits of generated pictures up.
    ///
    /// # Shapes
    /// `[batch, 1]` to `[1]`
    pub fn generator(self, fake: Tensor<2>) -> Tensor<1> {
        match self {
            Self::Hinge => fake.mean().neg(),
            Self::CrossEntropy => softplus(fake.neg(), 1.0).mean(),
        }
    }
}

/// A part of a total loss.
pub struct Term {
    /// What it is logged as.
    pub name: &'static str,
    /// What it is multiplied with; `None` counts as one.
    pub weight: Option<f64>,
    /// `[1]`
    pub value: Tensor<1>,
}

impl Term {
    pub fn new(name: &'static str, weight: f64, value: Tensor<1>) -> Self {
        Self { name, weight: Some(weight), value }
    }

    /// One that its formula gives no weight.
    pub fn unweighted(name: &'static str, value: Tensor<1>) -> Self {
        Self { name, weight: None, value }
    }
}

/// The weighted sum of all terms, in their order; `None` of none. Each is logged before it is weighted.
pub fn total(terms: Vec<Term>, log: &mut Metrics) -> Option<Tensor<1>> {
    log.extend(terms.iter().map(|term| (term.name, term.value.clone())));
    let weighted = terms.into_iter().map(|Term { weight, value, .. }| match weight {
        Some(weight) => value * weight,
        None => value,
    });
    weighted.reduce(|sum, term| sum + term)
}

/// Terms that compare what was drawn with the true pictures on the same paper, `[batch, 3, size, size]`.
pub fn of_pictures(drawn: &Drawn, real: &Tensor<4>, weights: &LossWeights) -> Vec<Term> {
    let compared = |loss: fn(Tensor<4>, Tensor<4>) -> Tensor<1>| loss(drawn.on_paper.clone(), real.clone());
    let mut terms = vec![
        Term::new("swap", weights.lambda_swap, compared(swap_loss)),
        Term::new("edge", weights.lambda_edge, compared(edge_loss)),
    ];
    if let Some(composite) = &drawn.composite {
        // While layers are soft, all of it is undecided.
        let weight = weights.lambda_undecided * drawn.sharpening.progress;
        terms.push(Term::new("undecided", weight, undecided_loss(composite.clone(), drawn.on_paper.clone(), real.clone())));
    }
    terms
}

/// rho: Pearson correlation over the features of each sample.
///
/// # Shapes
/// `[batch, features]` each, to `[batch, 1]`, in -1 to 1
pub fn pearson(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    let centre = |x: Tensor<2>| x.clone() - x.mean_dim(1);
    let (a, b) = (centre(a), centre(b));
    let length = |x: &Tensor<2>| (x.clone().square().sum_dim(1) + EPSILON).sqrt();
    let lengths = length(&a) * length(&b);
    (a * b).sum_dim(1) / lengths
}

/// L_content: a caption must be closer to its own picture's content than to another's, by the margin alpha.
///
/// # Shapes
/// - caption h_tc, positive h_c(x') and negative h_c(x'_negative): `[batch, content_size]`
/// - result: `[1]`
pub fn content_loss(caption: Tensor<2>, positive: Tensor<2>, negative: Tensor<2>, alpha: f64) -> Tensor<1> {
    relu(pearson(caption.clone(), negative) - pearson(caption, positive) + alpha).mean()
}

/// L_style: the style code of a picture must follow the noise that it was drawn with.
///
/// # Shapes
/// z and h_s(x'): `[batch, style_size]`; the result is `[1]`
pub fn style_loss(noise: Tensor<2>, style: Tensor<2>) -> Tensor<1> {
    (pearson(noise, style).neg() + 1.0).mean()
}

/// L_swap: drawn in the style of a set, a caption must give the set's own picture of it.
/// The absolute part keeps edges sharp, the squared part pulls hard while the picture is still far off.
///
/// # Shapes
/// `[batch, 3, size, size]` each; the result is `[1]`
pub fn swap_loss(drawn: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
    let difference = drawn - real;
    difference.clone().abs().mean() + difference.square().mean()
}

/// L_edge: the same of what neighbours differ by, to the right and below. Where an edge lies shows in few pixels, and a tile that does not
/// fit the next one in hardly any; here they are all that counts.
///
/// # Shapes
/// `[batch, 3, size, size]` each; the result is `[1]`
pub fn edge_loss(drawn: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
    let difference = drawn - real;
    let steps = |dim: usize| {
        let last = difference.dims()[dim] - 1;
        (difference.clone().narrow(dim, 1, last) - difference.clone().narrow(dim, 0, last)).abs().mean()
    };
    steps(2) + steps(3)
}

/// A pixel that is right must be of one layer and not mix several. One that is wrong must not decide: it would decide for what is wrong,
/// with more force than the other losses have to change its mind.
///
/// # Shapes
/// - composite: `[batch, 5, size, size]`, as [`Drawn::composite`]
/// - drawn, real: `[batch, 3, size, size]`, from -1 to 1
/// - result: `[1]`
pub fn undecided_loss(composite: Tensor<4>, drawn: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
    let wrong = (drawn - real).detach().abs().mean_dim(1);
    (composite.narrow(1, 4, 1) * relu(wrong / -WRONG + 1.0)).mean()
}

/// L_set: of all sets' centres, a picture's own must be the nearest to its style code (cross-entropy over the cosines of standardised
/// codes). The centres are fixed, as far from each other as they go (`regions.rs`).
///
/// # Shapes
/// - code: `[batch, style_size]`
/// - centres: `[sets, style_size]`
/// - set: `[batch, sets]`, one at each picture's own
/// - result: `[1]`
pub fn set_loss(code: Tensor<2>, centres: Tensor<2>, set: Tensor<2>, sharpness: f64) -> Tensor<1> {
    let size = code.dims()[1] as f64;
    let logits = standardise(code).matmul(standardise(centres).transpose()) * (sharpness / size);
    let log_probability = burn::tensor::activation::log_softmax(logits, 1);
    (log_probability * set).sum_dim(1).mean().neg()
}

/// The matching model's loss: of all pictures in the batch, a caption's own must be the nearest, and the other way round (the
/// sentence part of DAMSM, with one temperature). Pairs of equal content are not each other's negatives.
///
/// # Shapes
/// - sentence, picture: `[batch, sentence_size]`
/// - same: `[batch, batch]`, one where two samples have the same content (the diagonal included)
/// - result: `[1]`
pub fn matching_loss(sentence: Tensor<2>, picture: Tensor<2>, same: Tensor<2>, sharpness: f64) -> Tensor<1> {
    let [batch, _] = sentence.dims();
    let unit = |x: Tensor<2>| x.clone() / (x.square().sum_dim(1) + EPSILON).sqrt();
    let diagonal = Tensor::<2>::eye(batch, &same.device());
    let hidden = (same - diagonal.clone()) * HIDDEN;
    let logits = unit(sentence).matmul(unit(picture).transpose()) * sharpness + hidden;
    let right = |logits: Tensor<2>| {
        let log_probability = burn::tensor::activation::log_softmax(logits, 1);
        (log_probability * diagonal.clone()).sum().neg() / batch as f64
    };
    (right(logits.clone()) + right(logits.transpose())) / 2.0
}

/// Moves each sample's code to mean zero and deviation one, so that a lent style code can stand in for noise.
///
/// # Shapes
/// `[batch, style_size]` to the same
pub fn standardise(code: Tensor<2>) -> Tensor<2> {
    let centred = code.clone() - code.mean_dim(1);
    let deviation = (centred.clone().square().mean_dim(1) + EPSILON).sqrt();
    centred / deviation
}

#[cfg(test)]
mod tests;
