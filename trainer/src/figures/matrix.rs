//! The little linear algebra that figures need, in double precision.
//!
//! Written out rather than taken from a crate: a few hundred features, three operations, and a decomposition that fits on half a page.
//! `trainer/reference/figures.py` has numpy's and scipy's answers.

/// Points as rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

/// An eigenvalue iteration ends when what is off the diagonal is this small a share of what is on it.
const NEGLIGIBLE: f64 = 1e-24;
/// Sweeps over all pairs, at most; six to ten are usual.
const SWEEPS: usize = 60;

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
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let values = (0..self.rows).flat_map(|a| (0..other.rows).map(move |b| dot(self.row(a), other.row(b)))).collect();
        Self { rows: self.rows, columns: other.rows, values }
    }

    /// Sum of the diagonal.
    pub fn trace(&self) -> f64 {
        (0..self.rows.min(self.columns)).map(|i| self.row(i)[i]).sum()
    }

    /// The square root of a symmetric, positive semi-definite matrix; what rounding has made negative counts as nothing.
    pub fn square_root(&self) -> Self {
        let (values, vectors) = self.eigen();
        let n = self.rows;
        let mut root = Self::zeros(n, n);
        for (value, vector) in values.iter().zip(vectors.values.chunks_exact(n)) {
            let scale = value.max(0.0).sqrt();
            for (a, of_a) in vector.iter().zip(root.values.chunks_exact_mut(n)) {
                of_a.iter_mut().zip(vector).for_each(|(sum, b)| *sum += scale * a * b);
            }
        }
        root
    }

    /// Eigenvalues of a symmetric matrix.
    pub fn eigenvalues(&self) -> Vec<f64> {
        self.eigen().0
    }

    /// Eigenvalues and, as rows, eigenvectors of a symmetric matrix: Jacobi's method, cyclic by rows (Golub and Van Loan, section 8.5).
    pub fn eigen(&self) -> (Vec<f64>, Self) {
        let n = self.rows;
        let mut a = self.clone();
        let mut vectors = Self::zeros(n, n);
        (0..n).for_each(|i| vectors.values[i * n + i] = 1.0);
        for _ in 0..SWEEPS {
            let diagonal: f64 = (0..n).map(|i| a.row(i)[i].powi(2)).sum();
            let off = a.values.iter().map(|v| v * v).sum::<f64>() - diagonal;
            if off <= NEGLIGIBLE * diagonal {
                break;
            }
            for p in 0..n {
                for q in p + 1..n {
                    if let Some((cosine, sine)) = rotation(a.row(p)[p], a.row(p)[q], a.row(q)[q]) {
                        a.rotate_columns(p, q, cosine, sine);
                        a.rotate_rows(p, q, cosine, sine);
                        vectors.rotate_rows(p, q, cosine, sine);
                    }
                }
            }
        }
        ((0..n).map(|i| a.row(i)[i]).collect(), vectors)
    }

    fn rotate_rows(&mut self, p: usize, q: usize, cosine: f64, sine: f64) {
        let n = self.columns;
        let (before, from_q) = self.values.split_at_mut(q * n);
        for (x, y) in before[p * n..][..n].iter_mut().zip(&mut from_q[..n]) {
            (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
        }
    }

    fn rotate_columns(&mut self, p: usize, q: usize, cosine: f64, sine: f64) {
        for row in self.values.chunks_exact_mut(self.columns) {
            (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
        }
    }
}

/// Cosine and sine of the rotation that takes the value off the diagonal to zero; `None` where it is zero.
fn rotation(pp: f64, pq: f64, qq: f64) -> Option<(f64, f64)> {
    if pq.abs() < f64::MIN_POSITIVE {
        return None;
    }
    let tau = (qq - pp) / (2.0 * pq);
    let tangent = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    Some((cosine, tangent * cosine))
}

/// Squared Euclidean distance.
pub fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy.linalg.eigvalsh and scipy.linalg.sqrtm of the same matrix.
    #[test]
    fn eigenvalues_and_roots_agree_with_numpy() {
        let matrix = Matrix::from_rows(&[vec![4.0, 1.0, 0.5], vec![1.0, 3.0, -0.25], vec![0.5, -0.25, 2.0]]);
        let mut values = matrix.eigenvalues();
        values.sort_by(f64::total_cmp);
        for (found, expected) in values.iter().zip(EIGENVALUES) {
            assert!((found - expected).abs() < 1e-9, "{values:?}");
        }
        let root = matrix.square_root();
        for (found, expected) in root.values.iter().zip(ROOT) {
            assert!((found - expected).abs() < 1e-9, "{root:?}");
        }
        assert!((root.times_transposed(&root).trace() - 9.0).abs() < 1e-9);
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

    #[test]
    fn a_diagonal_or_empty_matrix_is_no_trouble() {
        assert_eq!(Matrix::from_rows(&[vec![2.0, 0.0], vec![0.0, 0.0]]).eigenvalues(), [2.0, 0.0]);
        assert!(Matrix::from_rows::<f64>(&[]).eigenvalues().is_empty());
        assert!(Matrix::from_rows(&[vec![1.0f32, 2.0]]).covariance().values.iter().all(|v| *v == 0.0));
    }
}
