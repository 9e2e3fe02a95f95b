//! `<emblem-picture>` in a page that is not Emblem's.

use libtest_mimic::Failed;
use serde::Deserialize;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::{ANOTHER_PAGE, LAYERED, Session};

pub const TESTS: &[Test] = &[
    ("an element draws its caption", an_element_draws_its_caption),
    ("elements share a painter and draw when they are about to be seen", elements_share_a_painter_and_wait_until_seen),
    ("an element that cannot draw says why", an_element_that_cannot_draw_says_why),
    ("an element follows its attributes", an_element_follows_its_attributes),
    ("an element of layers is as crisp as the screen", an_element_of_layers_is_as_crisp_as_the_screen),
];

const SMALL: &str = "models/small.safetensors";

/// A foreign page with these elements, and with `drawn(element)`, which settles when one has drawn or cannot.
fn page_with(session: &Session, elements: &str) -> Result<Page, Failed> {
    let page = session.open_foreign(&format!("http://{}/{ANOTHER_PAGE}", session.site.address()))?;
    page.eval::<()>(&format!(
        "(async () => {{
            window.workers = 0;
            const Start = window.Worker;
            window.Worker = class extends Start {{ constructor(...given) {{ super(...given); workers += 1; }} }};
            window.drawn = (element) => new Promise((resolve) => {{
                if (element.picture || element.error) return resolve();
                for (const ending of ['load', 'error']) element.addEventListener(ending, () => resolve(), {{ once: true }});
            }});
            document.body.innerHTML = `{elements}`;
            // The page's security policy forbids styles in its text.
            if (window.between) between.style.height = '5000px';
            const {{ EmblemPicture }} = await import('/element.js');
            EmblemPicture.model = '{SMALL}';
        }})()"
    ))?;
    Ok(page)
}

fn an_element_draws_its_caption(session: &Session) -> Result<(), Failed> {
    #[derive(Debug, Deserialize)]
    struct Shown {
        same: bool,
        box_: (f64, f64),
        before: (f64, f64),
        role: String,
        label: String,
        inside: bool,
    }
    let page = page_with(
        session,
        "<emblem-picture id=own caption=\"a red apple\" styleseed=7 size=96 alt=\"an apple\" loading=eager>an apple</emblem-picture>",
    )?;
    let shown: Shown = page.eval(
        "(async () => {
            const side = () => [own.getBoundingClientRect().width, own.getBoundingClientRect().height];
            const before = side();
            await drawn(own);
            const canvas = own.shadowRoot.querySelector('canvas');
            const { Painter } = await import('/emblem.js');
            const painter = await Painter.load('models/small.safetensors', { device: 'cpu' });
            const { imageData } = await painter.paint('a red apple', { styleSeed: 7 });
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return {
                same: pixels.every((level, index) => level === imageData.data[index]),
                box_: side(), before,
                role: canvas.getAttribute('role'), label: canvas.getAttribute('aria-label'),
                inside: own.shadowRoot.querySelector('slot').hidden,
            };
        })()",
    )?;
    let side = (96.0, 96.0);
    ensure(shown.same && shown.inside && shown.box_ == side && shown.before == side, format!("{shown:?}"))?;
    ensure(shown.role == "img" && shown.label == "an apple", format!("{shown:?}"))?;
    page.ensure_calm()
}

fn elements_share_a_painter_and_wait_until_seen(session: &Session) -> Result<(), Failed> {
    let page = page_with(
        session,
        "<emblem-picture id=first caption=\"a red apple\"></emblem-picture><emblem-picture id=second caption=\"a cat\"></emblem-picture>
         <div id=between></div><emblem-picture id=far caption=\"a cat\"></emblem-picture>",
    )?;
    let (started, waits, same): (usize, bool, bool) = page.eval(
        "(async () => {
            await Promise.all([drawn(first), drawn(second)]);
            const waits = far.picture === null;
            far.scrollIntoView();
            await drawn(far);
            return [workers, waits, JSON.stringify(far.picture.style) === JSON.stringify(second.picture.style)];
        })()",
    )?;
    ensure(started == 1 && waits && same, format!("{started} workers; the far one waits: {waits}; drawn alike: {same}"))?;
    page.ensure_calm()
}

fn an_element_that_cannot_draw_says_why(session: &Session) -> Result<(), Failed> {
    let page = page_with(
        session,
        "<emblem-picture id=told caption=xyzzy loading=eager></emblem-picture>
         <emblem-picture id=inside caption=xyzzy loading=eager><b>a picture</b></emblem-picture>
         <emblem-picture id=nowhere caption=cat model=models/no-such.safetensors loading=eager></emblem-picture>
         <emblem-picture id=sized caption=cat size=many loading=eager></emblem-picture>",
    )?;
    let (codes, said, inside): (Vec<Option<String>>, String, (bool, bool)) = page.eval(
        "(async () => {
            const all = [told, inside, nowhere, sized];
            await Promise.all(all.map(drawn));
            const part = (element) => element.shadowRoot.querySelector('[part=error]');
            const codes = all.map(({ error }) => error && error.code);
            return [codes, part(told).innerText, [part(inside).hidden, inside.shadowRoot.querySelector('slot').hidden]];
        })()",
    )?;
    let codes: Vec<_> = codes.iter().map(Option::as_deref).collect();
    // A model that draws pixels has one size, so nothing is wrong with the last.
    ensure(codes == [Some("caption.unknown"), Some("caption.unknown"), Some("model.not-found"), None], format!("{codes:?}"))?;
    ensure(said.contains("known to this model") && inside == (true, false), format!("{said:?}, {inside:?}"))
}

fn an_element_follows_its_attributes(session: &Session) -> Result<(), Failed> {
    let page = page_with(session, "<emblem-picture id=own caption=cat loading=eager></emblem-picture>")?;
    let (captions, loads): (Vec<String>, usize) = page.eval(
        "(async () => {
            await drawn(own);
            const captions = [own.picture.caption];
            let loads = 0;
            own.addEventListener('load', () => loads++);
            own.setAttribute('styleseed', 'ada');
            own.setAttribute('caption', 'a red apple');
            await new Promise((resolve) => own.addEventListener('load', resolve, { once: true }));
            captions.push(own.picture.caption, String(own.picture.styleSeed));
            own.setAttribute('caption', 'xyzzy');
            await new Promise((resolve) => own.addEventListener('error', resolve, { once: true }));
            own.setAttribute('caption', 'cat');
            await new Promise((resolve) => own.addEventListener('load', resolve, { once: true }));
            captions.push(own.picture.caption);
            own.remove();
            return [captions, loads];
        })()",
    )?;
    ensure(captions == ["cat", "a red apple", "ada", "cat"] && loads == 2, format!("{captions:?}, {loads} drawn"))?;
    page.ensure_calm()
}

fn an_element_of_layers_is_as_crisp_as_the_screen(session: &Session) -> Result<(), Failed> {
    let page = page_with(
        session,
        &format!(
            "<emblem-picture id=own model={LAYERED} caption=cat size=200 background=none look=sticker loading=eager></emblem-picture>"
        ),
    )?;
    let (width, wanted, look): (f64, f64, String) = page.eval(
        "(async () => {
            await drawn(own);
            return [own.shadowRoot.querySelector('canvas').width, Math.round(200 * devicePixelRatio), own.picture.look];
        })()",
    )?;
    ensure((width - wanted).abs() < 0.5 && look == "sticker", format!("{width} pixels instead of {wanted}, in {look:?}"))?;
    page.ensure_calm()
}
