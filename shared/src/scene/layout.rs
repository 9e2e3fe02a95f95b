//! Where the things of a scene stand: rules, not a network, and never moved by the style.
//!
//! Each thing is a box, that of what is visible of it. Boxes of one kind stand in rows; relations join groups of boxes, one after the other
//! in the caption's order, so that nothing important overlaps unless the caption says so; what nothing joins stands side by side. At the
//! end all of it is fitted into the picture.

use super::contents::Scene;
use super::properties::{RelationKind, Size};
use crate::layers::Place;

/// What is visible of a thing's own picture, as shares of its side: left, top, right, bottom.
pub type VisibleBox = [f32; 4];

/// Paper that stays free on each side, as a share of the picture.
const MARGIN: f32 = 0.05;
/// Between neighbours, in widths of an ordinary thing.
const GAP: f32 = 0.12;

/// A thing in the plane: one unit is the longer side of an ordinary thing.
#[derive(Debug, Clone, Copy)]
struct Item {
    thing: usize,
    left: f32,
    top: f32,
    width: f32,
    height: f32,
    /// What is larger is in front.
    depth: i32,
}

impl Item {
    fn right(&self) -> f32 {
        self.left + self.width
    }

    fn bottom(&self) -> f32 {
        self.top + self.height
    }

    fn centre(&self) -> (f32, f32) {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }
}

/// Items that keep their places to each other.
type Group = Vec<Item>;

/// Places of all things of a scene, from the back to the front; `boxes` is what is visible of each, `None` where it is not drawn. One thing
/// alone is drawn as it is.
pub fn arrange(scene: &Scene, boxes: &[Option<VisibleBox>]) -> Vec<Place> {
    let drawn: Vec<usize> = (0..scene.things.len()).filter(|thing| boxes.get(*thing).is_some_and(Option::is_some)).collect();
    if let [only] = drawn[..]
        && scene.things[only].count == 1
    {
        return vec![Place::whole(only)];
    }
    let mut groups: Vec<Group> =
        drawn.iter().filter_map(|thing| boxes[*thing].map(|visible| rows(*thing, &scene.things[*thing], visible))).collect();
    let mut between = None;
    for relation in &scene.relations {
        let place = |thing: usize| groups.iter().position(|group| group.iter().any(|item| item.thing == thing));
        let (Some(of), Some(to)) = (place(relation.of), place(relation.to)) else { continue };
        if of == to {
            continue;
        }
        // The second of the two that something is between stands on its other side.
        let second = relation.kind == RelationKind::Between && between.replace(relation.of) == Some(relation.of);
        let (first, last) = (of.min(to), of.max(to));
        let removed = groups.remove(last);
        let kept = groups.remove(first);
        let (of_group, to_group) = if of < to { (kept, removed) } else { (removed, kept) };
        let kind = if second { RelationKind::NextTo } else { relation.kind };
        groups.insert(first, joined(of_group, to_group, relation.of, relation.to, kind));
    }
    fitted(side_by_side(groups), boxes)
}

/// As many of a thing as there are, in rows.
fn rows(thing: usize, of: &super::Thing, [left, top, right, bottom]: VisibleBox) -> Group {
    let size = match of.size {
        None => 1.0,
        Some(Size::Tiny) => 0.4,
        Some(Size::Small) => 0.65,
        Some(Size::Big) => 1.4,
        Some(Size::Huge) => 1.9,
    };
    let (wide, high) = ((right - left).max(1e-3), (bottom - top).max(1e-3));
    let scale = size / wide.max(high);
    let (width, height) = (wide * scale, high * scale);
    let columns = match of.count {
        0..=3 => of.count,
        4 => 2,
        5..=9 => 3,
        _ => 4,
    };
    let item = |index: usize| {
        let (column, row) = (index % columns, index / columns);
        // The last row stands in the middle.
        let in_row = columns.min(of.count - row * columns);
        let indent = (columns - in_row) as f32 * (width + GAP) / 2.0;
        let left = indent + column as f32 * (width + GAP);
        Item { thing, left, top: row as f32 * (height + GAP), width, height, depth: 0 }
    };
    (0..of.count).map(item).collect()
}

