//! A convolution as a matrix product, for a whole batch at once.
//!
//! `gather` writes what the kernel sees at each position of each picture side by side: a row for each value under the kernel, a
//! column for each position. The filters times that matrix are the drawn maps; `scatter` is its transpose, for gradients. One product
//! for the batch lets the filters be laid out for the processor once rather than once for each picture.

use std::ops::Range;

#[cfg(feature = "training")]
use rayon::prelude::*;

/// The shapes of one convolution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    batch: usize,
    channels: usize,
    /// Of the maps that are seen: height and width.
    seen: [usize; 2],
    /// Of the maps that are drawn.
    drawn: [usize; 2],
    channels_out: usize,
    kernel: [usize; 2],
    stride: usize,
    padding: usize,
}

impl Columns {
    /// # Shapes
    /// - x: `[batch, channels_in, height, width]`
    /// - weight: `[channels_out, channels_in, kernel, kernel]`
    pub(crate) fn new(x: [usize; 4], weight: [usize; 4], stride: usize, padding: usize) -> Self {
        let [batch, channels, height, width] = x;
        let [channels_out, _, rows, columns] = weight;
        let drawn = [(height, rows), (width, columns)].map(|(size, kernel)| (size + 2 * padding - kernel) / stride + 1);
        Self { batch, channels, seen: [height, width], drawn, channels_out, kernel: [rows, columns], stride, padding }
    }

    /// Values under the kernel.
    pub(crate) fn rows(&self) -> usize {
        self.channels * self.kernel[0] * self.kernel[1]
    }

    /// Places that the kernel is put at, in all pictures.
    pub(crate) fn positions(&self) -> usize {
        self.batch * self.drawn[0] * self.drawn[1]
    }

    /// Filters.
    pub(crate) fn channels_out(&self) -> usize {
        self.channels_out
    }

    /// `[batch, channels_out, height, width]` of what is drawn.
    pub(crate) fn drawn(&self) -> [usize; 4] {
        [self.batch, self.channels_out, self.drawn[0], self.drawn[1]]
    }

    /// What the kernel sees: `[batch, channels_in, height, width]` to `[rows, positions]`.
    pub(crate) fn gather(&self, x: &[f32]) -> Vec<f32> {
        let mut columns = vec![0.0; self.rows() * self.positions()];
        let area = self.seen[0] * self.seen[1];
        each(&mut columns, self.positions(), |row, columns| {
            let place = self.place(row);
            for (picture, columns) in columns.chunks_exact_mut(self.drawn[0] * self.drawn[1]).enumerate() {
                let map = &x[(picture * self.channels + place.channel) * area..][..area];
                for (to, from) in self.lines(&place) {
                    let (to, from) = (&mut columns[to], &map[from..]);
                    match self.stride {
                        1 => to.copy_from_slice(&from[..to.len()]),
                        stride => to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to = *from),
                    }
                }
            }
        });
        columns
    }

    #[cfg(feature = "training")]
    /// Adds up what each value was seen as: `[rows, positions]` to `[batch, channels_in, height, width]`.
    pub(crate) fn scatter(&self, columns: &[f32]) -> Vec<f32> {
        let area = self.seen[0] * self.seen[1];
        let (drawn, under) = (self.drawn[0] * self.drawn[1], self.kernel[0] * self.kernel[1]);
        let mut x = vec![0.0; self.batch * self.channels * area];
        each(&mut x, area, |index, map| {
            let (picture, channel) = (index / self.channels, index % self.channels);
            for row in channel * under..(channel + 1) * under {
                let columns = &columns[row * self.positions() + picture * drawn..][..drawn];
                for (from, to) in self.lines(&self.place(row)) {
                    let (from, to) = (&columns[from], &mut map[to..]);
                    match self.stride {
                        1 => to.iter_mut().zip(from).for_each(|(to, from)| *to += from),
                        stride => to.iter_mut().step_by(stride).zip(from).for_each(|(to, from)| *to += from),
                    }
                }
            }
        });
        x
    }

    /// `[channels_out, positions]` to `[batch, channels_out, height, width]`, and a number added to each channel.
    pub(crate) fn pictures(&self, matrix: &[f32], bias: &[f32]) -> Vec<f32> {
        let area = self.drawn[0] * self.drawn[1];
        let mut pictures = vec![0.0; matrix.len()];
        each(&mut pictures, area, |index, map| {
            let (picture, channel) = (index / self.channels_out, index % self.channels_out);
            let from = &matrix[channel * self.positions() + picture * area..][..area];
            map.iter_mut().zip(from).for_each(|(to, from)| *to = from + bias[channel]);
        });
        pictures
    }

    #[cfg(feature = "training")]
    /// `[batch, channels_out, height, width]` to `[channels_out, positions]`.
    pub(crate) fn matrix(&self, pictures: &[f32]) -> Vec<f32> {
        let area = self.drawn[0] * self.drawn[1];
        let mut matrix = vec![0.0; pictures.len()];
        each(&mut matrix, area, |index, map| {
            let (channel, picture) = (index / self.batch, index % self.batch);
            map.copy_from_slice(&pictures[(picture * self.channels_out + channel) * area..][..area]);
        });
        matrix
    }

    fn place(&self, row: usize) -> Place {
        let [rows, columns] = self.kernel;
        Place { channel: row / (rows * columns), down: row / columns % rows, right: row % columns }
    }

    /// The stretches that one place under the kernel sees: a range of drawn positions, and where the first of them looks.
    fn lines(&self, place: &Place) -> impl Iterator<Item = (Range<usize>, usize)> {
        let Self { seen: [_, width], drawn: [_, across], stride, padding, .. } = *self;
        let (down, right) = (place.down, place.right);
        let columns = self.inside(1, right);
        let lines = if columns.is_empty() { 0..0 } else { self.inside(0, down) };
        lines.map(move |y| {
            let from = (stride * y + down - padding) * width + stride * columns.start + right - padding;
            (y * across + columns.start..y * across + columns.end, from)
        })
    }

    /// Positions along one side from which a place `offset` under the kernel is on the map and not in its border.
    fn inside(&self, side: usize, offset: usize) -> Range<usize> {
        let first = self.padding.saturating_sub(offset).div_ceil(self.stride);
        let beyond = (self.seen[side] + self.padding).saturating_sub(offset).div_ceil(self.stride);
        first..beyond.min(self.drawn[side]).max(first)
    }
}

/// So many values are copied in the time in which a thread wakes up and goes to sleep again, a few times over: a batch is worth it, a
/// single picture is not.
#[cfg(feature = "training")]
const WORTH_A_THREAD: usize = 1 << 19;

/// Calls `make` with each stretch of `size` values and its number; all at once where there are threads for it, and work for them.
fn each(values: &mut [f32], size: usize, make: impl Fn(usize, &mut [f32]) + Sync) {
    #[cfg(feature = "training")]
    if values.len() >= WORTH_A_THREAD {
        return values.par_chunks_mut(size).enumerate().for_each(|(index, values)| make(index, values));
    }
    values.chunks_mut(size).enumerate().for_each(|(index, values)| make(index, values));
}

/// A value under the kernel.
struct Place {
    channel: usize,
    down: usize,
    right: usize,
}
