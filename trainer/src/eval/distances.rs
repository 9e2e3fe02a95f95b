//! How far apart two collections of pictures are, as points in a judge's features.
//!
//! All of them are biased by the number of points, so they mean something only beside the same figure of real against real with as
//! many points: the floor. The formulas are those of the papers; `trainer/reference/figures.py` works them out with numpy and scipy.

use rayon::prelude::*;

use crate::linalg::{Matrix, dot, squared_distance};

/// FID (Heusel et al. 2017): `|m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))`.
pub fn frechet(a: &Matrix, b: &Matrix) -> f64 {
    // With C = F' F, the eigenvalues of C_a C_b are those of (F_a F_b')' (F_a F_b'): the trace of its root is the sum of the singular
    // values of F_a F_b', whose sides are the number of points or of features, whichever is less.
    let (of_a, of_b) = (a.factor(), b.factor());
    let cross = of_a.times_transposed(&of_b).nuclear_norm();
    squared_distance(&a.mean(), &b.mean()) + of_a.squares() + of_b.squares() - 2.0 * cross
}

/// KID (Binkowski et al. 2018): the unbiased squared maximum mean discrepancy with the kernel `(x y / features + 1)^3`.
pub fn kernel(a: &Matrix, b: &Matrix) -> f64 {
    let features = a.columns().max(1) as f64;
    let value = |x: &[f64], y: &[f64]| (dot(x, y) / features + 1.0).powi(3);
    let sum = |a: &Matrix, b: &Matrix, skip_diagonal: bool| -> f64 {
        let of_row = |i: usize| {
            let others = (0..b.rows()).filter(|j| !(skip_diagonal && i == *j));
            others.map(|j| value(a.row(i), b.row(j))).sum::<f64>()
        };
        (0..a.rows()).into_par_iter().map(of_row).sum()
    };
    let (m, n) = (a.rows() as f64, b.rows() as f64);
    sum(a, a, true) / (m * (m - 1.0)) + sum(b, b, true) / (n * (n - 1.0)) - 2.0 * sum(a, b, false) / (m * n)
}

/// Shares of two collections in each other's neighbourhoods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbourhoods {
    /// Share of drawn points within the k-th neighbour of some real point (Kynkaanniemi et al. 2019).
    pub precision: f64,
    /// Share of real points within the k-th neighbour of some drawn point.
    pub recall: f64,
    /// Real neighbourhoods that hold a drawn point, on average, over k (Naeem et al. 2020): precision that outliers do not inflate.
    pub density: f64,
    /// Share of real points with a drawn point in their neighbourhood: recall that outliers do not inflate.
    pub coverage: f64,
}

/// Precision, recall, density and coverage with each point's `k` nearest of its own kind.
pub fn neighbourhoods(real: &Matrix, drawn: &Matrix, k: usize) -> Neighbourhoods {
    let (of_real, of_drawn) = (radii(real, k), radii(drawn, k));
    // For each drawn point: in how many real neighbourhoods it lies.
    let density_of = |d: usize| (0..real.rows()).filter(|r| squared_distance(real.row(*r), drawn.row(d)) < of_real[*r]).count();
    let counts: Vec<usize> = (0..drawn.rows()).into_par_iter().map(density_of).collect();
    // For each real point: whether it lies in some drawn neighbourhood, and whether some drawn point lies in its own.
    let of_point = |r: usize| {
        let distances: Vec<f64> = (0..drawn.rows()).map(|d| squared_distance(real.row(r), drawn.row(d))).collect();
        let recalled = distances.iter().zip(&of_drawn).any(|(distance, radius)| distance < radius);
        (recalled, distances.iter().any(|distance| *distance < of_real[r]))
    };
    let (recalled, covered): (Vec<bool>, Vec<bool>) = (0..real.rows()).into_par_iter().map(of_point).unzip();
    let share = |hits: usize, of: usize| hits as f64 / of.max(1) as f64;
    Neighbourhoods {
        precision: share(counts.iter().filter(|count| **count > 0).count(), drawn.rows()),
        recall: share(recalled.iter().filter(|hit| **hit).count(), real.rows()),
        density: share(counts.iter().sum(), drawn.rows()) / k.max(1) as f64,
        coverage: share(covered.iter().filter(|hit| **hit).count(), real.rows()),
    }
}

/// Squared distance of each point to its k-th nearest other point; to the furthest, where there are fewer.
fn radii(points: &Matrix, k: usize) -> Vec<f64> {
    let radius = |i: usize| {
        let others = (0..points.rows()).filter(|j| *j != i);
        let mut distances: Vec<f64> = others.map(|j| squared_distance(points.row(i), points.row(j))).collect();
        distances.sort_unstable_by(f64::total_cmp);
        distances.get(k.saturating_sub(1)).or(distances.last()).copied().unwrap_or(0.0)
    };
    (0..points.rows()).into_par_iter().map(radius).collect()
}

#[cfg(test)]
mod tests;
