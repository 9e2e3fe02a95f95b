//! The exported class: one painter on one device. `js/worker.js` holds one and asks it one thing at a time.

use std::cell::RefCell;
use std::rc::Rc;

use burn::prelude::Device;
use js_sys::{Float32Array, Uint8ClampedArray};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use shared::finish::{Finish, Finished, LOOKS, Parameter};
use shared::layers::{Arrangement, Background, SIZES};
use shared::scene::Scene;
use shared::{ModelFile, ModelInfo, Painter, Picture, Reading, StyleCode};
use wasm_bindgen::prelude::*;
use web_sys::ImageData;

use crate::Fault;

/// Runs when the module is loaded: without these, a panic or an invalid shader leaves no trace at all.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
    // Fails only where a logger is already installed, and then that one will do.
    let _ = console_log::init_with_level(log::Level::Warn);
}

/// The size in pixels that an SVG's lines and texture are worked out for.
const SVG: usize = 512;
/// Pictures whose layers are kept, so that one that is asked for again, at another size or as SVG, need not be drawn anew. Some 130 KB for
/// each thing in them.
const KEPT: usize = 16;

/// A model on a device.
#[wasm_bindgen]
pub struct Engine {
    painter: Painter,
    /// The newest last.
    kept: RefCell<Vec<Kept>>,
}

struct Kept {
    caption: String,
    style: StyleCode,
    drawn: Rc<Drawn>,
}

/// What a caption and a style draw, of a model that draws layers.
struct Drawn {
    things: Arrangement,
    /// What the caption was read as; `None` where that was one thing.
    scene: Option<Scene>,
}

#[derive(Serialize)]
struct Info<'a> {
    #[serde(flatten)]
    info: &'a ModelInfo,
    looks: Vec<&'static str>,
    #[serde(rename = "lookNumbers")]
    look_numbers: Vec<LookNumber>,
}

#[derive(Serialize)]
struct LookNumber {
    name: &'static str,
    from: f32,
    to: f32,
    neutral: f32,
    effect: &'static str,
}

#[derive(Serialize)]
struct DrawnReading<'a> {
    #[serde(flatten)]
    reading: Reading,
    scene: Option<&'a Scene>,
}

impl Drawn {
    /// The picture in a look, to be drawn at this size, on what is asked for or, where nothing is, what the caption says; else on the look's
    /// own paper.
    fn finished(&self, look: &Finish, size: usize, asked_for: Option<Background>) -> Finished {
        let said = self.scene.as_ref().and_then(|scene| scene.background);
        let paper = asked_for.map_or_else(|| said.map(|said| Some(said.paper())), |Background(paper)| Some(paper));
        look.apply(&self.things, size, paper)
    }
}

#[wasm_bindgen]
impl Engine {
    /// Reads a model file onto `device`, "webgpu" (of the module for it) or "cpu". For WebGPU the caller has made sure that there is a
    /// graphics adapter and that it has timestamp queries: the runtime panics without. The graphics device can be opened once in a
    /// module's life. `proven` says that the bytes have been compared with a hash.
    pub async fn open(model: Vec<u8>, device: String, proven: bool) -> Result<Engine, JsValue> {
        let file = if proven { ModelFile::parse_proven(&model) } else { ModelFile::parse(&model) };
        let file = file.map_err(thrown)?;
        drop(model);
        let device = match device.as_str() {
            #[cfg(feature = "webgpu")]
            "webgpu" => crate::webgpu::device().await.map_err(thrown)?,
            _ => Device::flex(),
        };
        Ok(Self { painter: Painter::from_file(file, &device).map_err(thrown)?, kept: RefCell::default() })
    }

    /// Draws a golden picture of the model, lends its style and compares both with the trainer's; also compiles every shader that
    /// drawing and lending need.
    #[wasm_bindgen(js_name = selfTest)]
    pub async fn self_test(&self) -> Result<(), JsValue> {
        self.painter.self_test().await.map_err(thrown)
    }

