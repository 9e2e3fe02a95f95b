//! G: draws a picture from a content code and a style code (patent step a2, paragraphs 0031 to 0034).
//!
//! Up-sampling residual blocks after DF-GAN: no normalisation layer, every convolution preceded by an affine modulation and a
//! leaky rectifier. One mapping network turns (h_tc, z) into the condition from which all modulations come, so that style reaches
//! every layer. What comes out are [`crate::layers`]: the last layer maps each feature vector to a tile of every field, and the condition to the
//! colours. Older models draw pixels instead: the last layer maps each feature vector to a tile of them (see [`ModelConfig::tile`]), and is
//! linear: pictures are mostly white paper, where a tanh saturates in the first steps and never comes back.

use burn::nn::{Initializer, LinearConfig};
use burn::prelude::*;

use crate::kernels::linear::Linear;
use crate::layers::{COLOUR, Layers, LayersError, composite};
use crate::model::blocks::{Constraint, Conv2d, Kernel, after_rectifier, depth_to_space, leaky_relu, scaled, upsample};
use crate::model::config::{FIELD_TILE, GENERATOR_START, ModelConfig};

/// G(h_tc, z).
#[derive(Module, Debug)]
pub struct Generator {
    mapping: Vec<Linear>,
    start: Linear,
    blocks: Vec<GeneratorBlock>,
    output: Conv2d,
    detail: Option<Detail>,
    /// Of a generator that draws layers.
    colours: Option<Linear>,
    ink: Option<Linear>,
    start_channels: usize,
    image_size: usize,
    tile: usize,
}

/// What turns the last features and the condition into a picture: of a generator that was grown into layers, what is new.
#[derive(Module, Debug)]
pub struct Head {
    output: Conv2d,
    colours: Option<Linear>,
}

/// Layers of a batch of pictures, on the device.
#[derive(Debug, Clone)]
pub struct LayerTensors {
    /// Logits, `[batch, layers, side, side]`.
    pub fields: Tensor<4>,
    /// Colours, `[batch, layers, 9]`; see [`COLOUR`].
    pub colours: Tensor<3>,
}

impl LayerTensors {
    /// What [`composite`] makes of them: `[batch, 5, size, size]`.
    pub fn composite(self, size: usize) -> Tensor<4> {
        composite(self.fields, self.colours, size)
    }

    /// Each picture's, off the device. Blocks, so not for the browser.
    ///
    /// # Errors
    /// [`LayersError`] where the device gives fewer numbers than it has.
    pub fn read(self) -> Result<Vec<Layers>, LayersError> {
        let [batch, layers, side, _] = self.fields.dims();
        let numbers = |data: TensorData| data.iter::<f32>().collect::<Vec<f32>>();
        let (fields, colours) = (numbers(self.fields.into_data()), numbers(self.colours.into_data()));
        let (one, few) = (layers * side * side, layers * COLOUR);
        let picture = |index: usize| Layers::new(side, cut(&fields, index, one), cut(&colours, index, few));
        (0..batch).map(picture).collect()
    }
}

/// The numbers of one of several pictures.
fn cut(numbers: &[f32], index: usize, length: usize) -> Vec<f32> {
    numbers.chunks(length).nth(index).unwrap_or_default().to_vec()
}

/// Colours that layers begin with, paper first. Each content and style moves them; that they begin apart, and with what is common in
/// pictures, gives each layer a part of its own from the first step.
const FIRST_COLOURS: [[f32; 3]; 12] = [
    [1.0, 1.0, 1.0],
    [0.15, 0.15, 0.17],
    [0.95, 0.95, 0.95],
    [0.98, 0.75, 0.2],
    [0.85, 0.25, 0.2],
    [0.3, 0.6, 0.85],
    [0.45, 0.7, 0.3],
    [0.6, 0.4, 0.3],
    [0.6, 0.65, 0.7],
    [0.95, 0.55, 0.65],
    [0.2, 0.35, 0.6],
    [0.9, 0.5, 0.1],
];

/// Numbers of `FIRST_COLOURS` for so many layers, without slopes; beyond the twelfth they begin again.
pub fn first_colours(layers: usize) -> Vec<f32> {
    let rgb = FIRST_COLOURS.iter().cycle().take(layers);
    rgb.flat_map(|rgb| rgb.iter().copied().chain(std::iter::repeat_n(0.0, COLOUR - 3))).collect()
}

