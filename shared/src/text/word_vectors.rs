//! Words as directions: those of words that mean the same lie close.
//!
//! One row of 8-bit numbers for each word, as `data/words` and the model file store them. A text's direction is the mean of its words',
//! but for those that say little about what a picture shows: "two hounds" are hounds, not two o'clock.

use std::collections::HashMap;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use crate::checksummed::Stored;
use crate::text::phrase::is_passed_over;
use crate::text::words::forms;

/// Vectors that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordVectorsError {
    #[error("the tensor {0:?} is missing, or is none of whole 8-bit numbers")]
    Tensor(String),
    #[error("the words are no text: {0}")]
    Text(String),
    #[error("{words} words have vectors of shape {shape:?}")]
    Shape { words: usize, shape: Vec<usize> },
}

/// Words, each with a vector.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WordVectors {
    words: Vec<String>,
    rows: HashMap<String, usize>,
    /// Row by row, in the order of the words. Whole numbers, whose products are summed alike by every processor.
    values: Vec<i8>,
    width: usize,
}

impl WordVectors {
    /// Rows of equal length, one for each word, each rounded to steps of a 127th of its largest number.
    pub fn new(words: Vec<String>, rows: &[Vec<f32>]) -> Self {
        let quantised = |row: &Vec<f32>| {
            let largest = row.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
            row.iter().map(|value| (value / largest * 127.0).round() as i8).collect::<Vec<i8>>()
        };
        Self::of_parts(words, rows.iter().flat_map(quantised).collect(), rows.first().map_or(0, Vec::len))
    }

    fn of_parts(words: Vec<String>, values: Vec<i8>, width: usize) -> Self {
        let rows = words.iter().cloned().zip(0..).collect();
        Self { words, rows, values, width }
    }

    /// As two tensors, `{prefix}words` (a line each) and `{prefix}vectors` (`[words, width]`).
    pub fn tensors(&self, prefix: &str) -> [Stored; 2] {
        let text = self.words.join("\n").into_bytes();
        let bytes = self.values.iter().map(|value| value.cast_unsigned()).collect();
        [
            Stored { name: format!("{prefix}words"), dtype: Dtype::U8, shape: vec![text.len()], bytes: text },
            Stored { name: format!("{prefix}vectors"), dtype: Dtype::I8, shape: vec![self.words.len(), self.width], bytes },
        ]
    }

    /// # Errors
    /// [`WordVectorsError`] where the two tensors are not what [`Self::tensors`] makes.
    pub fn of_tensors(tensors: &SafeTensors<'_>, prefix: &str) -> Result<Self, WordVectorsError> {
        let find = |name: &str, dtype: Dtype| {
            let name = format!("{prefix}{name}");
            tensors.tensor(&name).ok().filter(|view| view.dtype() == dtype).ok_or(WordVectorsError::Tensor(name))
        };
        let (words, vectors) = (find("words", Dtype::U8)?, find("vectors", Dtype::I8)?);
        let text = std::str::from_utf8(words.data()).map_err(|error| WordVectorsError::Text(error.to_string()))?;
        let words: Vec<String> = text.lines().map(str::to_owned).collect();
        match vectors.shape() {
            &[rows, width] if rows == words.len() => {
                Ok(Self::of_parts(words, vectors.data().iter().map(|byte| byte.cast_signed()).collect(), width))
            }
            shape => Err(WordVectorsError::Shape { words: words.len(), shape: shape.to_vec() }),
        }
    }

    /// The words, in the order of their rows.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// A word's vector, by its place among [`Self::words`].
    pub fn row(&self, word: usize) -> &[i8] {
        &self.values[word * self.width..][..self.width]
    }

    /// Only the words that `keep` accepts, by their places.
    #[must_use]
    pub fn only(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.words.len()).filter(|word| keep(*word)).collect();
        let values = kept.iter().flat_map(|word| self.row(*word)).copied().collect();
        Self::of_parts(kept.into_iter().map(|word| self.words[word].clone()).collect(), values, self.width)
    }

    /// Whether a word, or its singular or plural, has a vector.
    pub fn knows(&self, word: &str) -> bool {
        self.place(word).is_some()
    }

    /// The mean direction of those words that have one, of length one; `None` where none has.
    pub fn direction<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Option<Vec<f32>> {
        let mut sum = vec![0.0; self.width];
        let telling = words.into_iter().filter(|word| !is_passed_over(word));
        for place in telling.filter_map(|word| self.place(word)) {
            let row = self.row(place).iter().map(|value| f32::from(*value));
            let length = row.clone().map(|value| value * value).sum::<f32>().sqrt().max(1.0);
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / length);
        }
        let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
        (length > 1e-3).then(|| sum.into_iter().map(|value| value / length).collect())
    }

    fn place(&self, word: &str) -> Option<usize> {
        forms(word).find_map(|form| self.rows.get(&form).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksummed;

    fn vectors() -> WordVectors {
        let rows = [[1.0, 0.0], [0.6, 0.8], [0.0, -2.0], [0.0, 1.0]].map(Vec::from);
        WordVectors::new(["cat", "dog", "idea", "two"].map(str::to_owned).to_vec(), &rows)
    }

    fn again(tensors: &[Stored]) -> Result<WordVectors, WordVectorsError> {
        let bytes = checksummed::write(tensors, HashMap::new()).unwrap();
        WordVectors::of_tensors(&checksummed::open(&bytes).unwrap().1, "x.")
    }

    #[test]
    fn vectors_survive_their_tensors_and_damage_does_not() {
        let good = vectors();
        let tensors = good.tensors("x.");
        assert_eq!(again(&tensors).unwrap(), good);
        assert_eq!(again(&tensors[..1]).unwrap_err(), WordVectorsError::Tensor("x.vectors".into()));
        let spoilt = |spoil: fn(&mut [Stored; 2])| {
            let mut tensors = good.tensors("x.");
            spoil(&mut tensors);
            again(&tensors).unwrap_err()
        };
        assert!(matches!(spoilt(|t| t[0].bytes[0] = 255), WordVectorsError::Text(_)));
        assert!(matches!(spoilt(|t| t[1].dtype = Dtype::U8), WordVectorsError::Tensor(_)));
        assert_eq!(spoilt(|t| t[1].shape = vec![2, 4]), WordVectorsError::Shape { words: 4, shape: vec![2, 4] });
    }

    /// By hand: the mean of (1, 0) and (0.6, 0.8) points along (1.6, 0.8), that is (0.894, 0.447).
    #[test]
    fn a_text_points_where_its_words_do_on_average() {
        let near = |found: Option<Vec<f32>>, wanted: [f32; 2]| {
            let found = found.unwrap();
            assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 0.01), "{found:?}");
        };
        near(vectors().direction(["two", "cats", "and", "qqq", "dog"]), [0.894, 0.447]);
        near(vectors().direction(["idea"]), [0.0, -1.0]);
        assert_eq!(vectors().direction(["qqq"]), None);
        assert_eq!(vectors().direction([]), None);
    }

    #[test]
    fn words_can_be_left_out() {
        let fewer = vectors().only(|word| word != 1);
        assert_eq!(fewer.words(), ["cat", "idea", "two"]);
        assert_eq!((fewer.row(1), fewer.knows("dog")), ([0, -127].as_slice(), false));
    }
}
