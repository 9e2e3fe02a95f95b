//! What is on a picture, cut out of it by its alpha alone.
//!
//! Things are laid out with paper between their boxes, so parts whose boxes meet, or nearly do, are one thing (a cloud and its rain), and a
//! small part belongs to the nearest large one.

use image::RgbaImage;
use image::imageops::{self, FilterType};
use shared::layers::{Rgba, regions};

/// Parts whose boxes are nearer than this share of the picture's side are one; things are laid out further apart.
const NEAR: f32 = 0.02;
/// What is smaller than this share of the largest part is no part at all.
const DOT: f32 = 0.002;
/// A part that is smaller than this share of the largest is no thing by itself.
const SMALL: f32 = 0.08;
/// The longest side of a thing in the pictures that the judge learnt from.
const FILL: f32 = 0.88;
/// From here on a pixel is seen.
const VISIBLE: u8 = 127;

/// One thing that was found.
pub struct Found {
    /// In pixels: left, top, right, bottom.
    pub edges: [f32; 4],
    /// Its visible pixels.
    pub colours: Vec<[u8; 3]>,
    /// On white, cropped and fitted as the judge's pictures are; alpha says where it is.
    pub picture: Rgba,
}

/// Everything on a picture, the largest first; pictures of each are `size` wide and high.
pub fn found(picture: &Rgba, size: usize) -> Vec<Found> {
    let side = picture.size;
    let visible: Vec<bool> = picture.bytes.as_chunks::<4>().0.iter().map(|pixel| pixel[3] > VISIBLE).collect();
    let mut parts: Vec<Vec<usize>> = regions(&visible, side);
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let largest = parts.first().map_or(0.0, |largest| largest.len() as f32);
    parts.retain(|part| part.len() as f32 >= DOT * largest);
    let mut things: Vec<Vec<usize>> = vec![];
    for part in parts {
        // Whatever it joins may have come near others by it.
        let (near, apart): (Vec<_>, Vec<_>) =
            things.into_iter().partition(|thing| gap(edges(thing, side), edges(&part, side)) < NEAR * side as f32);
        things = apart;
        things.push(near.into_iter().flatten().chain(part).collect());
    }
    things.sort_by_key(|thing| std::cmp::Reverse(thing.len()));
    let least = things.first().map_or(0.0, |largest| SMALL * largest.len() as f32);
    let small = things.split_off(things.iter().take_while(|thing| thing.len() as f32 >= least).count());
    let boxes: Vec<[f32; 4]> = things.iter().map(|thing| edges(thing, side)).collect();
    for part in small {
        let own = edges(&part, side);
        let nearest = (0..things.len()).min_by(|a, b| gap(own, boxes[*a]).total_cmp(&gap(own, boxes[*b])));
        nearest.into_iter().for_each(|nearest| things[nearest].extend(&part));
    }
    things.into_iter().map(|thing| cut(picture, &thing, size)).collect()
}

fn edges(part: &[usize], side: usize) -> [f32; 4] {
    let start = [f32::MAX, f32::MAX, 0.0, 0.0];
    part.iter().fold(start, |[left, top, right, bottom], place| {
        let (x, y) = ((place % side) as f32, (place / side) as f32);
        [left.min(x), top.min(y), right.max(x + 1.0), bottom.max(y + 1.0)]
    })
}

/// How far two boxes are apart.
fn gap(a: [f32; 4], b: [f32; 4]) -> f32 {
    let along = |low: usize, high: usize| (b[low] - a[high]).max(a[low] - b[high]).max(0.0);
    along(0, 2).hypot(along(1, 3))
}

fn cut(picture: &Rgba, part: &[usize], size: usize) -> Found {
    let edges = edges(part, picture.size);
    let [left, top, right, bottom] = edges.map(|edge| edge as usize);
    let (width, height) = (right - left, bottom - top);
    let mut alone = RgbaImage::from_pixel(width as u32, height as u32, image::Rgba([255, 255, 255, 0]));
    let pixels = picture.bytes.as_chunks::<4>().0;
    let mut colours = vec![];
    for place in part {
        let [r, g, b, alpha] = pixels[*place];
        let on_white = |value: u8| ((u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8;
        let at = ((place % picture.size - left) as u32, (place / picture.size - top) as u32);
        alone.put_pixel(at.0, at.1, image::Rgba([on_white(r), on_white(g), on_white(b), 255]));
        colours.push([r, g, b]);
    }
    let scale = FILL * size as f32 / width.max(height) as f32;
    let [wide, high] = [width, height].map(|length| ((length as f32 * scale).round() as u32).max(1));
    let fitted = imageops::resize(&alone, wide, high, FilterType::CatmullRom);
    let mut page = RgbaImage::from_pixel(size as u32, size as u32, image::Rgba([255, 255, 255, 0]));
    let middle = |length: u32| i64::from((size as u32).saturating_sub(length) / 2);
    imageops::replace(&mut page, &fitted, middle(wide), middle(high));
    Found { edges, colours, picture: Rgba { size, bytes: page.into_raw() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Filled boxes on transparent ground.
    fn picture(size: usize, boxes: &[[usize; 4]]) -> Rgba {
        let mut bytes = vec![0; size * size * 4];
        for [left, top, right, bottom] in boxes {
            for (x, y) in (*top..*bottom).flat_map(|y| (*left..*right).map(move |x| (x, y))) {
                bytes[(y * size + x) * 4..][..4].copy_from_slice(&[200, 0, 0, 255]);
            }
        }
        Rgba { size, bytes }
    }

    #[test]
    fn things_apart_are_two_and_near_or_small_parts_are_none() {
        let two = found(&picture(200, &[[10, 10, 90, 90], [110, 20, 190, 90]]), 32);
        assert_eq!(two.iter().map(|one| one.edges).collect::<Vec<_>>(), [[10.0, 10.0, 90.0, 90.0], [110.0, 20.0, 190.0, 90.0]]);
        assert_eq!(two[0].colours.len(), 6400);
        // Two pixels apart, a drop below, and what stands in a corner of its box.
        let one = found(&picture(200, &[[10, 10, 90, 90], [92, 10, 150, 90], [40, 100, 48, 108], [120, 60, 148, 80]]), 32);
        assert_eq!(one.iter().map(|one| one.edges).collect::<Vec<_>>(), [[10.0, 10.0, 150.0, 108.0]]);
        assert!(found(&picture(64, &[]), 32).is_empty());
    }

    #[test]
    fn a_thing_is_fitted_as_the_judges_pictures_are() {
        let [Found { picture, .. }] = &found(&picture(100, &[[60, 60, 100, 80]]), 50)[..] else { panic!() };
        let red = |x: usize, y: usize| picture.bytes[(y * 50 + x) * 4 + 1] < 128;
        assert!(red(4, 25) && red(45, 25) && !red(1, 25) && !red(25, 10) && red(25, 16));
        assert_eq!((picture.size, picture.bytes.len()), (50, 50 * 50 * 4));
    }
}
