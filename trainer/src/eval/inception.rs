//! The network whose features papers on photographs compare pictures in: InceptionV3 as `pytorch-fid` has it, down to the last pooling.
//!
//! Nobody can agree on a figure but by the same weights, so they are read from the file that everybody uses. The layers are those of
//! torchvision's `Inception3`, with the four differences of the network that FID was first measured with: averages leave the border
//! out, and the last block takes a maximum instead. burn-train has this network as well; it is not used because it enlarges pictures
//! corner to corner where pytorch-fid does not, goes on with random weights where some are missing, and brings a network client along.

use std::path::Path;

use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::tensor::module::{avg_pool2d, conv2d, interpolate, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, InterpolateMode, InterpolateOptions, MaxPoolOptions};
use shared::picture::pictures_to_tensor;

use super::rows::rows;
use crate::linalg::Matrix;

mod file;

pub use file::InceptionError;
use file::{Opened, Tensors};

/// Side that every picture is enlarged to.
const SIDE: usize = 299;
/// Features of a picture.
const FEATURES: usize = 2048;
/// What batch normalisation adds to a variance, in TensorFlow and so in the weights.
const EPSILON: f32 = 0.001;
/// Pictures looked at at a time: the first maps of one take 14 MB.
const CHUNK: usize = 8;

/// The network with its weights.
#[derive(Debug)]
pub struct Inception {
    network: Node,
    /// For the report: the file's name, and whether it is the usual file.
    pub name: String,
}

impl Inception {
    /// Reads the weights: the file of pytorch-fid, or its tensors by the same names as safetensors.
    ///
    /// # Errors
    /// [`InceptionError`], one variant for each way to be wrong.
    pub fn from_file(path: &Path, device: &Device) -> Result<Self, InceptionError> {
        let opened = Opened::new(path)?;
        Ok(Self { network: network(&Builder { tensors: opened.tensors()?.as_ref(), path, device })?, name: opened.name() })
    }

    /// Features of RGB pictures of side `size`: `[pictures, 2048]`. `say` is told how far it is, every so often.
    pub fn look(&self, pictures: &[Vec<u8>], size: usize, device: &Device, say: &dyn Fn(usize)) -> Matrix {
        let mut features = Vec::with_capacity(pictures.len());
        for chunk in pictures.chunks(CHUNK) {
            features.extend(rows(self.forward(pictures_to_tensor(&chunk.concat(), chunk.len(), size, device))));
            say(features.len());
        }
        Matrix::from_rows(&features)
    }

    /// # Shapes
    /// Pictures `[batch, 3, side, side]` from -1 to 1 to features `[batch, 2048]`
    fn forward(&self, pictures: Tensor<4>) -> Tensor<2> {
        let [batch, ..] = pictures.dims();
        let enlarged =
            InterpolateOptions::new(InterpolateMode::Bilinear).with_output_size([SIDE, SIDE]).with_align_corners(false);
        let maps = self.network.forward(interpolate(pictures, enlarged));
        maps.flatten::<3>(2, 3).mean_dim(2).reshape([batch, FEATURES])
    }
}

/// A part of the network.
#[derive(Debug)]
enum Node {
    Layer(Box<Layer>),
    Pool(Pool),
    /// One after another.
    Chain(Vec<Node>),
    /// All of the same maps; what they make is laid side by side.
    Branches(Vec<Node>),
}

/// A convolution with its normalisation folded into it, and a rectifier.
#[derive(Debug)]
struct Layer {
    weight: Tensor<4>,
    bias: Tensor<1>,
    options: ConvOptions<2>,
}

#[derive(Debug, Clone, Copy)]
enum Pool {
    /// Of 3 x 3 neighbours; those beyond the border do not count.
    Average,
    Maximum,
    /// Of 3 x 3, every other one.
    Halving,
}

impl Node {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Layer(layer) => {
                let Layer { weight, bias, options } = layer.as_ref();
                relu(conv2d(x, weight.clone(), Some(bias.clone()), options.clone()))
            }
            Self::Pool(Pool::Average) => {
                let options = AvgPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1]).with_count_include_pad(false);
                avg_pool2d(x, options)
            }
            Self::Pool(Pool::Maximum) => max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1])),
            Self::Pool(Pool::Halving) => max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([2, 2])),
            Self::Chain(nodes) => nodes.iter().fold(x, |x, node| node.forward(x)),
            Self::Branches(nodes) => Tensor::cat(nodes.iter().map(|node| node.forward(x.clone())).collect(), 1),
        }
    }
}