impl Generator {
    /// A new generator with random weights.
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        let mapping_sizes = [config.content_size + config.style_size, config.mapping_hidden, config.mapping_size];
        let channels = |map| config.generator_channels_at(map);
        let linear = |from, to| Linear::new(&LinearConfig::new(from, to).with_initializer(after_rectifier()), device);
        let block = |from, to| GeneratorBlock::new(config.mapping_size, [channels(from), channels(to)], to > from, device);
        let mut blocks = vec![block(GENERATOR_START, GENERATOR_START)];
        let mut map = GENERATOR_START;
        while map < config.largest_map() {
            blocks.push(block(map, 2 * map));
            map *= 2;
        }
        let start_channels = channels(GENERATOR_START);
        Self {
            mapping: mapping_sizes.windows(2).map(|s| linear(s[0], s[1])).collect(),
            start: linear(config.mapping_size, start_channels * GENERATOR_START * GENERATOR_START),
            blocks,
            // Faint: a picture that starts as loud noise costs hundreds of steps to quieten.
            output: {
                let sizes = [channels(map), config.output_channels()];
                let output = Conv2d::with_initial(scaled(0.1), sizes, Kernel::NEIGHBOURS, Constraint::default(), device);
                if config.layers > 0 { output.alike_in_tiles(FIELD_TILE) } else { output }
            },
            detail: (config.layers == 0 && config.detail_channels > 0).then(|| Detail::new(config, channels(map), device)),
            colours: (config.layers > 0).then(|| {
                let layout = LinearConfig::new(config.mapping_size, config.layers * COLOUR).with_initializer(scaled(0.1));
                let first = Tensor::from_data(TensorData::new(first_colours(config.layers), [config.layers * COLOUR]), device);
                Linear::new(&layout, device).with_bias(first)
            }),
            // Nothing at first: the picture as it comes.
            ink: config
                .mixes_ink
                .then(|| Linear::new(&LinearConfig::new(config.mapping_size, 3).with_initializer(Initializer::Zeros), device)),
            start_channels,
            image_size: config.image_size,
            tile: config.tile,
        }
    }

    /// The same generator for drawing on the CPU: with the weights that a model file has in 8 bits left in them ([`Linear::in_bytes`]),
    /// and all filters transformed ([`Conv2d::transformed`]).
    #[cfg(feature = "cpu")]
    pub(crate) fn for_drawing(self) -> Self {
        let affine = |affine: Affine| Affine { layer: affine.layer.in_bytes() };
        let block =
            |GeneratorBlock { first_affine, first, second_affine, second, shortcut, grows }: GeneratorBlock| GeneratorBlock {
                first_affine: affine(first_affine),
                first: first.transformed(),
                second_affine: affine(second_affine),
                second: second.transformed(),
                shortcut,
                grows,
            };
        let detail = |detail: Detail| Detail {
            finer: detail.finer.transformed(),
            affine: affine(detail.affine),
            output: detail.output.transformed(),
            ..detail
        };
        Self {
            mapping: self.mapping.into_iter().map(Linear::in_bytes).collect(),
            start: self.start.in_bytes(),
            blocks: self.blocks.into_iter().map(block).collect(),
            output: self.output.transformed(),
            detail: self.detail.map(detail),
            ..self
        }
    }

    /// What draws; the rest is the trunk.
    pub fn head(&self) -> Head {
        Head { output: self.output.clone(), colours: self.colours.clone() }
    }

    /// Side of the pictures in pixels.
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// The layers of a picture; `None` of an older generator, which draws pixels.
    ///
    /// # Shapes
    /// - content code h_tc: `[batch, content_size]`
    /// - style code z: `[batch, style_size]`
    pub fn layers(&self, content: Tensor<2>, style: Tensor<2>) -> Option<LayerTensors> {
        let colours = self.colours.as_ref()?;
        let condition = self.condition(content, style);
        let fields = depth_to_space(self.output.forward(self.features(condition.clone())), FIELD_TILE);
        let [batch, layers, ..] = fields.dims();
        let colours = colours.forward(condition.clone()).reshape([batch, layers, COLOUR]);
        let colours = match &self.ink {
            Some(ink) => inked(colours, ink.forward(condition)),
            None => colours,
        };
        Some(LayerTensors { fields, colours })
    }

    /// The picture on white paper.
    ///
    /// # Shapes
    /// - content code h_tc: `[batch, content_size]`
    /// - style code z: `[batch, style_size]`
    /// - picture: `[batch, 3, image_size, image_size]`, black at -1, white at 1, unclamped
    pub fn forward(&self, content: Tensor<2>, style: Tensor<2>) -> Tensor<4> {
        if let Some(layers) = self.layers(content.clone(), style.clone()) {
            return on_white(layers.composite(self.image_size));
        }
        let condition = self.condition(content, style);
        let features = self.features(condition.clone());
        let mut picture = depth_to_space(self.output.forward(features.clone()), self.tile);
        if let Some(detail) = &self.detail {
            picture = picture + detail.forward(features, condition.clone());
        }
        match &self.ink {
            Some(layer) => mixed(picture, layer.forward(condition)),
            None => picture,
        }
    }

    /// What every layer is modulated by: `[batch, mapping_size]`.
    fn condition(&self, content: Tensor<2>, style: Tensor<2>) -> Tensor<2> {
        self.mapping.iter().fold(Tensor::cat(vec![content, style], 1), |x, layer| leaky_relu(layer.forward(x)))
    }

    /// What the last layer reads, rectified: `[batch, channels, largest map, largest map]`.
    fn features(&self, condition: Tensor<2>) -> Tensor<4> {
        let start = self.start.forward(condition.clone());
        let start = start.reshape([condition.dims()[0], self.start_channels, GENERATOR_START, GENERATOR_START]);
        leaky_relu(self.blocks.iter().fold(start, |x, block| block.forward(x, condition.clone())))
    }
}

