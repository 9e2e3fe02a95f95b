//! Layers to pixels on plain numbers: the one renderer of page, trainer and library.

use std::ops::Range;

use super::enlarge::{Taps, taps};
use super::fields::{CHANNELS, COLOUR, Layers, sharpness, supersampling};
use super::pixels::{Enlarged, LANES, Lanes, Scratch, colour, each, grouped, is_absent, place};
use super::regions::regions;

/// A picture with straight alpha: 8 bits a channel, sRGB, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgba {
    /// Width and height in pixels.
    pub size: usize,
    /// `size * size * 4` bytes.
    pub bytes: Vec<u8>,
}

impl Layers {
    /// Draws the picture at any size, on transparent ground or on paper of one colour (red, green, blue).
    ///
    /// It is worked out in [`super::FINEST`] pixels at least and averaged down.
    pub fn render(&self, size: usize, background: Option<[u8; 3]>) -> Rgba {
        Rgba { size, bytes: self.render_part(size, 0..size, 0..size, background) }
    }

    /// These columns and rows of the picture as it is at this size: `rows.len() * columns.len() * 4` bytes, as those of [`Rgba`].
    pub(super) fn render_part(
        &self,
        size: usize,
        columns: Range<usize>,
        rows: Range<usize>,
        background: Option<[u8; 3]>,
    ) -> Vec<u8> {
        let width = columns.len();
        let mut bytes = vec![0; width * rows.len() * 4];
        if bytes.is_empty() {
            return bytes;
        }
        let paper = background.map(|rgb| rgb.map(|v| f32::from(v) / 255.0));
        let drawing = Drawing { columns, rows, ..Drawing::of(&self.fields, self.side, &self.colours, size) };
        drawing.each(|y, channels| {
            let [red, green, blue, alpha] = std::array::from_fn(|channel| &channels[channel * width..][..width]);
            for (x, pixel) in bytes[y * width * 4..][..width * 4].chunks_exact_mut(4).enumerate() {
                let alpha = alpha[x].clamp(0.0, 1.0);
                let straight = |premultiplied: f32| if alpha > 0.0 { premultiplied / alpha } else { 0.0 };
                let colours = [red[x], green[x], blue[x]].map(|v| straight(v).clamp(0.0, 1.0));
                match paper {
                    Some(paper) => {
                        for (channel, value) in pixel[..3].iter_mut().enumerate() {
                            *value = level(colours[channel] * alpha + paper[channel] * (1.0 - alpha));
                        }
                        pixel[3] = 255;
                    }
                    // What cannot be seen has no colour, or a file would be larger for it.
                    None if level(alpha) == 0 => {}
                    None => pixel.copy_from_slice(&[level(colours[0]), level(colours[1]), level(colours[2]), level(alpha)]),
                }
            }
        });
        bytes
    }
}

/// Side of the picture that is looked at for what is visible.
const LOOKED_AT: usize = 64;
/// What is so much smaller than the largest part of a picture is a stray dot.
const STRAY: usize = 100;

impl Layers {
    /// What is visible of the picture, as [`Rgba::visible_box`] has it.
    pub fn visible_box(&self) -> Option<[f32; 4]> {
        self.render(LOOKED_AT, None).visible_box()
    }
}

impl Rgba {
    /// What is visible of the picture but for stray dots, as shares of its side: left, top, right and bottom; `None` where nothing is.
    pub fn visible_box(&self) -> Option<[f32; 4]> {
        let visible: Vec<bool> = self.bytes.as_chunks::<4>().0.iter().map(|pixel| pixel[3] > 127).collect();
        let parts = regions(&visible, self.size);
        let largest = parts.iter().map(Vec::len).max()?;
        let counted = parts.into_iter().filter(|part| part.len() * STRAY > largest).flatten();
        let places = counted.map(|index| (index % self.size, index / self.size));
        let edges = places.fold(None, |edges, (x, y)| {
            let [left, top, right, bottom] = edges.unwrap_or([x, y, x, y]);
            Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
        });
        edges.map(|[left, top, right, bottom]| [left, top, right + 1, bottom + 1].map(|edge| edge as f32 / self.size as f32))
    }
}

fn level(value: f32) -> u8 {
    (value * 255.0).round() as u8
}

/// Fields and colours on their way to a picture of `size`, or to a part of it.
pub(super) struct Drawing<'a> {
    pub fields: &'a [f32],
    pub side: usize,
    pub colours: &'a [f32],
    pub size: usize,
    /// What of the picture is drawn, in its pixels.
    pub columns: Range<usize>,
    pub rows: Range<usize>,
    /// Pixels that are averaged for one, along a side.
    pub times: usize,
}

impl<'a> Drawing<'a> {
    pub fn of(fields: &'a [f32], side: usize, colours: &'a [f32], size: usize) -> Self {
        Self { fields, side, colours, size, columns: 0..size, rows: 0..size, times: supersampling(size) }
    }

    pub fn fine(&self) -> usize {
        self.size * self.times
    }

