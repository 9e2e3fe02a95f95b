//! What is kept and shared: links that give the picture back, files that say what they are, the album; and links made to harm.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use serde_json::Value;
use tests::browser::PATIENCE;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("a link gives the picture back", a_link_gives_the_picture_back),
    ("a link of another model says so", a_link_of_another_model_says_so),
    ("a hostile link is only text", a_hostile_link_is_only_text),
    ("a saved emblem says what it is and opens again", a_saved_emblem_says_what_it_is_and_opens_again),
    ("what is saved is the picture that its words name", what_is_saved_is_the_picture_that_its_words_name),
    ("a saved sheet has every picture of the board", a_saved_sheet_has_every_picture_of_the_board),
    ("a row that cannot be drawn is blank on the sheet", a_row_that_cannot_be_drawn_is_blank_on_the_sheet),
    ("a saved sheet opens again as the board", a_saved_sheet_opens_again_as_the_board),
    ("the widest sheet opens again as the board", the_widest_sheet_opens_again_as_the_board),
    ("a file that lies about itself is only a picture", a_file_that_lies_about_itself_is_only_a_picture),
    ("what is copied is a picture", what_is_copied_is_a_picture),
    ("the album keeps what was looked at", the_album_keeps_what_was_looked_at),
];

/// Queries that try to become markup, script, another site's model, or too much of something.
fn hostile() -> Vec<String> {
    let markup = r#"<img src=x onerror="window.hacked=true"><svg onload="window.hacked=true">"#;
    let everywhere = |text: &str| {
        let text: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        ["caption", "style", "z", "by", "device", "model", text.as_str()].map(|name| format!("{name}={text}")).join("&")
    };
    vec![
        everywhere(markup),
        everywhere(r#""><script>window.hacked=true</script>"#),
        everywhere("javascript:window.hacked=true"),
        everywhere("{{constructor.constructor('window.hacked=true')()}}${window.hacked=true}"),
        "caption=a%20cat&model=//example.com/models/emblem.safetensors".to_owned(),
        "caption=a%20cat&model=data:text/html,%3Cscript%3Ewindow.hacked=true%3C/script%3E".to_owned(),
        format!("caption=a%20cat&z={}", ["9e99"].repeat(3000).join(",")),
        "caption=a%20cat&z=NaN,Infinity,,-1&by=../../..&device=gpu".to_owned(),
        "caption=a%20cat&style=%00%ff%c0%80&__proto__[hacked]=1&constructor=1".to_owned(),
    ]
}

fn a_hostile_link_is_only_text(session: &Session) -> Result<(), Failed> {
    for query in hostile() {
        let page = session.open(&query)?;
        page.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")?;
        page.ensure_calm()?;
        let harmless: bool = page.eval(
            "window.hacked === undefined && ({}).hacked === undefined && document.querySelector('img, svg[onload], iframe') === null \
             && document.querySelectorAll('script').length === 1",
        )?;
        ensure(harmless, format!("{query:.120} became part of the page"))?;
        let foreign: Vec<String> = page.eval(
            "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => new URL(name).origin !== location.origin)",
        )?;
        ensure(foreign.is_empty(), format!("{query:.120} asked for {foreign:?}"))?;
    }
    Ok(())
}

fn a_link_gives_the_picture_back(session: &Session) -> Result<(), Failed> {
    // Off every seed's path, so that the link has to carry the style itself.
    let page = session.ready("caption=a%20red%20cat&style=ada")?;
    page.eval::<()>("pad.focus()")?;
    page.press("ArrowUp", true)?;
    page.wait_for("picture.dataset.style === 'own' && document.documentElement.dataset.state === 'ready'")?;
    page.wait_for("new URLSearchParams(location.search).has('z')")?;
    let (link, drawn): (String, String) = page.eval("[location.href, picture.toDataURL()]")?;
    let by: String = page.eval("new URLSearchParams(location.search).get('by')")?;
    ensure(by.len() == 12 && !link.contains("style="), link.clone())?;
    let other = session.open_at(&link)?;
    other.wait_for("document.documentElement.dataset.state === 'ready'")?;
    let same: bool = other.eval(&format!("picture.toDataURL() === '{drawn}' && caption.value === 'a red cat'"))?;
    ensure(same, format!("{link} draws something else"))?;
    ensure(other.eval("remark.hidden")?, "it says that another model drew it")
}

fn a_link_of_another_model_says_so(session: &Session) -> Result<(), Failed> {
    let page = session.open("caption=a%20cat&by=0123456789ab")?;
    page.wait_for("!remark.hidden")?;
    let said: String = page.eval("remark.textContent")?;
    ensure(said.contains("another model"), said)
}

/// The one PNG that a click on `button` leaves in `folder`.
fn saved(page: &Page, button: &str, folder: &Path) -> Result<Vec<u8>, Failed> {
    saved_as("png", page, button, folder)
}

/// The one file with this ending that a click on `button` leaves in `folder`.
pub fn saved_as(ending: &str, page: &Page, button: &str, folder: &Path) -> Result<Vec<u8>, Failed> {
    page.download_into(folder)?;
    page.eval::<()>(&format!("document.getElementById('{button}').click()"))?;
    let start = Instant::now();
    loop {
        let done = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == ending);
        if let Some(entry) = fs::read_dir(folder)?.flatten().find(done) {
            return Ok(fs::read(entry.path())?);
        }
        ensure(start.elapsed() < PATIENCE, format!("{button} saves nothing"))?;
        sleep(Duration::from_millis(50));
    }
}