/// What [`composite`] makes of layers, on white paper: `[batch, 5, size, size]` to `[batch, 3, size, size]`, from -1 to 1.
pub fn on_white(drawn: Tensor<4>) -> Tensor<4> {
    let (rgb, alpha) = (drawn.clone().narrow(1, 0, 3), drawn.narrow(1, 3, 1));
    (rgb - alpha) * 2.0 + 1.0
}

/// What of each layer's colour the ink takes away from white, times `1 + ink`.
///
/// # Shapes
/// - colours: `[batch, layers, 9]`, white at 1
/// - ink: `[batch, 3]`
fn inked(colours: Tensor<3>, ink: Tensor<2>) -> Tensor<3> {
    let [batch, channels] = ink.dims();
    let ink = ink.reshape([batch, 1, channels]);
    let zeros = ink.zeros_like();
    // 1 - (1 - c)(1 + ink) in the middle; slopes are differences, and only scaled.
    colours * (ink.clone().repeat_dim(2, COLOUR / channels) + 1.0) - Tensor::cat(vec![ink, zeros.clone(), zeros], 2)
}

/// What of each colour the ink takes away from white paper, times `1 + ink`.
///
/// # Shapes
/// - picture: `[batch, 3, height, width]`
/// - ink: `[batch, 3]`
fn mixed(picture: Tensor<4>, ink: Tensor<2>) -> Tensor<4> {
    let [batch, channels] = ink.dims();
    let ink = ink.reshape([batch, channels, 1, 1]);
    // 1 - (1 - x)(1 + ink)
    picture * (ink.clone() + 1.0) - ink
}

/// What a picture has besides its tiles: a finer map, made of the largest one, and its own tiles of half the side.
///
/// The map is unfolded from channels and not enlarged, so that its values know where they lie in the larger tile.
#[derive(Module, Debug)]
pub struct Detail {
    finer: Conv2d,
    affine: Affine,
    output: Conv2d,
    tile: usize,
}

impl Detail {
    fn new(config: &ModelConfig, channels: usize, device: &Device) -> Self {
        let (detail, tile) = (config.detail_channels, config.tile / 2);
        let neighbours = Kernel::NEIGHBOURS;
        Self {
            finer: Conv2d::new([channels, 4 * detail], neighbours, Constraint::default(), device),
            affine: Affine::new(config.mapping_size, detail, device),
            // Nothing at first: a trained generator goes on from what it draws.
            output: Conv2d::with_initial(
                Initializer::Zeros,
                [detail, 3 * tile * tile],
                neighbours,
                Constraint::default(),
                device,
            ),
            tile,
        }
    }

