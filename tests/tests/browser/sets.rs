//! A set: a list of captions in one style, drawn while it is written, saved as a zip file and opened again.

use std::io::{Cursor, Read};

use libtest_mimic::Failed;
use serde_json::Value;
use tests::page::{Page, ensure};
use zip::ZipArchive;

use crate::Test;
use crate::keeping::saved_as;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("a set is drawn in one style, saved and opened again", a_set_is_drawn_saved_and_opened_again),
    ("a set's pictures are drawn anew, taken out and taken on from", a_sets_pictures_are_changed),
    ("a set of pixels is saved, and what is no set is told", a_set_of_pixels_is_saved),
];

const LAYERED: &str = "models/layers.safetensors";

/// Writes the list and waits until all of it is drawn or told.
fn write(page: &Page, list: &str, said: &str) -> Result<(), Failed> {
    page.eval::<()>(&format!(
        "(() => {{
            const box = document.getElementById('set-captions');
            box.value = {list};
            box.dispatchEvent(new Event('input'));
        }})()",
        list = serde_json::to_string(list)?
    ))?;
    page.wait_for(&format!("document.getElementById('set-said').textContent.startsWith({})", serde_json::to_string(said)?))
}

/// JavaScript: how many different pictures the grid shows, and whether each has something on it.
const SHOWN: &str = "(() => {
    const all = [...document.querySelectorAll('#set li:not(.undrawn) canvas')].map((canvas) => canvas.toDataURL());
    const blank = Object.assign(document.createElement('canvas'), { width: 96, height: 96 }).toDataURL();
    return [all.length, new Set(all).size, all.includes(blank)];
})()";

fn drop_json(page: &Page, json: &str) -> Result<(), Failed> {
    page.eval(&format!(
        "(() => {{
            const files = new DataTransfer();
            files.items.add(new File([{}], 'set.json', {{ type: 'application/json' }}));
            document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: files, bubbles: true }}));
        }})()",
        serde_json::to_string(json)?
    ))
}

fn files(zipped: Vec<u8>) -> Result<Vec<(String, Vec<u8>)>, Failed> {
    let mut archive = ZipArchive::new(Cursor::new(zipped))?;
    let mut found = vec![];
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let mut content = vec![];
        file.read_to_end(&mut content)?;
        found.push((file.name()?.into_owned(), content));
    }
    Ok(found)
}

