//! Looks: finishes with a name, for whoever does not want to turn fifteen numbers.

use super::parameter::{Finish, Parameter};
use Parameter::{Contrast, Fill, Grain, Halftone, Hatching, Hue, Outline, Paper, Pixels, Rim, Saturation, Shading, Tone, Wobble};

/// A finish with a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// What it is called, in English.
    pub name: &'static str,
    /// What of it is not neutral.
    numbers: &'static [(Parameter, f32)],
}

impl Look {
    /// Its numbers.
    pub fn finish(&self) -> Finish {
        self.numbers.iter().fold(Finish::default(), |finish, (parameter, value)| finish.with(*parameter, *value))
    }
}

/// The look of this name; hyphens may stand for spaces, and capitals do not matter.
pub fn look(name: &str) -> Option<&'static Look> {
    let name = name.trim().to_lowercase().replace('-', " ");
    LOOKS.iter().find(|look| look.name == name)
}

/// All of them. `plain` is as the generator draws.
pub const LOOKS: &[Look] = &[
    Look { name: "plain", numbers: &[] },
    Look { name: "sticker", numbers: &[(Rim, 0.7), (Saturation, 0.2), (Contrast, 0.15)] },
    Look { name: "bold", numbers: &[(Outline, 0.75), (Tone, -0.9), (Shading, -1.0), (Saturation, 0.35)] },
    Look { name: "flat", numbers: &[(Shading, -1.0), (Rim, -0.6), (Contrast, 0.1)] },
    Look { name: "shaded", numbers: &[(Shading, 1.0), (Rim, -0.35)] },
    Look { name: "pastel", numbers: &[(Contrast, -0.85), (Saturation, -0.25), (Shading, -0.6), (Paper, 0.45), (Hue, 0.12)] },
    Look { name: "line art", numbers: &[(Outline, 0.4), (Tone, -1.0), (Fill, 0.0), (Shading, -1.0)] },
    Look {
        name: "blueprint",
        numbers: &[(Outline, 0.25), (Tone, 1.0), (Fill, 0.0), (Shading, -1.0), (Paper, -0.42), (Hue, 0.71)],
    },
    Look {
        name: "chalk",
        numbers: &[
            (Outline, 0.35),
            (Tone, 0.9),
            (Fill, 0.45),
            (Shading, -1.0),
            (Hatching, 0.5),
            (Paper, -0.72),
            (Hue, 0.46),
            (Grain, 0.3),
            (Wobble, 0.35),
        ],
    },
    Look {
        name: "woodcut",
        numbers: &[
            (Outline, 0.5),
            (Tone, -1.0),
            (Hatching, 0.9),
            (Fill, 0.2),
            (Shading, -1.0),
            (Paper, 0.3),
            (Hue, 0.2),
            (Wobble, 0.25),
        ],
    },
    Look {
        name: "halftone",
        numbers: &[(Halftone, 0.85), (Tone, -0.4), (Outline, 0.3), (Shading, -1.0), (Saturation, 0.3), (Paper, 0.6), (Hue, 0.25)],
    },
    Look {
        name: "noir",
        numbers: &[(Saturation, -1.0), (Contrast, 0.9), (Shading, 0.3), (Paper, -1.0), (Rim, 0.12), (Grain, 0.35)],
    },
    Look { name: "pixel art", numbers: &[(Pixels, 0.8), (Shading, -1.0), (Outline, 0.3), (Tone, -0.7), (Saturation, 0.2)] },
];
