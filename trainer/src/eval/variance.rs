//! Captions against styles: what of a picture goes with the one, what with the other, and what with neither.
//!
//! If content and style were perfectly apart, a picture in the judge's features would be its caption's part plus its style's part. A
//! two-way analysis of variance over a grid of pictures says how nearly that is so; two retrievals ask the same of single pictures. The
//! same grid of real pictures, contents against sets, shows what the judge can tell at best.

use rand::seq::SliceRandom;
use shared::style::StyleCode;

use super::protocol::{Draws, draws};
use super::subject::Subject;
use crate::data::{ContentSplit, DataError};
use crate::linalg::{Matrix, squared_distance};
use crate::report::figures::{By, Figure, mean, percent};

/// Points of a grid of pictures, row by row: `points[caption * styles + style]`.
pub struct Grid {
    captions: usize,
    styles: usize,
    points: Matrix,
}

/// Shares of all variance, which add up to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    pub caption: f64,
    pub style: f64,
    /// What the two do together, noise included: each cell has one picture.
    pub both: f64,
}

impl Grid {
    fn new(captions: usize, styles: usize, points: Matrix) -> Self {
        Self { captions, styles, points }
    }

    fn cells(&self) -> usize {
        self.captions * self.styles
    }

    fn at(&self, caption: usize, style: usize) -> &[f64] {
        self.points.row(caption * self.styles + style)
    }

    /// Two-way analysis of variance, summed over the features.
    pub fn shares(&self) -> Shares {
        let middle = self.points.mean();
        let (of_caption, of_style) = (self.caption_means(), self.style_means());
        let spread = |means: &[Vec<f64>]| means.iter().map(|mean| squared_distance(mean, &middle)).sum::<f64>();
        let total: f64 = (0..self.cells()).map(|cell| squared_distance(self.points.row(cell), &middle)).sum();
        let share = |sum: f64| if total > 0.0 { sum / total } else { 0.0 };
        let caption = share(self.styles as f64 * spread(&of_caption));
        let style = share(self.captions as f64 * spread(&of_style));
        Shares { caption, style, both: if total > 0.0 { 1.0 - caption - style } else { 0.0 } }
    }

    /// What the shares would be if neither mattered: their degrees of freedom.
    pub fn chance(&self) -> Shares {
        let all = (self.cells().max(2) - 1) as f64;
        let (caption, style) = ((self.captions - 1) as f64 / all, (self.styles - 1) as f64 / all);
        Shares { caption, style, both: 1.0 - caption - style }
    }

    /// Share of pictures whose nearest among another caption's pictures, each caption's mean taken away, has the same style; over all
    /// pairs of captions.
    pub fn style_retrieval(&self) -> f64 {
        let means = self.caption_means();
        let centred = self.without(|cell| &means[cell / self.styles]);
        let point = |caption: usize, style: usize| &centred[caption * self.styles + style];
        retrieval(self.captions, self.styles, point)
    }

    /// The same with captions and styles in each other's place.
    pub fn content_retrieval(&self) -> f64 {
        let means = self.style_means();
        let centred = self.without(|cell| &means[cell % self.styles]);
        let point = |style: usize, caption: usize| &centred[caption * self.styles + style];
        retrieval(self.styles, self.captions, point)
    }

    /// Mean distance of two pictures of one caption, as a share of that of two pictures of any two captions.
    pub fn diversity(&self) -> f64 {
        let (mut within, mut across) = (vec![], vec![]);
        for a in 0..self.cells() {
            for b in a + 1..self.cells() {
                let distance = squared_distance(self.points.row(a), self.points.row(b)).sqrt();
                let same = a / self.styles == b / self.styles;
                if same { &mut within } else { &mut across }.push(distance);
            }
        }
        let across = mean(&across);
        if across > 0.0 { mean(&within) / across } else { 0.0 }
    }

    fn caption_means(&self) -> Vec<Vec<f64>> {
        (0..self.captions).map(|caption| self.mean_of((0..self.styles).map(|style| self.at(caption, style)))).collect()
    }

    fn style_means(&self) -> Vec<Vec<f64>> {
        (0..self.styles).map(|style| self.mean_of((0..self.captions).map(|caption| self.at(caption, style)))).collect()
    }

    fn mean_of<'a>(&self, points: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
        let (mut sum, mut count) = (vec![0.0; self.points.columns()], 0.0);
        for point in points {
            sum.iter_mut().zip(point).for_each(|(sum, value)| *sum += value);
            count += 1.0;
        }
        sum.into_iter().map(|sum| sum / count).collect()
    }

    fn without<'a>(&self, mean: impl Fn(usize) -> &'a Vec<f64>) -> Vec<Vec<f64>> {
        let cell = |cell: usize| self.points.row(cell).iter().zip(mean(cell)).map(|(value, mean)| value - mean).collect();
        (0..self.cells()).map(cell).collect()
    }
}

