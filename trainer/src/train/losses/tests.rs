//! Values and gradients against PyTorch (`trainer/reference/losses.py` prints every number here), and gradients against finite
//! differences, which share nothing with either.

use super::*;

const CAPTION: [[f32; 4]; 2] = [[0.5, -1.0, 2.0, 0.1], [1.5, 0.3, -0.7, 0.9]];
const POSITIVE: [[f32; 4]; 2] = [[0.4, -0.2, 1.1, 0.3], [0.2, 0.8, -0.1, -0.5]];
const NEGATIVE: [[f32; 4]; 2] = [[-0.6, 0.7, 0.2, 0.1], [0.9, 0.1, -1.2, 0.4]];
const REAL: [[f32; 1]; 2] = [[0.3], [-1.7]];
const FAKE: [[f32; 1]; 2] = [[0.8], [-0.4]];
const MARGIN: f64 = 0.5;
const SHARPNESS: f64 = 10.0;

fn device() -> Device {
    Device::flex().autodiff()
}

fn leaf<const W: usize>(values: [[f32; W]; 2]) -> Tensor<2> {
    Tensor::from_data(values, &device()).require_grad()
}

fn value(loss: &Tensor<1>) -> f32 {
    loss.clone().into_scalar::<f32>()
}

/// The loss's value, and its gradient in each leaf.
fn evaluate<const N: usize>(leaves: [Tensor<2>; N], loss: impl Fn([Tensor<2>; N]) -> Tensor<1>) -> (f32, [Vec<f32>; N]) {
    let loss = loss(leaves.clone());
    let gradients = loss.backward();
    let of = |leaf: Tensor<2>| leaf.grad(&gradients).map(|g| g.into_data().iter::<f32>().collect()).unwrap_or_default();
    (value(&loss), leaves.map(of))
}

fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 2e-5, "{found:?} instead of {expected:?}");
    }
}

/// Compares every gradient with the central difference of the loss itself.
fn check_by_differences<const N: usize, const W: usize>(inputs: [[[f32; W]; 2]; N], loss: impl Fn([Tensor<2>; N]) -> Tensor<1>) {
    const STEP: f32 = 1e-2;
    let (_, gradients) = evaluate(inputs.map(leaf), &loss);
    for which in 0..N {
        for row in 0..2 {
            for column in 0..W {
                let moved = |by: f32| {
                    let mut inputs = inputs;
                    inputs[which][row][column] += by;
                    value(&loss(inputs.map(leaf)))
                };
                let difference = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                let gradient = gradients[which].get(row * W + column).copied().unwrap_or(0.0);
                assert!(
                    (difference - gradient).abs() < 3e-3,
                    "input {which} [{row}, {column}]: {gradient} instead of {difference}"
                );
            }
        }
    }
}

#[test]
fn pearson_ignores_mean_and_scale() {
    let (a, b) = (leaf(CAPTION), leaf(POSITIVE));
    let rho = pearson(a.clone(), b.clone()).into_data();
    let moved = pearson(a * 3.0 + 5.0, b).into_data();
    moved.assert_approx_eq::<f32>(&rho, burn::tensor::Tolerance::default());
    let own = pearson(leaf(CAPTION), leaf(CAPTION).neg()).into_data();
    close(&own.iter::<f32>().collect::<Vec<_>>(), &[-1.0, -1.0]);
}

#[test]
fn a_constant_code_correlates_with_nothing() {
    let (loss, [gradient]) = evaluate([leaf([[1.0; 4]; 2])], |[x]| style_loss(x, leaf(POSITIVE)));
    assert!(loss.is_finite() && gradient.iter().all(|g| g.is_finite()));
}

#[test]
fn content_loss_agrees_with_pytorch() {
    let (loss, [caption, positive, negative]) =
        evaluate([leaf(CAPTION), leaf(POSITIVE), leaf(NEGATIVE)], |[c, p, n]| content_loss(c, p, n, MARGIN));
    close(&[loss], &[0.754574]);
    // The first triplet is satisfied: no gradient.
    close(&caption, &[0.0, 0.0, 0.0, 0.0, -0.055072, -0.178926, 0.046445, 0.187553]);
    close(&positive, &[0.0, 0.0, 0.0, 0.0, -0.325816, 0.054783, 0.392133, -0.121100]);
    close(&negative, &[0.0, 0.0, 0.0, 0.0, 0.024840, -0.049844, 0.017108, 0.007896]);
}

