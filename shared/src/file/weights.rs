//! How weights are stored: most in 16 bits; large matrices in 8, with a scale for each row.
//!
//! Nearly all of a model is a few large matrices, in which a weight is one of a thousand that are added up. There a step of 1/127 of
//! the row's largest weight is not seen in a picture (docs/lab-notes.md), and half of the download is saved. What is small stays in 16
//! bits, as it costs nothing.

use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::error::ModelFileError;
use crate::checksummed::Stored;
use crate::kernels::quantization::{LARGE, scale};
use crate::model::parameters::{Parameter, ParameterError, Parameters};

/// What the names of other tensors than weights begin with.
pub const GOLDEN_PREFIX: &str = "golden.";
pub const MEANINGS_PREFIX: &str = "meanings.";
/// Before the name of the weight whose scales they are: 32-bit numbers, one for each row.
const SCALES_PREFIX: &str = "scales.";

/// What a reader of the file will have of a weight.
pub(super) fn rounded(parameter: Parameter) -> Parameter {
    let values = match rows(&parameter) {
        Some(rows) => {
            let read = |(scale, steps): (f32, Vec<i8>)| steps.into_iter().map(move |step| f32::from(step) * scale);
            rows.map(steps).flat_map(read).collect()
        }
        None => parameter.values.iter().map(|value| f16::from_f32(*value).to_f32()).collect(),
    };
    Parameter { values, ..parameter }
}

/// The tensors that a weight is stored in.
pub(super) fn stored(name: &str, parameter: &Parameter) -> Vec<Stored> {
    let tensor = |name: String, dtype, shape: &[usize], bytes: Vec<u8>| Stored { name, dtype, shape: shape.to_vec(), bytes };
    let Some(rows) = rows(parameter) else {
        return vec![tensor(name.to_owned(), Dtype::F16, &parameter.shape, to_halves(&parameter.values))];
    };
    let (scales, steps): (Vec<f32>, Vec<Vec<i8>>) = rows.map(steps).unzip();
    let bytes = steps.concat().into_iter().map(|step| step.to_le_bytes()[0]).collect();
    let scale_bytes = scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
    vec![
        tensor(name.to_owned(), Dtype::I8, &parameter.shape, bytes),
        tensor(format!("{SCALES_PREFIX}{name}"), Dtype::F32, &[scales.len()], scale_bytes),
    ]
}

/// All weights of a file.
///
/// # Errors
/// [`ModelFileError::Dtype`] or [`ModelFileError::Weights`] for what is no weight, or has no scales.
pub(super) fn read(tensors: &SafeTensors<'_>) -> Result<Parameters, ModelFileError> {
    let mut parameters = Parameters::new();
    let other = [GOLDEN_PREFIX, MEANINGS_PREFIX, SCALES_PREFIX];
    for (name, view) in tensors.iter().filter(|(name, _)| !other.iter().any(|prefix| name.starts_with(prefix))) {
        let values = match view.dtype() {
            Dtype::F16 => of_halves(view.data()),
            Dtype::I8 => scaled(tensors, name, &view)?,
            found => return Err(wrong_type(name, "F16 or I8", found)),
        };
        parameters.insert(name.to_owned(), Parameter { shape: view.shape().to_vec(), values });
    }
    Ok(parameters)
}

/// The values of a weight that is stored in 8 bits.
fn scaled(tensors: &SafeTensors<'_>, name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, ModelFileError> {
    let scales_name = format!("{SCALES_PREFIX}{name}");
    let scales = tensors.tensor(&scales_name).map_err(|_| ParameterError::Missing(scales_name.clone()))?;
    if scales.dtype() != Dtype::F32 {
        return Err(wrong_type(&scales_name, "F32", scales.dtype()));
    }
    let rows = view.shape().first().copied().unwrap_or(0);
    if scales.shape() != [rows] || rows == 0 {
        let found = scales.shape().to_vec();
        return Err(ParameterError::Shape { name: scales_name, expected: vec![rows], found }.into());
    }
    let scales = scales.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let steps = view.data().chunks_exact((view.data().len() / rows).max(1));
    let mut values = Vec::with_capacity(view.data().len());
    // Row by row, so that it is made into vector instructions: these are nearly all bytes of a model.
    for (scale, row) in scales.zip(steps) {
        values.extend(row.iter().map(|step| f32::from(step.cast_signed()) * scale));
    }
    Ok(values)
}

