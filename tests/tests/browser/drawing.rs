//! That the page draws, and draws what the native painter draws.

use libtest_mimic::Failed;
use shared::TOLERANCE;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::Session;

/// A style code is a sum over thousands of products; two devices add them in another order.
const STYLE_TOLERANCE: f32 = 0.02;

pub const TESTS: &[Test] = &[
    ("the page draws by itself", the_page_draws_by_itself),
    ("pictures match the native painter", pictures_match_the_native_painter),
    ("the same seed gives the same picture", the_same_seed_gives_the_same_picture),
    ("another seed gives another picture", another_seed_gives_another_picture),
    ("a style is worth its seed", a_style_is_worth_its_seed),
    ("a picture lends its style", a_picture_lends_its_style),
];

fn the_page_draws_by_itself(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    let (caption, style, device): (String, String, String) =
        page.eval("[picture.dataset.caption, picture.dataset.style, document.documentElement.dataset.device]")?;
    ensure((caption.as_str(), style.as_str()) == ("a house", "8645"), format!("drawn: {caption:?} in style {style:?}"))?;
    ensure(device == session.kind.device(), format!("it says that it draws on {device}"))?;
    // What is shown is what the API returns, to the bit: it comes from the same device.
    let shown: String = page.eval(
        "Array.from(picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data, \
         (level) => level.toString(16).padStart(2, '0')).join('')",
    )?;
    let same: bool = page.eval(&format!(
        "emblem.ready.then((p) => p.paint('a house', {{ styleSeed: 8645 }})).then((p) => probe.plain(p).rgba === '{shown}')"
    ))?;
    ensure(same, "the canvas shows another picture than the API draws")?;
    page.ensure_calm()
}

fn pictures_match_the_native_painter(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    for golden in &session.site.golden {
        let drawn = page.paint(&golden.caption, &golden.options)?;
        let difference = drawn.picture()?.largest_difference(&golden.picture);
        let within = difference.is_some_and(|levels| levels <= TOLERANCE);
        ensure(within, format!("{:?} with {} differs by {difference:?} levels", golden.caption, golden.options))?;
        ensure(drawn.device == session.kind.device(), format!("drawn on {}", drawn.device))?;
        ensure(drawn.ms > 0.0 && drawn.caption == golden.caption, format!("{drawn:?}"))?;
    }
    Ok(())
}

fn the_same_seed_gives_the_same_picture(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    let [first, second] = [0, 1].map(|_| page.paint("a red apple", "{ styleSeed: 7 }"));
    ensure(first?.picture()? == second?.picture()?, "the two differ")?;
    // Without a seed one is drawn at random; told back, it must be worth the same.
    let random = page.paint("a red apple", "{}")?;
    let again = page.paint("a red apple", &format!("{{ styleSeed: {} }}", random.style_seed))?;
    ensure(random.picture()? == again.picture()?, "the seed told back draws another picture")
}

fn another_seed_gives_another_picture(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    let [first, second] = [7, 8].map(|seed| page.paint("a red apple", &format!("{{ styleSeed: {seed} }}")));
    let difference = first?.picture()?.largest_difference(&second?.picture()?);
    ensure(difference.is_some_and(|levels| levels > TOLERANCE), format!("they differ by {difference:?} levels"))
}

fn a_style_is_worth_its_seed(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    let seeded = page.paint("a red apple", "{ styleSeed: 7 }")?;
    ensure(
        seeded.style == session.site.painter.style_from_seed(7).values(),
        format!("not the native style: {:?}", seeded.style),
    )?;
    let styled = page.paint("a red apple", &format!("{{ style: {:?} }}", seeded.style))?;
    ensure(seeded.picture()? == styled.picture()? && styled.style_seed.is_null(), "the style draws another picture than its seed")
}

fn a_picture_lends_its_style(session: &Session) -> Result<(), Failed> {
    let (page, painter) = (session.page()?, &session.site.painter);
    let lender = &session.site.golden[0];
    let native = pollster::block_on(painter.style_of(&lender.picture))?;
    lay_out(page, &lender.picture)?;
    let style: Vec<f32> = page.eval("emblem.ready.then((painter) => painter.styleOf(lender))")?;
    ensure(style.len() == native.values().len(), format!("{} numbers", style.len()))?;
    let furthest = style.iter().zip(native.values()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    ensure(furthest < STYLE_TOLERANCE, format!("the style differs from the native one by {furthest}"))?;
    let lent = page.paint("a red apple", "{ style: lender }")?;
    let styled = page.paint("a red apple", &format!("{{ style: {style:?} }}"))?;
    ensure(lent.picture()? == styled.picture()?, "lending in one step and in two draws different pictures")
}

/// Makes `picture` a PNG in the page, as `lender`: what a visitor would choose or drop.
fn lay_out(page: &Page, picture: &shared::Picture) -> Result<(), Failed> {
    let rgba = serde_json::to_string(&picture.to_rgba())?;
    let shared::Picture { width, height, .. } = picture;
    page.eval(&format!(
        "(async () => {{
            const canvas = new OffscreenCanvas({width}, {height});
            canvas.getContext('2d').putImageData(new ImageData(Uint8ClampedArray.from({rgba}), {width}), 0, 0);
            window.lender = await canvas.convertToBlob({{ type: 'image/png' }});
        }})()"
    ))
}