    /// # Shapes
    /// - features, rectified: `[batch, channels, height, width]`
    /// - condition: `[batch, mapping_size]`
    /// - picture: `[batch, 3, 2 tile height, 2 tile width]`
    fn forward(&self, features: Tensor<4>, condition: Tensor<2>) -> Tensor<4> {
        let finer = depth_to_space(self.finer.forward(features), 2);
        depth_to_space(self.output.forward(leaky_relu(self.affine.forward(finer, condition))), self.tile)
    }
}

/// One residual block: modulate, rectify, convolve, twice; up-sampled between the two where the map grows.
#[derive(Module, Debug)]
pub struct GeneratorBlock {
    first_affine: Affine,
    first: Conv2d,
    second_affine: Affine,
    second: Conv2d,
    shortcut: Option<Conv2d>,
    grows: bool,
}

impl GeneratorBlock {
    fn new(condition: usize, [from, to]: [usize; 2], grows: bool, device: &Device) -> Self {
        Self {
            first_affine: Affine::new(condition, from, device),
            first: Conv2d::new([from, to], Kernel::NEIGHBOURS, Constraint::default(), device),
            second_affine: Affine::new(condition, to, device),
            second: Conv2d::new([to, to], Kernel::NEIGHBOURS, Constraint::default(), device),
            shortcut: (from != to).then(|| Conv2d::new([from, to], Kernel::POINT, Constraint::default(), device)),
            grows,
        }
    }

    fn forward(&self, x: Tensor<4>, condition: Tensor<2>) -> Tensor<4> {
        let grow = |x| if self.grows { upsample(x) } else { x };
        let shortcut = match &self.shortcut {
            Some(layer) => layer.forward(x.clone()),
            None => x.clone(),
        };
        let x = self.first.forward(leaky_relu(self.first_affine.forward(x, condition.clone())));
        let x = self.second.forward(leaky_relu(self.second_affine.forward(grow(x), condition)));
        x + grow(shortcut)
    }
}

/// Scales and shifts each channel by what the condition says.
#[derive(Module, Debug)]
pub struct Affine {
    layer: Linear,
}

impl Affine {
    fn new(condition: usize, channels: usize, device: &Device) -> Self {
        Self { layer: Linear::new(&LinearConfig::new(condition, 2 * channels), device) }
    }