/// What a PNG says under the keyword `Emblem`. Decoding it first checks every chunk's sum.
fn inscription(png: &[u8]) -> Result<(u32, u32, Value), Failed> {
    let image = image::load_from_memory(png)?;
    let head = b"Emblem\0\0\0\0\0";
    let start = png.windows(head.len()).position(|window| window == head).ok_or("it says nothing of itself")? + head.len();
    let value = serde_json::Deserializer::from_slice(&png[start..]).into_iter().next().ok_or("it says nothing")??;
    Ok((image.width(), image.height(), value))
}

fn a_saved_emblem_says_what_it_is_and_opens_again(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20cat&style=ada")?;
    let drawn: String = page.eval("picture.toDataURL()")?;
    let folder = tempfile::tempdir()?;
    let png = saved(&page, "save", folder.path())?;
    let (width, height, said) = inscription(&png)?;
    ensure(width == 1200 && height > 1200, format!("{width} x {height}"))?;
    let model: String = page.eval("emblem.ready.then(({ model }) => model.sha256)")?;
    ensure(said["caption"] == "a red cat" && said["seed"] == "ada" && said["model"] == model, format!("{said}"))?;
    page.settle_after("caption.value = 'a house'; caption.dispatchEvent(new Event('input'))")?;
    drop_file(&page, &png)?;
    page.wait_for("picture.dataset.caption === 'a red cat' && document.documentElement.dataset.state === 'ready'")?;
    let same: bool = page.eval(&format!("picture.toDataURL() === '{drawn}'"))?;
    ensure(same, "opened again, it is another picture")?;
    page.ensure_calm()
}

/// Also while another picture is on its way, or passes by on a walk between two styles.
fn what_is_saved_is_the_picture_that_its_words_name(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20cat&style=ada")?;
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    let before = saved(&page, "save", folders[0].path())?;
    page.eval::<()>(
        "(picture.getContext('2d').fillRect(0, 0, picture.width, picture.height), caption.value = 'a house', undefined)",
    )?;
    let after = saved(&page, "save", folders[1].path())?;
    ensure(before == after, "another picture is saved under the same words")?;
    page.ensure_calm()
}

/// Drops a PNG onto the page.
fn drop_file(page: &Page, png: &[u8]) -> Result<(), Failed> {
    let bytes = serde_json::to_string(png)?;
    page.eval(&format!(
        "(() => {{
            document.documentElement.dataset.state = 'before';
            const files = new DataTransfer();
            files.items.add(new File([Uint8Array.from({bytes})], 'emblem.png', {{ type: 'image/png' }}));
            document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: files, bubbles: true }}));
        }})()"
    ))
}

fn a_file_that_lies_about_itself_is_only_a_picture(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20cat")?;
    let folder = tempfile::tempdir()?;
    let png = saved(&page, "save", folder.path())?;
    let at = |text: &[u8]| png.windows(text.len()).position(|window| window == text).ok_or("not there");
    let changed = |from: usize, with: &[u8]| {
        let mut lie = png.clone();
        lie[from..from + with.len()].copy_from_slice(with);
        lie
    };
    let caption = at(b"{\"caption\":")?;
    // No caption; not JSON; a chunk longer than the file.
    let lies = [changed(caption + 2, b"nothing"), changed(caption, b"["), changed(at(b"iTXt")? - 4, &[0x7f, 0xff, 0xff, 0xff])];
    for lie in lies {
        drop_file(&page, &lie)?;
        page.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")?;
        let (style, caption): (String, String) = page.eval("[picture.dataset.style, caption.value]")?;
        ensure(
            style == "own" || page.eval::<String>("error.dataset.code")? == "style.unreadable",
            format!("{style}, {caption}"),
        )?;
        ensure(caption == "a red cat", caption)?;
        page.settle_after("document.querySelector('#hands button').click()")?;
    }
    page.ensure_calm()
}