/// Two groups as one: thing `of` of the first stands to thing `to` of the second as `kind` says.
fn joined(mut of_group: Group, mut to_group: Group, of: usize, to: usize, kind: RelationKind) -> Group {
    let anchor = bounds(to_group.iter().filter(|item| item.thing == to));
    let mover = bounds(of_group.iter().filter(|item| item.thing == of));
    let (all_of, all_to) = (bounds(&of_group), bounds(&to_group));
    use RelationKind::{
        Above, Behind, Below, Between, Eating, Holding, In, InFrontOf, LeftOf, NextTo, On, Riding, RightOf, Wearing,
    };
    // As many as there are of them: to each its own.
    if matches!(kind, Holding | Eating | Wearing | Riding) && of_group.len() > 1 && of_group.len() == to_group.len() {
        let pairs = of_group.into_iter().zip(to_group).map(|(one, its)| joined(vec![one], vec![its], of, to, kind));
        return side_by_side(pairs.collect());
    }
    match kind {
        // Feet on one line.
        LeftOf => shift(&mut of_group, all_to.left - GAP - all_of.right(), anchor.bottom() - mover.bottom()),
        RightOf => shift(&mut of_group, all_to.right() + GAP - all_of.left, anchor.bottom() - mover.bottom()),
        // What is named first stands on the left.
        NextTo => shift(&mut to_group, all_of.right() + GAP - all_to.left, mover.bottom() - anchor.bottom()),
        // Between two of a kind: one half of them on each side.
        Between if to_group.len() > 1 => {
            let middle = to_group.len().div_ceil(2);
            let step = all_of.width + GAP;
            shift(&mut of_group, to_group[middle].left - all_of.left, anchor.bottom() - mover.bottom());
            shift(&mut to_group[middle..], step, 0.0);
        }
        Between => shift(&mut of_group, all_to.right() + GAP - all_of.left, anchor.bottom() - mover.bottom()),
        Above => shift(&mut of_group, anchor.centre().0 - mover.centre().0, all_to.top - GAP - all_of.bottom()),
        Below => shift(&mut of_group, anchor.centre().0 - mover.centre().0, all_to.bottom() + GAP - all_of.top),
        // Touching from above.
        On => {
            shift(&mut of_group, anchor.centre().0 - mover.centre().0, anchor.top + 0.06 * anchor.height - mover.bottom());
            in_front(&mut of_group, &to_group);
        }
        Riding => {
            shift(&mut of_group, anchor.centre().0 - mover.centre().0, anchor.top + 0.3 * anchor.height - mover.bottom());
            in_front(&mut of_group, &to_group);
        }
        InFrontOf => {
            let (x, y) = (anchor.left + 0.75 * anchor.width, anchor.bottom() + 0.18 * anchor.height);
            shift(&mut of_group, x - mover.centre().0, y - mover.bottom());
            in_front(&mut of_group, &to_group);
        }
        Behind => {
            let (x, y) = (anchor.left + 0.75 * anchor.width, anchor.bottom() - 0.25 * anchor.height);
            shift(&mut of_group, x - mover.centre().0, y - mover.bottom());
            in_front(&mut to_group, &of_group);
        }
        // Its lower half is hidden.
        In => {
            scale(&mut of_group, 0.75);
            let mover = bounds(of_group.iter().filter(|item| item.thing == of));
            shift(&mut of_group, anchor.centre().0 - mover.centre().0, anchor.top + 0.45 * mover.height - mover.bottom());
            in_front(&mut to_group, &of_group);
        }
        Holding | Eating => {
            scale(&mut to_group, 0.5);
            let held = bounds(to_group.iter().filter(|item| item.thing == to));
            let down = if kind == Holding { 0.62 } else { 0.72 };
            let (x, y) = (mover.left + 0.95 * mover.width, mover.top + down * mover.height);
            shift(&mut to_group, x - held.centre().0, y - held.centre().1);
            in_front(&mut to_group, &of_group);
        }
        Wearing => {
            scale(&mut to_group, 0.6 * mover.width / anchor.width.max(anchor.height).max(1e-3));
            let worn = bounds(to_group.iter().filter(|item| item.thing == to));
            shift(&mut to_group, mover.centre().0 - worn.centre().0, mover.top + 0.16 * mover.height - worn.bottom());
            in_front(&mut to_group, &of_group);
        }
    }
    of_group.extend(to_group);
    of_group
}