#[test]
fn style_loss_agrees_with_pytorch() {
    let (loss, [noise, style]) = evaluate([leaf(CAPTION), leaf(POSITIVE)], |[z, s]| style_loss(z, s));
    close(&[loss], &[0.513800]);
    close(&noise, &[0.010805, -0.000760, -0.002715, -0.007330, -0.037352, -0.226079, 0.070773, 0.192659]);
    close(&style, &[-0.025084, 0.002917, 0.004959, 0.017209, -0.325816, 0.054783, 0.392133, -0.121100]);
}

#[test]
fn swap_loss_agrees_with_pytorch() {
    let picture = |values: [[f32; 2]; 2]| Tensor::<4>::from_data([[values]], &device());
    let drawn = picture([[0.5, -0.25], [1.0, 0.0]]).require_grad();
    let loss = swap_loss(drawn.clone(), picture([[0.0, -0.5], [0.25, 1.0]]));
    close(&[value(&loss)], &[1.09375]);
    let gradient = drawn.grad(&loss.backward()).unwrap().into_data();
    close(&gradient.iter::<f32>().collect::<Vec<_>>(), &[0.5, 0.375, 0.625, -0.75]);
}

#[test]
fn edge_loss_agrees_with_pytorch() {
    let picture = |values: [[f32; 2]; 2]| Tensor::<4>::from_data([[values]], &device());
    let drawn = picture([[0.5, -0.25], [1.0, 0.0]]).require_grad();
    let loss = edge_loss(drawn.clone(), picture([[0.0, -0.5], [0.25, 1.0]]));
    close(&[value(&loss)], &[1.75]);
    let gradient = drawn.grad(&loss.backward()).unwrap().into_data();
    close(&gradient.iter::<f32>().collect::<Vec<_>>(), &[0.0, 0.0, 1.0, -1.0]);
}

#[test]
fn a_total_is_the_weighted_sum_of_what_is_logged() {
    let term = |value: f32| Tensor::<1>::from_data([value], &device()).require_grad();
    let (whole, half) = (term(3.0), term(5.0));
    let mut log = vec![];
    let sum = total(vec![Term::unweighted("whole", whole.clone()), Term::new("half", 0.5, half.clone())], &mut log).unwrap();
    assert_eq!(value(&sum), 5.5);
    let logged: Vec<(&str, f32)> = log.iter().map(|(name, found)| (*name, value(found))).collect();
    assert_eq!(logged, [("whole", 3.0), ("half", 5.0)], "as they are before they are weighted");
    let gradients = sum.backward();
    assert_eq!([whole, half].map(|leaf| leaf.grad(&gradients).unwrap().into_scalar::<f32>()), [1.0, 0.5]);
    assert!(total(vec![], &mut log).is_none());
}

#[test]
fn adversarial_forms_agree_with_pytorch() {
    type Case = (Adversarial, f32, [f32; 2], [f32; 2], f32, [f32; 2]);
    let cases: [Case; 2] = [
        (Adversarial::Hinge, 2.9, [-0.5, -0.5], [0.5, 0.5], -0.2, [-0.5, -0.5]),
        (Adversarial::CrossEntropy, 2.053129, [-0.212779, -0.422767], [0.344987, 0.200656], 0.642058, [-0.155013, -0.299344]),
    ];
    for (form, d, d_real, d_fake, g, g_fake) in cases {
        let (loss, [real, fake]) = evaluate([leaf(REAL), leaf(FAKE)], |[r, f]| form.discriminator(r, f));
        close(&[loss], &[d]);
        close(&real, &d_real);
        close(&fake, &d_fake);
        let (loss, [fake]) = evaluate([leaf(FAKE)], |[f]| form.generator(f));
        close(&[loss], &[g]);
        close(&fake, &g_fake);
    }
}