/// Share of (group, kind) whose nearest in another group is of the same kind, over all pairs of groups.
fn retrieval<'a>(groups: usize, kinds: usize, point: impl Fn(usize, usize) -> &'a Vec<f64>) -> f64 {
    let (mut right, mut all) = (0, 0);
    for group in 0..groups {
        for other in (0..groups).filter(|other| *other != group) {
            for kind in 0..kinds {
                let distance = |candidate: &usize| squared_distance(point(group, kind), point(other, *candidate));
                let own = distance(&kind);
                // Ties do not count: pictures that are all alike retrieve nothing.
                right += usize::from((0..kinds).filter(|candidate| *candidate != kind).all(|c| own < distance(&c)));
                all += 1;
            }
        }
    }
    right as f64 / all.max(1) as f64
}

/// Figures of a grid of drawn pictures: training captions against the first seeds, so that nobody can have picked them.
///
/// # Errors
/// [`DataError`] where real pictures cannot be read.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let protocol = subject.protocol;
    let mut random = draws(protocol.seed, Draws::Grid);
    let contents = subject.some_contents(ContentSplit::Train, protocol.captions, &mut random);
    if contents.len() < 2 || protocol.seeds < 2 {
        return Ok((vec![], vec!["captions against styles: there are fewer than two captions".to_owned()]));
    }
    let styles: Vec<StyleCode> =
        (0..protocol.seeds as u64).map(|seed| StyleCode::from_seed(seed, subject.model.style_size)).collect();
    let cells: Vec<usize> = contents.iter().flat_map(|content| vec![*content; styles.len()]).collect();
    let drawn = subject.draw_contents(&cells, &styles.iter().cycle().take(cells.len()).cloned().collect::<Vec<_>>())?;
    let predictions = subject.judge.look(&drawn, subject.device);
    let grid = Grid::new(contents.len(), styles.len(), predictions.features);
    let (real, named) = real_grid(subject, &mut random)?.unzip();

    let mut figures = of_grid(&grid, real.as_ref());
    let mut left_out = vec![];
    if real.is_none() {
        left_out.push("captions against styles of real pictures: too few contents are there in all sets".to_owned());
    }
    if subject.judge.knows_sets_of(subject.dataset) {
        figures.extend(sets(&predictions.set, grid.styles, subject.dataset.styles.len(), named.as_deref()));
    } else {
        left_out.push("sets of seeds: the data, or the judge, knows no sets".to_owned());
    }
    Ok((figures, left_out))
}

fn of_grid(grid: &Grid, real: Option<&Grid>) -> Vec<Figure> {
    let from = format!(
        "{} captions x {} seeds{}",
        grid.captions,
        grid.styles,
        real.map_or_else(String::new, |real| format!("; real: {} test contents x {} sets", real.captions, real.styles))
    );
    let figure = |name: &str, value: &dyn Fn(&Grid) -> f64, chance: Option<f64>| {
        let mut figure = Figure::new(name, value(grid), By::Judge, grid.cells(), "training captions").from(from.clone());
        if let Some(chance) = chance {
            figure = figure.beside("chance", chance);
        }
        match real {
            Some(real) => figure.beside("real", value(real)),
            None => figure,
        }
    };
    let chance = grid.chance();
    vec![
        figure("variance explained by caption (%)", &|g| 100.0 * g.shares().caption, Some(100.0 * chance.caption)),
        figure("variance explained by style (%)", &|g| 100.0 * g.shares().style, Some(100.0 * chance.style)),
        figure("variance of both together (%)", &|g| 100.0 * g.shares().both, Some(100.0 * chance.both)),
        figure("style found across captions (%)", &|g| 100.0 * g.style_retrieval(), Some(100.0 / grid.styles as f64)),
        figure("content found across styles (%)", &|g| 100.0 * g.content_retrieval(), Some(100.0 / grid.captions as f64)),
        figure("diversity of a caption's pictures", &Grid::diversity, None),
    ]
}

/// Contents that nobody has learnt from, in all sets: features of their real pictures, and the sets that the judge names for them.
fn real_grid(subject: &Subject<'_>, random: &mut impl rand::Rng) -> Result<Option<(Grid, Vec<usize>)>, DataError> {
    let (dataset, sets) = (subject.dataset, subject.dataset.styles.len());
    let in_all = |content: usize| (0..sets).map(|style| dataset.find(content, style)).collect::<Option<Vec<usize>>>();
    let unseen = (0..dataset.contents.len()).filter(|content| dataset.contents[*content].split == ContentSplit::Test);
    let mut complete: Vec<Vec<usize>> = unseen.filter_map(in_all).collect();
    complete.shuffle(random);
    complete.truncate(subject.protocol.captions);
    if complete.len() < 2 || sets < 2 {
        return Ok(None);
    }
    let predictions = subject.judge.look(&dataset.pictures(&complete.concat())?, subject.device);
    Ok(Some((Grid::new(complete.len(), sets, predictions.features), predictions.set)))
}