/// Groups in a row with their feet on one line; many of them in several rows.
fn side_by_side(groups: Vec<Group>) -> Group {
    let columns = match groups.len() {
        0..=3 => 3,
        4 => 2,
        5..=9 => 3,
        _ => 5,
    };
    let (mut all, mut below) = (Group::new(), 0.0);
    for row in groups.chunks(columns) {
        let (mut placed, mut right) = (Group::new(), 0.0);
        for group in row {
            let mut group = group.clone();
            let own = bounds(&group);
            shift(&mut group, right - own.left, -own.bottom());
            right += own.width + GAP;
            placed.extend(group);
        }
        let own = bounds(&placed);
        shift(&mut placed, -own.centre().0, below - own.top);
        below += own.height + GAP;
        all.extend(placed);
    }
    all
}

/// Everything in the picture, as large as it can be.
fn fitted(mut items: Group, boxes: &[Option<VisibleBox>]) -> Vec<Place> {
    items.sort_by_key(|item| item.depth);
    let all = bounds(&items);
    let room = 1.0 - 2.0 * MARGIN;
    let scale = room / all.width.max(all.height).max(1e-3);
    let (left, top) = (0.5 - all.centre().0 * scale, 0.5 - all.centre().1 * scale);
    let place = |item: &Item| {
        let [box_left, box_top, right, _] = boxes[item.thing]?;
        // The picture of the thing is as much larger than what is visible of it.
        let side = item.width * scale / (right - box_left).max(1e-3);
        let (x, y) = (left + item.left * scale, top + item.top * scale);
        Some(Place { left: x - box_left * side, top: y - box_top * side, side, ..Place::whole(item.thing) })
    };
    items.iter().filter_map(place).collect()
}

fn bounds<'a>(items: impl IntoIterator<Item = &'a Item>) -> Item {
    let mut items = items.into_iter();
    let Some(first) = items.next() else { return Item { thing: 0, left: 0.0, top: 0.0, width: 0.0, height: 0.0, depth: 0 } };
    items.fold(*first, |all, item| {
        let (left, top) = (all.left.min(item.left), all.top.min(item.top));
        let (right, bottom) = (all.right().max(item.right()), all.bottom().max(item.bottom()));
        Item { left, top, width: right - left, height: bottom - top, ..all }
    })
}

fn shift(items: &mut [Item], right: f32, down: f32) {
    for item in items {
        item.left += right;
        item.top += down;
    }
}

fn scale(items: &mut [Item], by: f32) {
    for item in items {
        (item.left, item.top) = (item.left * by, item.top * by);
        (item.width, item.height) = (item.width * by, item.height * by);
    }
}

fn in_front(items: &mut [Item], others: &[Item]) {
    let most = others.iter().map(|item| item.depth).max().unwrap_or(0);
    let least = items.iter().map(|item| item.depth).min().unwrap_or(0);
    items.iter_mut().for_each(|item| item.depth += most + 1 - least);
}

#[cfg(test)]
mod tests {
    use super::super::contents::{How, Relation, Thing};
    use super::super::properties::Counting;
    use super::*;

    fn thing(count: usize, size: Option<Size>) -> Thing {
        Thing {
            text: String::new(),
            noun: String::new(),
            name: Some("cat".to_owned()),
            how: How::Name,
            count,
            counting: Counting::Stated,
            colour: None,
            accent: None,
            size,
            others: vec![],
        }
    }

    fn scene(counts: &[usize], relations: &[(RelationKind, usize, usize)]) -> Scene {
        let relations = relations.iter().map(|(kind, of, to)| Relation { kind: *kind, of: *of, to: *to }).collect();
        Scene { things: counts.iter().map(|count| thing(*count, None)).collect(), relations, ..Scene::default() }
    }

