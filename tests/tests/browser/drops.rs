//! What is dropped on the page, whatever it is: something visible comes of it.

use std::fs;
use std::path::PathBuf;

use libtest_mimic::Failed;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("every file that is dropped has an answer", every_file_that_is_dropped_has_an_answer),
    ("a model is known by its contents and any letters", a_model_is_known_by_its_contents_and_any_letters),
    ("of many files one is taken and named", of_many_files_one_is_taken_and_named),
    ("words, links and nothing have an answer", words_links_and_nothing_have_an_answer),
    ("a file that cannot be used may be chosen twice", a_file_that_cannot_be_used_may_be_chosen_twice),
    ("a drop far down the page is answered in sight", a_drop_far_down_the_page_is_answered_in_sight),
];

/// Files that are no use to the page, and the code of what it says of them.
const USELESS: [(&str, &[u8], &str); 12] = [
    ("IMG_0001.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "style.unreadable"),
    ("photo.tif", b"II*\0", "style.unreadable"),
    ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "style.unreadable"),
    ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "style.unreadable"),
    ("empty.jpg", b"", "style.unreadable"),
    ("v1-5-pruned.ckpt", b"PK\x03\x04 and what pickles", "file.kind"),
    ("model.onnx", b"\x08\x07\x12\x07pytorch", "file.kind"),
    ("pictures.zip", b"PK\x03\x04", "file.kind"),
    ("README", b"no ending, no type", "file.kind"),
    ("clip.mp4", b"\0\0\0\x20ftypisom", "file.kind"),
    ("a “name” | with {name} & <b>signs.doc", b"", "file.kind"),
    ("nothing", b"", "file.kind"),
];

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Result<Self, Failed> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failed> {
        let path = self.0.path().join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }
}

/// JavaScript: all that a visitor sees of the page.
const LOOKS: &str =
    "document.getElementById('emblem').innerText + picture.toDataURL() + document.getElementById('lent').innerText";

/// Drops files, waits until something has changed that can be seen, and then until the page rests.
fn drop_on(page: &Page, paths: &[PathBuf]) -> Result<(), Failed> {
    let before: String = page.eval(LOOKS)?;
    page.eval::<()>(&format!("void (window.before = {})", serde_json::to_string(&before)?))?;
    page.drop_files(paths, (640.0, 450.0))?;
    page.wait_for(&format!("window.before !== {LOOKS}"))
        .map_err(|failed| format!("{paths:?}: {}", failed.message().unwrap_or_default()).into())
}

/// The panel's code and words once it is shown.
fn complaint(page: &Page) -> Result<(String, String), Failed> {
    page.wait_for("document.getElementById('error').checkVisibility()")?;
    page.eval("[document.getElementById('error').dataset.code, document.getElementById('error').innerText]")
}

/// Has the page draw something else, so that what it complained of is forgotten.
fn forget(page: &Page, caption: &str) -> Result<(), Failed> {
    page.settle_after(&format!("caption.value = '{caption}'; caption.dispatchEvent(new Event('input'))"))?;
    page.wait_for("document.getElementById('error').hidden")
}

fn small(session: &Session) -> Result<Page, Failed> {
    session.ready("model=models/small.safetensors&caption=a%20red%20apple")
}

fn every_file_that_is_dropped_has_an_answer(session: &Session) -> Result<(), Failed> {
    let (folder, page) = (Folder::new()?, small(session)?);
    fs::create_dir(folder.0.path().join("pictures"))?;
    folder.put("pictures/inside.png", b"")?;
    let useless: Vec<_> =
        USELESS.iter().map(|(name, bytes, code)| Ok((folder.put(name, bytes)?, *name, *code))).collect::<Result<_, Failed>>()?;
    let all = useless.into_iter().chain([(folder.0.path().join("pictures"), "pictures", "file.folder")]);
    for ((path, name, code), caption) in all.zip(["a cat", "a red cat"].into_iter().cycle()) {
        let mut said = Vec::new();
        for language in ["en", "zh"] {
            page.eval::<()>(&format!("document.querySelector('#languages [lang={language}]').click()"))?;
            drop_on(&page, std::slice::from_ref(&path))?;
            let (shown, words) = complaint(&page)?;
            ensure(shown == code, format!("{name}: {shown}, expected {code}"))?;
            ensure(!code.starts_with("file.") || words.contains(name), format!("{name} is not named: {words}"))?;
            said.push(words);
            forget(&page, if language == "en" { caption } else { "an apple" })?;
        }
        ensure(said[0] != said[1] && said[1].contains('。'), format!("{said:?}"))?;
    }
    page.eval::<()>("document.querySelector('#languages [lang=en]').click()")?;
    // What was open before still draws.
    page.paint("a red apple", "{ styleSeed: 7 }")?;
    page.ensure_calm()
}

