//! Scenes: each thing is drawn for itself, by its name, and then put in its place.

use super::Painter;
use super::error::PaintError;
use crate::layers::{Arrangement, Place};
use crate::scene::{self, Scene};
use crate::style::StyleCode;

impl Painter {
    /// What a caption shows: its things, how they stand to each other, and what was not read.
    pub fn scene(&self, caption: &str) -> Scene {
        scene::read(caption, &self.vocabulary)
    }

    /// The scene that a caption is drawn as: of a model that draws layers and has learnt things by name. Others draw a caption as one thing.
    pub fn drawn_scene(&self, caption: &str) -> Option<Scene> {
        (self.draws_layers() && self.vocabulary.names().is_some()).then(|| self.scene(caption))
    }

    /// Draws a caption in a style: its scene, or the one thing that it is read as. With it the scene, where it is one, as it was drawn.
    ///
    /// # Errors
    /// As [`Self::compose`].
    pub async fn arrangement(&self, caption: &str, style: &StyleCode) -> Result<(Arrangement, Option<Scene>), PaintError> {
        if let Some(mut scene) = self.drawn_scene(caption) {
            return Ok((self.compose(&mut scene, style).await?, Some(scene)));
        }
        let things = vec![self.layers(caption, style).await?];
        Ok((Arrangement { things, places: vec![Place::whole(0)] }, None))
    }

    /// Draws all things of a scene in a style, in one batch, each in its colours and in its place ([`scene::compose`]). Things without a
    /// name are left out; what is drawn and cannot be seen is told in the scene.
    ///
    /// # Errors
    /// As [`Self::paint`] where nothing of the scene has a name; [`PaintError::Pixels`] of a model that draws pixels.
    pub async fn compose(&self, scene: &mut Scene, style: &StyleCode) -> Result<Arrangement, PaintError> {
        style.check_length(self.config.style_size)?;
        let named = scene.things.iter().filter_map(|thing| thing.name.as_deref());
        let mut numbers: Vec<Vec<u32>> = named.map(|name| self.read(name).numbers).collect();
        if numbers.is_empty() {
            return Err(nothing_named(scene));
        }
        let learnt = |name: &&str| self.vocabulary.names().is_some_and(|names| names.names().iter().any(|own| own.name == *name));
        let scenery: Vec<&str> = scene.scenery().filter(learnt).collect();
        numbers.extend(scenery.iter().map(|name| self.read(name).numbers));
        let (content, style) = self.codes_of(&numbers, style);
        let mut drawn = self.read_layers(content, style).await?.into_iter();
        let of_things = scene.things.iter().map(|thing| thing.name.as_ref().and_then(|_| drawn.next())).collect();
        let things = scene::compose(scene, of_things);
        Ok(scene.behind(things, scenery.into_iter().zip(drawn).collect()))
    }
}

/// Why a scene without a name cannot be drawn: its things, each with the names that it was nearly taken for.
fn nothing_named(scene: &Scene) -> PaintError {
    let empty = scene.things.is_empty() && scene.unread.is_empty();
    if empty { PaintError::EmptyCaption } else { PaintError::NothingKnown(scene.reading()) }
}
