//! The page as a visitor uses and sees it.

use std::fs;

use libtest_mimic::Failed;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("typing draws the last caption", typing_draws_the_last_caption),
    ("the dice changes the style and the picture", the_dice_changes_the_style_and_the_picture),
    ("a chosen picture lends its style", a_chosen_picture_lends_its_style),
    ("the address keeps caption and style", the_address_keeps_caption_and_style),
    ("the page fits a phone and a desk", the_page_fits_a_phone_and_a_desk),
];

/// CSS pixels: the narrowest phone, a phone, a desk.
const SCREENS: [(u32, u32); 3] = [(320, 640), (390, 844), (1280, 900)];

fn ready(session: &Session, query: &str) -> Result<Page, Failed> {
    let page = session.open(query)?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    Ok(page)
}

fn typing_draws_the_last_caption(session: &Session) -> Result<(), Failed> {
    let page = ready(session, "")?;
    page.eval::<()>(
        "(async () => {
            for (const text of ['c', 'ca', 'cat', 'a', 'a r', 'a red', 'a red c', 'a red cat']) {
                caption.value = text;
                caption.dispatchEvent(new Event('input'));
                await new Promise((done) => setTimeout(done, 40));
            }
        })()",
    )?;
    page.wait_for("picture.dataset.caption === 'a red cat' && document.documentElement.dataset.state === 'ready'")?;
    let (same, device): (bool, String) = page.eval(
        "(async () => {
            const painter = await emblem.ready;
            const { imageData } = await painter.paint('a red cat', { styleSeed: picture.dataset.style });
            const shown = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data;
            return [shown.every((level, index) => level === imageData.data[index]), painter.device];
        })()",
    )?;
    ensure(same, format!("what is shown on {device} is not what was typed last"))?;
    page.ensure_calm()
}

fn the_dice_changes_the_style_and_the_picture(session: &Session) -> Result<(), Failed> {
    let page = ready(session, "")?;
    let looks = "[document.getElementById('style').value, picture.dataset.style, picture.toDataURL()]";
    let before: (String, String, String) = page.eval(looks)?;
    page.settle_after("dice.click()")?;
    let after: (String, String, String) = page.eval(looks)?;
    ensure(after.0 == after.1, format!("the box says {:?}, the picture is in {:?}", after.0, after.1))?;
    // The dice has 65,536 sides; the same one twice is not worth a retry here.
    ensure(before.1 != after.1 && before.2 != after.2, format!("style {} and then {}", before.1, after.1))?;
    page.ensure_calm()
}

fn a_chosen_picture_lends_its_style(session: &Session) -> Result<(), Failed> {
    let page = ready(session, "")?;
    let before: String = page.eval("picture.toDataURL()")?;
    page.eval::<()>(
        "(async () => {
            const drawing = new OffscreenCanvas(300, 200);
            const context = drawing.getContext('2d');
            context.fillStyle = 'navy';
            context.fillRect(40, 30, 120, 90);
            const files = new DataTransfer();
            files.items.add(new File([await drawing.convertToBlob()], 'navy.png', { type: 'image/png' }));
            lend.files = files.files;
        })()",
    )?;
    page.settle_after("lend.dispatchEvent(new Event('change'))")?;
    let (style, shown, note): (String, bool, String) =
        page.eval("[picture.dataset.style, lent.checkVisibility(), lent.innerText]")?;
    ensure(style == "lent" && shown && note.contains("navy.png"), format!("{style}, {shown}, {note}"))?;
    let after: String = page.eval("picture.toDataURL()")?;
    ensure(before != after, "the lent style changes nothing")?;
    page.ensure_calm()
}

fn the_address_keeps_caption_and_style(session: &Session) -> Result<(), Failed> {
    let page = ready(session, "caption=a%20cat&style=ada")?;
    let drawn: (String, String) = page.eval("[picture.dataset.caption, picture.dataset.style]")?;
    ensure(drawn == ("a cat".to_owned(), "ada".to_owned()), format!("{drawn:?}"))?;
    page.settle_after("caption.value = 'a red cat'; caption.dispatchEvent(new Event('input'))")?;
    page.wait_for("new URLSearchParams(location.search).get('caption') === 'a red cat'")?;
    let style: String = page.eval("new URLSearchParams(location.search).get('style')")?;
    ensure(style == "ada", style)
}

/// Also leaves screenshots in `target/screenshots`, for people to look at.
fn the_page_fits_a_phone_and_a_desk(session: &Session) -> Result<(), Failed> {
    let folder = xtask::root().join("target/screenshots");
    fs::create_dir_all(&folder)?;
    for (width, height) in SCREENS {
        let page = ready(session, "")?;
        page.resize(width, height)?;
        let (needed, given): (f64, f64) =
            page.eval("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")?;
        ensure(needed <= given, format!("{needed} pixels wide on a screen of {given}"))?;
        let visible: bool = page.eval("[picture, caption, dice].every((part) => part.checkVisibility())")?;
        ensure(visible, format!("something is hidden at {width} pixels"))?;
        page.wait_for("hands.hidden || [...hands.querySelectorAll('button')].every((hand) => hand.dataset.caption)")?;
        fs::write(folder.join(format!("{}-{width}.png", session.kind)), page.screenshot()?)?;
    }
    Ok(())
}
