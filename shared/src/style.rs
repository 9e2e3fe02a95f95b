//! Style codes: the vector z that says *how* a picture is drawn.
//!
//! A code comes from a seed, from a blend of two codes, or from a picture (the image encoder's style code). Random codes are
//! drawn on the host by one named generator, never by a backend, so that a seed means the same style in the trainer, in the
//! page, on a GPU and on a CPU: ChaCha8 seeded with `seed_from_u64`, 53-bit uniforms, Box-Muller in f64, rounded to f32.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Largest seed that JavaScript holds exactly, 2^53 - 1. Larger seeds work but cannot be shown or shared by the page.
pub const MAX_SEED: u64 = (1 << 53) - 1;

/// A style code that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StyleError {
    /// The code has another length than the model's.
    #[error("a style code of {found} numbers was given, the model takes {expected}")]
    Length { expected: usize, found: usize },
    /// The code has a NaN or an infinity.
    #[error("number {index} of the style code is not finite")]
    NotFinite { index: usize },
    /// All numbers are equal, so there is no direction to standardise.
    #[error("the style code is constant")]
    Constant,
}

impl StyleError {
    /// Stable identifier for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "style.length",
            Self::NotFinite { .. } => "style.not-finite",
            Self::Constant => "style.constant",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Length { .. } => "use a style that this model made, or a style seed",
            Self::NotFinite { .. } => "use finite numbers, or a style seed",
            Self::Constant => "use a picture with something drawn on it, or a style seed",
        }
    }
}

/// How a picture is drawn: a vector of the model's style size.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleCode(Vec<f32>);

impl StyleCode {
    /// Draws `size` numbers from N(0, I) and standardises them; the same seed gives the same code everywhere.
    ///
    /// Standardised because lent styles are: both are then points of one sphere, spread evenly over it, and the generator has to know
    /// nothing else. Mean and length are what the style loss, a Pearson correlation, never hears of.
    pub fn from_seed(seed: u64, size: usize) -> Self {
        let mut normals = Normals::new(seed);
        let raw: Vec<f32> = (0..size).map(|_| normals.draw()).collect();
        // A single number has no direction.
        Self::standardised(&raw).unwrap_or(Self(raw))
    }

    /// Takes the numbers as they are.
    ///
    /// # Errors
    /// [`StyleError::NotFinite`].
    pub fn from_values(values: &[f32]) -> Result<Self, StyleError> {
        match values.iter().position(|v| !v.is_finite()) {
            Some(index) => Err(StyleError::NotFinite { index }),
            None => Ok(Self(values.to_vec())),
        }
    }

    /// Moves the numbers to mean zero and deviation one.
    ///
    /// The style loss is a Pearson correlation, blind to mean and scale, so an encoder's style code has the direction of a z but
    /// not its size; standardised, it can stand in for one.
    ///
    /// # Errors
    /// [`StyleError::NotFinite`] or [`StyleError::Constant`].
    pub fn standardised(values: &[f32]) -> Result<Self, StyleError> {
        let code = Self::from_values(values)?;
        let n = code.0.len() as f32;
        let mean = code.0.iter().sum::<f32>() / n;
        let deviation = (code.0.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt();
        if deviation < 1e-6 || !deviation.is_finite() {
            return Err(StyleError::Constant);
        }
        Ok(Self(code.0.iter().map(|v| (v - mean) / deviation).collect()))
    }

    /// The code between `self` (`t` = 0) and `other` (`t` = 1), along the great circle, so that the middle is as long as the ends.
    ///
    /// Gaussian codes lie near a sphere; a straight line would leave it and draw washed-out styles half way.
    ///
    /// # Errors
    /// [`StyleError::Length`] where the two differ in length.
    pub fn blend(&self, other: &Self, t: f32) -> Result<Self, StyleError> {
        other.check_length(self.0.len())?;
        let t = t.clamp(0.0, 1.0);
        let (a, b) = (length(&self.0), length(&other.0));
        let cosine = dot(&self.0, &other.0) / (a * b).max(f32::MIN_POSITIVE);
        let angle = cosine.clamp(-1.0, 1.0).acos();
        let (from, to) = if angle < 1e-3 || std::f32::consts::PI - angle < 1e-3 {
            (1.0 - t, t)
        } else {
            (((1.0 - t) * angle).sin() / angle.sin(), (t * angle).sin() / angle.sin())
        };
        Ok(Self(self.0.iter().zip(&other.0).map(|(x, y)| from * x + to * y).collect()))
    }

    /// The furthest that any two numbers in the same place lie apart; infinite where the codes differ in length.
    pub fn largest_difference(&self, other: &Self) -> f32 {
        match self.check_length(other.0.len()) {
            Ok(()) => self.0.iter().zip(&other.0).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max),
            Err(_) => f32::INFINITY,
        }
    }

    /// The numbers.
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    /// # Errors
    /// [`StyleError::Length`] unless the code has `expected` numbers.
    pub fn check_length(&self, expected: usize) -> Result<(), StyleError> {
        match self.0.len() {
            found if found == expected => Ok(()),
            found => Err(StyleError::Length { expected, found }),
        }
    }
}

/// A seed out of a word ("ada" is a style): FNV-1a over the UTF-8 bytes, cut to [`MAX_SEED`].
pub fn seed_from_text(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
    hash & MAX_SEED
}