/// Does a seed look like one set whatever is drawn, and do seeds look like different ones?
///
/// `real` has the sets that are named for real pictures, one column for each of `sets`.
fn sets(named: &[usize], seeds: usize, sets: usize, real: Option<&[usize]>) -> Vec<Figure> {
    let (agreeing, mut favourites) = commonest(named, seeds, sets);
    favourites.sort_unstable();
    favourites.dedup();
    let figure = |name: &str, value: f64| Figure::new(name, value, By::Judge, named.len(), "training captions");
    let common = figure("one seed's most common set (%)", agreeing).beside("at least", 100.0 / sets as f64);
    let common = match real {
        Some(real) => common.beside("real pictures of one set", commonest(real, sets, sets).0),
        None => common,
    };
    vec![
        common.from(format!("{} seeds x {} captions", seeds, named.len() / seeds.max(1))),
        figure("different sets among the seeds", favourites.len() as f64)
            .beside("at most", sets.min(seeds) as f64)
            .from("of each seed its most common set"),
    ]
}

/// How many per cent of each column are of the set that is named most often in it, and those sets.
fn commonest(named: &[usize], columns: usize, sets: usize) -> (f64, Vec<usize>) {
    let (mut agreeing, mut favourites) = (0, vec![]);
    for column in 0..columns {
        let votes = |set: usize| named.iter().skip(column).step_by(columns).filter(|named| **named == set).count();
        let favourite = (0..sets).max_by_key(|set| votes(*set)).unwrap_or(0);
        agreeing += votes(favourite);
        favourites.push(favourite);
    }
    (percent(agreeing, named.len()), favourites)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(value: impl Fn(usize, usize, usize) -> f64) -> Grid {
        let cell = |cell: usize| (0..5).map(|feature| value(cell / 3, cell % 3, feature)).collect::<Vec<f64>>();
        Grid::new(4, 3, Matrix::from_rows(&(0..12).map(cell).collect::<Vec<_>>()))
    }

    /// `trainer/reference/figures.py`, "two-way".
    #[test]
    fn shares_agree_with_numpy() {
        let shares = grid(|caption, style, feature| {
            let (r, c, phase) = ((caption * 3 + style) as f64, feature as f64, 0.3);
            (1.7 * r + 2.3 * c + phase).sin() + 0.5 * (0.37 * r * (c + 1.0) + phase).cos() + 0.1 * phase * c
        })
        .shares();
        for (found, expected) in [shares.caption, shares.style, shares.both].into_iter().zip(SHARES) {
            assert!((found - expected).abs() < 1e-9, "{shares:?}");
        }
    }

    const SHARES: [f64; 3] = [0.142_653_648_617_505_96, 0.117_261_221_569_190_3, 0.740_085_129_813_303_9];

    #[test]
    fn parts_that_add_up_are_told_apart_and_found() {
        let apart =
            grid(|caption, style, feature| ((caption * 7 + feature) as f64).sin() + ((style * 5 + 3 * feature) as f64).cos());
        assert!(apart.shares().both.abs() < 1e-9);
        assert_eq!((apart.style_retrieval(), apart.content_retrieval()), (1.0, 1.0));
        assert!(apart.diversity() > 0.0);
    }

    #[test]
    fn a_style_without_effect_is_not_found() {
        let deaf = grid(|caption, _, feature| ((caption * 7 + feature) as f64).sin());
        let shares = deaf.shares();
        assert!((shares.caption - 1.0).abs() < 1e-9 && shares.style.abs() < 1e-9);
        assert_eq!((deaf.style_retrieval(), deaf.content_retrieval(), deaf.diversity()), (0.0, 1.0, 0.0));
        let blank = grid(|_, _, _| 1.0);
        assert_eq!((blank.shares(), blank.diversity()), (Shares { caption: 0.0, style: 0.0, both: 0.0 }, 0.0));
    }

    #[test]
    fn seeds_are_counted_by_their_commonest_set() {
        // Two seeds, three captions: seed 0 is of set 1 twice, seed 1 of set 2 always.
        let figures = sets(&[1, 2, 1, 2, 0, 2], 2, 3, Some(&[0, 1, 2, 0, 2, 1]));
        assert!((figures[0].value - 100.0 * 5.0 / 6.0).abs() < 1e-9);
        assert!((figures[0].beside[1].value - 100.0 * 4.0 / 6.0).abs() < 1e-9);
        assert_eq!(figures[1].value, 2.0);
    }
}