/// 32-bit numbers as 16 bits each, little-endian.
pub(super) fn to_halves(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect()
}

/// The other way round.
pub(super) fn of_halves(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
}

fn wrong_type(name: &str, expected: &'static str, found: Dtype) -> ModelFileError {
    ModelFileError::Dtype { name: name.to_owned(), expected, found: format!("{found:?}") }
}

/// The rows of a weight that is stored in 8 bits; `None` of any other.
fn rows(parameter: &Parameter) -> Option<impl Iterator<Item = &[f32]>> {
    let large = parameter.shape.len() > 1 && parameter.values.len() >= LARGE;
    large.then(|| parameter.values.chunks_exact(parameter.values.len() / parameter.shape[0]))
}

/// A row's scale, and each of its values as so many steps of it.
fn steps(row: &[f32]) -> (f32, Vec<i8>) {
    let scale = scale(row);
    let step = |value: &f32| if scale == 0.0 { 0 } else { (value / scale).round() as i8 };
    (scale, row.iter().map(step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn large() -> Parameter {
        let values = (0..LARGE).map(|i| (i as f32 * 0.7).sin() * 0.01 * (1.0 + (i / 256) as f32)).collect();
        Parameter { shape: vec![LARGE / 256, 256], values }
    }

    fn read_back(tensors: &[Stored]) -> Result<Parameters, ModelFileError> {
        let bytes = crate::checksummed::write(tensors, std::collections::HashMap::new()).unwrap();
        read(&SafeTensors::deserialize(&bytes).unwrap())
    }

    #[test]
    fn large_matrices_take_a_byte_a_weight_and_are_read_as_they_were_rounded() {
        let tensors = stored("matrix", &large());
        assert_eq!(tensors[0].bytes.len(), LARGE);
        let read = read_back(&tensors).unwrap();
        assert_eq!(read["matrix"], rounded(large()));
        assert_eq!(rounded(rounded(large())), rounded(large()), "rounding twice changes nothing");
        for (row, close) in large().values.chunks(256).zip(read["matrix"].values.chunks(256)) {
            let most = row.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            assert!(row.iter().zip(close).all(|(a, b)| (a - b).abs() <= most / 253.0));
        }
    }

    #[test]
    fn a_row_of_nothing_stays_so() {
        let mut parameter = large();
        parameter.values[..256].fill(0.0);
        assert_eq!(rounded(parameter).values[..256], [0.0; 256]);
    }

    #[test]
    fn small_weights_keep_their_sixteen_bits() {
        let bias = Parameter { shape: vec![3], values: vec![1.0, -0.333, 1e-3] };
        assert_eq!(stored("bias", &bias)[0].dtype, Dtype::F16);
        assert_eq!(read_back(&stored("bias", &bias)).unwrap()["bias"], rounded(bias));
    }

    #[test]
    fn scales_must_be_there_and_fit() {
        let code = |spoil: fn(&mut Vec<Stored>)| {
            let mut tensors = stored("matrix", &large());
            spoil(&mut tensors);
            read_back(&tensors).unwrap_err()
        };
        assert_eq!(code(|t| drop(t.pop())), ParameterError::Missing("scales.matrix".into()).into());
        let short = |t: &mut Vec<Stored>| {
            t[1].shape = vec![255];
            t[1].bytes.truncate(255 * 4);
        };
        assert!(matches!(code(short), ModelFileError::Weights(ParameterError::Shape { .. })));
        assert!(matches!(code(|t| t[1].dtype = Dtype::I32), ModelFileError::Dtype { .. }));
        assert!(matches!(code(|t| t[0].dtype = Dtype::U8), ModelFileError::Dtype { .. }));
    }
}
