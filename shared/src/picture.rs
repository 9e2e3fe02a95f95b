//! A picture as bytes, between the model's numbers and whatever shows or stores it.

use burn::prelude::*;

/// An RGB picture, 8 bits a channel, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// `None` unless there are exactly `width * height * 3` bytes.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Option<Self> {
        let bytes = width.checked_mul(height)?.checked_mul(3)?;
        (rgb.len() == bytes).then_some(Self { width, height, rgb })
    }

    /// The picture with full opacity, four bytes a pixel.
    pub fn to_rgba(&self) -> Vec<u8> {
        self.rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect()
    }

    /// Largest difference of any channel of any pixel; `None` where the sizes differ.
    pub fn largest_difference(&self, other: &Self) -> Option<u8> {
        let same_size = (self.width, self.height) == (other.width, other.height);
        same_size.then(|| self.rgb.iter().zip(&other.rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0))
    }
}

/// Neighbours that differ by more levels have an edge between them.
const EDGE: u8 = 8;

impl Picture {
    /// The same of pixels that have no edge of `expected` beside them: where an edge lies to a hundredth of a pixel is rounding.
    pub fn largest_difference_outside_edges(&self, expected: &Self) -> Option<u8> {
        if (self.width, self.height) != (expected.width, expected.height) {
            return None;
        }
        let pixels = self.rgb.as_chunks::<3>().0.iter().zip(expected.rgb.as_chunks::<3>().0).zip(expected.edges());
        let flat = pixels.filter(|(_, edge)| !edge);
        flat.flat_map(|((a, b), _)| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b))).max().or(Some(0))
    }

    /// Whether each pixel differs from one of the four beside it.
    fn edges(&self) -> Vec<bool> {
        let pixels = self.rgb.as_chunks::<3>().0;
        let mut edges = vec![false; pixels.len()];
        let mut compare = |a: usize, b: usize| {
            if pixels[a].iter().zip(pixels[b]).any(|(a, b)| a.abs_diff(b) > EDGE) {
                (edges[a], edges[b]) = (true, true);
            }
        };
        for y in 0..self.height {
            for x in 0..self.width {
                let at = y * self.width + x;
                if x + 1 < self.width {
                    compare(at, at + 1);
                }
                if y + 1 < self.height {
                    compare(at, at + self.width);
                }
            }
        }
        edges
    }
}

/// Bytes as the model sees pictures: black at -1, white at 1.
///
/// # Shapes
/// `rgb` holds `count` pictures of `size` x `size` x 3 bytes; the result is `[count, 3, size, size]`
///
/// # Panics
/// Where `rgb` has another length: callers cut it from pictures whose size they have checked.
pub fn pictures_to_tensor(rgb: &[u8], count: usize, size: usize, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = rgb.iter().map(|v| f32::from(*v) / 127.5 - 1.0).collect();
    Tensor::<4>::from_data(TensorData::new(values, [count, size, size, 3]), device).permute([0, 3, 1, 2])
}

/// The model's pictures as numbers from 0 to 255, ready to be read back: clamped, rounded, channels last.
///
/// # Shapes
/// `[batch, 3, height, width]` to `[batch, height, width, 3]`
pub fn tensor_to_levels(pictures: Tensor<4>) -> Tensor<4> {
    ((pictures.clamp(-1.0, 1.0) + 1.0) * 127.5).round().permute([0, 2, 3, 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_edge_is_made_of_does_not_count_and_all_else_does() {
        // Black to the left, white to the right.
        let half = |column: usize| {
            let row: Vec<u8> = (0..8).flat_map(|x| [if x < column { 0 } else { 255 }; 3]).collect();
            Picture::new(8, 2, row.repeat(2)).unwrap()
        };
        let mut smooth = half(4);
        smooth.rgb[9..12].fill(90);
        assert_eq!(smooth.largest_difference(&half(4)), Some(90));
        assert_eq!(smooth.largest_difference_outside_edges(&half(4)), Some(0));
        let mut elsewhere = half(4);
        elsewhere.rgb[0] = 200;
        assert_eq!(elsewhere.largest_difference_outside_edges(&half(4)), Some(200), "an edge that is not expected");
        assert_eq!(half(4).largest_difference_outside_edges(&Picture::new(1, 1, vec![0; 3]).unwrap()), None);
    }

    #[test]
    fn bytes_survive_the_round_trip() {
        let device = Device::flex();
        let rgb: Vec<u8> = (0..4 * 4 * 3 * 2).map(|i| (i * 7 % 256) as u8).collect();
        let tensor = pictures_to_tensor(&rgb, 2, 4, &device);
        assert_eq!(tensor.dims(), [2, 3, 4, 4]);
        let levels = tensor_to_levels(tensor).into_data();
        assert_eq!(levels.iter::<f32>().map(|v| v as u8).collect::<Vec<_>>(), rgb);
    }

    #[test]
    fn what_lies_outside_is_clamped() {
        let x = Tensor::<4>::from_data([[[[-3.0, 3.0]]]], &Device::flex());
        assert_eq!(tensor_to_levels(x).into_data().iter::<f32>().collect::<Vec<_>>(), [0.0, 255.0]);
    }

    #[test]
    fn a_picture_has_all_its_bytes() {
        assert!(Picture::new(2, 2, vec![0; 12]).is_some());
        assert!(Picture::new(2, 2, vec![0; 11]).is_none());
        assert!(Picture::new(usize::MAX, 2, vec![]).is_none());
        let picture = Picture::new(1, 1, vec![1, 2, 3]).unwrap();
        assert_eq!(picture.to_rgba(), [1, 2, 3, 255]);
        assert_eq!(picture.largest_difference(&Picture::new(1, 1, vec![1, 9, 3]).unwrap()), Some(7));
    }
}
