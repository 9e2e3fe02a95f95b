//! The little linear algebra that figures need, in double precision.
//!
//! The decompositions are nalgebra's; `trainer/reference/figures.py` has numpy's and scipy's answers.

use nalgebra::{DMatrix, SymmetricEigen};

/// Points as rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// Rows of equal length; a matrix without rows has no columns either.
    pub fn from_rows<T: Copy + Into<f64>>(rows: &[Vec<T>]) -> Self {
        let columns = rows.first().map_or(0, Vec::len);
        let values = rows.iter().flat_map(|row| row.iter().take(columns).map(|value| (*value).into())).collect();
        Self { rows: rows.len(), columns, values }
    }

    fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    /// Number of points.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of features.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One point.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..][..self.columns]
    }

    /// Some of the points, in the order given.
    pub fn select(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|row| self.row(*row)).copied().collect();
        Self { rows: rows.len(), columns: self.columns, values }
    }

    /// Mean point.
    pub fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.columns];
        for row in 0..self.rows {
            mean.iter_mut().zip(self.row(row)).for_each(|(sum, value)| *sum += value / self.rows as f64);
        }
        mean
    }

    /// Unbiased covariance of the features: `[features, features]`.
    pub fn covariance(&self) -> Self {
        let mean = self.mean();
        let mut covariance = Self::zeros(self.columns, self.columns);
        let share = 1.0 / (self.rows.max(2) - 1) as f64;
        for row in 0..self.rows {
            let centred: Vec<f64> = self.row(row).iter().zip(&mean).map(|(value, mean)| value - mean).collect();
            for (a, of_a) in centred.iter().zip(covariance.values.chunks_exact_mut(self.columns)) {
                of_a.iter_mut().zip(&centred).for_each(|(sum, b)| *sum += share * a * b);
            }
        }
        covariance
    }

    /// Product with the transpose of `other`, whose rows have as many features.
    pub fn times_transposed(&self, other: &Self) -> Self {
        let values = (0..self.rows).flat_map(|a| (0..other.rows).map(move |b| dot(self.row(a), other.row(b)))).collect();
        Self { rows: self.rows, columns: other.rows, values }
    }

    /// Sum of the squares of all values: the trace of the product with its own transpose.
    pub fn squares(&self) -> f64 {
        dot(&self.values, &self.values)
    }

    /// Points moved and scaled so that the covariance is the product of their transpose with them; no more rows than features, so that
    /// what follows is as small as can be.
    pub fn factor(&self) -> Self {
        if self.rows > self.columns && self.columns > 0 {
            return self.covariance().square_root();
        }
        let (mean, share) = (self.mean(), (1.0 / (self.rows.max(2) - 1) as f64).sqrt());
        let centred =
            |row: usize| self.row(row).iter().zip(&mean).map(|(value, mean)| share * (value - mean)).collect::<Vec<_>>();
        Self { values: (0..self.rows).flat_map(centred).collect(), ..*self }
    }

    /// Sum of the singular values.
    pub fn nuclear_norm(&self) -> f64 {
        if self.values.is_empty() {
            return 0.0;
        }
        self.times_transposed(self).as_nalgebra().symmetric_eigenvalues().iter().map(|value| value.max(0.0).sqrt()).sum()
    }

    /// The square root of a symmetric, positive semi-definite matrix; what rounding has made negative counts as nothing.
    fn square_root(&self) -> Self {
        let SymmetricEigen { eigenvectors, eigenvalues } = self.as_nalgebra().symmetric_eigen();
        let scaled = &eigenvectors * DMatrix::from_diagonal(&eigenvalues.map(|value| value.max(0.0).sqrt()));
        let root = scaled * eigenvectors.transpose();
        // Symmetric, so it does not matter that nalgebra's columns are our rows.
        Self { values: root.as_slice().to_vec(), ..*self }
    }

    /// Eigenvalues and, as rows, eigenvectors of a symmetric matrix.
    pub fn eigen(&self) -> (Vec<f64>, Self) {
        let SymmetricEigen { eigenvectors, eigenvalues } = self.as_nalgebra().symmetric_eigen();
        // nalgebra's columns are our rows.
        (eigenvalues.as_slice().to_vec(), Self { values: eigenvectors.as_slice().to_vec(), ..*self })
    }

    fn as_nalgebra(&self) -> DMatrix<f64> {
        DMatrix::from_row_slice(self.rows, self.columns, &self.values)
    }
}

