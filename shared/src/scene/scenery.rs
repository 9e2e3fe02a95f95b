//! What is seen of a place behind all things: a few of the model's own names, pale, where it has learnt them.

use super::contents::Scene;
use super::properties::{Background, Place};
use crate::layers::{self, Arrangement, Layers};

/// How much of the paper's colour is in what is pale.
const PALE: f32 = 0.62;

/// A name with the places where it is seen: from the left, from above, and how large, as shares of the picture.
type Seen = (&'static str, &'static [[f32; 3]]);

const STARS: &[[f32; 3]] = &[[0.08, 0.07, 0.08], [0.34, 0.03, 0.05], [0.55, 0.12, 0.06], [0.04, 0.36, 0.05], [0.9, 0.4, 0.05]];
const FLAKES: &[[f32; 3]] = &[[0.05, 0.06, 0.11], [0.42, 0.02, 0.08], [0.82, 0.1, 0.1], [0.02, 0.5, 0.07], [0.92, 0.55, 0.07]];

impl Place {
    fn seen(self) -> &'static [Seen] {
        match self {
            Self::Night => &[("crescent moon", &[[0.76, 0.05, 0.18]]), ("star", STARS)],
            Self::Space => &[("ringed planet", &[[0.74, 0.06, 0.2]]), ("star", STARS)],
            Self::Sunset => &[("sun", &[[0.39, 0.08, 0.22]])],
            Self::Snow => &[("snowflake", FLAKES)],
            Self::Rain => &[("cloud with rain", &[[0.04, 0.03, 0.24], [0.4, 0.0, 0.2], [0.72, 0.04, 0.24]])],
            Self::Sea => &[("water wave", &[[-0.04, 0.78, 0.28], [0.22, 0.8, 0.28], [0.48, 0.78, 0.28], [0.74, 0.8, 0.28]])],
            Self::Beach => &[("sun", &[[0.04, 0.04, 0.2]]), ("palm tree", &[[0.74, 0.3, 0.28]])],
            Self::Forest => &[("evergreen tree", &[[-0.02, 0.3, 0.3], [0.24, 0.22, 0.26], [0.5, 0.22, 0.26], [0.72, 0.3, 0.3]])],
            Self::Desert => &[("sun", &[[0.74, 0.04, 0.2]]), ("cactus", &[[0.02, 0.5, 0.22], [0.82, 0.58, 0.16]])],
            Self::City => &[("office building", &[[0.0, 0.36, 0.26], [0.25, 0.26, 0.26], [0.5, 0.34, 0.24], [0.74, 0.28, 0.26]])],
        }
    }
}

impl Scene {
    /// What is to be seen of its place, by name; none of a place that has a name of its own.
    pub fn scenery(&self) -> impl Iterator<Item = &'static str> {
        let place = if let Some(Background::Place(place)) = self.background { place.seen() } else { &[] };
        place.iter().map(|(name, _)| *name)
    }

    /// Lays what was drawn of its scenery, each with its name, behind an arrangement of its things.
    pub fn behind(&self, mut arrangement: Arrangement, drawn: Vec<(&'static str, Layers)>) -> Arrangement {
        let Some(background @ Background::Place(place)) = self.background else { return arrangement };
        let mut places = vec![];
        for (name, layers) in drawn {
            let seen = place.seen().iter().find(|(own, _)| *own == name).map_or(&[][..], |(_, seen)| seen);
            let thing = arrangement.things.len();
            places.extend(seen.iter().map(|[left, top, side]| layers::Place {
                left: *left,
                top: *top,
                side: *side,
                ..layers::Place::whole(thing)
            }));
            arrangement.things.push(layers.mixed(background.paper(), PALE));
        }
        arrangement.places.splice(0..0, places);
        arrangement
    }
}

#[cfg(test)]
mod tests {
    use super::super::properties::{Colour, Hue};
    use super::*;
    use crate::layers::COLOUR;

    #[test]
    fn what_is_seen_of_a_place_is_pale_and_behind() {
        let mut scene = Scene { background: Some(Background::Place(Place::Night)), ..Scene::default() };
        assert_eq!(scene.scenery().collect::<Vec<_>>(), ["crescent moon", "star"]);
        let layers = Layers::new(2, vec![0.0; 8], vec![1.0; 2 * COLOUR]).unwrap();
        let cat = Arrangement { things: vec![layers.clone()], places: vec![layers::Place::whole(0)] };
        let found = scene.behind(cat.clone(), vec![("star", layers.clone())]);
        assert_eq!((found.places.len(), found.places.last(), found.places[0].thing), (6, Some(&layers::Place::whole(0)), 1));
        let of = |thing: usize| found.things[thing].colours()[COLOUR];
        assert!(of(0) == 1.0 && of(1) < 0.5, "{} {}", of(0), of(1));
        scene.background = Some(Background::Colour(Colour { hue: Hue::Blue, shade: None }));
        assert_eq!((scene.scenery().count(), scene.behind(cat.clone(), vec![])), (0, cat));
    }
}
