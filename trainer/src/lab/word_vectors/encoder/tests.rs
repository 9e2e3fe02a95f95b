use shared::checksummed::{self, Stored};

use super::*;

const SIZES: Sizes = Sizes { pieces: 7, places: 5, width: 4, inner: 6, heads: 2, layers: 2 };

/// The weights of `trainer/reference/sentences.py`, in a file as PyTorch would write it.
fn file() -> Vec<u8> {
    let Sizes { pieces, places, width, inner, layers, .. } = SIZES;
    let mut shapes: Vec<(String, Vec<usize>)> = [("word", pieces), ("position", places), ("token_type", 2)]
        .map(|(name, rows)| (format!("embeddings.{name}_embeddings.weight"), vec![rows, width]))
        .to_vec();
    let mut add = |name: String, weight: Vec<usize>, outputs: usize| {
        shapes.push((format!("{name}.weight"), weight));
        shapes.push((format!("{name}.bias"), vec![outputs]));
    };
    add("embeddings.LayerNorm".into(), vec![width], width);
    for layer in 0..layers {
        let at = format!("encoder.layer.{layer}");
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            add(format!("{at}.attention.{part}"), vec![width, width], width);
        }
        add(format!("{at}.attention.output.LayerNorm"), vec![width], width);
        add(format!("{at}.intermediate.dense"), vec![inner, width], inner);
        add(format!("{at}.output.dense"), vec![width, inner], width);
        add(format!("{at}.output.LayerNorm"), vec![width], width);
    }
    let stored = |(number, (name, shape)): (usize, (String, Vec<usize>))| {
        let value = |place: usize| (place as f64 * 1.7 + number as f64 * 0.9).sin() as f32;
        let bytes = (0..shape.iter().product()).flat_map(|place| value(place).to_le_bytes()).collect();
        Stored { name, dtype: Dtype::F32, shape, bytes }
    };
    checksummed::write(&shapes.into_iter().enumerate().map(stored).collect::<Vec<_>>(), HashMap::new()).unwrap()
}

/// PyTorch 1.13: `trainer/reference/sentences.py`.
#[test]
fn vectors_agree_with_pytorch() {
    let model = SentenceModel::from_safetensors(&file(), SIZES, &Device::flex()).unwrap();
    let vectors = model.vectors(&[vec![1, 4, 2], vec![1, 3, 5, 6, 2], vec![1, 2, 6]]);
    let wanted =
        [[0.32811, 0.85123, -0.32287, 0.25199], [0.32781, 0.84484, -0.32812, 0.26668], [0.32802, 0.84786, -0.32567, 0.25978]];
    for (vector, wanted) in vectors.iter().zip(wanted) {
        for (value, wanted) in vector.iter().zip(wanted) {
            assert!((value - wanted).abs() < 5e-5, "{vectors:?}");
        }
    }
}

#[test]
fn another_model_is_refused() {
    let wrong = |sizes| SentenceModel::from_safetensors(&file(), sizes, &Device::flex()).map(|_| ()).unwrap_err();
    assert!(wrong(Sizes { width: 8, ..SIZES }).contains("shape"));
    assert!(wrong(Sizes { layers: 3, ..SIZES }).contains("missing"));
    assert!(SentenceModel::from_safetensors(b"no", SIZES, &Device::flex()).is_err());
}

#[test]
fn words_become_the_longest_pieces() {
    let pieces = Pieces::new("[CLS]\n[SEP]\n[UNK]\ntea\n##cup\n##cups\n,\nt\n").unwrap();
    assert_eq!(pieces.of("tea, teacups"), [0, 3, 6, 3, 5, 1]);
    assert_eq!(pieces.of("teapot t tea,,tea"), [0, 2, 7, 3, 6, 6, 3, 1]);
    assert!(Pieces::new("tea").is_err());
}
