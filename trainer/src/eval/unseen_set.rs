//! A style lent by pictures of a set that the model has never seen (`--lend-from`): is what it then draws more like that set than like
//! any that it learnt from?
//!
//! Half of the pictures say what the set looks like: the mean of the judge's features that tell hands apart. The other half lend, each
//! to another training caption. The means of the sets that were learnt from are of training pictures, and the lenders' own pictures show
//! how often the question has the right answer at all.

use std::path::{Path, PathBuf};

use rand::seq::{IndexedRandom, SliceRandom};
use shared::style::StyleCode;

use super::error::{FEWEST, UnseenSetError};
use super::protocol::{Draws, draws};
use super::subject::Subject;
use crate::data::{self, ContentSplit, DataError, Split};
use crate::linalg::{Matrix, squared_distance};
use crate::report::figures::{By, Figure, percent};

/// More than this say no more.
const MOST: usize = 512;

/// The pictures of a folder, RGB of side `size`; of more than 512 every so many.
///
/// # Errors
/// [`UnseenSetError`], naming the folder or the picture.
pub fn pictures(folder: &Path, size: usize) -> Result<Vec<Vec<u8>>, UnseenSetError> {
    let unreadable = |source| UnseenSetError::Folder { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(|path| is_picture(path)).collect();
    paths.sort();
    if paths.len() < FEWEST {
        return Err(UnseenSetError::Few { path: folder.to_owned(), found: paths.len() });
    }
    paths.iter().step_by(paths.len().div_ceil(MOST)).map(|path| Ok(data::picture_file(path, size)?)).collect()
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    ["png", "jpg", "jpeg", "webp", "gif", "svg"].contains(&extension.as_str())
}

/// # Errors
/// [`DataError`] where training pictures cannot be read.
pub fn figures(subject: &Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError> {
    let Some(pictures) = subject.unseen_set else { return Ok((vec![], vec![])) };
    if !subject.judge.knows_sets_of(subject.dataset) {
        return Ok((vec![], vec!["style lent by an unseen set: the data, or the judge, knows no sets".to_owned()]));
    }
    let mut random = draws(subject.protocol.seed, Draws::UnseenSet);
    let mut pictures = pictures.to_vec();
    pictures.shuffle(&mut random);
    let (of_look, lenders) = pictures.split_at(pictures.len() / 2);
    let contents = subject.some_contents(ContentSplit::Train, lenders.len(), &mut random);
    let hands = |pictures: &[Vec<u8>]| subject.judge.look(pictures, subject.device).hands;

    // The unseen set's look first, then those of the sets that were learnt from.
    let mut looks = vec![hands(of_look).mean()];
    for set in 0..subject.dataset.styles.len() {
        let of_set = |sample: &usize| subject.dataset.samples[*sample].style == set;
        let learnt: Vec<usize> = subject.dataset.of_split(Split::Train).into_iter().filter(of_set).collect();
        let some: Vec<usize> = learnt.choose_multiple(&mut random, of_look.len()).copied().collect();
        if !some.is_empty() {
            looks.push(hands(&subject.dataset.pictures(&some)?).mean());
        }
    }
    let (_, codes) = subject.encode(lenders);
    let lent = codes
        .iter()
        .zip(contents.iter().cycle())
        .filter_map(|(code, content)| Some((StyleCode::standardised(code).ok()?, *content)));
    let (styles, contents): (Vec<StyleCode>, Vec<usize>) = lent.unzip();
    if styles.is_empty() {
        return Ok((vec![], vec!["style lent by an unseen set: nothing could be drawn".to_owned()]));
    }
    let drawn = hands(&subject.draw_contents(&contents, &styles)?);
    Ok((vec![figure(&drawn, &hands(lenders), &looks, of_look.len())], vec![]))
}

/// `looks` begins with the unseen set's.
fn figure(drawn: &Matrix, lenders: &Matrix, looks: &[Vec<f64>], of: usize) -> Figure {
    let share =
        |points: &Matrix| percent((0..points.rows()).filter(|row| nearest(points.row(*row), looks) == 0).count(), points.rows());
    Figure::new(
        "style lent by an unseen set: nearer to its look than to any other (%)",
        share(drawn),
        By::Judge,
        drawn.rows(),
        "training captions",
    )
    .beside("chance", 100.0 / looks.len() as f64)
    .beside("the pictures that lend", share(lenders))
    .from(format!("{of} other pictures of it, and as many of each of {} sets", looks.len() - 1))
}

fn nearest(point: &[f64], looks: &[Vec<f64>]) -> usize {
    let distance = |look: &usize| squared_distance(point, &looks[*look]);
    (0..looks.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_look_is_counted() {
        let looks = [vec![0.0, 0.0], vec![4.0, 0.0], vec![0.0, 4.0]];
        let drawn = Matrix::from_rows(&[vec![1.0_f32, 0.0], vec![3.0, 0.0], vec![0.0, 3.0], vec![1.0, 1.0]]);
        let lenders = Matrix::from_rows(&[vec![0.5_f32, 0.5]]);
        let figure = figure(&drawn, &lenders, &looks, 7);
        assert_eq!((figure.value, figure.n), (50.0, 4));
        assert_eq!(figure.beside.iter().map(|beside| beside.value.round()).collect::<Vec<_>>(), [33.0, 100.0]);
    }

    #[test]
    fn what_cannot_lend_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let said = || pictures(folder.path(), 32).unwrap_err().to_string();
        assert!(said().contains("has 0 pictures"), "{}", said());
        let drawing = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="5" height="5"/></svg>"#;
        for number in 0..FEWEST {
            std::fs::write(folder.path().join(format!("{number}.SVG")), drawing).unwrap();
        }
        std::fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
        assert_eq!(pictures(folder.path(), 32).unwrap(), vec![pictures(folder.path(), 32).unwrap()[0].clone(); FEWEST]);
        std::fs::write(folder.path().join("broken.png"), "no picture either").unwrap();
        assert!(said().contains("broken.png"), "{}", said());
        let nowhere = folder.path().join("nowhere");
        assert!(pictures(&nowhere, 32).unwrap_err().to_string().contains("nowhere"));
    }
}