    pub fn layers(&self) -> usize {
        self.colours.len() / COLOUR
    }

    /// Calls `each` with the part's rows from the top: its index in the part, and [`CHANNELS`] values of each pixel, `[channels, columns]`.
    pub fn each(&self, each: impl FnMut(usize, &[f32])) {
        #[cfg(feature = "cpu")]
        pulp::Arch::new().dispatch(Rows { drawing: self, each });
        #[cfg(not(feature = "cpu"))]
        self.each_row(each);
    }

    #[inline(always)]
    fn each_row(&self, mut each_row: impl FnMut(usize, &[f32])) {
        let fine = |range: &Range<usize>| range.start * self.times..range.end * self.times;
        let (columns, rows) = (fine(&self.columns), fine(&self.rows));
        let (width, groups, taps) = (columns.len(), columns.len().div_ceil(LANES), taps(self.side, self.fine()));
        let enlarged = Enlarged::of(self.fields, self.side, &taps[columns.clone()]);
        let mut buffers = Buffers {
            places: places(columns, self.fine()),
            shares: vec![[0.0; LANES]; self.layers() * groups],
            scratch: Scratch::new(width),
            sums: vec![[0.0; LANES]; CHANNELS * groups],
        };
        let mut averaged = vec![0.0; CHANNELS * self.columns.len()];
        for (y, fine_rows) in taps[rows].chunks_exact(self.times).enumerate() {
            buffers.sums.fill([0.0; LANES]);
            for (down, taps) in fine_rows.iter().enumerate() {
                self.row(&enlarged, (self.rows.start + y) * self.times + down, taps, &mut buffers);
            }
            let share = 1.0 / (self.times * self.times) as f32;
            let sums = buffers.sums.chunks_exact(groups);
            for (averaged, sums) in averaged.chunks_exact_mut(self.columns.len()).zip(sums) {
                average(sums.as_flattened(), self.times, share, averaged);
            }
            each_row(y, &averaged);
        }
    }

    /// Adds a fine row's channels to the sums.
    #[inline(always)]
    fn row(&self, enlarged: &Enlarged, y: usize, taps: &Taps, buffers: &mut Buffers) {
        let Buffers { places, shares, scratch, sums } = buffers;
        let (fine, v) = (self.fine(), place(y, self.fine()));
        let groups = places.len();
        enlarged.shares(taps, sharpness(fine), shares, scratch);
        let (red, rest) = sums.split_at_mut(groups);
        let (green, rest) = rest.split_at_mut(groups);
        let (blue, rest) = rest.split_at_mut(groups);
        let (alpha, undecided) = rest.split_at_mut(groups);
        for (layer, shares) in shares.chunks_exact(groups).enumerate().skip(1) {
            let colours: [_; 3] = std::array::from_fn(|channel| colour(self.colours, layer, channel, v));
            let sums = red.iter_mut().zip(green.iter_mut()).zip(blue.iter_mut());
            for ((((red, green), blue), share), place) in sums.zip(shares).zip(places.iter()) {
                if is_absent(share) {
                    continue;
                }
                for (sum, (middle, slope)) in [red, green, blue].into_iter().zip(colours) {
                    *sum = each(|i| sum[i] + share[i] * (middle + slope * place[i]));
                }
            }
        }
        for ((alpha, undecided), paper) in alpha.iter_mut().zip(undecided.iter_mut()).zip(shares.iter()) {
            *alpha = each(|i| alpha[i] + (1.0 - paper[i]));
            *undecided = each(|i| undecided[i] + 1.0);
        }
        for shares in shares.chunks_exact(groups) {
            for (undecided, share) in undecided.iter_mut().zip(shares).filter(|(_, share)| !is_absent(share)) {
                *undecided = each(|i| undecided[i] - share[i] * share[i]);
            }
        }
    }
}

/// Sums of each `times` values, multiplied by `share`.
#[inline(always)]
fn average(sums: &[f32], times: usize, share: f32, averaged: &mut [f32]) {
    match times {
        // The usual case: of pairs, whose length is known beforehand, compilers make vector instructions.
        2 => {
            for (average, [a, b]) in averaged.iter_mut().zip(sums.as_chunks::<2>().0) {
                *average = (a + b) * share;
            }
        }
        _ => {
            for (average, sums) in averaged.iter_mut().zip(sums.chunks_exact(times)) {
                *average = sums.iter().sum::<f32>() * share;
            }
        }
    }
}

/// Where each of these pixels of a row of `fine` lies, from -1 to 1: `[groups]`.
pub(super) fn places(columns: Range<usize>, fine: usize) -> Vec<Lanes> {
    let width = columns.len();
    grouped(&columns.map(|x| place(x, fine)).collect::<Vec<_>>(), width)
}

/// What drawing a row needs room for.
struct Buffers {
    /// Of each fine pixel along a row: `[groups]`.
    places: Vec<Lanes>,
    /// `[layers, groups]`
    shares: Vec<Lanes>,
    scratch: Scratch,
    /// `[channels, groups]`
    sums: Vec<Lanes>,
}