fn a_model_is_known_by_its_contents_and_any_letters(session: &Session) -> Result<(), Failed> {
    let folder = Folder::new()?;
    for name in ["MODEL.SAFETENSORS", "Mine.SafeTensors", "model", "model.safetensors.part"] {
        let page = session.ready("caption=a%20cat")?;
        drop_on(&page, &[folder.put(name, &session.site.small)?])?;
        page.wait_for("document.getElementById('model').textContent.includes('small') && document.documentElement.dataset.state === 'ready'")?;
        page.ensure_calm()?;
    }
    Ok(())
}

fn of_many_files_one_is_taken_and_named(session: &Session) -> Result<(), Failed> {
    let (folder, page) = (Folder::new()?, small(session)?);
    let picture = |name: &str, level: u8| -> Result<PathBuf, Failed> {
        let path = folder.0.path().join(name);
        image::RgbImage::from_fn(16, 16, |x, y| image::Rgb([level, (x * 16) as u8, (y * 16) as u8])).save(&path)?;
        Ok(path)
    };
    let (notes, first, second) = (folder.put("notes.txt", b"notes")?, picture("first.png", 10)?, picture("second.png", 200)?);
    drop_on(&page, &[notes, first, second.clone()])?;
    let said: String = page.eval("remark.innerText")?;
    ensure(said.contains('3') && said.contains("first.png"), said)?;
    page.wait_for("document.getElementById('lent').innerText.includes('first.png')")?;
    // One whose name says nothing is looked into.
    let plain = folder.put("plain", &fs::read(&second)?)?;
    drop_on(&page, &[plain])?;
    page.wait_for("document.getElementById('lent').innerText.includes('plain')")?;
    page.ensure_calm()
}

/// JavaScript: drops what `fill` puts into `things` on an element.
fn drop_by_script(page: &Page, target: &str, fill: &str) -> Result<bool, Failed> {
    page.eval(&format!(
        "(() => {{
            const things = new DataTransfer();
            {fill};
            const event = new DragEvent('drop', {{ dataTransfer: things, bubbles: true, cancelable: true }});
            {target}.dispatchEvent(event);
            return event.defaultPrevented;
        }})()"
    ))
}

fn words_links_and_nothing_have_an_answer(session: &Session) -> Result<(), Failed> {
    let page = small(session)?;
    drop_by_script(&page, "document.body", "things.setData('text/plain', '  a red cat ')")?;
    page.wait_for("caption.value === 'a red cat' && picture.dataset.caption === 'a red cat'")?;
    let link = "things.setData('text/uri-list', 'https://example.com/cat.jpg'); things.setData('text/plain', 'https://example.com/cat.jpg')";
    for (fill, code) in [(link, "file.link"), ("", "file.none"), ("things.setData('application/x-own', '1')", "file.none")] {
        drop_by_script(&page, "document.body", fill)?;
        let (shown, _) = complaint(&page)?;
        ensure(shown == code, format!("{fill}: {shown}, expected {code}"))?;
        forget(&page, if code == "file.link" { "a cat" } else { "an apple" })?;
    }
    // Over a box to write in, words are the browser's to put.
    let taken = drop_by_script(&page, "caption", "things.setData('text/plain', 'a red cat')")?;
    ensure(!taken, "words dropped on the motto are kept from it")?;
    page.ensure_calm()
}

fn a_file_that_cannot_be_used_may_be_chosen_twice(session: &Session) -> Result<(), Failed> {
    let page = small(session)?;
    for caption in ["a cat", "a red cat"] {
        page.eval::<()>(
            "(() => {
                const files = new DataTransfer();
                files.items.add(new File(['no picture'], 'mine.heic'));
                lend.files = files.files;
                lend.dispatchEvent(new Event('change'));
            })()",
        )?;
        let (code, _) = complaint(&page)?;
        let chosen: usize = page.eval("lend.files.length")?;
        ensure(code == "style.unreadable" && chosen == 0, format!("{code}, {chosen} files stay chosen"))?;
        forget(&page, caption)?;
    }
    page.ensure_calm()
}

fn a_drop_far_down_the_page_is_answered_in_sight(session: &Session) -> Result<(), Failed> {
    let (folder, page) = (Folder::new()?, small(session)?);
    page.resize(400, 700)?;
    page.eval::<()>("void scrollTo(0, document.documentElement.scrollHeight)")?;
    page.drop_files(&[folder.put("notes.txt", b"notes")?], (200.0, 350.0))?;
    complaint(&page)?;
    page.wait_for(
        "(() => {
            const { top, bottom } = document.querySelector('#error h2').getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;
        })()",
    )?;
    page.ensure_calm()
}