/// Sum over two rows of what `term` makes of each pair; several sums side by side, which a processor does at once.
pub fn summed(a: &[f64], b: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let ((a, last_a), (b, last_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            sums[i] += term(a[i], b[i]);
        }
    }
    sums.iter().sum::<f64>() + last_a.iter().zip(last_b).map(|(a, b)| term(*a, *b)).sum::<f64>()
}

/// Inner product.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    summed(a, b, |a, b| a * b)
}

/// Squared Euclidean distance.
pub fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    summed(a, b, |a, b| (a - b) * (a - b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.linalg.sqrtm of the same matrix, and the sum of the roots of numpy.linalg.eigvalsh of its square: that of its eigenvalues.
    #[test]
    fn roots_and_norms_agree_with_numpy() {
        let matrix = Matrix::from_rows(&[vec![4.0, 1.0, 0.5], vec![1.0, 3.0, -0.25], vec![0.5, -0.25, 2.0]]);
        assert!((matrix.nuclear_norm() - EIGENVALUES.iter().sum::<f64>()).abs() < 1e-9);
        let root = matrix.square_root();
        for (found, expected) in root.values.iter().zip(ROOT) {
            assert!((found - expected).abs() < 1e-9, "{root:?}");
        }
        assert!((root.squares() - 9.0).abs() < 1e-9);
        let (values, vectors) = matrix.eigen();
        for (value, vector) in values.iter().zip(vectors.values.chunks_exact(3)) {
            assert!(EIGENVALUES.iter().any(|expected| (value - expected).abs() < 1e-9), "{values:?}");
            for (row, expected) in vector.iter().enumerate() {
                assert!((dot(matrix.row(row), vector) - value * expected).abs() < 1e-9, "{vectors:?}");
            }
        }
    }

    const EIGENVALUES: [f64; 3] = [1.658_329_772_336_585_5, 2.689_794_467_298_034_5, 4.651_875_760_365_376];
    const ROOT: [f64; 9] = [
        1.974_794_331_810_478_1,
        0.275_561_286_023_481_2,
        0.155_734_789_608_138,
        0.275_561_286_023_481_2,
        1.707_394_021_512_630_4,
        -0.094_189_346_255_339_1,
        0.155_734_789_608_138,
        -0.094_189_346_255_339_1,
        1.402_453_222_876_863_1,
    ];

    /// With more points than features and with fewer.
    #[test]
    fn a_factor_makes_the_covariance() {
        let points = |rows: usize| {
            let row = |r: usize| (0..5).map(|c| (1.7 * r as f64 + 2.3 * c as f64).sin()).collect::<Vec<_>>();
            Matrix::from_rows(&(0..rows).map(row).collect::<Vec<_>>())
        };
        for (rows, expected) in [(9, 5), (4, 4)] {
            let (points, factor) = (points(rows), points(rows).factor());
            assert_eq!((factor.rows(), factor.columns()), (expected, 5));
            let product = factor.as_nalgebra().tr_mul(&factor.as_nalgebra());
            assert!((product - points.covariance().as_nalgebra()).norm() < 1e-12);
        }
    }

    #[test]
    fn rows_of_any_length_are_summed() {
        for length in [0, 3, 8, 21] {
            let row: Vec<f64> = (0..length).map(f64::from).collect();
            assert_eq!(dot(&row, &row), row.iter().map(|v| v * v).sum::<f64>());
            assert_eq!(squared_distance(&row, &vec![0.0; row.len()]), dot(&row, &row));
        }
    }

    #[test]
    fn a_diagonal_or_empty_matrix_is_no_trouble() {
        assert_eq!(Matrix::from_rows(&[vec![2.0, 0.0], vec![0.0, 0.0]]).nuclear_norm(), 2.0);
        assert_eq!(Matrix::from_rows::<f64>(&[]).factor().nuclear_norm(), 0.0);
        assert!(Matrix::from_rows(&[vec![1.0f32, 2.0]]).covariance().values.iter().all(|v| *v == 0.0));
    }
}