#[cfg(feature = "cpu")]
struct Rows<'a, 'b, F> {
    drawing: &'a Drawing<'b>,
    each: F,
}

#[cfg(feature = "cpu")]
impl<F: FnMut(usize, &[f32])> pulp::NullaryFnOnce for Rows<'_, '_, F> {
    type Output = ();

    // Else it would be compiled once, for the oldest of processors.
    #[inline(always)]
    fn call(self) {
        self.drawing.each_row(self.each);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::random_layers;
    use super::*;

    /// Paper left of the middle, one colour right of it.
    fn halves(right: [f32; 3]) -> Layers {
        let side = 64;
        let fields = (0..2 * side * side).map(|i| if i < side * side { 0.0 } else { 4.0 * ((i % side) as f32 - 31.5) });
        let colour = |rgb: [f32; 3]| [rgb.as_slice(), &[0.0; 6]].concat();
        Layers::new(side, fields.collect(), [colour([1.0; 3]), colour(right)].concat()).unwrap()
    }

    #[test]
    fn an_edge_is_about_a_pixel_wide_at_any_size() {
        for size in [128, 256, 512, 1024] {
            let Rgba { bytes, .. } = halves([1.0, 0.0, 0.0]).render(size, None);
            let row = &bytes[size / 2 * size * 4..][..size * 4];
            let soft = row.chunks_exact(4).filter(|pixel| (26..=229).contains(&pixel[3])).count();
            assert!(soft <= 2, "{size}: {soft} pixels between");
            assert_eq!((&row[..4], &row[size * 4 - 4..]), ([0, 0, 0, 0].as_slice(), [255, 0, 0, 255].as_slice()));
        }
    }

    #[test]
    fn a_part_is_the_same_as_in_the_whole_and_dots_are_not_looked_at() {
        let layers = random_layers(4, 16, 5);
        for size in [40, 100, 600] {
            let whole = layers.render(size, None);
            let (columns, rows) = (size / 4..size / 2 + 3, 5..size);
            let part = layers.render_part(size, columns.clone(), rows.clone(), None);
            let cut: Vec<u8> =
                rows.flat_map(|y| &whole.bytes[(y * size + columns.start) * 4..(y * size + columns.end) * 4]).copied().collect();
            assert!(part == cut, "{size}");
        }
        assert!(layers.render_part(64, 9..9, 0..64, None).is_empty());
        let mut fields = vec![-9.0; 2 * 64 * 64];
        fields[..64 * 64].fill(0.0);
        for (x, y) in (20..40).flat_map(|y| (10..30).map(move |x| (x, y))).chain([(60, 60), (60, 61)]) {
            fields[64 * 64 + y * 64 + x] = 9.0;
        }
        let [left, top, right, bottom] =
            Layers::new(64, fields, vec![0.5; 2 * COLOUR]).unwrap().visible_box().unwrap().map(|edge| (edge * 64.0) as usize);
        assert_eq!([left, top, right, bottom], [10, 20, 30, 40]);
    }

    #[test]
    fn paper_shows_where_nothing_is_drawn_and_nowhere_else() {
        let Rgba { bytes, .. } = halves([0.0, 0.5, 1.0]).render(64, Some([10, 20, 30]));
        assert_eq!((&bytes[..4], &bytes[63 * 4..64 * 4]), ([10, 20, 30, 255].as_slice(), [0, 128, 255, 255].as_slice()));
    }

    #[test]
    fn colours_slope_as_they_are_told() {
        let side = 8;
        let fields = [vec![-50.0; side * side], vec![50.0; side * side]].concat();
        let colours = [[0.0; 9], [0.5, 0.5, 0.5, 0.25, 0.0, 0.0, 0.0, -0.25, 0.0]].concat();
        let Rgba { bytes, .. } = Layers::new(side, fields, colours).unwrap().render(100, None);
        let at = |x: usize, y: usize| &bytes[(y * 100 + x) * 4..][..3];
        let value = |v: f32| (v * 255.0).round() as u8;
        assert_eq!(at(0, 0), [value(0.5 - 0.25 * 0.99), value(0.5 + 0.25 * 0.99), value(0.5)]);
        assert_eq!(at(99, 99), [value(0.5 + 0.25 * 0.99), value(0.5 - 0.25 * 0.99), value(0.5)]);
    }

    #[test]
    fn every_size_is_drawn_and_sizes_agree() {
        let layers = random_layers(5, 16, 3);
        let mean = |size: usize| {
            let Rgba { bytes, .. } = layers.render(size, Some([255; 3]));
            assert_eq!(bytes.len(), size * size * 4);
            bytes.iter().map(|v| f64::from(*v)).sum::<f64>() / bytes.len() as f64
        };
        let expected = mean(256);
        for size in [1, 16, 17, 100, 128, 300, 512] {
            assert!((mean(size) - expected).abs() < 6.0, "{size}: {} instead of {expected}", mean(size));
        }
    }
}
