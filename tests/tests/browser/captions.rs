//! Captions that nobody should write and somebody will: always a picture or a coded error with advice.

use libtest_mimic::Failed;
use shared::ModelFile;
use shared::scene::{self, Scene};
use tests::page::ensure;

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("any caption gives a picture or advice", any_caption_gives_a_picture_or_advice),
    ("the page bears any caption in its box", the_page_bears_any_caption_in_its_box),
    ("markup in the address stays text", markup_in_the_address_stays_text),
    ("an empty caption is refused by name", an_empty_caption_is_refused_by_name),
    ("unknown words are named with known ones", unknown_words_are_named_with_known_ones),
    ("a long caption is cut and says so", a_long_caption_is_cut_and_says_so),
    ("a caption is read as the native scene", a_caption_is_read_as_the_native_scene),
    ("what means the same draws the same picture", what_means_the_same_draws_the_same_picture),
];

const MARKUP: &str = r#"<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>"#;

fn captions() -> Vec<String> {
    let plain = [
        "",
        "   ",
        "\u{0}\n\t",
        MARKUP,
        "一个红苹果",
        "🍎 🚀 👩‍👩‍👧",
        "\u{202e}elppa der a",
        "a red apple\n\nof two lines",
        "`${1 / 0}`",
    ];
    let long = [["a red apple "].repeat(1000).concat(), "x".repeat(10_000), MARKUP.repeat(120)];
    plain.into_iter().map(str::to_owned).chain(long).collect()
}

fn any_caption_gives_a_picture_or_advice(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    for caption in captions() {
        match page.try_paint(&caption, "{ styleSeed: 7 }")? {
            Ok(drawn) => drawn.picture().map(drop)?,
            Err(fault) => fault.ensure_helpful()?,
        }
    }
    // Half a surrogate pair is text to JavaScript and to no one else.
    if let Err(fault) = page.attempt::<bool>(r"await (await emblem.ready).paint('\uD800 apple', {}) && true")? {
        fault.ensure_helpful()?;
    }
    page.ensure_calm()
}

fn the_page_bears_any_caption_in_its_box(session: &Session) -> Result<(), Failed> {
    let page = session.open("")?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    for caption in captions() {
        let text = serde_json::to_string(&caption)?;
        page.settle_after(&format!("caption.value = {text}; caption.dispatchEvent(new Event('input'))"))?;
        let (state, code, advice): (String, Option<String>, String) = page.eval(
            "[document.documentElement.dataset.state, error.hidden ? null : error.dataset.code, error.querySelector('.advice').innerText]",
        )?;
        let explained = code.as_ref().is_some_and(|code| code.contains('.')) && advice.len() > 10;
        ensure((state == "ready" && code.is_none()) || explained, format!("{caption:.80}: {state}, {code:?}, {advice:?}"))?;
    }
    ensure_harmless(&page)
}

fn markup_in_the_address_stays_text(session: &Session) -> Result<(), Failed> {
    let caption: String = MARKUP.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let page = session.open(&format!("caption={caption}%20apple&style={caption}"))?;
    page.wait_for("document.documentElement.dataset.state === 'ready' || !error.hidden")?;
    let (written, style): (String, String) = page.eval("[caption.value, document.getElementById('style').value]")?;
    ensure(written.starts_with("<img") && style.starts_with("<img"), format!("{written:?}, {style:?}"))?;
    ensure_harmless(&page)
}

fn ensure_harmless(page: &tests::page::Page) -> Result<(), Failed> {
    let harmless: bool = page.eval("window.hacked === undefined && document.querySelector('img[src=x]') === null")?;
    ensure(harmless, "markup became part of the page")?;
    page.ensure_calm()
}

fn an_empty_caption_is_refused_by_name(session: &Session) -> Result<(), Failed> {
    match session.page()?.try_paint("  ", "{}")? {
        Err(fault) if fault.code == "caption.empty" => fault.ensure_helpful(),
        Err(fault) => Err(format!("{fault:?}").into()),
        Ok(drawn) => Err(format!("it was drawn as {:?}", drawn.understood_words).into()),
    }
}

fn unknown_words_are_named_with_known_ones(session: &Session) -> Result<(), Failed> {
    let drawn = session.page()?.paint("a red aple", "{ styleSeed: 7 }")?;
    let unknown: Vec<&str> = drawn.unknown_words.iter().map(|unknown| unknown.word.as_str()).collect();
    ensure(unknown == ["aple"], format!("unknown: {unknown:?}"))?;
    ensure(drawn.unknown_words[0].nearest.contains(&"apple".to_owned()), format!("{:?}", drawn.unknown_words))
}

fn what_means_the_same_draws_the_same_picture(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    let cat = page.paint("a cat", "{ styleSeed: 7 }")?;
    for (caption, told) in [("猫", None), ("🐈", None), ("一只可爱的猫", Some("一只可爱的猫")), ("tomcat", Some("tomcat"))]
    {
        let drawn = page.paint(caption, "{ styleSeed: 7 }")?;
        ensure(
            drawn.picture()? == cat.picture()?,
            format!("{caption} is drawn as something else: {:?}", drawn.understood_words),
        )?;
        let word = drawn.understood_words.first().map(|understood| understood.word.as_str());
        ensure(word == told && drawn.unknown_words.is_empty(), format!("{caption}: {word:?}, {:?}", drawn.unknown_words))?;
    }
    Ok(())
}

fn a_caption_is_read_as_the_native_scene(session: &Session) -> Result<(), Failed> {
    let model = std::fs::read(xtask::root().join("models/emblem.safetensors"))?;
    let vocabulary = ModelFile::parse(&model)?.vocabulary;
    let page = session.page()?;
    let more = ["two dogs left of a blue car on a yellow background", "桌子上有一只戴着帽子的猫", "🍎🍎🍎 and a table"];
    for caption in captions().into_iter().chain(more.map(str::to_owned)) {
        let text = serde_json::to_string(&caption)?;
        let read: Scene = page.eval(&format!("(async () => (await emblem.ready).read({text}))()"))?;
        ensure(read == scene::read(&caption, &vocabulary), format!("{caption:.80}: {read:?}"))?;
    }
    let code: String = page.eval("(async () => (await emblem.ready).read(7).catch((error) => error.code))()")?;
    ensure(code == "caption.type", code)?;
    page.ensure_calm()
}

fn a_long_caption_is_cut_and_says_so(session: &Session) -> Result<(), Failed> {
    let page = session.page()?;
    let [long, short] = [1000, 1].map(|times| page.paint(&["a red apple "].repeat(times).concat(), "{ styleSeed: 7 }"));
    ensure(long?.truncated && !short?.truncated, "a cut caption must say so, and only a cut one")
}
