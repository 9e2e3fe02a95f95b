//! Lines and texture: one more layer, of ink, over those that were drawn.
//!
//! Where a line runs is known exactly: layers meet where the largest two are equal. The ink's logit is that of the layer below it and as
//! much more as the place lies inside the line, so that its edges are as crisp as all others.

use kurbo::Point;

use super::colours::{Rgb, coloured, difference, ink, is_ink};
use super::distance::{distances, pieces};
use super::parameter::{Finish, Parameter};
use crate::layers::{COLOUR, Layers, area, loops};

/// Widest line, as a share of the picture's side.
const WIDEST: f32 = 0.04;
/// Thinnest line in cells of the map: a thinner one would be torn.
const THINNEST: f32 = 1.4;
/// Dots and hatches along the picture's side.
const SCREEN: f32 = 26.0;
/// Colours that look more alike than this have no line between them.
const ALIKE: f32 = 0.07;
/// A line as dark as what it runs along would not be seen as one.
const UNSEEN: f32 = 0.2;
/// Parts whose outline encloses less than this share of the picture are specks that no line goes around.
const SPECK: f64 = 0.0004;

/// What a thing is finished for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Width and height of the maps in which lines are followed.
    pub detail: usize,
    /// How large the thing's square is, as a share of the picture.
    pub scale: f32,
    /// Thinnest line, as a share of the picture: of square pixels, one.
    pub thinnest: f32,
    /// What shows where no fill is left.
    pub ground: Rgb,
    /// Whether it shows what is behind it where no fill is left.
    pub clear: bool,
}