#[test]
fn matching_loss_agrees_with_pytorch() {
    let eye = || Tensor::<2>::eye(2, &device());
    let (loss, [sentence, picture]) = evaluate([leaf(CAPTION), leaf(POSITIVE)], |[s, p]| matching_loss(s, p, eye(), SHARPNESS));
    close(&[loss], &[0.102802]);
    close(&sentence, &[0.001892, 0.004040, 0.001706, -0.003187, 0.075328, -0.433017, 0.426713, 0.350680]);
    close(&picture, &[0.531098, 0.108938, -0.260079, 0.318116, -0.667102, -0.076325, 0.325414, -0.454044]);
}

#[test]
fn pairs_of_equal_content_are_not_negatives() {
    let loss = matching_loss(leaf(CAPTION), leaf(POSITIVE), Tensor::ones([2, 2], &device()), SHARPNESS);
    close(&[value(&loss)], &[0.0]);
}

/// Two codes, the first of the second set.
#[test]
fn set_loss_agrees_with_pytorch() {
    let set = crate::train::batches::one_hot(&[1, 0], 2, &device());
    let (found, [code, centres]) = evaluate([leaf(CAPTION), leaf(POSITIVE)], |[c, s]| set_loss(c, s, set.clone(), 5.0));
    close(&[found], &[5.096815]);
    close(&code, &[-0.205990, -0.441828, -0.212429, 0.860246, -0.266509, 2.035_33, -0.863190, -0.905631]);
    close(&centres, &[-1.394807, 1.095502, 0.859039, -0.559734, 1.218922, 0.406701, -3.454_89, 1.829268]);
}

#[test]
fn gradients_agree_with_finite_differences() {
    // A negative that violates the margin in both rows keeps away from the kink.
    check_by_differences([CAPTION, NEGATIVE, POSITIVE], |[c, p, n]| content_loss(c, p, n, 2.5));
    check_by_differences([CAPTION, POSITIVE], |[z, s]| style_loss(z, s));
    check_by_differences([CAPTION, POSITIVE], |[s, p]| matching_loss(s, p, Tensor::eye(2, &device()), 1.0));
    check_by_differences([CAPTION, POSITIVE], |[x, y]| (standardise(x) * y).sum());
    for form in [Adversarial::Hinge, Adversarial::CrossEntropy] {
        check_by_differences([REAL, FAKE], |[r, f]| form.discriminator(r, f));
        check_by_differences([FAKE], |[f]| form.generator(f));
    }
}

#[test]
fn standardised_codes_have_no_mean_and_unit_deviation() {
    let code = standardise(leaf(CAPTION)).into_data();
    for row in code.iter::<f32>().collect::<Vec<_>>().chunks(4) {
        let mean = row.iter().sum::<f32>() / 4.0;
        let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 4.0;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4);
    }
}

/// By hand: the right pixel counts in full, one half as far off as a wrong one by half, the wrong one not at all; what is far off hears
/// nothing of the other losses through the weight.
#[test]
fn a_wrong_pixel_need_not_decide() {
    let device = Device::flex().autodiff();
    let composite = Tensor::<4>::from_data([[[[0.0; 3]], [[0.0; 3]], [[0.0; 3]], [[0.0; 3]], [[0.5, 0.4, 0.9]]]], &device);
    let real = Tensor::<4>::zeros([1, 3, 1, 3], &device);
    let drawn = Tensor::<4>::from_data([[[[0.0, 0.3, 1.0]], [[0.0, 0.0, -1.0]], [[0.0, 0.0, 0.0]]]], &device).require_grad();
    let composite = composite.require_grad();
    let loss = undecided_loss(composite.clone(), drawn.clone(), real);
    let gradients = loss.backward();
    assert!((loss.into_scalar::<f32>() - (0.5 + 0.4 * 0.5) / 3.0).abs() < 1e-6);
    assert!(drawn.grad(&gradients).is_none());
    let of_composite: Vec<f32> = composite.grad(&gradients).unwrap().narrow(1, 4, 1).into_data().iter().collect();
    for (found, expected) in of_composite.iter().zip([1.0 / 3.0, 0.5 / 3.0, 0.0]) {
        assert!((found - expected).abs() < 1e-6, "{of_composite:?}");
    }
}