fn a_saved_sheet_has_every_picture_of_the_board(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20cat")?;
    let folder = tempfile::tempdir()?;
    let (width, height, said) = inscription(&saved(&page, "save-board", folder.path())?)?;
    let (rows, columns): (usize, usize) =
        page.eval("[board.querySelectorAll('tbody tr:not([hidden])').length, board.querySelectorAll('thead th').length - 1]")?;
    let count = |key: &str| said[key].as_array().map_or(0, Vec::len);
    ensure((count("captions"), count("styles")) == (rows, columns), format!("{rows} x {columns}: {said}"))?;
    ensure(said["captions"][0] == "a red cat" && width > height / 2, format!("{width} x {height}"))?;
    page.ensure_calm()
}

fn a_row_that_cannot_be_drawn_is_blank_on_the_sheet(session: &Session) -> Result<(), Failed> {
    let page = session.settled("caption=qqqqq&style=7")?;
    // A hand that another model's style code stands for cannot be drawn, either.
    page.eval::<()>("localStorage.setItem('emblem.hands', JSON.stringify([{ code: [1, 2], name: 'navy.png' }]))")?;
    page.reload()?;
    page.wait_for("!document.getElementById('save-board').disabled && document.querySelectorAll('#hands .remove').length === 1")?;
    let columns: usize = page.eval("board.querySelectorAll('thead th').length - 1")?;
    let folder = tempfile::tempdir()?;
    let (_, _, said) = inscription(&saved(&page, "save-board", folder.path())?)?;
    page.eval::<()>("localStorage.removeItem('emblem.hands')")?;
    let styles = said["styles"].as_array().map_or(0, Vec::len);
    ensure(said["captions"][0] == "qqqqq" && styles == columns, format!("{columns} columns: {said}"))?;
    page.ensure_calm()
}

/// JavaScript: the board's rows, its columns, and its pictures.
const BOARD: &str =
    "[[...board.querySelectorAll('tbody tr:not([hidden])')].map((row, i) => i ? row.dataset.caption : caption.value),
    [...board.querySelectorAll('thead th')].slice(1).map((head) => head.dataset.seed ?? head.innerText),
    [...board.querySelectorAll('tbody tr:not([hidden]) canvas')].map((canvas) => canvas.toDataURL())]";
/// JavaScript: whether every picture of the board is drawn.
const BOARD_IS_DRAWN: &str = "[...board.querySelectorAll('tbody tr:not([hidden]) canvas')].every((canvas) => canvas.dataset.key && !canvas.classList.contains('stale'))";

fn a_saved_sheet_opens_again_as_the_board(session: &Session) -> Result<(), Failed> {
    type Board = (Vec<String>, Vec<String>, Vec<String>);
    let page = session.ready("caption=a%20red%20cat&style=ada")?;
    page.resize(1280, 4000)?;
    // A row and a hand of the visitor's own, and a hand that no seed stands for.
    page.eval::<()>("(document.getElementById('add-row').click(), pin.click(), pad.focus())")?;
    page.press("ArrowUp", true)?;
    page.wait_for("picture.dataset.style === 'own' && document.documentElement.dataset.state === 'ready'")?;
    page.eval::<()>("pin.click()")?;
    page.settle_after("caption.value = 'a red apple'; caption.dispatchEvent(new Event('input'))")?;
    page.wait_for(BOARD_IS_DRAWN)?;
    let before: Board = page.eval(BOARD)?;
    let folder = tempfile::tempdir()?;
    let png = saved(&page, "save-board", folder.path())?;
    page.eval::<()>("localStorage.removeItem('emblem.hands')")?;
    drop(page);

    let page = session.ready("caption=a%20house&style=7")?;
    page.resize(1280, 4000)?;
    page.eval::<()>("pin.click()")?;
    drop_file(&page, &png)?;
    page.wait_for("picture.dataset.caption === 'a red apple' && document.documentElement.dataset.state === 'ready'")?;
    page.wait_for(BOARD_IS_DRAWN)?;
    let after: Board = page.eval(BOARD)?;
    ensure(
        (&before.0, &before.1) == (&after.0, &after.1),
        format!("{:?} and then {:?}", (&before.0, &before.1), (&after.0, &after.1)),
    )?;
    ensure(before.0.len() > 2 && before.1.len() > 2 && before.2 == after.2, "opened again, its pictures are others")?;
    let style: String = page.eval("picture.dataset.style")?;
    ensure(style == before.1[0], format!("the visitor's own is in {style}"))?;
    // What had been pinned here gave way for this visit only.
    page.eval::<()>("pin.click()")?;
    page.reload()?;
    page.wait_for("[...document.querySelectorAll('#hands .tile')].some((tile) => tile.innerText.trim() === '7')")?;
    page.eval::<()>("localStorage.removeItem('emblem.hands')")?;
    page.ensure_calm()
}

