//! Captions of several things, measured by GenEval's six skills and rules: `trainer eval --scenes`.
//!
//! Only pictures are looked at, never what they were drawn from. Things are cut out by alpha (`cutting`), the judge is asked whether each is
//! what the prompt names rather than 99 others, colours are fixed boxes (`colours`), and numbers and places go by GenEval's rules (`rules`).
//! So the figures are no GenEval scores, whose judge is a detector of photographs: they can be compared with the rows beside them only.

mod colours;
mod cutting;
mod export;
mod prompts;
mod recolouring;
mod rows;
mod rules;

use std::path::Path;

use burn::prelude::Device;
use rand::Rng;
use rand::seq::index;
use rayon::prelude::*;
use shared::layers::{Rgba, Tint};
use shared::scene::{self, Hue};
use shared::style::StyleCode;

use super::drawing::ModelDrawer;
use super::error::{EvalError, ScenesError};
use super::evaluators::Evaluators;
use super::lookup::Lookup;
use super::model::Model;
use super::protocol::{Draws, Protocol, draws};
use super::retrieval::{Captions, judge_captions};
use crate::data::{self, CHANNELS, DataError, Dataset};
use crate::report::figures::{By, Figure, Report, percent};
use prompts::{Class, Prompt, Skill};
use rows::{Row, Rows};
use rules::Seen;

/// Side of the pictures: four things in a row are still as large as the judge's pictures, nearly.
const SIZE: usize = 384;
/// Side of those that are exported: GenEval's.
const EXPORTED: usize = 512;

/// In which colours the judge is shown a thing of which a colour is asked: those that look least like each other.
const VIEWS: [Hue; 4] = [Hue::Red, Hue::Yellow, Hue::Green, Hue::Blue];
/// Pictures that are recoloured and compared with the true art.
const RECOLOURED: usize = 300;

/// What is measured with: the model, who is asked, and the data.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub model: &'a Model,
    pub evaluators: &'a Evaluators,
    pub dataset: &'a Dataset,
    pub protocol: &'a Protocol,
    pub device: &'a Device,
}

/// Measures a model by two lists of prompts, of its own names and of COCO's; `export` is a folder for the pictures of the second.
///
/// # Errors
/// [`EvalError`] where the model has learnt no names or there are no sets of pictures to compare with, and where files cannot be read or
/// written.
pub fn evaluate(asked: Asked<'_>, source: &str, export: Option<&Path>) -> Result<Report, EvalError> {
    let Asked { model, evaluators, dataset, protocol, device } = asked;
    let Some(lookup) = Lookup::of(dataset, model)? else { return Err(ScenesError::NoSets.into()) };
    let vocabulary = &model.vocabulary;
    let rows = Rows { model, drawer: ModelDrawer { model, device }, lookup: &lookup, dataset, size: SIZE };
    let lists =
        [("the model's names", prompts::names(dataset, vocabulary)), ("COCO's names", prompts::coco(dataset, vocabulary))];
    // Nobody can be asked about words that they have never met.
    let judged = |content: usize| {
        let name = data::captions::canonical(&dataset.contents[content]);
        evaluators.judge.vocabulary.read(&name, usize::MAX).unknown.is_empty()
    };
    let captions = judge_captions(&evaluators.judge, dataset, device);
    let (mut figures, mut left_out) = (vec![], vec![]);
    for (place, (list, mut classes)) in lists.into_iter().enumerate() {
        classes.iter_mut().for_each(|(_, contents)| contents.retain(|content| judged(*content)));
        classes.retain(|(_, contents)| !contents.is_empty());
        if classes.len() < 2 {
            left_out.push(format!("prompts of {list}: the model knows {} of them", classes.len()));
            continue;
        }
        let mut random = draws(protocol.seed.wrapping_add(place as u64), Draws::Scenes);
        let list = List::of(list, &classes, asked, &captions, &mut random);
        figures.extend(list.figures(&rows, asked)?);
        if let Some(folder) = export.filter(|_| place == 1) {
            tracing::info!("writing {} pictures in GenEval's layout", 2 * list.prompts.len());
            list.write(&Rows { size: EXPORTED, ..rows }, folder)?;
        }
    }
    if figures.is_empty() {
        return Err(ScenesError::NoNames.into());
    }
    let mut random = draws(protocol.seed.wrapping_add(2), Draws::Scenes);
    let art = evaluators.art.as_ref().map(|art| recolouring::figure(&rows, art, RECOLOURED, &mut random)).transpose()?.flatten();
    match art {
        Some(figure) => figures.push(figure),
        None => left_out.push("colours from the true art: the data has no vector art, or the model draws no layers".to_owned()),
    }
    Ok(evaluators.report(model, source, protocol, (figures, left_out)))
}

