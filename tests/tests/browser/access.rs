//! The page for everyone: by keyboard alone, read aloud, in either language.

use std::path::{Path, PathBuf};
use std::{fs, io};

use libtest_mimic::Failed;
use tests::page::{Page, ensure};
use xtask::setup::npm;
use xtask::summary;

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("everything can be reached and done by keyboard", everything_can_be_reached_and_done_by_keyboard),
    ("the focus stays where it is when lists change", the_focus_stays_where_it_is_when_lists_change),
    ("what is drawn is said once it stands", what_is_drawn_is_said_once_it_stands),
    ("axe finds nothing", axe_finds_nothing),
    ("controls have edges that can be seen", controls_have_edges_that_can_be_seen),
    ("the page speaks the browser's language and the chosen one", the_page_speaks_the_browsers_language_and_the_chosen_one),
    ("nothing of the page is left untranslated", nothing_of_the_page_is_left_untranslated),
    ("no fault is left untranslated", no_fault_is_left_untranslated),
    ("no fault of the page is without words", no_fault_of_the_page_is_without_words),
];

/// The checker that the accessibility test runs in the page; from npm, which the page itself has no part in.
const AXE: (&str, &str) = ("axe-core", "4.11.0");
/// More than there is on the page.
const MOST_STOPS: usize = 150;

fn everything_can_be_reached_and_done_by_keyboard(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    let mut reached = Vec::new();
    for _ in 0..MOST_STOPS {
        page.press("Tab", false)?;
        let (name, outlined): (String, bool) = page.eval(
            "(() => {
                const at = document.activeElement;
                const style = getComputedStyle(at.id === 'caption' ? at.parentElement : at.type === 'file' ? at.parentElement : at);
                return [at.id || at.className || at.tagName, style.outlineStyle !== 'none' || style.boxShadow !== 'none'];
            })()",
        )?;
        if name == "BODY" {
            break;
        }
        ensure(outlined, format!("{name} has the focus and does not show it"))?;
        reached.push(name);
    }
    let wanted = [
        "caption",
        "save",
        "copy-picture",
        "copy",
        "tile",
        "style",
        "dice",
        "pin",
        "pad",
        "toward",
        "share",
        "lend",
        "add-row",
        "save-board",
    ];
    let missing: Vec<_> = wanted.iter().filter(|name| !reached.iter().any(|other| other == *name)).collect();
    ensure(missing.is_empty(), format!("not reached: {missing:?}; reached: {reached:?}"))?;

    page.eval::<()>("(caption.focus(), caption.select())")?;
    page.write("a red cat")?;
    page.press("Enter", false)?;
    page.wait_for("picture.dataset.caption === 'a red cat' && document.documentElement.dataset.state === 'ready'")?;
    page.eval::<()>("document.querySelector('#hands button').focus()")?;
    page.press("Tab", false)?;
    page.press("Enter", false)?;
    page.wait_for("picture.dataset.style === document.querySelectorAll('#hands .tile')[1].dataset.seed")?;
    page.eval::<()>("dice.focus()")?;
    page.press(" ", false)?;
    page.wait_for("document.querySelector('#hands [aria-pressed=true]') === null")?;
    page.ensure_calm()
}

fn the_focus_stays_where_it_is_when_lists_change(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20octopus&style=ada")?;
    let focus = "(() => {
        const at = document.activeElement;
        return [at.className, at.closest('ul')?.parentElement.id ?? '', at.closest('li')?.querySelector('.tile').innerText.trim() ?? ''];
    })()";
    let first = "document.querySelector('#album .tile')?.innerText.trim()";
    page.wait_for(&format!("{first} === 'a red octopus'"))?;
    page.settle_after("caption.value = 'a red guitar'; caption.dispatchEvent(new Event('input'))")?;
    page.wait_for(&format!("{first} === 'a red guitar'"))?;
    // Going back to a picture of the album puts that on top, a while later.
    page.eval::<()>("document.querySelectorAll('#album .tile')[1].focus()")?;
    page.press("Enter", false)?;
    page.wait_for(&format!("{first} === 'a red octopus'"))?;
    let at: (String, String, String) = page.eval(focus)?;
    ensure(at == ("tile".to_owned(), "album".to_owned(), "a red octopus".to_owned()), format!("{at:?}"))?;

    page.eval::<()>("pin.click()")?;
    page.settle_after(
        "document.getElementById('style').value = 'bob'; document.getElementById('style').dispatchEvent(new Event('input'))",
    )?;
    page.wait_for("picture.dataset.style === 'bob'")?;
    page.eval::<()>("(pin.click(), document.querySelector('#hands .remove').focus())")?;
    page.press("Enter", false)?;
    page.wait_for("document.querySelectorAll('#hands .remove').length === 1")?;
    let at: (String, String, String) = page.eval(focus)?;
    ensure(at.0 == "remove" && at.2 == "bob", format!("{at:?}"))?;
    page.press("Enter", false)?;
    page.wait_for("document.querySelectorAll('#hands .remove').length === 0")?;
    let at: (String, String, String) = page.eval(focus)?;
    ensure(at.0 == "tile" && at.1 == "how", format!("{at:?}"))?;
    page.ensure_calm()
}