/// What a person means by a text: decimal digits are the seed itself, anything else is hashed ("ada" is a style). So are digits
/// beyond [`MAX_SEED`]: JavaScript would round the number, and two seeds would become one.
pub fn seed_of(text: &str) -> u64 {
    let text = text.trim();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|seed| digits && *seed <= MAX_SEED).unwrap_or_else(|| seed_from_text(text))
}

/// Standard normal numbers from a seed; see the module's documentation.
struct Normals {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl Normals {
    fn new(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), spare: None }
    }

    /// Uniform in (0, 1]: zero would have no logarithm.
    fn uniform(&mut self) -> f64 {
        ((self.rng.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn draw(&mut self) -> f32 {
        let value = self.spare.take().unwrap_or_else(|| {
            let radius = (-2.0 * self.uniform().ln()).sqrt();
            let (sine, cosine) = (std::f64::consts::TAU * self.uniform()).sin_cos();
            self.spare = Some(radius * sine);
            radius * cosine
        });
        value as f32
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn length(a: &[f32]) -> f32 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden vectors: a change here changes every picture that anybody has shared by its seed.
    #[test]
    fn seeds_keep_their_meaning() {
        let code = StyleCode::from_seed(7, 4);
        close_to(&code, GOLDEN_7);
        let code = StyleCode::from_seed(MAX_SEED, 4);
        close_to(&code, GOLDEN_MAX);
        assert_eq!(seed_from_text("ada"), 3_307_438_437_622_075);
    }

    const GOLDEN_7: [f32; 4] = [0.551_006, 1.305_23, -0.560_722, -1.295_515];
    const GOLDEN_MAX: [f32; 4] = [-0.532_955, 1.694_647, -0.871_851, -0.289_840];

    fn close_to(code: &StyleCode, golden: [f32; 4]) {
        for (found, expected) in code.values().iter().zip(golden) {
            assert!((found - expected).abs() < 1e-6, "{code:?}");
        }
    }

    #[test]
    fn digits_are_the_seed_itself_and_anything_else_is_hashed() {
        assert_eq!([seed_of("7"), seed_of(" 0042 "), seed_of(&MAX_SEED.to_string())], [7, 42, MAX_SEED]);
        for text in ["ada", "-7", "+7", "7.0", "七", "", "9007199254740992", "99999999999999999999999"] {
            assert_eq!(seed_of(text), seed_from_text(text), "{text:?}");
        }
    }

    #[test]
    fn numbers_are_standard_normal() {
        let mut normals = Normals::new(1);
        let values: Vec<f32> = (0..100_000).map(|_| normals.draw()).collect();
        let n = values.len() as f64;
        let moment = |k: i32| values.iter().map(|v| f64::from(*v).powi(k)).sum::<f64>() / n;
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.02, "{} {}", moment(1), moment(2));
        assert!(moment(3).abs() < 0.05 && (moment(4) - 3.0).abs() < 0.1, "{} {}", moment(3), moment(4));
    }

    #[test]
    fn every_seed_lies_on_the_sphere_of_lent_styles() {
        for size in [2, 4, 8, 100] {
            let code = StyleCode::from_seed(3, size);
            let again = StyleCode::standardised(code.values()).unwrap();
            assert!(code.largest_difference(&again) < 1e-5, "{size}");
        }
        assert_eq!(StyleCode::from_seed(3, 1).values().len(), 1);
    }

    #[test]
    fn blending_keeps_ends_and_length() {
        let (a, b) = (StyleCode::from_seed(1, 8), StyleCode::from_seed(2, 8));
        let scale = length(&a.0) / length(&b.0);
        let b = StyleCode(b.0.iter().map(|v| v * scale).collect());
        for (t, end) in [(0.0, &a), (1.0, &b)] {
            for (x, y) in a.blend(&b, t).unwrap().0.iter().zip(&end.0) {
                assert!((x - y).abs() < 1e-5);
            }
        }
        let middle = a.blend(&b, 0.5).unwrap();
        assert!((length(&middle.0) - length(&a.0)).abs() < 1e-4);
        let opposite = StyleCode(a.0.iter().map(|v| -v).collect());
        assert!(a.blend(&opposite, 0.5).unwrap().0.iter().all(|v| v.is_finite()));
    }

    #[test]
    fn standardising_forgets_mean_and_scale() {
        let code = StyleCode::standardised(&[1.0, 2.0, 3.0, 6.0]).unwrap();
        let moved = StyleCode::standardised(&[12.0, 14.0, 16.0, 22.0]).unwrap();
        for (a, b) in code.0.iter().zip(&moved.0) {
            assert!((a - b).abs() < 1e-6);
        }
        assert!((length(&code.0) - 2.0).abs() < 1e-5);
    }

    #[test]
    fn codes_differ_by_their_furthest_numbers() {
        let code = |values: &[f32]| StyleCode::from_values(values).unwrap();
        assert_eq!(code(&[0.0, 1.0, -2.0]).largest_difference(&code(&[0.5, 1.0, 1.0])), 3.0);
        assert_eq!(code(&[1.0]).largest_difference(&code(&[1.0, 1.0])), f32::INFINITY);
    }

    #[test]
    fn bad_codes_are_named() {
        assert_eq!(StyleCode::from_values(&[0.0, f32::NAN]), Err(StyleError::NotFinite { index: 1 }));
        assert_eq!(StyleCode::standardised(&[2.0; 5]), Err(StyleError::Constant));
        let (a, b) = (StyleCode::from_seed(1, 8), StyleCode::from_seed(1, 4));
        assert_eq!(a.blend(&b, 0.5), Err(StyleError::Length { expected: 8, found: 4 }));
    }
}
