use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::*;
use crate::layers::tests::random_layers;
use crate::layers::{Arrangement, Layers, Place, Rgba, to_oklch};
use Parameter::{Contrast, Fill, Grain, Halftone, Hatching, Hue, Outline, Paper, Pixels, Rim, Saturation, Slant, Tone, Wobble};

const RED: [f32; 3] = [0.85, 0.15, 0.2];
const NAVY: [f32; 3] = [0.1, 0.15, 0.55];

/// Discs about one centre: radius as a share of the picture, and colour, from the outer one inwards.
fn discs(of: &[(f32, [f32; 3])]) -> Arrangement {
    let side = 64;
    let mut layers = Layers::empty(side);
    for (index, (radius, rgb)) in of.iter().enumerate() {
        let inner = of.get(index + 1).map_or(-1.0, |(radius, _)| *radius);
        let logits = (0..side * side).map(|cell| {
            let at = |i: usize| (i as f32 + 0.5) / side as f32 - 0.5;
            let far = at(cell % side).hypot(at(cell / side));
            6.0 * side as f32 * (radius - far).min(far - inner)
        });
        layers = layers.with_layer(logits.collect(), [rgb[0], rgb[1], rgb[2], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
    Arrangement { things: vec![layers], places: vec![Place::whole(0)] }
}

fn drawn(finish: &Finish, of: &Arrangement, size: usize) -> Rgba {
    finish.apply(of, size, None).render(size)
}

fn pixel(picture: &Rgba, x: usize, y: usize) -> [u8; 4] {
    picture.bytes[(y * picture.size + x) * 4..][..4].try_into().unwrap()
}

fn only(parameter: Parameter, value: f32) -> Finish {
    Finish::default().with(parameter, value)
}

#[test]
fn the_table_is_in_the_parameters_order_and_neutral_values_are_in_range() {
    for (index, parameter) in Parameter::all().enumerate() {
        assert_eq!(parameter as usize, index, "{}", parameter.name());
        assert!(parameter.range().contains(&parameter.neutral()));
        assert!(!parameter.effect().is_empty());
    }
    assert_eq!(Parameter::all().count(), COUNT);
}

#[test]
fn texts_are_read_and_written() {
    for look in LOOKS {
        let finish = look.finish();
        assert_eq!(finish.to_string().parse(), Ok(finish), "{}", look.name);
        assert_eq!(look.name.parse(), Ok(finish));
        assert_eq!(Finish::from_values(finish.values()), Ok(finish));
    }
    let both: Finish = "sticker, slant=0.5".parse().unwrap();
    assert_eq!((both.get(Rim), both.get(Slant)), (0.7, 0.5));
    assert_eq!("".parse(), Ok(Finish::default()));
    assert_eq!("Line-Art".parse(), Ok(look("line art").unwrap().finish()));
}

#[test]
fn what_is_no_finish_is_named() {
    let coded = |text: &str| text.parse::<Finish>().map_err(|error| (error.code(), error.to_string(), error.advice()));
    for (text, code, message, advice) in [
        ("stiker", "look.unknown", "`stiker`", "sticker"),
        ("width=1", "look.unknown", "`width`", "outline"),
        ("outline=thick", "look.form", "outline=thick", "looks are"),
        ("outline=2", "look.range", "is 2", "from 0 to 1"),
        ("slant=NaN", "look.range", "is NaN", "from -1 to 1"),
    ] {
        let (found, says, advises) = coded(text).unwrap_err();
        assert_eq!(found, code, "{text}");
        assert!(says.contains(message) && advises.contains(advice), "{says}; {advises}");
    }
    assert_eq!(Finish::from_values(&[0.0]).unwrap_err().code(), "look.length");
    assert_eq!(Finish::from_values(&[f32::NAN; COUNT]).unwrap_err().code(), "look.not-finite");
    assert_eq!(Finish::from_values(&[9.0; COUNT]).unwrap().get(Outline), 1.0);
}

#[test]
fn the_neutral_finish_changes_nothing() {
    let thing = Arrangement { things: vec![random_layers(4, 16, 7)], places: vec![Place::whole(0)] };
    for size in [64, 300] {
        assert_eq!(drawn(&Finish::default(), &thing, size), thing.render(size, None));
        let paper = Finish::default().apply(&thing, size, Some(Some([9, 8, 7]))).render(size);
        assert_eq!(paper, thing.render(size, Some([9, 8, 7])));
    }
    assert_eq!(Finish::default().apply(&thing, 64, None).svg("t", "d"), thing.svg("t", "d", None));
}

/// Along the middle row of a disc, dark pixels are those of a line at its border, as wide as they should be.
#[test]
fn lines_are_as_wide_as_they_should_be_and_between_colours_too() {
    let size = 512;
    let dark = |finish: Finish, of: &Arrangement| {
        let picture = drawn(&finish.with(Tone, -1.0), of, size);
        (0..size / 2)
            .filter(|x| pixel(&picture, *x, size / 2)[..3].iter().all(|v| *v < 60) && pixel(&picture, *x, size / 2)[3] > 127)
            .count() as f32
    };
    let (one, two) = (discs(&[(0.35, RED)]), discs(&[(0.35, RED), (0.2, [0.95, 0.8, 0.2])]));
    for outline in [0.3, 0.6, 1.0] {
        let width = 0.04 * outline * size as f32;
        let [found, twice] = [&one, &two].map(|of| dark(only(Outline, outline), of));
        assert!((found - width).abs() < 2.5 && (twice - 2.0 * width).abs() < 4.0, "{width}: {found} {twice}");
    }
    assert_eq!(dark(Finish::default(), &one), 0.0);
    // What is black already gets no line of its own.
    let eyes = discs(&[(0.35, RED), (0.1, [0.05, 0.05, 0.05])]);
    let extra = dark(only(Outline, 0.5), &eyes) - dark(only(Outline, 0.5), &one);
    assert!((extra - 0.1 * size as f32).abs() < 3.0, "{extra}");
}

/// Of 300 seeds and all looks: what is red is red or grey, never of another hue; of seeds it is never grey. Where hardly any fill is left,
/// the paper is seen.
#[test]
fn no_finish_turns_a_hue() {
    let hue = |finish: &Finish| {
        let picture = drawn(finish, &discs(&[(0.4, RED)]), 96);
        let mut reds = picture
            .bytes
            .chunks_exact(4)
            .skip(48 * 96 + 24)
            .take(48)
            .map(|p| to_oklch([p[0], p[1], p[2]].map(|v| f32::from(v) / 255.0)));
        reds.find(|colour| colour.chroma > 0.06).map(|colour| colour.hue.into_degrees())
    };
    let own = to_oklch(RED).hue.into_degrees();
    let close = |hue: f32| ((hue - own + 180.0).rem_euclid(360.0) - 180.0).abs() < 20.0;
    for seed in 0..300 {
        let finish = Finish::from_seed(seed);
        if finish.get(Fill) < 0.2 {
            continue;
        }
        assert!(hue(&finish).is_none_or(close), "{seed}: {finish}: {:?}", hue(&finish));
        assert!(finish.get(Fill) < 0.5 || hue(&finish).is_some(), "{seed}: {finish} is grey");
    }
    for look in LOOKS {
        assert!(look.finish().get(Fill) < 0.2 || hue(&look.finish()).is_none_or(close), "{}", look.name);
    }
}

/// Golden values: a change here changes every picture that anybody has shared by its seed.
#[test]
fn seeds_keep_their_meaning_and_are_styles() {
    let seven = Finish::from_seed(7);
    for (found, expected) in seven.values().iter().zip(GOLDEN_7) {
        assert!((found - expected).abs() < 1e-6, "{:?}", seven.values());
    }
    let far = |finish: &Finish| {
        let of = |parameter: &Parameter| {
            !matches!(parameter, Tone | Hue) && (finish.get(*parameter) - parameter.neutral()).abs() > 0.31
        };
        Parameter::all().filter(of).count()
    };
    let counts: Vec<usize> = (0..1000).map(|seed| far(&Finish::from_seed(seed))).collect();
    let share = |of: &dyn Fn(usize) -> bool| counts.iter().filter(|count| of(**count)).count() as f32 / 1000.0;
    assert!((0.08..0.22).contains(&share(&|count| count == 0)), "{}", share(&|count| count == 0));
    assert!(share(&|count| (1..=3).contains(&count)) > 0.7 && share(&|count| count > 5) < 0.02);
}

const GOLDEN_7: [f32; COUNT] = [
    0.0,
    0.176_411_27,
    1.0,
    -1.0,
    0.140_567_24,
    0.081_587_63,
    0.0,
    0.790_143_9,
    0.0,
    0.0,
    0.0,
    0.0,
    0.0,
    0.737_976_8,
    0.104_640_655,
];

#[test]
fn fills_go_and_what_stands_before_others_still_hides_them() {
    let disc = discs(&[(0.35, RED)]);
    let hollow = only(Fill, 0.0).with(Outline, 0.4);
    assert_eq!(pixel(&drawn(&hollow, &disc, 200), 100, 100), [0; 4]);
    let half = pixel(&drawn(&only(Fill, 0.5), &disc, 200), 100, 100);
    assert!(half[3] == 255 && half[1] > 120 && half[0] > half[1], "{half:?}");
    let pair = Arrangement { places: vec![Place::whole(0), Place { left: 0.2, ..Place::whole(0) }], ..disc.clone() };
    assert_eq!(pixel(&drawn(&hollow, &pair, 200), 140, 100), [255; 4]);
    let on_paper = hollow.with(Paper, -0.5).with(Hue, 0.7);
    let (ground, inside) = (pixel(&drawn(&on_paper, &pair, 200), 1, 1), pixel(&drawn(&on_paper, &pair, 200), 140, 100));
    assert!(ground.iter().zip(inside).all(|(a, b)| a.abs_diff(b) < 4), "{ground:?} {inside:?}");
}

#[test]
fn paper_rim_and_shadow_lie_behind() {
    let disc = discs(&[(0.3, RED)]);
    let corner = |finish: &Finish| pixel(&drawn(finish, &disc, 200), 2, 2);
    assert_eq!(corner(&Finish::default()), [0; 4]);
    assert_eq!(corner(&only(Paper, 1.0)), [255; 4]);
    let dark = corner(&only(Paper, -1.0));
    assert!(dark[3] == 255 && dark[..3].iter().all(|v| *v < 40), "{dark:?}");
    assert!((1..255).contains(&corner(&only(Paper, 0.1))[3]), "paper comes gradually");
    assert_eq!(only(Paper, -1.0).apply(&disc, 200, Some(None)).render(200).bytes[..4], [0; 4], "unless none is asked for");
    // 6 % of 200 px at most, outside the disc's 60.
    let rim = drawn(&only(Rim, 1.0), &disc, 200);
    assert_eq!(pixel(&rim, 100 - 66, 100), [255; 4]);
    assert!(pixel(&rim, 100 - 76, 100)[3] < 80);
    let shadow = pixel(&drawn(&only(Rim, -1.0), &disc, 200), 100 + 48, 100 + 48);
    assert!((60..110).contains(&shadow[3]) && shadow[0] < 60, "{shadow:?}");
    // What reaches to the border is made smaller.
    let wide = drawn(&only(Rim, 1.0), &discs(&[(0.49, RED)]), 200);
    let cut = (0..200).find(|y| pixel(&wide, 0, *y)[3] > 127);
    assert!(cut.is_none(), "the rim is cut off: {cut:?} {:?}", (0..8).map(|x| pixel(&wide, x, 100)[3]).collect::<Vec<_>>());
}

#[test]
fn texture_covers_more_where_it_is_dark() {
    for texture in [Halftone, Hatching] {
        let covered = |rgb: [f32; 3]| {
            let picture = drawn(&only(texture, 1.0).with(Tone, -1.0), &discs(&[(0.4, rgb)]), 256);
            let inked = picture.bytes.chunks_exact(4).filter(|p| p[3] > 127 && p[..3].iter().all(|v| *v < 40)).count();
            inked as f32 / (std::f32::consts::PI * (0.4 * 256.0_f32).powi(2))
        };
        let (light, dark) = (covered([0.95, 0.9, 0.6]), covered(NAVY));
        assert!((0.0..0.15).contains(&light) && (0.25..0.6).contains(&dark), "{texture:?}: {light} {dark}");
    }
}

#[test]
fn pixels_are_squares_of_the_pictures_colours() {
    let picture = drawn(&only(Pixels, 1.0), &discs(&[(0.35, RED), (0.2, NAVY)]), 160);
    for y in 0..160 {
        for x in 0..160 {
            assert_eq!(pixel(&picture, x, y), pixel(&picture, x / 10 * 10, y / 10 * 10));
        }
    }
    let mut colours: Vec<[u8; 4]> = picture.bytes.as_chunks::<4>().0.to_vec();
    colours.sort_unstable();
    colours.dedup();
    assert_eq!(colours.len(), 3, "{colours:?}");
    let svg = only(Pixels, 1.0).apply(&discs(&[(0.35, RED)]), 160, None).svg("t", "d");
    assert!(svg.matches("<path").count() < 20 && Tree::from_str(&svg, &Options::default()).is_ok());
}

#[test]
fn grain_is_the_same_again_and_leaves_alpha_alone() {
    let disc = discs(&[(0.35, RED)]);
    let [plain, grain, again] = [Finish::default(), only(Grain, 1.0), only(Grain, 1.0)].map(|finish| drawn(&finish, &disc, 128));
    assert_eq!(grain, again);
    let alphas = |picture: &Rgba| picture.bytes.iter().skip(3).step_by(4).copied().collect::<Vec<_>>();
    assert_eq!(alphas(&plain), alphas(&grain));
    assert_ne!(plain, grain);
}

#[test]
fn leaning_and_wobbling_keep_the_thing_inside() {
    let bar = discs(&[(0.45, RED)]);
    for finish in [only(Slant, 1.0), only(Slant, -1.0), only(Wobble, 1.0)] {
        let picture = drawn(&finish, &bar, 128);
        let border = (0..128).flat_map(|i| [(0, i), (127, i)]);
        assert!(border.clone().all(|(x, y)| pixel(&picture, x, y)[3] == 0), "{finish}");
        let visible = |picture: &Rgba| picture.bytes.iter().skip(3).step_by(4).filter(|alpha| **alpha > 127).count();
        assert!(visible(&picture) > visible(&drawn(&Finish::default(), &bar, 128)) / 2);
    }
    // A thing that reaches to the border leaves no specks beyond it.
    let leaning = drawn(&only(Slant, 1.0), &discs(&[(0.6, RED)]), 256);
    let marked: Vec<bool> = leaning.bytes.iter().skip(3).step_by(4).map(|alpha| *alpha > 20).collect();
    assert_eq!(crate::layers::regions(&marked, 256).len(), 1);
    let upper = |finish: Finish| {
        let picture = drawn(&finish, &bar, 128);
        (0..128).filter(|x| pixel(&picture, *x, 40)[3] > 127).sum::<usize>()
            / (0..128).filter(|x| pixel(&picture, *x, 40)[3] > 127).count()
    };
    assert!(upper(only(Slant, 1.0)) > 66 && upper(only(Slant, -1.0)) < 61, "the upper half goes to the right");
}

#[test]
fn contrast_and_saturation_do_as_they_say() {
    let colour = |finish: Finish, rgb: [f32; 3]| {
        let [r, g, b, _] = pixel(&drawn(&finish, &discs(&[(0.4, rgb)]), 64), 32, 32);
        to_oklch([r, g, b].map(|v| f32::from(v) / 255.0))
    };
    assert!(colour(only(Saturation, -1.0), RED).chroma < 0.01);
    assert!(colour(only(Saturation, 1.0), [0.7, 0.5, 0.5]).chroma > 1.5 * to_oklch([0.7, 0.5, 0.5]).chroma);
    let apart = |contrast: f32| {
        let finish = only(Contrast, contrast);
        colour(finish, [0.9, 0.8, 0.8]).l - colour(finish, NAVY).l
    };
    assert!(apart(1.0) > 1.2 * apart(0.0) && apart(-1.0) < 0.6 * apart(0.0), "{} {} {}", apart(-1.0), apart(0.0), apart(1.0));
}

#[test]
fn blends_end_where_they_should_and_hues_take_the_shorter_way() {
    let (a, b) = (look("sticker").unwrap().finish(), look("blueprint").unwrap().finish());
    assert_eq!((a.blend(&b, 0.0).get(Rim), a.blend(&b, 1.0)), (0.7, b));
    assert!((a.blend(&b, 0.3).get(Hue) - b.get(Hue)).abs() < 1e-6, "of no paper there is no hue");
    let paper = |hue: f32| only(Paper, 0.5).with(Hue, hue);
    let between = paper(0.9).blend(&paper(0.1), 0.5).get(Hue);
    assert!(!(0.001..0.999).contains(&between), "{between}");
}

/// resvg draws what we draw, in all looks but for grain.
#[test]
fn as_svg_it_is_the_same_picture() {
    let scene = discs(&[(0.38, RED), (0.2, [0.95, 0.8, 0.2]), (0.08, NAVY)]);
    for look in LOOKS {
        let finished = look.finish().with(Grain, 0.0).apply(&scene, 512, None);
        let tree = Tree::from_str(&finished.svg("t", "d"), &Options::default()).unwrap();
        let mut theirs = Pixmap::new(512, 512).unwrap();
        resvg::render(&tree, Transform::from_scale(0.5, 0.5), &mut theirs.as_mut());
        let ours = finished.render(512);
        let off = theirs.pixels().iter().zip(ours.bytes.chunks_exact(4)).map(|(theirs, ours)| {
            let theirs = theirs.demultiply();
            let shown = |v: u8, a: u8| f64::from(v) * f64::from(a) / 255.0 + 255.0 - f64::from(a);
            let of = |t: u8, o: u8| (shown(t, theirs.alpha()) - shown(o, ours[3])).abs();
            (of(theirs.red(), ours[0]) + of(theirs.green(), ours[1]) + of(theirs.blue(), ours[2])) / 3.0
        });
        let mean = off.sum::<f64>() / (512.0 * 512.0);
        assert!(mean < 3.0, "{}: {mean} levels", look.name);
    }
}

/// Noise as fields, every end of every range, and sizes from the smallest.
#[test]
fn nothing_that_is_drawn_cannot_be_finished() {
    let things = vec![random_layers(4, 8, 3), Layers::empty(8)];
    let places =
        vec![Place { left: 0.3, side: 0.6, ..Place::whole(0) }, Place::whole(1), Place { side: 0.02, ..Place::whole(0) }];
    let noise = Arrangement { things, places };
    let nothing = Arrangement::default();
    let blank = Arrangement { things: vec![Layers::empty(64)], places: vec![Place::whole(0)] };
    for parameter in Parameter::all() {
        for value in [*parameter.range().start(), *parameter.range().end()] {
            for of in [&noise, &nothing, &blank] {
                let finish = only(Outline, 0.5).with(parameter, value);
                assert_eq!(drawn(&finish, of, 40).bytes.len(), 40 * 40 * 4);
                assert!(Tree::from_str(&finish.apply(of, 40, None).svg("t", "d"), &Options::default()).is_ok());
            }
        }
    }
    assert_eq!(drawn(&look("halftone").unwrap().finish(), &noise, 1).bytes.len(), 4);
}
