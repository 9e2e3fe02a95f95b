//! Who draws a prompt: the model, or somebody whom it is compared with.

use image::{Rgba32FImage, imageops};
use shared::layers::{Rgba, Tint, recolourings};
use shared::scene::{self, Scene, Thing};
use shared::style::StyleCode;

use super::prompts::Prompt;
use crate::data::{CHANNELS, DataError, Dataset, opaque, straight};
use crate::eval::Model;
use crate::eval::crispness::flatness::main_colours;
use crate::eval::drawing::{Drawer, ModelDrawer, Picture};
use crate::eval::lookup::Lookup;

/// Who draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// True training pictures, composed as the prompt says: nobody need read.
    Truth,
    /// What is read, of a table of pictures.
    Table,
    /// The model, as it draws captions: all that is read, where it draws layers.
    Model,
    /// The model, each caption read as one name.
    OneName,
}

/// What it takes to draw.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub model: &'a Model,
    pub drawer: ModelDrawer<'a>,
    pub lookup: &'a Lookup<'a>,
    pub dataset: &'a Dataset,
    /// Side of the pictures.
    pub size: usize,
}

impl Rows<'_> {
    /// What a prompt is drawn as, on transparent ground.
    ///
    /// # Errors
    /// [`DataError`] where pictures cannot be read.
    pub fn draw(&self, row: Row, prompt: &Prompt, style: &StyleCode) -> Result<Rgba, DataError> {
        match row {
            Row::Truth => self.composed_of_pictures(&prompt.scene(self.dataset), style),
            Row::Table => self.composed_of_pictures(&self.read(prompt), style),
            Row::Model => self.composed_of_layers(self.read(prompt), style).map_or_else(|| self.one(prompt, style), Ok),
            Row::OneName => self.one(prompt, style),
        }
    }

    fn read(&self, prompt: &Prompt) -> Scene {
        scene::read(&prompt.caption, &self.model.vocabulary)
    }

    /// As the page draws it; `None` of a model that draws pixels.
    fn composed_of_layers(&self, mut scene: Scene, style: &StyleCode) -> Option<Rgba> {
        let named: Vec<Vec<u32>> = scene.things.iter().filter_map(|thing| self.numbers(thing)).collect();
        if named.is_empty() {
            return Some(self.blank());
        }
        let mut drawn = self.drawer.layers(&named, &vec![style.clone(); named.len()])?.into_iter();
        let of_things = scene.things.iter().map(|thing| thing.name.as_ref().and_then(|_| drawn.next())).collect();
        Some(scene::compose(&mut scene, of_things).render(self.size, None))
    }

    fn one(&self, prompt: &Prompt, style: &StyleCode) -> Result<Rgba, DataError> {
        let numbers = self.model.vocabulary.read(&prompt.caption, self.model.caption_words).numbers;
        if numbers.is_empty() {
            return Ok(self.blank());
        }
        let mut drawn = self.drawer.draw(&[numbers], std::slice::from_ref(style), self.size)?;
        Ok(drawn.pop().map_or_else(|| self.blank(), |picture| Rgba { size: self.size, bytes: cleared(picture) }))
    }

    fn blank(&self) -> Rgba {
        Rgba { size: self.size, bytes: vec![0; self.size * self.size * CHANNELS] }
    }

    /// The words of a thing's name, as the model numbers them.
    fn numbers(&self, thing: &Thing) -> Option<Vec<u32>> {
        Some(self.model.vocabulary.read(thing.name.as_deref()?, self.model.caption_words).numbers)
    }

    fn composed_of_pictures(&self, scene: &Scene, style: &StyleCode) -> Result<Rgba, DataError> {
        let side = self.dataset.image_size;
        let mut pictures = vec![];
        for thing in &scene.things {
            let drawn = match self.numbers(thing) {
                Some(numbers) => self.lookup.draw(&[numbers], std::slice::from_ref(style), side)?.pop(),
                None => None,
            };
            pictures.push(drawn.map(|picture| recoloured(Rgba { size: side, bytes: cleared(picture) }, &thing.tints())));
        }
        let boxes: Vec<_> = pictures.iter().map(|picture| picture.as_ref().and_then(Rgba::visible_box)).collect();
        let mut page = self.blank();
        for place in scene::arrange(scene, &boxes) {
            let Some(picture) = &pictures[place.thing] else { continue };
            let pixel = |share: f32| (share * self.size as f32).round();
            let side = pixel(place.side).max(1.0) as usize;
            page.lay(&resized(picture, side).bytes, side, pixel(place.left) as isize, pixel(place.top) as isize);
        }
        Ok(page)
    }
}