/// The thing in the finish's colours, with its lines and its texture.
pub(super) fn finished(layers: &Layers, finish: &Finish, setting: Setting) -> Layers {
    let shares = layers.shares();
    let own = shares.iter().filter(|(rgb, _)| !is_ink(*rgb)).max_by(|a, b| a.1.total_cmp(&b.1)).map_or([0.5; 3], |(rgb, _)| *rgb);
    let ink = ink(finish, own);
    let coloured = coloured(layers, finish, ink, setting.ground);
    let hollow = setting.clear && finish.get(Parameter::Fill) < 0.01;
    let drawn = [Parameter::Outline, Parameter::Halftone, Parameter::Hatching].iter().any(|of| finish.get(*of) > 0.0);
    if !drawn {
        return if hollow { coloured.without(|rgb| difference(rgb, setting.ground) < 1e-3) } else { coloured };
    }
    let detailed = coloured.enlarged(setting.detail);
    let groups = Groups::of(&detailed, &shares, ink);
    let mut inked = vec![f32::MIN; setting.detail * setting.detail];
    outline(&groups, finish, setting, &mut inked);
    texture(&groups, finish, setting, ink, &mut inked);
    let detailed = if hollow { detailed.without(|rgb| difference(rgb, setting.ground) < 1e-3) } else { detailed };
    let logits: Vec<f32> = groups.most.iter().zip(&inked).map(|(most, inside)| most + inside.max(-60.0)).collect();
    let colour = [ink[0], ink[1], ink[2], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    detailed.with_layer(logits, colour)
}

/// How much a logit grows with each cell, so that an edge is as wide as a pixel.
pub(super) fn slope(detail: usize) -> f32 {
    384.0 / detail as f32
}

/// Layers that look alike are one; paper is the first.
struct Groups {
    side: usize,
    /// Colour of each; of paper none.
    colours: Vec<Option<Rgb>>,
    /// Those that lines and texture leave alone.
    is_ink: Vec<bool>,
    /// Which is on top, and which is next, in each cell, and by how much.
    top: Vec<(u8, u8, f32)>,
    /// The largest logit in each cell.
    most: Vec<f32>,
}

impl Groups {
    fn of(layers: &Layers, shares: &[(Rgb, f32)], ink: Rgb) -> Self {
        let (side, cells) = (layers.side(), layers.side() * layers.side());
        let now: Vec<Rgb> = layers.colours().chunks_exact(COLOUR).map(|colour| [colour[0], colour[1], colour[2]]).collect();
        let mut colours: Vec<Option<Rgb>> = vec![None];
        let mut originals: Vec<Rgb> = vec![[f32::NAN; 3]];
        let mut group_of = vec![0_usize; now.len()];
        for layer in 1..now.len() {
            let original = shares[layer].0;
            let known = (1..colours.len()).find(|group| difference(originals[*group], original) < ALIKE);
            group_of[layer] = known.unwrap_or(colours.len());
            if known.is_none() {
                colours.push(Some(now[layer]));
                originals.push(original);
            }
        }
        let is_ink = colours.iter().zip(&originals).map(|(now, original)| {
            now.is_some_and(|now| difference(now, ink) < UNSEEN || (is_ink(*original) && difference(now, ink) < 0.5))
        });
        let is_ink = is_ink.collect();
        let mut of_groups = vec![f32::MIN; colours.len() * cells];
        for (layer, field) in layers.fields().chunks_exact(cells).enumerate() {
            let group = &mut of_groups[group_of[layer] * cells..][..cells];
            group.iter_mut().zip(field).for_each(|(most, logit)| *most = most.max(*logit));
        }
        let mut top = vec![(0, 0, 0.0); cells];
        let mut most = of_groups[..cells].to_vec();
        let mut second = vec![f32::MIN; cells];
        for (group, field) in of_groups.chunks_exact(cells).enumerate().skip(1) {
            for cell in 0..cells {
                let logit = field[cell];
                if logit > most[cell] {
                    (second[cell], top[cell].1) = (most[cell], top[cell].0);
                    (most[cell], top[cell].0) = (logit, group as u8);
                } else if logit > second[cell] {
                    (second[cell], top[cell].1) = (logit, group as u8);
                }
            }
        }
        top.iter_mut().zip(most.iter().zip(&second)).for_each(|(top, (most, second))| top.2 = most - second);
        Self { side, colours, is_ink, top, most }
    }

    /// Where each group ends, but for borders with ink.
    fn borders(&self) -> Vec<[Point; 2]> {
        let least = SPECK * (self.side * self.side) as f64;
        let mut found = vec![];
        // Paper ends where the others do, and at the picture's own border, which is no line.
        for group in (1..self.colours.len()).filter(|group| !self.is_ink[*group]) {
            // Cell by cell: by how much it is above all others, or below the highest.
            let map: Vec<f32> =
                self.top.iter().map(|(top, _, lead)| if *top as usize == group { *lead } else { -lead }).collect();
            for line in loops(&map, self.side) {
                if area(&line).abs() < least {
                    continue;
                }
                let inked = |piece: &[Point; 2]| {
                    let middle = piece[0].midpoint(piece[1]);
                    let cell = |v: f64| (v.max(0.0) as usize).min(self.side - 1);
                    let (top, next, _) = self.top[cell(middle.y) * self.side + cell(middle.x)];
                    let other = if top as usize == group { next } else { top };
                    self.is_ink[other as usize]
                };
                found.extend(pieces(&line).filter(|piece| !inked(piece)));
            }
        }
        found
    }
}

/// How far inside a line each cell lies, in logits.
fn outline(groups: &Groups, finish: &Finish, setting: Setting, inked: &mut [f32]) {
    let outline = finish.get(Parameter::Outline);
    if outline == 0.0 {
        return;
    }
    let cells = setting.detail as f32;
    let width = (outline * WIDEST).max(setting.thinnest) * cells / setting.scale;
    let half = width.max(THINNEST) / 2.0;
    let far = distances(&groups.borders(), setting.detail, half + 2.0);
    inked.iter_mut().zip(far).for_each(|(inside, far)| *inside = inside.max(slope(setting.detail) * (half - far)));
}

/// How far inside a dot or a hatch each cell lies, in logits.
fn texture(groups: &Groups, finish: &Finish, setting: Setting, ink: Rgb, inked: &mut [f32]) {
    let (dots, hatches) = (finish.get(Parameter::Halftone), finish.get(Parameter::Hatching));
    if dots == 0.0 && hatches == 0.0 {
        return;
    }
    // The share of each group's cells that is covered: much where the colour is near the ink's lightness.
    let ink = crate::layers::to_oklch(ink).l;
    let covered: Vec<f32> = groups
        .colours
        .iter()
        .zip(&groups.is_ink)
        .map(|(colour, is_ink)| match colour {
            Some(colour) if !is_ink => {
                let light = crate::layers::to_oklch(*colour).l;
                if ink > 0.6 { ((light - 0.25) * 0.6).clamp(0.05, 0.45) } else { ((1.0 - light) * 0.85).clamp(0.02, 0.5) }
            }
            _ => 0.0,
        })
        .collect();
    let pitch = setting.detail as f32 / SCREEN / setting.scale;
    let turn = std::f32::consts::FRAC_1_SQRT_2;
    for (cell, (inside, (top, ..))) in inked.iter_mut().zip(&groups.top).enumerate() {
        let covered = covered[*top as usize];
        if covered == 0.0 {
            continue;
        }
        let (x, y) = ((cell % groups.side) as f32 + 0.5, (cell / groups.side) as f32 + 0.5);
        let (along, across) = ((x + y) * turn, (y - x) * turn);
        let off = |v: f32| (v / pitch - (v / pitch).round()) * pitch;
        if dots > 0.0 {
            let radius = pitch * (dots * covered / std::f32::consts::PI).sqrt();
            *inside = inside.max(slope(groups.side) * (radius - off(along).hypot(off(across))));
        }
        if hatches > 0.0 {
            let half = pitch * hatches * covered / 2.0;
            *inside = inside.max(slope(groups.side) * (half - off(along).abs()));
        }
    }
}
