//! How many of everything, and by which random numbers.

use rand_chacha::ChaCha8Rng;

use crate::train::batches::{self, Stream};

/// How many of everything. One protocol for all models, so that their figures can be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// Seed of the draws: which captions, which styles, which halves.
    pub seed: u64,
    /// Parts whose R-precisions give a mean and a spread: ten, as in the literature since AttnGAN.
    pub folds: usize,
    /// Pictures in a part: with a hundred a part's own error is five per cent at most.
    pub fold: usize,
    /// Captions that the own one is ranked against: 99, as in the literature.
    pub against: usize,
    /// Pictures that z is read off: the mean of so many correlations is known to 0.02.
    pub recovery: usize,
    /// Captions of the grid, at most. More would say little more about captions and cost a picture for each seed.
    pub captions: usize,
    /// Seeds of the grid: more than there are sets, so that a model could show them all.
    pub seeds: usize,
    /// Real pictures that lend a set's style.
    pub lenders: usize,
    /// Held-out combinations, at most: all of the emoji's.
    pub combinations: usize,
    /// Pictures of its set among which the true one must be found, at most: all of the emoji's.
    pub candidates: usize,
    /// Pictures in half of the held-out ones, at most: all of the emoji's, and not hours for somebody's million.
    pub half: usize,
    /// How often the held-out pictures are halved anew.
    pub halvings: usize,
    /// Styles that each everyday caption is drawn in.
    pub everyday_seeds: usize,
    /// Training pictures that are drawn and looked at closely: an edge's width is known to a few hundredths.
    pub crispness: usize,
    /// Captions that are blended from one hand to another.
    pub morphs: usize,
    /// Prompts of each of GenEval's six skills: as many as GenEval has.
    pub scenes: usize,
    /// Neighbours for precision, recall, density and coverage: five, as in Naeem et al.
    pub neighbours: usize,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            seed: 1,
            folds: 10,
            fold: 100,
            against: 99,
            recovery: 256,
            captions: 64,
            seeds: 16,
            lenders: 64,
            combinations: 2000,
            candidates: 1000,
            half: 700,
            halvings: 5,
            everyday_seeds: 8,
            crispness: 512,
            morphs: 24,
            scenes: 100,
            neighbours: 5,
        }
    }
}

/// What is drawn at random; each has its own stream, so that a figure stays what it is when another changes.
#[derive(Debug, Clone, Copy)]
pub enum Draws {
    JudgeAccuracy = 16,
    Content,
    Rivals,
    Recovery,
    Grid,
    Likeness,
    Combinations,
    Lenders,
    Everyday,
    UnseenSet,
    Crispness,
    Morphs,
    Scenes,
}

/// The generator of one of them.
pub fn draws(seed: u64, what: Draws) -> ChaCha8Rng {
    batches::random_for(seed, Stream::Evaluation, (what as usize) << 20)
}