type Built = Result<Node, InceptionError>;

/// Makes layers of a file's tensors.
struct Builder<'a> {
    tensors: &'a dyn Tensors,
    path: &'a Path,
    device: &'a Device,
}

/// From and to how many channels.
type Channels = [usize; 2];

impl Builder<'_> {
    /// A layer that keeps the maps' size.
    fn same(&self, name: &str, channels: Channels, kernel: [usize; 2]) -> Built {
        self.layer(name, channels, kernel, 1, kernel.map(|side| side / 2))
    }

    /// A layer of 3 x 3 without a border: the maps lose a line at each edge, and with a stride of 2 every other line.
    fn bare(&self, name: &str, channels: Channels, stride: usize) -> Built {
        self.layer(name, channels, [3, 3], stride, [0, 0])
    }

    /// Convolution, then normalisation `(x - mean) / sqrt(variance + EPSILON) * weight + bias`: one scale and one shift a channel.
    fn layer(&self, name: &str, [from, to]: Channels, kernel: [usize; 2], stride: usize, padding: [usize; 2]) -> Built {
        let shape = [to, from, kernel[0], kernel[1]];
        let of = |part: &str, shape: &[usize]| self.tensors.values(&format!("{name}.{part}"), shape, self.path);
        let mut weight = of("conv.weight", &shape)?;
        let [scale, shift, mean, variance] = ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"].map(|p| of(p, &[to]));
        let scale: Vec<f32> = scale?.iter().zip(variance?).map(|(scale, variance)| scale / (variance + EPSILON).sqrt()).collect();
        let bias = shift?.iter().zip(mean?).zip(&scale).map(|((shift, mean), scale)| shift - mean * scale).collect();
        for (filter, scale) in weight.chunks_exact_mut(from * kernel[0] * kernel[1]).zip(&scale) {
            filter.iter_mut().for_each(|value| *value *= scale);
        }
        Ok(Node::Layer(Box::new(Layer {
            weight: Tensor::from_data(TensorData::new(weight, shape), self.device),
            bias: Tensor::from_data(TensorData::new::<f32, _>(bias, [to]), self.device),
            options: ConvOptions::new([stride; 2], padding, [1, 1], 1),
        })))
    }
}

fn chain<const N: usize>(nodes: [Built; N]) -> Built {
    Ok(Node::Chain(nodes.into_iter().collect::<Result<_, _>>()?))
}

fn branches<const N: usize>(nodes: [Built; N]) -> Built {
    Ok(Node::Branches(nodes.into_iter().collect::<Result<_, _>>()?))
}

fn pool(pool: Pool) -> Built {
    Ok(Node::Pool(pool))
}

/// The whole of it.
fn network(of: &Builder<'_>) -> Built {
    of.tensors.check(of.path)?;
    chain([
        of.bare("Conv2d_1a_3x3", [3, 32], 2),
        of.bare("Conv2d_2a_3x3", [32, 32], 1),
        of.same("Conv2d_2b_3x3", [32, 64], [3, 3]),
        pool(Pool::Halving),
        of.same("Conv2d_3b_1x1", [64, 80], [1, 1]),
        of.bare("Conv2d_4a_3x3", [80, 192], 1),
        pool(Pool::Halving),
        mixed_a(of, "Mixed_5b", 192, 32),
        mixed_a(of, "Mixed_5c", 256, 64),
        mixed_a(of, "Mixed_5d", 288, 64),
        smaller_a(of, "Mixed_6a", 288),
        mixed_c(of, "Mixed_6b", 128),
        mixed_c(of, "Mixed_6c", 160),
        mixed_c(of, "Mixed_6d", 160),
        mixed_c(of, "Mixed_6e", 192),
        smaller_c(of, "Mixed_7a", 768),
        mixed_e(of, "Mixed_7b", 1280, Pool::Average),
        mixed_e(of, "Mixed_7c", 2048, Pool::Maximum),
    ])
}