/// What is not white paper, where the picture has no alpha.
fn cleared(picture: Picture) -> Vec<u8> {
    match picture {
        Picture::Clear(rgba) => rgba,
        Picture::Opaque(rgb) => {
            let mut rgba = opaque(&rgb);
            let pixels = rgba.as_chunks_mut::<CHANNELS>().0.iter_mut();
            pixels.filter(|[r, g, b, _]| [r, g, b].iter().all(|value| **value > 244)).for_each(|pixel| *pixel = [0; CHANNELS]);
            rgba
        }
    }
}

/// A thing in other colours: each pixel as the nearest of the picture's main colours.
pub fn recoloured(mut picture: Rgba, tints: &[Tint]) -> Rgba {
    if tints.is_empty() {
        return picture;
    }
    let shares = |rgb: [u8; 3]| rgb.map(|value| f32::from(value) / 255.0);
    let visible = picture.bytes.as_chunks::<CHANNELS>().0.iter().filter(|pixel| pixel[3] > 127);
    let main = main_colours(visible.map(|[r, g, b, _]| [*r, *g, *b]));
    let palette: Vec<([f32; 3], f32)> = main.iter().map(|(rgb, share)| (shares(*rgb), *share as f32)).collect();
    let changes = recolourings(&palette, tints);
    for pixel in picture.bytes.as_chunks_mut::<CHANNELS>().0.iter_mut().filter(|pixel| pixel[3] > 0) {
        let rgb = shares([pixel[0], pixel[1], pixel[2]]);
        let off = |place: &usize| palette[*place].0.iter().zip(rgb).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
        let nearest = (0..palette.len()).min_by(|a, b| off(a).total_cmp(&off(b)));
        if let Some(change) = nearest.and_then(|nearest| changes[nearest]) {
            let new = change.apply(rgb).map(|value| (value * 255.0).round() as u8);
            pixel[..3].copy_from_slice(&new);
        }
    }
    picture
}

/// At another size, by Catmull and Rom's cubic on premultiplied colours, from 0 to 1 as the library has them.
fn resized(picture: &Rgba, side: usize) -> Rgba {
    let premultiplied = picture.bytes.as_chunks::<CHANNELS>().0.iter().flat_map(|&[r, g, b, alpha]| {
        let share = f32::from(alpha) / 255.0;
        [r, g, b, 255].map(|value| f32::from(value) * share / 255.0)
    });
    let from = Rgba32FImage::from_raw(picture.size as u32, picture.size as u32, premultiplied.collect()).unwrap_or_default();
    let to = imageops::resize(&from, side as u32, side as u32, imageops::FilterType::CatmullRom);
    Rgba { size: side, bytes: to.pixels().flat_map(|pixel| straight(pixel.0.map(|value| value * 255.0))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disc(size: usize) -> Rgba {
        let middle = size as f32 / 2.0;
        let inside = |at: usize| (((at % size) as f32 + 0.5 - middle).hypot((at / size) as f32 + 0.5 - middle) < middle) as u8;
        Rgba {
            size,
            bytes: (0..size * size)
                .flat_map(|at| [200 * inside(at), 20 * inside(at), 30 * inside(at), 255 * inside(at)])
                .collect(),
        }
    }

    #[test]
    fn pictures_keep_their_colours_at_another_size() {
        let large = resized(&disc(40), 100);
        assert_eq!(large.bytes[(50 * 100 + 50) * 4..][..4], [200, 20, 30, 255]);
        assert_eq!(large.bytes[..4], [0; 4]);
        let mut edge = large.bytes.as_chunks::<4>().0.iter().filter(|pixel| pixel[3] > 100);
        // The cubic goes some levels too far on both sides of an edge.
        assert!(edge.all(|pixel| pixel[0] > 180 && pixel[1] < 40), "no dark rim and no pale one");
    }

    #[test]
    fn a_picture_takes_the_colour_of_its_thing_and_white_paper_is_none() {
        let blue = scene::Colour { hue: scene::Hue::Blue, shade: None }.tint();
        let found = recoloured(disc(40), &[blue]);
        let [r, g, b, _] = found.bytes.as_chunks::<4>().0[20 * 40 + 20];
        assert!(b > 150 && r < 120 && g < 160, "{r} {g} {b}");
        assert_eq!(recoloured(disc(40), &[]), disc(40));
        assert_eq!(cleared(Picture::Opaque(vec![255, 255, 250, 9, 9, 9])), [0, 0, 0, 0, 9, 9, 9, 255]);
    }
}
