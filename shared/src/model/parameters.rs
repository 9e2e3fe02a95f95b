//! A module's weights by name, in and out.
//!
//! Names are the fields' paths ("generator.blocks.0.first.weight"), so a file says what it holds and survives a reordering of the
//! code. The model file and the trainer's checkpoints share this.

use std::collections::BTreeMap;

use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;

/// One weight's values and shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Shape, outermost first.
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// A module's weights by name.
pub type Parameters = BTreeMap<String, Parameter>;

/// Weights that do not fit a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    #[error("the weight {0} is missing")]
    Missing(String),
    #[error("the weight {0} belongs to no part of the model")]
    Unexpected(String),
    #[error("the weight {name} has the shape {found:?} instead of {expected:?}")]
    Shape { name: String, expected: Vec<usize>, found: Vec<usize> },
    #[error("the weight {name} has a value that is not finite at index {index}")]
    NotFinite { name: String, index: usize },
}

/// Reads all weights of a module back from its device. Blocks, so not for the browser.
pub fn parameters_of<M: Module>(module: &M) -> Parameters {
    let mut reader = Reader { path: vec![], parameters: BTreeMap::new() };
    module.visit(&mut reader);
    reader.parameters
}

/// Every weight's name and shape, without initialising any.
pub fn shapes_of<M: Module>(module: &M) -> BTreeMap<String, Vec<usize>> {
    let mut shapes = ShapeReader { path: vec![], shapes: BTreeMap::new() };
    module.visit(&mut shapes);
    shapes.shapes
}

/// Puts weights into a module that was made with the same configuration. All are checked before the first is uploaded.
///
/// # Errors
/// [`ParameterError`] names the first weight that does not fit.
pub fn with_parameters<M: Module>(module: M, mut parameters: Parameters) -> Result<M, ParameterError> {
    let shapes = shapes_of(&module);
    for (name, expected) in &shapes {
        let parameter = parameters.get(name).ok_or_else(|| ParameterError::Missing(name.clone()))?;
        if parameter.shape != *expected {
            return Err(ParameterError::Shape { name: name.clone(), expected: expected.clone(), found: parameter.shape.clone() });
        }
        if let Some(index) = parameter.values.iter().position(|v| !v.is_finite()) {
            return Err(ParameterError::NotFinite { name: name.clone(), index });
        }
    }
    if let Some(name) = parameters.keys().find(|name| !shapes.contains_key(*name)) {
        return Err(ParameterError::Unexpected(name.clone()));
    }
    Ok(module.map(&mut Writer { path: vec![], parameters: &mut parameters }))
}

struct Reader {
    path: Vec<String>,
    parameters: Parameters,
}

impl ModuleVisitor for Reader {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        self.parameters
            .insert(self.path.join("."), Parameter { shape: data.shape().to_vec(), values: data.iter::<f32>().collect() });
    }
}

struct ShapeReader {
    path: Vec<String>,
    shapes: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for ShapeReader {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.shapes.insert(self.path.join("."), param.lazy_shape().to_vec());
    }
}

struct Writer<'a> {
    path: Vec<String>,
    parameters: &'a mut Parameters,
}

impl ModuleMapper for Writer<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        // `with_parameters` has found every name already; a weight without one keeps what it has.
        let Some(parameter) = self.parameters.remove(&self.path.join(".")) else { return param };
        let tensor = Tensor::from_data(TensorData::new(parameter.values, parameter.shape), &param.lazy_device());
        let id = param.id;
        param.transform_for_load(tensor, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::{Linear, LinearConfig};

    fn linear() -> Linear {
        LinearConfig::new(2, 3).init(&Device::flex())
    }

    #[test]
    fn weights_survive_the_round_trip() {
        let parameters = parameters_of(&linear());
        assert_eq!(parameters.keys().collect::<Vec<_>>(), ["bias", "weight"]);
        assert_eq!(parameters["weight"].shape, [2, 3]);
        let other = with_parameters(linear(), parameters.clone()).unwrap();
        assert_eq!(parameters_of(&other), parameters);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let good = parameters_of(&linear());
        let load = |spoil: fn(&mut Parameters)| {
            let mut parameters = good.clone();
            spoil(&mut parameters);
            with_parameters(linear(), parameters).map(|_| ())
        };
        assert_eq!(load(|p| drop(p.remove("bias"))), Err(ParameterError::Missing("bias".into())));
        assert_eq!(load(|p| drop(p.insert("x".into(), p["bias"].clone()))), Err(ParameterError::Unexpected("x".into())));
        let shape = ParameterError::Shape { name: "bias".into(), expected: vec![3], found: vec![1, 3] };
        assert_eq!(load(|p| p.get_mut("bias").unwrap().shape = vec![1, 3]), Err(shape));
        let nan = ParameterError::NotFinite { name: "bias".into(), index: 2 };
        assert_eq!(load(|p| p.get_mut("bias").unwrap().values[2] = f32::NAN), Err(nan));
    }
}