    /// What is visible of each place: left, top, right, bottom.
    fn visible(places: &[Place], boxes: &[Option<VisibleBox>]) -> Vec<(usize, [f32; 4])> {
        let of = |place: &Place| {
            let [left, top, right, bottom] = boxes[place.thing].unwrap();
            let at = |origin: f32, share: f32| origin + share * place.side;
            (place.thing, [at(place.left, left), at(place.top, top), at(place.left, right), at(place.top, bottom)])
        };
        places.iter().map(of).collect()
    }

    fn overlap(a: [f32; 4], b: [f32; 4]) -> bool {
        let apart = a[2] <= b[0] + 1e-4 || b[2] <= a[0] + 1e-4 || a[3] <= b[1] + 1e-4 || b[3] <= a[1] + 1e-4;
        !apart
    }

    const BOXES: [VisibleBox; 3] = [[0.1, 0.2, 0.9, 0.8], [0.3, 0.05, 0.7, 0.95], [0.2, 0.2, 0.8, 0.8]];

    fn boxes(count: usize) -> Vec<Option<VisibleBox>> {
        BOXES.iter().cycle().take(count).map(|one| Some(*one)).collect()
    }

    /// Every kind of relation between two things: what is visible of the first, and of the second.
    fn pair(kind: RelationKind) -> ([f32; 4], [f32; 4], Vec<usize>) {
        let boxes = boxes(2);
        let places = arrange(&scene(&[1, 1], &[(kind, 0, 1)]), &boxes);
        let found = visible(&places, &boxes);
        let of = |thing| found.iter().find(|(other, _)| *other == thing).unwrap().1;
        (of(0), of(1), places.iter().map(|place| place.thing).collect())
    }

    #[test]
    fn one_thing_alone_is_drawn_as_it_is() {
        assert_eq!(arrange(&scene(&[1], &[]), &boxes(1)), [Place::whole(0)]);
        // The other one has no name.
        assert_eq!(arrange(&scene(&[1, 1], &[(RelationKind::LeftOf, 0, 1)]), &[boxes(1)[0], None]), [Place::whole(0)]);
        assert!(arrange(&scene(&[1], &[]), &[None]).is_empty());
        assert!(arrange(&scene(&[], &[]), &[]).is_empty());
    }

    #[test]
    fn as_many_are_there_as_were_asked_for_and_none_hides_another() {
        for count in 2..=12 {
            let boxes = boxes(3);
            let found = visible(&arrange(&scene(&[count, 1, 2], &[]), &boxes), &boxes);
            assert_eq!(found.iter().filter(|(thing, _)| *thing == 0).count(), count);
            assert_eq!(found.len(), count + 3);
            for (index, (_, one)) in found.iter().enumerate() {
                assert!(one.iter().all(|edge| (0.0..=1.0).contains(edge)), "{one:?} is not in the picture");
                assert!(found[index + 1..].iter().all(|(_, other)| !overlap(*one, *other)), "{count}: {found:?}");
            }
        }
    }

    #[test]
    fn sides_are_sides() {
        let (of, to, _) = pair(RelationKind::LeftOf);
        assert!(of[2] < to[0] && (of[3] - to[3]).abs() < 1e-3, "{of:?} {to:?}");
        let (of, to, _) = pair(RelationKind::RightOf);
        assert!(of[0] > to[2]);
        let (of, to, _) = pair(RelationKind::NextTo);
        assert!(of[2] < to[0], "the first is on the left");
        let (of, to, _) = pair(RelationKind::Above);
        assert!(of[3] < to[1]);
        let (of, to, _) = pair(RelationKind::Below);
        assert!(of[1] > to[3]);
    }

