//! Against `trainer/reference/figures.py`, which has the same points and the formulas in numpy and scipy.

use super::*;

/// The points of the reference script: sums of sines, so that both programs make the same ones.
fn points(rows: usize, phase: f64, scale: f64) -> Matrix {
    let value = |row: usize, column: usize| {
        let (r, c) = (row as f64, column as f64);
        scale * ((1.7 * r + 2.3 * c + phase).sin() + 0.5 * (0.37 * r * (c + 1.0) + phase).cos()) + 0.1 * phase * c
    };
    Matrix::from_rows(&(0..rows).map(|row| (0..5).map(|column| value(row, column)).collect::<Vec<f64>>()).collect::<Vec<_>>())
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn all_agree_with_numpy_and_scipy() {
    let (a, b) = (points(40, 0.0, 1.0), points(30, 0.8, 1.3));
    close(frechet(&a, &b), FID);
    close(kernel(&a, &b), KID);
    let found = neighbourhoods(&a, &b, 5);
    for (found, expected) in [found.precision, found.recall, found.density, found.coverage].into_iter().zip(PRDC) {
        close(found, expected);
    }
}

const FID: f64 = 0.529_985_439_670_656_5;
const KID: f64 = 0.124_567_416_042_202_34;
const PRDC: [f64; 4] = [0.9, 1.0, 0.606_666_666_666_666_7, 0.825];

#[test]
fn a_collection_is_at_no_distance_from_itself() {
    let a = points(40, 0.0, 1.0);
    assert!(frechet(&a, &a).abs() < 1e-9);
    // Without the diagonal, each point's likeness to itself is missing from two of the three sums.
    assert!(kernel(&a, &a) < 0.0);
    let same = neighbourhoods(&a, &a, 5);
    assert_eq!((same.precision, same.recall, same.coverage), (1.0, 1.0, 1.0));
}

#[test]
fn nothing_to_compare_is_no_panic() {
    let (none, one) = (Matrix::from_rows::<f64>(&[]), points(1, 0.0, 1.0));
    neighbourhoods(&none, &none, 5);
    neighbourhoods(&one, &one, 5);
    frechet(&one, &one);
}