    /// What the model file says of itself, and the looks that its pictures can have.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        let looks = if self.painter.draws_layers() { LOOKS } else { &[] };
        let numbers = Parameter::all().map(|parameter| LookNumber {
            name: parameter.name(),
            from: *parameter.range().start(),
            to: *parameter.range().end(),
            neutral: parameter.neutral(),
            effect: parameter.effect(),
        });
        let look_numbers = if self.painter.draws_layers() { numbers.collect() } else { vec![] };
        plain(&Info { info: self.painter.info(), looks: looks.iter().map(|look| look.name).collect(), look_numbers })
    }

    /// How a picture's caption was read: `{wordsUsed, understood: [{word, readAs}], unknown: [{word, nearest}], truncated, scene}`, the scene null
    /// where the caption was read as one name.
    pub fn reading(&self, caption: &str, style: &[f32]) -> Result<JsValue, JsValue> {
        let kept = self.kept.borrow();
        let drawn = kept.iter().find(|kept| kept.caption == caption && kept.style.values() == style);
        let scene = drawn.and_then(|kept| kept.drawn.scene.as_ref());
        let reading = scene.map_or_else(|| self.painter.read(caption), Scene::reading);
        plain(&DrawnReading { reading, scene })
    }

    /// What a caption shows, as `Scene` in `js/emblem.d.ts`.
    pub fn scene(&self, caption: &str) -> Result<JsValue, JsValue> {
        plain(&self.painter.scene(caption))
    }

    /// Draws a caption in a style. `look` (a name, numbers as `outline=0.5`, or both), `size` in pixels and `background` ("none" or
    /// "#rrggbb") are for models that draw layers; without them a picture is plain, of the model's size, and where it is of layers on what
    /// the caption says, else transparent.
    pub async fn paint(
        &self,
        caption: String,
        style: Vec<f32>,
        look: Option<String>,
        size: Option<u32>,
        background: Option<String>,
    ) -> Result<ImageData, JsValue> {
        let style = StyleCode::from_values(&style).map_err(thrown)?;
        if !self.painter.draws_layers() && look.is_none() && size.is_none() && background.is_none() {
            let picture = self.painter.paint(&caption, &style).await.map_err(thrown)?;
            return image_data(&picture.to_rgba(), picture.width);
        }
        let size = size.map_or(self.painter.image_size(), |size| size as usize);
        if !SIZES.contains(&size) {
            return Err(thrown(Fault::size(size)));
        }
        let (look, background) = (look_of(look)?, background_of(background)?);
        let drawn = self.drawn(caption, style).await?;
        image_data(&drawn.finished(&look, size, background).render(size).bytes, size)
    }

    /// The same picture as an SVG document.
    pub async fn svg(
        &self,
        caption: String,
        style: Vec<f32>,
        look: Option<String>,
        description: String,
        background: Option<String>,
    ) -> Result<String, JsValue> {
        let style = StyleCode::from_values(&style).map_err(thrown)?;
        let (look, background) = (look_of(look)?, background_of(background)?);
        let drawn = self.drawn(caption.clone(), style).await?;
        Ok(drawn.finished(&look, SVG, background).svg(&caption, &description))
    }

    /// The style code of a seed: digits, or any text.
    #[wasm_bindgen(js_name = styleOfSeed)]
    pub fn style_of_seed(&self, seed: &str) -> Float32Array {
        Float32Array::from(self.painter.style_from_seed(shared::seed_of(seed)).values())
    }

    /// The look of a seed, as `paint` takes one; none where the model draws pixels.
    #[wasm_bindgen(js_name = lookOfSeed)]
    pub fn look_of_seed(&self, seed: &str) -> Option<String> {
        self.painter.draws_layers().then(|| Finish::from_seed(shared::seed_of(seed)).to_string())
    }

    /// The look between two others, of which none is plain; none where the model draws pixels.
    #[wasm_bindgen(js_name = blendLooks)]
    pub fn blend_looks(&self, from: Option<String>, to: Option<String>, t: f32) -> Result<Option<String>, JsValue> {
        let between = look_of(from)?.blend(&look_of(to)?, t);
        Ok(self.painter.draws_layers().then(|| between.to_string()))
    }

    /// The style code between two others, `t` = 0 the first and 1 the second, along the great circle.
    pub fn blend(&self, from: &[f32], to: &[f32], t: f32) -> Result<Float32Array, JsValue> {
        let length = self.painter.info().style_size;
        let code = |values: &[f32]| {
            let code = StyleCode::from_values(values)?;
            code.check_length(length).map(|()| code)
        };
        let between = code(from).and_then(|from| from.blend(&code(to)?, t)).map_err(thrown)?;
        Ok(Float32Array::from(between.values()))
    }

    /// The style code of an opaque picture of the model's size.
    #[wasm_bindgen(js_name = styleOfPicture)]
    pub async fn style_of_picture(&self, picture: ImageData) -> Result<Float32Array, JsValue> {
        let rgb = picture.data().chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect();
        let picture = Picture { width: picture.width() as usize, height: picture.height() as usize, rgb };
        let style = self.painter.style_of(&picture).await.map_err(thrown)?;
        Ok(Float32Array::from(style.values()))
    }
}

impl Engine {
    /// A picture as it is kept or newly drawn.
    async fn drawn(&self, caption: String, style: StyleCode) -> Result<Rc<Drawn>, JsValue> {
        let place = self.kept.borrow().iter().position(|kept| kept.caption == caption && kept.style == style);
        let kept = match place {
            Some(place) => self.kept.borrow_mut().remove(place),
            None => {
                let (things, scene) = self.painter.arrangement(&caption, &style).await.map_err(thrown)?;
                Kept { caption, style, drawn: Rc::new(Drawn { things, scene }) }
            }
        };
        let (drawn, mut all) = (kept.drawn.clone(), self.kept.borrow_mut());
        if all.len() == KEPT {
            all.remove(0);
        }
        all.push(kept);
        Ok(drawn)
    }
}

/// What a text says; without one nothing is changed.
fn look_of(text: Option<String>) -> Result<Finish, JsValue> {
    text.map(|text| text.parse().map_err(thrown)).transpose().map(Option::unwrap_or_default)
}

fn background_of(text: Option<String>) -> Result<Option<Background>, JsValue> {
    text.map(|text| text.parse()).transpose().map_err(thrown)
}

/// Four bytes a pixel, copied: image data over a slice would go on looking into this module's memory after the slice is gone.
fn image_data(rgba: &[u8], size: usize) -> Result<ImageData, JsValue> {
    ImageData::new_with_js_u8_clamped_array_and_sh(&Uint8ClampedArray::from(rgba), size as u32, size as u32)
}

fn thrown(error: impl Into<Fault>) -> JsValue {
    let fault: Fault = error.into();
    plain(&fault).unwrap_or_else(|failure| failure)
}

/// As plain objects; the default would make maps, which do not survive the way to the page.
fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::json_compatible()).map_err(JsValue::from)
}