    #[test]
    fn what_touches_overlaps_and_is_in_front() {
        let (of, to, order) = pair(RelationKind::On);
        assert!(of[1] < to[1] && of[3] > to[1] && of[3] < to[1] + 0.2 * (to[3] - to[1]) && order == [1, 0]);
        for (kind, front) in [(RelationKind::InFrontOf, 0), (RelationKind::Behind, 1), (RelationKind::Riding, 0)] {
            let (of, to, order) = pair(kind);
            assert!(overlap(of, to) && order[1] == front, "{kind:?} {order:?}");
        }
        let (of, to, order) = pair(RelationKind::In);
        assert!(overlap(of, to) && of[1] < to[1] && order == [0, 1], "it looks out of it");
        for kind in [RelationKind::Holding, RelationKind::Eating, RelationKind::Wearing] {
            let (of, to, order) = pair(kind);
            assert!(overlap(of, to) && to[3] - to[1] < of[3] - of[1] && order == [0, 1], "{kind:?}");
        }
        let (of, to, _) = pair(RelationKind::Wearing);
        assert!(to[1] < of[1] && ((to[0] + to[2]) - (of[0] + of[2])).abs() < 1e-3, "on its top, in the middle");
    }

    #[test]
    fn of_several_each_has_its_own() {
        let boxes = boxes(2);
        let found = visible(&arrange(&scene(&[3, 3], &[(RelationKind::Wearing, 0, 1)]), &boxes), &boxes);
        let of = |thing: usize| found.iter().filter(move |(other, _)| *other == thing).map(|(_, one)| *one);
        for cat in of(0) {
            let middle = (cat[0] + cat[2]) / 2.0;
            let hats = of(1).filter(|hat| hat[0] < middle && middle < hat[2] && hat[1] < cat[1] && hat[3] > cat[1]).count();
            assert_eq!(hats, 1, "{found:?}");
        }
    }

    #[test]
    fn between_is_in_the_middle() {
        let boxes = boxes(3);
        let relations = [(RelationKind::Between, 0, 1), (RelationKind::Between, 0, 2)];
        let found = visible(&arrange(&scene(&[1, 1, 1], &relations), &boxes), &boxes);
        let of = |thing| found.iter().find(|(other, _)| *other == thing).unwrap().1;
        assert!(of(1)[2] < of(0)[0] && of(0)[2] < of(2)[0], "{found:?}");
        // Between two trees.
        let two = visible(&arrange(&scene(&[1, 2], &[(RelationKind::Between, 0, 1)]), &boxes), &boxes);
        let house = two.iter().find(|(thing, _)| *thing == 0).unwrap().1;
        let trees: Vec<[f32; 4]> = two.iter().filter(|(thing, _)| *thing == 1).map(|(_, one)| *one).collect();
        assert!(trees[0][2] < house[0] && house[2] < trees[1][0], "{two:?}");
    }

    #[test]
    fn sizes_are_against_the_others() {
        let boxes = boxes(2);
        let height = |size| {
            let mut scene = scene(&[1, 1], &[]);
            scene.things[0].size = size;
            let found = visible(&arrange(&scene, &boxes), &boxes);
            let of = |thing: usize| found.iter().find(|(other, _)| *other == thing).map(|(_, one)| one[2] - one[0]).unwrap();
            of(0) / of(1)
        };
        let [tiny, small, plain, big, huge] =
            [Some(Size::Tiny), Some(Size::Small), None, Some(Size::Big), Some(Size::Huge)].map(height);
        assert!(tiny < small && small < plain && plain < big && big < huge);
    }

    /// Circles of relations, things that are not there, and many of them.
    #[test]
    fn any_relations_give_places_in_the_picture() {
        let kinds = [RelationKind::On, RelationKind::Behind, RelationKind::LeftOf, RelationKind::Wearing, RelationKind::In];
        let counts = [1, 12, 3, 1, 2, 1, 1, 4];
        let relations: Vec<_> = (0..40).map(|n| (kinds[n % kinds.len()], n * 7 % 8, n * 3 % 9)).collect();
        let boxes = boxes(8);
        let found = visible(&arrange(&scene(&counts, &relations), &boxes), &boxes);
        assert_eq!(found.len(), counts.iter().sum::<usize>());
        assert!(found.iter().all(|(_, one)| one.iter().all(|edge| (-1e-3..=1.001).contains(edge))), "{found:?}");
    }
}
