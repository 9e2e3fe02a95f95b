//! How a picture's caption was read: for programs, and as chips that a visitor chooses otherwise by.

use libtest_mimic::Failed;
use shared::ModelFile;
use shared::scene::{self, Scene};
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::{SCENIC, Session};

pub const TESTS: &[Test] = &[
    ("a picture says how it was read", a_picture_says_how_it_was_read),
    ("a chip rewrites the motto, and the link keeps it", a_chip_rewrites_the_motto),
    ("what cannot be said is not written", what_cannot_be_said_is_not_written),
    ("a model that draws one thing shows no chips", a_model_that_draws_one_thing_shows_no_chips),
];

fn a_picture_says_how_it_was_read(session: &Session) -> Result<(), Failed> {
    let vocabulary = ModelFile::parse(&session.site.scenic)?.vocabulary;
    for caption in ["two dogs left of a blue cat at night", "三只狗在猫的后面", "a cute cat and a table without a hat", "star"]
    {
        let text = serde_json::to_string(caption)?;
        let (reading, told, words): (Scene, bool, Vec<String>) = session.bench()?.eval(&format!(
            "(async () => {{
                const own = await emblem.Painter.load('{SCENIC}', {{ device: '{}' }});
                const {{ reading, ...picture }} = await own.paint({text}, {{ styleSeed: 7 }});
                const same = JSON.stringify({{ ...(await own.read({text})), unseen: reading.unseen }}) === JSON.stringify(reading);
                own.dispose();
                return [reading, same, picture.unknownWords.map(({{ word }}) => word)];
            }})()",
            session.kind.device()
        ))?;
        let expected = scene::read(caption, &vocabulary);
        ensure(told && Scene { unseen: vec![], ..reading.clone() } == expected, format!("{caption}: {reading:?}"))?;
        let unknown = expected.reading().unknown.into_iter().map(|unknown| unknown.word).collect::<Vec<_>>();
        ensure(words == unknown, format!("{caption}: {words:?}"))?;
    }
    session.bench()?.ensure_calm()
}

/// The motto, and what each chip says.
fn shown(page: &Page) -> Result<(String, Vec<String>), Failed> {
    page.eval("[caption.value, [...document.querySelectorAll('#reading select')].map(({ dataset, value }) => `${dataset.chip}=${value}`)]")
}

/// Chooses in a chip, and waits for the motto that is drawn then.
fn choose(page: &Page, chip: &str, value: &str, motto: &str) -> Result<(), Failed> {
    page.eval::<()>(&format!(
        "(() => {{
            const chip = document.querySelector('[data-chip=\"{chip}\"]');
            chip.focus();
            chip.value = '{value}';
            chip.dispatchEvent(new Event('change'));
        }})()"
    ))?;
    let motto = serde_json::to_string(motto)?;
    page.wait_for(&format!(
        "picture.dataset.caption === {motto} && document.documentElement.dataset.state === 'ready' &&
         new URL(location).searchParams.get('caption') === {motto}"
    ))?;
    let focus: String = page.eval("document.activeElement.dataset.chip ?? ''")?;
    ensure(focus == chip, format!("{motto}: the focus is at {focus:?}"))
}

fn a_chip_rewrites_the_motto(session: &Session) -> Result<(), Failed> {
    let page = session.ready(&format!("model={SCENIC}&caption=two%20dogs%20left%20of%20a%20cat%20on%20yellow"))?;
    let (_, chips) = shown(&page)?;
    let expected = ["0.count=2", "0.colour=", "0.name=dog", "1.count=1", "1.colour=", "1.name=cat", "0.kind=left-of"];
    ensure(chips == expected, format!("{chips:?}"))?;
    choose(&page, "0.count", "1", "a dog left of a cat on yellow")?;
    choose(&page, "1.colour", "orange", "a dog left of an orange cat on yellow")?;
    choose(&page, "0.kind", "behind", "a dog behind an orange cat on yellow")?;
    choose(&page, "0.count", "4", "4 dogs behind an orange cat on yellow")?;
    choose(&page, "1.colour", "", "4 dogs behind a cat on yellow")?;
    page.eval::<()>("(caption.value = '两只狗在猫的左边', caption.dispatchEvent(new Event('input')), undefined)")?;
    page.wait_for("picture.dataset.caption === caption.value && document.documentElement.dataset.state === 'ready'")?;
    choose(&page, "0.kind", "right-of", "两只狗在猫的右边")?;
    choose(&page, "0.count", "3", "3只狗在猫的右边")?;
    choose(&page, "1.colour", "blue", "3只狗在蓝色的猫的右边")?;
    page.eval::<()>("document.querySelector('#languages [lang=zh]').click()")?;
    let words: Vec<String> = page.eval(
        "[...document.querySelectorAll('#reading select')].map((chip) => `${chip.ariaLabel} ${chip.selectedOptions[0].textContent}`)",
    )?;
    page.eval::<()>("document.querySelector('#languages [lang=en]').click()")?;
    ensure(words[0] == "数量 3 ×" && words[4] == "颜色 蓝色" && words[6].ends_with("在…的右边"), format!("{words:?}"))?;
    page.ensure_calm()
}

fn what_cannot_be_said_is_not_written(session: &Session) -> Result<(), Failed> {
    let page = session.ready(&format!("model={SCENIC}&caption=a%20cute%20cat%20and%20a%20table"))?;
    let (left, names): (String, Vec<String>) = page.eval(
        "[document.querySelector('#reading').innerText, [...document.querySelectorAll('[data-chip=\"1.name\"] option')].map(({ text }) => text)]",
    )?;
    ensure(left.contains("Not drawn: cute.") && names[0] == "table: nothing known", format!("{left:?} {names:?}"))?;
    // A caption of sides is said in two places, of which a chip finds one.
    page.eval::<()>(
        "(caption.value = 'a dog with a cat on the left and a star', caption.dispatchEvent(new Event('input')), undefined)",
    )?;
    page.wait_for("picture.dataset.caption === caption.value && document.documentElement.dataset.state === 'ready'")?;
    let (before, chips) = shown(&page)?;
    page.eval::<()>(
        "(() => {
            const chip = document.querySelector('[data-chip=\"0.kind\"]');
            chip.value = 'wearing';
            chip.dispatchEvent(new Event('change'));
        })()",
    )?;
    page.wait_for("!remark.hidden || picture.dataset.caption.includes('wearing')")?;
    let (after, now) = shown(&page)?;
    let refused = after == before && now == chips;
    ensure(refused || (now.contains(&"0.kind=wearing".to_owned()) && now.len() == chips.len()), format!("{after}: {now:?}"))?;
    page.ensure_calm()
}

fn a_model_that_draws_one_thing_shows_no_chips(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20cat%20and%20a%20dog")?;
    let (hidden, none): (bool, bool) =
        page.eval("(async () => [reading.hidden, (await (await emblem.ready).paint('a cat and a dog')).reading === null])()")?;
    ensure(hidden && none, format!("hidden: {hidden}, null: {none}"))?;
    page.ensure_calm()
}