/// How it was read, in which style, and not at every letter; nor which device took how long. The stages of loading are said, too.
fn what_is_drawn_is_said_once_it_stands(session: &Session) -> Result<(), Failed> {
    let page = session.open("")?;
    page.eval::<()>(
        "(() => {
            window.said = [aloud.textContent];
            new MutationObserver(() => said.push(aloud.textContent)).observe(aloud, { childList: true });
        })()",
    )?;
    page.wait_for("said.at(-1).startsWith('Drawn: a house, ')")?;
    let stages: Vec<String> = page.eval("said.splice(0)")?;
    ensure(stages.iter().any(|stage| stage == "Checking its hand"), format!("{stages:?}"))?;
    page.eval::<()>(
        "(async () => {
            for (const text of ['t', 'tw', 'two', 'two h', 'two hounds']) {
                caption.value = text;
                caption.dispatchEvent(new Event('input'));
                await new Promise((done) => setTimeout(done, 100));
            }
        })()",
    )?;
    page.wait_for("said.some((text) => text.startsWith('Drawn: two hounds, '))")?;
    let said: Vec<String> = page.eval("said")?;
    ensure(said.len() == 1 && said[0].contains("“two hounds” is read as “"), format!("{said:?}"))?;
    let voices: Vec<String> =
        page.eval("[...document.querySelectorAll('[aria-live], [role=status], [role=alert]')].map(({ id }) => id)")?;
    ensure(voices == ["aloud", "error", "remark"], format!("{voices:?} speak"))?;
    page.ensure_calm()
}

fn axe_finds_nothing(session: &Session) -> Result<(), Failed> {
    let axe = match npm::package(AXE.0, AXE.1) {
        Ok(package) => fs::read_to_string(package.join("axe.min.js"))?,
        Err(missing) => return Ok(summary::skip("axe", &missing)?),
    };
    // Unknown words and a lent style, so that what comes and goes is looked at as well.
    for (scheme, query, language, width) in [
        ("light", "", "en", 1280),
        ("dark", "caption=a%20red%20aple", "zh", 1280),
        ("light", "caption=qqqqq", "en", 320),
        ("dark", "", "en", 320),
        ("light", "model=models/scenes.safetensors&caption=two%20cats%20left%20of%20a%20table", "zh", 320),
    ] {
        let page = session.settled(query)?;
        page.prefer(scheme, "reduce")?;
        page.resize(width, 900)?;
        page.eval::<()>(&format!(
            "document.querySelector('#languages [lang={language}]').click(); workshop.open = true; undefined"
        ))?;
        page.wait_for(
            "document.documentElement.dataset.state === 'error' || !caption.value.includes('aple') || words.children.length > 0",
        )?;
        page.eval::<()>(&format!("{axe}; undefined"))?;
        let found: Vec<String> = page.eval(
            "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => \
             nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`)))",
        )?;
        ensure(found.is_empty(), format!("{scheme}, {query:?}, {language}, {width} pixels: {found:#?}"))?;
        page.eval::<()>("document.querySelector('#languages [lang=en]').click()")?;
    }
    Ok(())
}

/// Three times as light or dark as what they lie on (WCAG 1.4.11), which axe does not look at.
fn controls_have_edges_that_can_be_seen(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    for scheme in ["light", "dark"] {
        page.prefer(scheme, "reduce")?;
        let (looked_at, faint): (usize, Vec<String>) = page.eval(
            "(() => {
                workshop.open = true;
                const levels = (color) => color.match(/[\\d.]+/g).map(Number);
                const light = (color) => {
                    const [r, g, b] = levels(color).map((level) => (level <= 10.3 ? level / 3295 : ((level / 255 + 0.055) / 1.055) ** 2.4));
                    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
                };
                const under = (element) => {
                    const color = getComputedStyle(element).backgroundColor;
                    return levels(color)[3] === 0 ? under(element.parentElement) : color;
                };
                const all = [...document.querySelectorAll('button:not(.tile, #languages *), select, input[type=text], .lend')];
                const controls = all.filter((control) => control.checkVisibility());
                const faint = controls.filter((control) => {
                    const [edge, desk] = [getComputedStyle(control).borderTopColor, under(control.parentElement)].map(light);
                    return Math.max(edge, desk) / Math.min(edge, desk) < 3;
                });
                return [controls.length, faint.map((control) => control.id || control.className)];
            })()",
        )?;
        ensure(looked_at > 10 && faint.is_empty(), format!("{scheme}: of {looked_at} controls {faint:?} have faint edges"))?;
    }
    Ok(())
}