/// Prompts with what it takes to look at their pictures.
struct List {
    name: &'static str,
    classes: usize,
    prompts: Vec<Prompt>,
    styles: Vec<StyleCode>,
    /// For each prompt and each of its things: the captions that fit it and those that do not, in the judge's space.
    questions: Vec<Vec<[Vec<Vec<f32>>; 2]>>,
}

impl List {
    fn of<R: Rng>(name: &'static str, classes: &[Class], asked: Asked<'_>, captions: &Captions, random: &mut R) -> Self {
        let Protocol { scenes, against, .. } = asked.protocol;
        let prompts = prompts::prompts(classes, *scenes, &asked.model.vocabulary, random);
        let styles = prompts.iter().map(|_| StyleCode::from_seed(random.random(), asked.model.style_size)).collect();
        let question = |prompt: &Prompt, contents: &[usize], random: &mut R| {
            let class = |content: usize| asked.dataset.contents[content].class;
            let fits = |other: usize| contents.iter().any(|content| class(*content) == class(other));
            let caption = |content: usize| captions.of_content(content).map(<[f32]>::to_vec);
            let of_prompt = prompt.included.iter().flat_map(|one| &one.contents).copied();
            let all = asked.dataset.contents.len();
            let drawn = index::sample(random, all, all).into_iter();
            let others = of_prompt.chain(drawn).filter(|other| !fits(*other)).filter_map(caption).take(*against).collect();
            [contents.iter().filter_map(|content| caption(*content)).collect(), others]
        };
        let mut questions = vec![];
        for prompt in &prompts {
            questions.push(prompt.included.iter().map(|one| question(prompt, &one.contents, random)).collect());
        }
        Self { name, classes: classes.len(), prompts, styles, questions }
    }

    fn figures(&self, rows: &Rows<'_>, asked: Asked<'_>) -> Result<Vec<Figure>, EvalError> {
        let mut rights = vec![];
        for (row, what) in [
            (Row::Model, "the model"),
            (Row::Truth, "true pictures composed alike"),
            (Row::Table, "a table of pictures, read and laid out alike"),
            (Row::OneName, "the model, each caption read as one name"),
        ] {
            tracing::info!("measuring: scenes of {}, {what}", self.name);
            let right = self.right(row, rows, asked)?;
            let of_skill = |skill: Skill| format!("{} {:.0} %", skill.name(), self.share(&right, Some(skill)));
            tracing::info!("right: {}", Skill::ALL.map(of_skill).join(", "));
            rights.push((what, right));
        }
        let figure = |skill: Option<Skill>| {
            let name = skill.map_or("all six skills", Skill::name);
            // As many of each skill, so that the share of all is the mean of the six.
            let n = self.prompts.iter().filter(|one| skill.is_none_or(|skill| one.skill == skill)).count();
            let split = format!("prompts of {}, training contents", self.name);
            let value = Figure::new(
                &format!("scenes of {}: {name} (%)", self.name),
                self.share(&rights[0].1, skill),
                By::Judge,
                n,
                &split,
            );
            let value = rights[1..].iter().fold(value, |figure, (what, right)| figure.beside(what, self.share(right, skill)));
            value.from(format!(
                "{} names whose words the judge knows; GenEval's prompts and rules, one picture a prompt; each thing is cut out by alpha and judged against {} other captions",
                self.classes, asked.protocol.against
            ))
        };
        Ok(Skill::ALL.into_iter().map(Some).chain([None]).map(figure).collect())
    }

    /// The share in per cent of pictures that are right, of one skill or of all.
    fn share(&self, right: &[bool], skill: Option<Skill>) -> f64 {
        let of_skill = |one: &Prompt| skill.is_none_or(|skill| one.skill == skill);
        let of: Vec<bool> = self.prompts.iter().zip(right).filter(|(one, _)| of_skill(one)).map(|(_, right)| *right).collect();
        percent(of.iter().filter(|right| **right).count(), of.len())
    }

