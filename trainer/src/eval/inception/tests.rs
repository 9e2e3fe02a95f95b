//! Against pytorch-fid's own network on PyTorch, see `trainer/reference/inception.py`: both have the same weights, made by a formula.

use std::fs;

use safetensors::tensor::{Dtype, TensorView};

use super::file::Stored;
use super::*;

/// Numbers from -1 to 1 that only integers decide.
fn noise(name: &str, count: usize) -> Vec<f32> {
    let seed = name.bytes().fold(0_u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let value = |index: usize| {
        let mut x = (index as u32).wrapping_mul(2_654_435_761).wrapping_add(seed);
        x ^= x >> 15;
        x = x.wrapping_mul(2_246_822_519);
        x ^= x >> 13;
        (x >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(value).collect()
}

/// A tensor of whatever shape is asked for: the network knows its shapes, and a wrong one would make other features.
struct Formula;

impl Tensors for Formula {
    fn find(&self, _: &str) -> Option<Stored<'_>> {
        None
    }

    fn values(&self, name: &str, shape: &[usize], _: &Path) -> Result<Vec<f32>, InceptionError> {
        let mut values = noise(name, shape.iter().product());
        let (scale, shift) = if name.ends_with("conv.weight") {
            ((6.0 / shape[1..].iter().product::<usize>() as f32).sqrt(), 0.0)
        } else if name.ends_with("bn.weight") || name.ends_with("running_var") {
            (0.5, 1.0)
        } else {
            (0.25, 0.0)
        };
        values.iter_mut().for_each(|value| *value = shift + scale * *value);
        Ok(values)
    }

    fn check(&self, _: &Path) -> Result<(), InceptionError> {
        Ok(())
    }
}

fn pictures() -> Vec<Vec<u8>> {
    let speckled = (0..64 * 64 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let smooth = (0..64 * 64 * 3_usize).map(|i| (i / (64 * 3) * 3 + i % 3 * 20) as u8).collect();
    vec![speckled, smooth]
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-3 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn features_are_those_of_pytorch_fid() {
    let device = Device::flex();
    let network = network(&Builder { tensors: &Formula, path: Path::new("formula"), device: &device }).unwrap();
    let features = Inception { network, name: String::new() }.look(&pictures(), 64, &device, &|_| {});
    assert_eq!((features.rows(), features.columns()), (2, FEATURES));
    for (row, (ends, mean, length)) in EXPECTED.iter().enumerate() {
        let row = features.row(row);
        row[..4].iter().chain(&row[FEATURES - 4..]).zip(ends).for_each(|(found, expected)| near(*found, *expected));
        near(row.iter().sum::<f64>() / FEATURES as f64, *mean);
        near(row.iter().map(|value| value * value).sum::<f64>().sqrt(), *length);
    }
}

/// The first four and the last four features, the mean of all, and their length.
const EXPECTED: [([f64; 8], f64, f64); 2] = [
    (
        [0.0, 1.782_269_12, 2.385_911_94, 1.751_186_37, 0.396_857_14, 10.619_578_36, 0.0, 13.840_644_84],
        4.251_966_48,
        326.843_719_48,
    ),
    (
        [0.0, 0.391_783_48, 1.494_486_57, 0.649_259_63, 0.420_775_07, 5.516_638_76, 0.0, 4.694_647_79],
        2.117_918_97,
        162.454_986_57,
    ),
];

/// Written by `torch.save`, in its formats of before and after version 1.6.
const SMALL: [&[u8]; 2] = [include_bytes!("small.pth"), include_bytes!("small-legacy.pth")];

fn refusal(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    Inception::from_file(&path, &Device::flex()).unwrap_err().to_string()
}

fn safetensors(tensors: &[(&str, &[usize], f32)]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = tensors.iter().map(|(_, shape, v)| v.to_le_bytes().repeat(shape.iter().product())).collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn both_formats_of_pytorch_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for (index, bytes) in SMALL.iter().enumerate() {
        let path = folder.path().join(format!("{index}.pth"));
        fs::write(&path, bytes).unwrap();
        let opened = Opened::new(&path).unwrap();
        let tensors = opened.tensors().unwrap();
        assert_eq!(tensors.values("conv.weight", &[2, 3], &path).unwrap(), noise("conv.weight", 6));
        assert!(opened.name().contains("not byte for byte"), "{}", opened.name());
        let wrong = tensors.values("conv.weight", &[3, 2], &path).unwrap_err().to_string();
        assert!(wrong.contains("[2, 3] of 32-bit floats") && wrong.contains("it is [3, 2]"), "{wrong}");
        let kind = tensors.values("steps", &[], &path).unwrap_err().to_string();
        assert!(kind.contains("[] of another type"), "{kind}");
    }
}

#[test]
fn every_wrong_file_is_named_with_what_to_do() {
    let other = safetensors(&[("fc.bias", &[1000], 0.0)]);
    let part = safetensors(&[("fc.bias", &[1008], 0.0), ("Conv2d_1a_3x3.conv.weight", &[32, 3, 3, 3], 0.1)]);
    let broken = safetensors(&[("fc.bias", &[1008], 0.0), ("Conv2d_1a_3x3.conv.weight", &[32, 3, 3, 3], f32::NAN)]);
    for (name, bytes, words) in [
        ("text.pth", b"no weights".as_slice(), "text.pth holds no weights"),
        ("empty.pth", b"", "empty.pth holds no weights"),
        ("cut.pth", &SMALL[0][..500], "cut.pth holds no weights"),
        ("cut.safetensors", &other[..40], "cut.safetensors holds no weights"),
        ("small.pth", SMALL[0], "small.pth has no tensor fc.bias"),
        ("small-legacy.pth", SMALL[1], "small-legacy.pth has no tensor fc.bias"),
        ("torchvision.safetensors", &other, "fc.bias is [1000] of 32-bit floats, and in the network of FID it is [1008]"),
        ("part.safetensors", &part, "part.safetensors has no tensor Conv2d_1a_3x3.bn.weight"),
        ("broken.safetensors", &broken, "Conv2d_1a_3x3.conv.weight: value 0 is not finite"),
    ] {
        let said = refusal(name, bytes);
        assert!(said.contains(words) && said.contains("pt_inception-2015-12-05-6726825d.pth"), "{said}");
    }
    let missing = Inception::from_file(Path::new("no/such.pth"), &Device::flex()).unwrap_err().to_string();
    assert!(missing.contains("no/such.pth"), "{missing}");
}