fn heading(page: &Page) -> Result<(String, String), Failed> {
    page.eval("[document.documentElement.lang, document.getElementById('how-heading').innerText]")
}

fn the_page_speaks_the_browsers_language_and_the_chosen_one(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    page.eval::<()>("localStorage.removeItem('emblem.language')")?;
    page.speak("zh-CN")?;
    page.reload()?;
    page.wait_for("document.documentElement.dataset.state === 'ready'")?;
    ensure(heading(&page)? == ("zh-Hans".to_owned(), "怎么画".to_owned()), format!("{:?}", heading(&page)?))?;
    let (status, label): (String, String) =
        page.eval("[document.getElementById('status').textContent, dice.getAttribute('aria-label')]")?;
    ensure(status.contains("毫秒") && label.contains("风格"), format!("{status}, {label}"))?;
    page.eval::<()>("document.querySelector('#languages [lang=en]').click()")?;
    ensure(heading(&page)?.1 == "How it is drawn", "the switch does not switch")?;
    page.reload()?;
    ensure(heading(&page)?.0 == "en", "the choice is forgotten")?;
    page.ensure_calm()
}

fn nothing_of_the_page_is_left_untranslated(session: &Session) -> Result<(), Failed> {
    let missing: Vec<String> = session.page()?.eval(
        "(async () => {
            const [{ en }, { zh }] = await Promise.all(['en', 'zh'].map((name) => import(probe.part(`page/${name}.js`))));
            const marked = ['text', 'label', 'placeholder'].flatMap((name) =>
                [...document.querySelectorAll(`[data-${name}]`)].map((element) => element.dataset[name]));
            const keys = [...Object.keys(en), ...marked];
            const places = (text) => (text.match(/\\{\\w+\\}/g) ?? []).sort().join();
            return [...keys.filter((key) => !zh[key]), ...Object.keys(en).filter((key) => places(en[key]) !== places(zh[key] ?? ''))];
        })()",
    )?;
    ensure(missing.is_empty(), format!("{missing:?}"))
}

/// The first part of every fault's code: see `web/js/errors.js`.
const FAULTS: [&str; 10] = ["model", "cache", "engine", "device", "self-test", "caption", "style", "look", "option", "browser"];

/// The codes that stand in a source as plain texts.
fn codes(source: &str) -> impl Iterator<Item = &str> {
    source.split('"').filter(|text| {
        let parts: Vec<_> = text.split('.').collect();
        let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        parts.len() == 2 && FAULTS.contains(&parts[0]) && plain(parts[1])
    })
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

fn no_fault_is_left_untranslated(_: &Session) -> Result<(), Failed> {
    let chinese = fs::read_to_string(xtask::root().join("web/page/zh.js"))?;
    let types = fs::read_to_string(xtask::root().join("web/js/emblem.d.ts"))?;
    let known = |code: &str| chinese.contains(&format!("\"fault.{code}\"")) && types.contains(&format!("| \"{code}\""));
    let (mut found, mut missing) = (0, Vec::new());
    for folder in ["web/js", "web/src", "shared/src"] {
        for path in files(&xtask::root().join(folder))? {
            let source = fs::read_to_string(path)?;
            found += codes(&source).count();
            missing.extend(codes(&source).filter(|code| !known(code)).map(str::to_owned));
        }
    }
    ensure(missing.is_empty() && found > 30, format!("of {found} codes without Chinese words, or not in the types: {missing:?}"))
}

/// What the page itself finds wrong has no words but those.
fn no_fault_of_the_page_is_without_words(_: &Session) -> Result<(), Failed> {
    let read = |name: &str| fs::read_to_string(xtask::root().join("web/page").join(name));
    let (english, chinese) = (read("en.js")?, read("zh.js")?);
    let (mut found, mut missing) = (0, Vec::new());
    for path in files(&xtask::root().join("web/page"))? {
        let source = fs::read_to_string(path)?;
        for code in source.split("pageFault(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let key = format!("\"fault.{code}\"");
            found += 1;
            missing.extend([&english, &chinese].iter().any(|words| !words.contains(&key)).then(|| code.to_owned()));
        }
    }
    ensure(missing.is_empty() && found > 3, format!("of {found} codes without words: {missing:?}"))
}
