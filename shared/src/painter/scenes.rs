//! Scenes: each thing is drawn for itself, by its name, and then put in its place.

use super::Painter;
use super::error::PaintError;
use crate::layers::{Arrangement, Place, Tint};
use crate::scene::{self, Background, Colour, Scene};
use crate::style::StyleCode;
use crate::text::caption::{Reading, UnknownWord};

impl Painter {
    /// What a caption shows: its things, how they stand to each other, and what was not read.
    pub fn scene(&self, caption: &str) -> Scene {
        scene::read(caption, &self.vocabulary)
    }

    /// The scene that a caption is drawn as: of a model that draws layers and has learnt things by name. Others draw a caption as one thing.
    pub fn drawn_scene(&self, caption: &str) -> Option<Scene> {
        (self.draws_layers() && self.vocabulary.names().is_some()).then(|| self.scene(caption))
    }

    /// Draws a caption in a style: its scene, or the one thing that it is read as. With it the paper that the caption asks for.
    ///
    /// # Errors
    /// As [`Self::compose`].
    pub async fn arrangement(&self, caption: &str, style: &StyleCode) -> Result<(Arrangement, Option<Background>), PaintError> {
        if let Some(scene) = self.drawn_scene(caption) {
            return Ok((self.compose(&scene, style).await?, scene.background));
        }
        let things = vec![self.layers(caption, style).await?];
        Ok((Arrangement { things, places: vec![Place::whole(0)] }, None))
    }

    /// Draws all things of a scene in a style, in one batch, each in its colours and in its place ([`scene::arrange`]). Things without a
    /// name are left out.
    ///
    /// # Errors
    /// As [`Self::paint`] where nothing of the scene has a name; [`PaintError::Pixels`] of a model that draws pixels.
    pub async fn compose(&self, scene: &Scene, style: &StyleCode) -> Result<Arrangement, PaintError> {
        style.check_length(self.config.style_size)?;
        let named = scene.things.iter().enumerate().filter_map(|(index, thing)| Some((index, thing.name.as_deref()?)));
        let (indices, names): (Vec<usize>, Vec<&str>) = named.unzip();
        if names.is_empty() {
            return Err(nothing_named(scene));
        }
        let numbers: Vec<Vec<u32>> = names.iter().map(|name| self.read(name).numbers).collect();
        let (content, style) = self.codes_of(&numbers, style);
        let drawn = self.read_layers(content, style).await?;
        let (mut things, mut boxes, mut places_of) = (vec![], vec![None; scene.things.len()], vec![0; scene.things.len()]);
        for (index, layers) in indices.into_iter().zip(drawn) {
            let thing = &scene.things[index];
            let tints: Vec<Tint> = [thing.colour, thing.accent].into_iter().flatten().map(Colour::tint).collect();
            let layers = layers.recoloured(&tints);
            (boxes[index], places_of[index]) = (layers.visible_box(), things.len());
            things.push(layers);
        }
        let places = scene::arrange(scene, &boxes).into_iter();
        Ok(Arrangement { things, places: places.map(|place| Place { thing: places_of[place.thing], ..place }).collect() })
    }
}

/// Why a scene without a name cannot be drawn: its things, each with the names that it was nearly taken for.
fn nothing_named(scene: &Scene) -> PaintError {
    if scene.things.is_empty() && scene.unread.is_empty() {
        return PaintError::EmptyCaption;
    }
    let things = scene.things.iter().map(|thing| UnknownWord { word: thing.text.clone(), nearest: thing.others.clone() });
    let words = scene.unread.iter().map(|word| UnknownWord { word: word.clone(), nearest: vec![] });
    PaintError::NothingKnown(Reading { unknown: things.chain(words).collect(), ..Reading::default() })
}
