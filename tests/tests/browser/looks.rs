//! Looks on the page, of a model that draws layers: chosen, kept in link, file, pin and album, and walked through.

use libtest_mimic::Failed;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("a look is chosen, and stays with another hand and in the link", a_look_is_chosen_and_stays),
    ("what is kept of a picture has its look", what_is_kept_has_its_look),
    ("a look that a link makes up is told, and the page goes on", a_made_up_look_is_told),
    ("a model that draws pixels offers no looks", a_model_that_draws_pixels_offers_no_looks),
];

const LAYERED: &str = "models/layers.safetensors";
const SETTLED: &str = "document.documentElement.dataset.state === 'ready'";

/// JavaScript: the pixels that are shown, in short.
const SHOWN: &str = "(() => {
    const { data } = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height);
    let hash = 7;
    for (const value of data) hash = (hash * 31 + value) | 0;
    return hash;
})()";

/// Presses the look's tile and waits until it is drawn and the address says so.
fn take(page: &Page, look: &str) -> Result<(), Failed> {
    page.eval::<()>(&format!(
        "(() => {{
            const tile = [...document.querySelectorAll('#looks li')].find(({{ dataset }}) => dataset.key === '{look}');
            tile.querySelector('button').click();
        }})()"
    ))?;
    let said = if look.is_empty() { "null" } else { &format!("'{look}'") };
    page.wait_for(&format!("{SETTLED} && new URLSearchParams(location.search).get('look') === {said}"))?;
    let pressed: String = page.eval("document.querySelector('#looks [aria-pressed=true]').closest('li').dataset.key")?;
    ensure(pressed == look, format!("{pressed:?} is pressed instead of {look:?}"))
}

fn a_look_is_chosen_and_stays(session: &Session) -> Result<(), Failed> {
    let page = session.ready(&format!("model={LAYERED}&caption=a%20red%20apple&style=7"))?;
    let (tiles, hidden): (usize, bool) = page.eval("[document.querySelectorAll('#looks .tile').length, looks.hidden]")?;
    ensure(tiles == shared::finish::LOOKS.len() + 1 && !hidden, format!("{tiles} tiles, hidden: {hidden}"))?;
    let own: i32 = page.eval(SHOWN)?;
    take(&page, "sticker")?;
    let sticker: i32 = page.eval(SHOWN)?;
    ensure(own != sticker, "nothing has changed".to_owned())?;
    let name: String = page.eval("imprint.textContent")?;
    ensure(name.contains("sticker"), name)?;
    // Another hand, the same look; then the link, in a page of its own.
    page.eval::<()>("(style.value = '12', style.dispatchEvent(new Event('input')), undefined)")?;
    page.wait_for(&format!("{SETTLED} && new URLSearchParams(location.search).get('style') === '12'"))?;
    let (look, there): (String, i32) = page.eval(&format!("[new URLSearchParams(location.search).get('look'), {SHOWN}]"))?;
    ensure(look == "sticker", look)?;
    let again = session.ready(&page.eval::<String>("location.search.slice(1)")?)?;
    ensure(again.eval::<i32>(SHOWN)? == there, "the link draws another picture".to_owned())?;
    take(&again, "")?;
    ensure(again.eval::<i32>(SHOWN)? != there, "its own look is a sticker".to_owned())?;
    // Blended and wandered off, the picture has numbers for a look, and its link draws it again.
    again.eval::<()>("(share.value = '40', share.dispatchEvent(new Event('input')), undefined)")?;
    again.wait_for(&format!("{SETTLED} && new URLSearchParams(location.search).has('z')"))?;
    again.eval::<()>(
        "(pad.focus(), pad.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', shiftKey: true })), undefined)",
    )?;
    again.wait_for(&format!("{SETTLED} && imprint.textContent.includes('off the path')"))?;
    again.wait_for("new URLSearchParams(location.search).get('look')?.includes('=')")?;
    let (blended, link): (i32, String) =
        again.eval(&format!("new Promise((done) => setTimeout(() => done([{SHOWN}, location.search.slice(1)]), 600))"))?;
    let third = session.ready(&link)?;
    ensure(third.eval::<i32>(SHOWN)? == blended, format!("{link} draws another picture"))?;
    for page in [page, again, third] {
        page.ensure_calm()?;
    }
    Ok(())
}

fn what_is_kept_has_its_look(session: &Session) -> Result<(), Failed> {
    let page = session.ready(&format!("model={LAYERED}&caption=a%20red%20apple&style=7"))?;
    take(&page, "blueprint")?;
    let drawn: i32 = page.eval(SHOWN)?;
    // Pinned and in the album; then something else is drawn, and both lead back.
    page.eval::<()>("pin.click()")?;
    page.wait_for("[...document.querySelectorAll('#album .tile')].some(({ ariaLabel }) => ariaLabel.includes('blueprint'))")?;
    take(&page, "noir")?;
    page.eval::<()>("document.querySelector('#hands li:last-child .tile').click()")?;
    page.wait_for(&format!("{SETTLED} && new URLSearchParams(location.search).get('look') === 'blueprint'"))?;
    ensure(page.eval::<i32>(SHOWN)? == drawn, "the pin draws another picture".to_owned())?;
    take(&page, "noir")?;
    page.eval::<()>(
        "[...document.querySelectorAll('#album .tile')].find(({ ariaLabel }) => ariaLabel.includes('blueprint')).click()",
    )?;
    page.wait_for(&format!("{SETTLED} && new URLSearchParams(location.search).get('look') === 'blueprint'"))?;
    ensure(page.eval::<i32>(SHOWN)? == drawn, "the album draws another picture".to_owned())?;
    page.eval::<()>("(document.querySelector('#hands li:last-child .remove').click(), document.querySelector('#clear-album').click(), undefined)")?;
    page.ensure_calm()
}

fn a_made_up_look_is_told(session: &Session) -> Result<(), Failed> {
    let page = session.ready(&format!("model={LAYERED}&caption=a%20red%20apple&style=7&look=%3Cb%3Egothic"))?;
    page.wait_for("!remark.hidden && remark.textContent.includes('look')")?;
    page.wait_for(&format!("{SETTLED} && !new URLSearchParams(location.search).has('look')"))?;
    page.ensure_calm()
}

fn a_model_that_draws_pixels_offers_no_looks(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20apple&style=7&look=sticker")?;
    ensure(page.eval("looks.hidden && error.hidden")?, "looks are offered, or the page complains".to_owned())?;
    page.ensure_calm()
}