/// Maps of 35 x 35: `from` channels to 224 and those of the pool.
fn mixed_a(of: &Builder<'_>, block: &str, from: usize, pooled: usize) -> Built {
    let layer = |name: &str, channels, kernel| of.same(&format!("{block}.{name}"), channels, kernel);
    branches([
        layer("branch1x1", [from, 64], [1, 1]),
        chain([layer("branch5x5_1", [from, 48], [1, 1]), layer("branch5x5_2", [48, 64], [5, 5])]),
        chain([
            layer("branch3x3dbl_1", [from, 64], [1, 1]),
            layer("branch3x3dbl_2", [64, 96], [3, 3]),
            layer("branch3x3dbl_3", [96, 96], [3, 3]),
        ]),
        chain([pool(Pool::Average), layer("branch_pool", [from, pooled], [1, 1])]),
    ])
}

/// Maps of 35 x 35 to maps of 17 x 17, with 480 channels more.
fn smaller_a(of: &Builder<'_>, block: &str, from: usize) -> Built {
    let name = |name: &str| format!("{block}.{name}");
    branches([
        of.bare(&name("branch3x3"), [from, 384], 2),
        chain([
            of.same(&name("branch3x3dbl_1"), [from, 64], [1, 1]),
            of.same(&name("branch3x3dbl_2"), [64, 96], [3, 3]),
            of.bare(&name("branch3x3dbl_3"), [96, 96], 2),
        ]),
        pool(Pool::Halving),
    ])
}

/// Maps of 17 x 17 and 768 channels; `inner` of them where rows and columns are looked at.
fn mixed_c(of: &Builder<'_>, block: &str, inner: usize) -> Built {
    let layer = |name: &str, channels, kernel| of.same(&format!("{block}.{name}"), channels, kernel);
    let (row, column) = ([1, 7], [7, 1]);
    branches([
        layer("branch1x1", [768, 192], [1, 1]),
        chain([
            layer("branch7x7_1", [768, inner], [1, 1]),
            layer("branch7x7_2", [inner, inner], row),
            layer("branch7x7_3", [inner, 192], column),
        ]),
        chain([
            layer("branch7x7dbl_1", [768, inner], [1, 1]),
            layer("branch7x7dbl_2", [inner, inner], column),
            layer("branch7x7dbl_3", [inner, inner], row),
            layer("branch7x7dbl_4", [inner, inner], column),
            layer("branch7x7dbl_5", [inner, 192], row),
        ]),
        chain([pool(Pool::Average), layer("branch_pool", [768, 192], [1, 1])]),
    ])
}

/// Maps of 17 x 17 to maps of 8 x 8, with 512 channels more.
fn smaller_c(of: &Builder<'_>, block: &str, from: usize) -> Built {
    let name = |name: &str| format!("{block}.{name}");
    branches([
        chain([of.same(&name("branch3x3_1"), [from, 192], [1, 1]), of.bare(&name("branch3x3_2"), [192, 320], 2)]),
        chain([
            of.same(&name("branch7x7x3_1"), [from, 192], [1, 1]),
            of.same(&name("branch7x7x3_2"), [192, 192], [1, 7]),
            of.same(&name("branch7x7x3_3"), [192, 192], [7, 1]),
            of.bare(&name("branch7x7x3_4"), [192, 192], 2),
        ]),
        pool(Pool::Halving),
    ])
}

/// Maps of 8 x 8: to 2048 channels.
fn mixed_e(of: &Builder<'_>, block: &str, from: usize, last: Pool) -> Built {
    let layer = |name: &str, channels, kernel| of.same(&format!("{block}.{name}"), channels, kernel);
    let both = |name: &str| {
        let one = |letter: char, kernel| layer(&format!("{name}{letter}"), [384, 384], kernel);
        branches([one('a', [1, 3]), one('b', [3, 1])])
    };
    branches([
        layer("branch1x1", [from, 320], [1, 1]),
        chain([layer("branch3x3_1", [from, 384], [1, 1]), both("branch3x3_2")]),
        chain([
            layer("branch3x3dbl_1", [from, 448], [1, 1]),
            layer("branch3x3dbl_2", [448, 384], [3, 3]),
            both("branch3x3dbl_3"),
        ]),
        chain([pool(last), layer("branch_pool", [from, 192], [1, 1])]),
    ])
}

#[cfg(test)]
mod tests;