    /// # Shapes
    /// - x: `[batch, channels, height, width]`
    /// - condition: `[batch, mapping_size]`
    fn forward(&self, x: Tensor<4>, condition: Tensor<2>) -> Tensor<4> {
        let [batch, channels, ..] = x.dims();
        let both = self.layer.forward(condition).reshape([batch, 2 * channels, 1, 1]);
        let scale = both.clone().narrow(1, 0, channels) + 1.0;
        x * scale + both.narrow(1, channels, channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testing::noise;

    #[test]
    fn every_size_has_its_picture() {
        let device = Device::flex();
        for (image_size, tile) in [(32, 4), (64, 4), (128, 4), (256, 4), (64, 8), (128, 8)] {
            let small = ModelConfig { generator_channels: 32, mapping_size: 16, mapping_hidden: 16, ..ModelConfig::default() };
            let config = ModelConfig { image_size, tile, mixes_ink: tile == 8, detail_channels: image_size / 16, ..small };
            let generator = Generator::new(&config, &device);
            let content = Tensor::from_data(noise([2, config.content_size], 1), &device);
            let style = Tensor::from_data(noise([2, config.style_size], 2), &device);
            assert_eq!(generator.forward(content, style).dims(), [2, 3, image_size, image_size]);
        }
    }

    /// A feature reaches its own tile and the next ones, half a tile further with each of the two convolutions, and nothing else.
    #[test]
    fn detail_lies_where_its_features_lie() {
        let device = Device::flex();
        let config = ModelConfig { detail_channels: 4, mapping_size: 8, tile: 8, ..ModelConfig::default() };
        let detail = Detail::new(&config, 16, &device);
        // Its own weights are nothing at first.
        let sizes = [config.detail_channels, 3 * detail.tile * detail.tile];
        let output = Conv2d::new(sizes, Kernel::NEIGHBOURS, Constraint::default(), &device);
        let detail = Detail { output, ..detail };
        let condition = Tensor::<2>::from_data(noise([1, 8], 1), &device);
        let nothing = Tensor::<4>::zeros([1, 16, 8, 8], &device);
        let something = nothing.clone().slice_assign([0..1, 0..16, 2..3, 5..6], Tensor::ones([1, 16, 1, 1], &device));
        let change = detail.forward(something, condition.clone()) - detail.forward(nothing, condition);
        assert_eq!(change.dims(), [1, 3, 64, 64]);
        let inside = [0..1, 0..3, 4..36, 28..60];
        assert!(change.clone().slice(inside.clone()).abs().max().into_scalar::<f32>() > 1e-3);
        let outside = change.slice_assign(inside, Tensor::zeros([1, 3, 32, 32], &device));
        assert_eq!(outside.abs().max().into_scalar::<f32>(), 0.0);
    }

    #[test]
    fn ink_leaves_paper_white() {
        let picture = Tensor::<4>::from_data([[[[1.0]], [[0.0]], [[-1.0]]]], &Device::flex());
        let ink = Tensor::<2>::from_data([[0.5, 0.5, -0.25]], &Device::flex());
        let expected = TensorData::from([[[[1.0]], [[-0.5]], [[-0.5]]]]);
        mixed(picture, ink).into_data().assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::default());
    }

    /// As the same ink does with pixels.
    #[test]
    fn ink_moves_colours_and_leaves_white() {
        let colours = [[1.0, 0.5, 0.0, 0.1, 0.1, 0.1, 0.0, 0.0, -0.2]];
        let colours = Tensor::<3>::from_data([colours], &Device::flex());
        let ink = Tensor::<2>::from_data([[0.5, 0.5, -0.25]], &Device::flex());
        let expected = TensorData::from([[[1.0, 0.25, 0.25, 0.15, 0.15, 0.075, 0.0, 0.0, -0.15]]]);
        inked(colours, ink).into_data().assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::default());
    }

    #[test]
    fn layers_have_the_shapes_that_they_are_told() {
        let device = Device::flex();
        for (image_size, tile, side) in [(32, 4, 32), (64, 4, 64), (128, 8, 64)] {
            let small = ModelConfig { generator_channels: 32, mapping_size: 16, mapping_hidden: 16, ..ModelConfig::default() };
            let config = ModelConfig { image_size, tile, layers: 6, mixes_ink: true, ..small };
            let generator = Generator::new(&config, &device);
            let content = Tensor::from_data(noise([2, config.content_size], 1), &device);
            let style = Tensor::from_data(noise([2, config.style_size], 2), &device);
            let layers = generator.layers(content.clone(), style.clone()).unwrap();
            assert_eq!((layers.fields.dims(), layers.colours.dims()), ([2, 6, side, side], [2, 6, COLOUR]));
            let second = layers.fields.clone().narrow(0, 1, 1).into_data();
            let read = layers.read().unwrap();
            assert_eq!((read.len(), read[1].side(), read[1].count()), (2, side, 6));
            assert_eq!(read[1].fields(), second.as_slice::<f32>().unwrap());
            assert_eq!(generator.forward(content, style).dims(), [2, 3, image_size, image_size]);
        }
    }

    #[test]
    fn both_codes_reach_the_picture() {
        let device = Device::flex();
        let config = ModelConfig { image_size: 32, generator_channels: 32, ..ModelConfig::default() };
        let generator = Generator::new(&config, &device);
        let zeros = |size| Tensor::<2>::zeros([1, size], &device);
        let ones = |size| Tensor::<2>::ones([1, size], &device);
        let base = generator.forward(zeros(config.content_size), zeros(config.style_size));
        for (content, style) in
            [(ones(config.content_size), zeros(config.style_size)), (zeros(config.content_size), ones(config.style_size))]
        {
            let change = (generator.forward(content, style) - base.clone()).abs().max().into_scalar::<f32>();
            assert!(change > 1e-4, "{change}");
        }
    }
}