fn the_widest_sheet_opens_again_as_the_board(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20cat")?;
    // More than there is room for.
    page.eval::<()>(
        "localStorage.setItem('emblem.hands', JSON.stringify(Array.from({ length: 15 }, (_, seed) => ({ seed: `${seed}` }))))",
    )?;
    page.reload()?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    let columns = "[...board.querySelectorAll('thead th')].slice(1).map((head) => head.innerText)";
    let before: Vec<String> = page.eval(columns)?;
    ensure(before.len() == 15, format!("{before:?}"))?;
    let folder = tempfile::tempdir()?;
    let png = saved(&page, "save-board", folder.path())?;
    page.eval::<()>("localStorage.removeItem('emblem.hands')")?;
    page.reload()?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    drop_file(&page, &png)?;
    page.wait_for(&format!("document.documentElement.dataset.state === 'ready' && {columns}.length === 15"))?;
    let after: Vec<String> = page.eval(columns)?;
    ensure(before == after, format!("{before:?} and then {after:?}"))?;
    page.ensure_calm()
}

fn what_is_copied_is_a_picture(session: &Session) -> Result<(), Failed> {
    let page = session.open_at(&session.site.page("caption=a%20cat%20face&device=cpu"))?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    page.eval::<()>(
        "(() => {
            const copied = window.copied = {};
            Object.defineProperty(navigator, 'clipboard', { value: {
                async write([item]) { copied.type = item.types[0]; copied.size = (await item.getType('image/png')).size; },
                async writeText(text) { copied.text = text; },
            } });
        })()",
    )?;
    page.eval::<()>("document.getElementById('copy-picture').click(); copy.click()")?;
    page.wait_for("copied.size && copied.text")?;
    let (kind, size, link): (String, usize, String) = page.eval("[copied.type, copied.size, copied.text]")?;
    ensure(kind == "image/png" && size > 10_000 && link.contains("caption=a+cat+face"), format!("{kind}, {size} bytes, {link}"))?;
    // Which device draws is nothing to whoever gets the link, but stays in this visitor's own address.
    let address: String = page.eval("location.search")?;
    ensure(!link.contains("device=") && address.contains("device=cpu"), format!("{link}, at {address}"))?;
    page.wait_for("!remark.hidden")
}

fn the_album_keeps_what_was_looked_at(session: &Session) -> Result<(), Failed> {
    // A motto that no other test of this browser leaves in its album.
    let page = session.ready("caption=a%20red%20cat%20with%20a%20guitar&style=ada")?;
    let count = "document.querySelectorAll('#album li').length";
    page.wait_for("document.querySelector('#album .tile')?.innerText.includes('a red cat with a guitar')")?;
    let drawn: String = page.eval("picture.toDataURL()")?;
    page.settle_after("caption.value = 'a house'; caption.dispatchEvent(new Event('input'))")?;
    page.wait_for("document.querySelector('#album .tile').innerText.includes('a house')")?;
    let before: usize = page.eval(count)?;
    page.reload()?;
    page.wait_for(&format!("{count} === {before} && document.documentElement.dataset.state === 'ready'"))?;
    page.settle_after(
        "[...document.querySelectorAll('#album .tile')].find((tile) => tile.innerText.includes('with a guitar')).click()",
    )?;
    let same: bool = page.eval(&format!("picture.toDataURL() === '{drawn}'"))?;
    ensure(same, "the album gives another picture back")?;
    page.eval::<()>("document.querySelector('#album .remove').click()")?;
    page.wait_for(&format!("{count} < {before}"))?;
    page.eval::<()>("document.getElementById('clear-album').click()")?;
    ensure(page.eval::<usize>(count)? == 0, "the album is not empty")?;
    page.ensure_calm()
}