    /// Of each prompt, whether somebody's picture shows it.
    fn right(&self, row: Row, rows: &Rows<'_>, asked: Asked<'_>) -> Result<Vec<bool>, EvalError> {
        let judge = &asked.evaluators.judge;
        let mut right = vec![];
        // As many as fit into memory with ease.
        for chunk in (0..self.prompts.len()).collect::<Vec<_>>().chunks(50) {
            let pictures: Vec<Rgba> = self.draw(row, rows, chunk)?;
            let found: Vec<Vec<cutting::Found>> =
                pictures.par_iter().map(|picture| cutting::found(picture, judge.settings.image_size)).collect();
            let of_things = chunk.iter().zip(&found).flat_map(|(place, found)| found.iter().map(|one| (*place, one)));
            let views: Vec<Vec<Vec<u8>>> = of_things.map(|(place, one)| views(&one.picture, &self.prompts[place])).collect();
            let all: Vec<Vec<u8>> = views.iter().flatten().cloned().collect();
            let mut shown = if all.is_empty() { vec![] } else { judge.look(&all, asked.device).embedded }.into_iter();
            let mut views = views.into_iter().map(|views| shown.by_ref().take(views.len()).collect::<Vec<_>>());
            for (place, found) in chunk.iter().zip(found) {
                let seen = |one: cutting::Found| {
                    let shown = views.next().unwrap_or_default();
                    let is = self.questions[*place].iter().map(|[fitting, others]| is_first(&shown, fitting, others)).collect();
                    Seen { edges: one.edges, colour: colours::main_colour(one.colours.into_iter()), is }
                };
                let seen: Vec<Seen> = found.into_iter().map(seen).collect();
                right.push(rules::is_right(&self.prompts[*place], &seen));
            }
        }
        Ok(right)
    }

    fn draw(&self, row: Row, rows: &Rows<'_>, places: &[usize]) -> Result<Vec<Rgba>, DataError> {
        places.iter().map(|place| rows.draw(row, &self.prompts[*place], &self.styles[*place])).collect()
    }

    fn write(&self, rows: &Rows<'_>, folder: &Path) -> Result<(), EvalError> {
        for (row, name) in [(Row::Model, "model"), (Row::Truth, "true-pictures")] {
            for place in 0..self.prompts.len() {
                let picture = rows.draw(row, &self.prompts[place], &self.styles[place])?;
                export::write(&folder.join(name), place, &self.prompts[place], &picture).map_err(ScenesError::from)?;
            }
        }
        Ok(())
    }
}

/// As what the judge is shown a thing: as it is and, where a prompt says colours, which nobody has ever seen things in, in a few.
fn views(picture: &Rgba, prompt: &Prompt) -> Vec<Vec<u8>> {
    let has_colours = prompt.included.iter().any(|one| one.colour.is_some());
    let tints = VIEWS.into_iter().filter(|_| has_colours).map(|hue| vec![scene::Colour { hue, shade: None }.tint()]);
    let view = |tints: Vec<Tint>| {
        let pixels = rows::recoloured(picture.clone(), &tints);
        pixels.bytes.as_chunks::<CHANNELS>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
    };
    std::iter::once(vec![]).chain(tints).collect::<Vec<_>>().into_par_iter().map(view).collect()
}

/// Whether a thing is nearer to one of the fitting captions than to each of the others, for each caption in the view that is nearest to it.
fn is_first(views: &[Vec<f32>], fitting: &[Vec<f32>], others: &[Vec<f32>]) -> bool {
    let nearness = |caption: &Vec<f32>, view: &Vec<f32>| caption.iter().zip(view).map(|(a, b)| a * b).sum::<f32>();
    let best = |of: &[Vec<f32>]| {
        let all = of.iter().flat_map(|caption| views.iter().map(move |view| nearness(caption, view)));
        all.fold(f32::NEG_INFINITY, f32::max)
    };
    best(fitting) > best(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_what_it_is_nearest_to_in_any_view() {
        let (own, other) = (vec![vec![1.0, 0.0]], vec![vec![0.0, 1.0]]);
        assert!(is_first(&[vec![0.8, 0.6]], &own, &other) && !is_first(&[vec![0.6, 0.8]], &own, &other));
        assert!(is_first(&[vec![0.6, 0.8], vec![0.9, 0.1]], &own, &other));
        assert!(!is_first(&[], &own, &other));
    }
}