fn a_set_is_drawn_saved_and_opened_again(session: &Session) -> Result<(), Failed> {
    let page = session.ready(&format!("model={LAYERED}&caption=a%20red%20apple&style=7&look=sticker"))?;
    write(&page, "a red apple\n\n  a cat  \nqwxz\na red apple", "3 of 4 drawn. The model knows no word of 1")?;
    let (all, different, blank): (usize, usize, bool) = page.eval(SHOWN)?;
    ensure((all, different, blank) == (3, 2, false), format!("{all} {different} {blank}"))?;
    page.eval::<()>(
        "(() => {
            for (const name of ['webp', 'sprites']) document.querySelector(`#set [name=${name}]`).checked = true;
            document.querySelector('#set select').value = '64';
        })()",
    )?;
    let folder = tempfile::tempdir()?;
    let files = files(saved_as("zip", &page, "save-set", folder.path())?)?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let of_each = |name: &str| ["svg", "png", "webp"].map(|ending| format!("{name}.{ending}"));
    let mut expected: Vec<String> = ["a-red-apple", "a-cat", "a-red-apple-2"].iter().flat_map(|name| of_each(name)).collect();
    expected.extend(["sprites.png", "sprites.json", "set.json"].map(str::to_owned));
    ensure(names == expected, format!("{names:?}"))?;
    let content =
        |name: &str| files.iter().find(|(own, _)| own == name).map(|(_, content)| content.as_slice()).unwrap_or_default();
    let png = image::load_from_memory(content("a-cat.png"))?.to_rgba8();
    ensure(
        png.dimensions() == (64, 64) && png.pixels().any(|p| p[3] == 0) && png.pixels().any(|p| p[3] == 255),
        "no transparent PNG",
    )?;
    ensure(content("a-cat.webp").starts_with(b"RIFF") && content("a-cat.svg").starts_with(b"<svg"), "no WebP or SVG")?;
    let sheet = image::load_from_memory(content("sprites.png"))?;
    let places: Value = serde_json::from_slice(content("sprites.json"))?;
    ensure(
        (sheet.width(), sheet.height()) == (256, 256) && places["pictures"]["a-red-apple-2"] == serde_json::json!([0, 128]),
        format!("{places}"),
    )?;
    let said = String::from_utf8(content("set.json").to_vec())?;
    // In another page, with another style.
    let other = session.ready(&format!("model={LAYERED}&caption=a%20cat&style=12"))?;
    drop_json(&other, &said)?;
    other.wait_for("document.getElementById('set-said').textContent === '3 of 3 drawn.'")?;
    let list: String = other.eval("document.getElementById('set-captions').value")?;
    ensure(list == "a red apple\na cat\na red apple", list)?;
    other.wait_for("['style', 'look'].map((name) => new URLSearchParams(location.search).get(name)).join() === '7,sticker'")?;
    let pictures = "[...document.querySelectorAll('#set li:not(.undrawn) canvas')].map((canvas) => canvas.toDataURL())";
    ensure(page.eval::<Vec<String>>(pictures)? == other.eval::<Vec<String>>(pictures)?, "opened again, it is another set")?;
    page.ensure_calm()?;
    other.ensure_calm()
}

fn a_sets_pictures_are_changed(session: &Session) -> Result<(), Failed> {
    let page = session.ready(&format!("model={LAYERED}&caption=a%20red%20apple&style=7"))?;
    write(&page, "a cat\na cat\na red apple", "3 of 3 drawn.")?;
    let first: (usize, usize, bool) = page.eval(SHOWN)?;
    page.eval::<()>("document.querySelector('#set li .anew').click()")?;
    page.wait_for(&format!("{SHOWN}[1] === 3"))?;
    page.eval::<()>("document.querySelectorAll('#set li .remove')[2].click()")?;
    let list: String = page.eval("document.getElementById('set-captions').value")?;
    ensure(first == (3, 2, false) && list == "a cat\na cat", format!("{first:?} {list}"))?;
    // A picture with a hand of its own is taken on from in that hand, and the others follow the page's style.
    page.eval::<()>("document.querySelector('#set li .tile').click()")?;
    page.wait_for("caption.value === 'a cat' && document.documentElement.dataset.state === 'ready' && new URLSearchParams(location.search).get('style') !== '7'")?;
    page.wait_for("document.getElementById('set-said').textContent === '2 of 2 drawn.'")?;
    let (all, different, _): (usize, usize, bool) = page.eval(SHOWN)?;
    ensure((all, different) == (2, 1), format!("{all} {different}"))?;
    page.ensure_calm()
}

fn a_set_of_pixels_is_saved(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20cat&style=7")?;
    write(&page, "a cat\na house", "2 of 2 drawn.")?;
    let folder = tempfile::tempdir()?;
    let files = files(saved_as("zip", &page, "save-set", folder.path())?)?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    ensure(names == ["a-cat.png", "a-house.png", "set.json"], format!("{names:?}"))?;
    for json in [
        "{",
        "[]",
        "{\"emblem\":\"set\",\"captions\":[7],\"hand\":{\"seed\":\"7\"}}",
        "{\"emblem\":\"set\",\"captions\":[\"a\"]}",
    ] {
        page.eval::<()>("(error.hidden = true, undefined)")?;
        drop_json(&page, json)?;
        page.wait_for("!error.hidden && error.textContent.includes('set.json')")?;
    }
    page.ensure_calm()
}
