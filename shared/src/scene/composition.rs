//! The picture of a scene, of the pictures of its things.

use super::contents::{Scene, Thing};
use super::layout::arrange;
use super::properties::Colour;
use crate::layers::{Arrangement, Layers, Place, Tint};

impl Thing {
    /// The colours that it is to take instead of its own, one or two of them, or none.
    pub fn tints(&self) -> Vec<Tint> {
        [self.colour, self.accent].into_iter().flatten().map(Colour::tint).collect()
    }
}

/// Each thing in its colours and in its place; `drawn` has what is drawn of each, `None` where nothing is. What is drawn and cannot be seen
/// is told in [`Scene::unseen`].
pub fn compose(scene: &mut Scene, drawn: Vec<Option<Layers>>) -> Arrangement {
    let (mut things, mut boxes, mut places_of) = (vec![], vec![], vec![]);
    for (thing, layers) in scene.things.iter().zip(drawn) {
        let visible = layers.as_ref().and_then(Layers::visible_box);
        boxes.push(visible);
        places_of.push(things.len());
        match layers {
            Some(layers) if visible.is_some() => things.push(layers.recoloured(&thing.tints())),
            Some(_) => scene.unseen.push(thing.text.clone()),
            None => {}
        }
    }
    let places = arrange(scene, &boxes).into_iter();
    Arrangement { things, places: places.map(|place| Place { thing: places_of[place.thing], ..place }).collect() }
}
