//! Style as a thing to play with: dice, pad, blend, pins, pictures that lend theirs; and the board that shows what it is about.

use libtest_mimic::Failed;
use shared::TOLERANCE;
use tests::page::{Page, ensure};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("the dice changes the style and the picture", the_dice_changes_the_style_and_the_picture),
    ("the pad wanders by keys and pointer and comes home", the_pad_wanders_by_keys_and_pointer_and_comes_home),
    ("a finger wanders sideways and scrolls up and down", a_finger_wanders_sideways_and_scrolls_up_and_down),
    ("a blend ends at the other style", a_blend_ends_at_the_other_style),
    ("a style is walked to unless motion is unwelcome", a_style_is_walked_to_unless_motion_is_unwelcome),
    ("pictures lend their style by choosing, pasting and dropping", pictures_lend_their_style),
    ("a pinned style stays until it is taken away", a_pinned_style_stays_until_it_is_taken_away),
    ("the hands go by their names", the_hands_go_by_their_names),
    ("the board keeps content in rows and style in columns", the_board_keeps_content_in_rows_and_style_in_columns),
];

/// JavaScript: a file with a drawing of some colour on it, as `file`.
const LENDER: &str = "const drawing = new OffscreenCanvas(300, 200);
    const context = drawing.getContext('2d');
    context.fillStyle = 'navy';
    context.fillRect(40, 30, 120, 90);
    const files = new DataTransfer();
    files.items.add(new File([await drawing.convertToBlob()], 'navy.png', { type: 'image/png' }));";

fn the_dice_changes_the_style_and_the_picture(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    let looks = "[document.getElementById('style').value, picture.dataset.style, picture.toDataURL()]";
    let before: (String, String, String) = page.eval(looks)?;
    page.settle_after("dice.click()")?;
    let after: (String, String, String) = page.eval(looks)?;
    ensure(after.0 == after.1, format!("the box says {:?}, the picture is in {:?}", after.0, after.1))?;
    // The dice has 65,536 sides; the same one twice is not worth a retry here.
    ensure(before.1 != after.1 && before.2 != after.2, format!("style {} and then {}", before.1, after.1))?;
    page.ensure_calm()
}

fn the_pad_wanders_by_keys_and_pointer_and_comes_home(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    let home: String = page.eval("picture.toDataURL()")?;
    page.eval::<()>("pad.focus()")?;
    for _ in 0..3 {
        page.press("ArrowRight", true)?;
    }
    page.wait_for("picture.dataset.style === 'own' && document.documentElement.dataset.state === 'ready'")?;
    let (east, said, there): (String, String, String) =
        page.eval("[pad.getAttribute('aria-valuenow'), pad.getAttribute('aria-valuetext'), picture.toDataURL()]")?;
    ensure(east == "60" && said.contains("60") && there != home, format!("{east}, {said:?}"))?;
    page.press("Home", false)?;
    page.wait_for("picture.dataset.style === '8645' && document.documentElement.dataset.state === 'ready'")?;
    let back: bool = page.eval(&format!("picture.toDataURL() === '{home}'"))?;
    ensure(back, "home is not where it was")?;

    page.wait_for("document.querySelectorAll('#pad canvas[data-key]:not(.stale)').length === 25")?;
    let [left, top, side]: [f64; 3] = page.eval(
        "(pad.scrollIntoView({ block: 'center', behavior: 'instant' }), ['left', 'top', 'width'].map((edge) => pad.getBoundingClientRect()[edge]))",
    )?;
    let at = |east: f64, north: f64| (left + side * (east + 1.0) / 2.0, top + side * (1.0 - north) / 2.0);
    page.drag(at(0.0, 0.0), at(-0.5, 0.25))?;
    page.wait_for("picture.dataset.style === 'own' && document.documentElement.dataset.state === 'ready'")?;
    let said: String = page.eval("pad.getAttribute('aria-valuetext')")?;
    ensure(said.contains("-50") && said.contains("25"), said)?;
    page.ensure_calm()
}

fn a_finger_wanders_sideways_and_scrolls_up_and_down(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    page.resize(320, 640)?;
    let [left, top, side]: [f64; 3] = page.eval(
        "(pad.scrollIntoView({ block: 'center', behavior: 'instant' }), ['left', 'top', 'width'].map((edge) => pad.getBoundingClientRect()[edge]))",
    )?;
    let before: f64 = page.eval("scrollY")?;
    let at = |x: f64, y: f64| (left + side * x, top + side * y);
    page.swipe(at(0.3, 0.9), at(0.3, 0.2))?;
    page.wait_for(&format!("scrollY > {before} + 20"))?;
    let lens: String = page.eval("pad.getAttribute('aria-valuetext')")?;
    ensure(lens == "at the style itself", format!("scrolling moved the lens: {lens:?}"))?;
    // A swipe goes on for a while by itself.
    let before: f64 = page.eval(
        "(async () => {
            for (let last = NaN; last !== scrollY; await new Promise((resolve) => setTimeout(resolve, 300))) last = scrollY;
            pad.scrollIntoView({ block: 'center', behavior: 'instant' });
            return scrollY;
        })()",
    )?;
    page.swipe(at(0.5, 0.5), at(0.9, 0.5))?;
    page.wait_for("picture.dataset.style === 'own' && Number(pad.getAttribute('aria-valuenow')) > 50")?;
    let after: f64 = page.eval("scrollY")?;
    ensure((after - before).abs() < 2.0, format!("wandering scrolled the page from {before} to {after}"))?;
    page.ensure_calm()
}

fn a_blend_ends_at_the_other_style(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    let slide = |share: u32| page.settle_after(&format!("share.value = {share}; share.dispatchEvent(new Event('input'))"));
    slide(50)?;
    let middle: String = page.eval("picture.toDataURL()")?;
    slide(100)?;
    let (end, furthest): (String, u8) = page.eval(
        "(async () => {
            const { imageData } = await (await emblem.ready).paint(caption.value, { styleSeed: toward.value });
            const shown = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data;
            return [picture.toDataURL(), Math.max(...shown.map((level, i) => Math.abs(level - imageData.data[i])))];
        })()",
    )?;
    ensure(middle != end, "half way is the end")?;
    ensure(furthest <= TOLERANCE, format!("the end differs from the other style by {furthest} levels"))?;
    slide(0)?;
    let style: String = page.eval("picture.dataset.style")?;
    ensure(style == "8645", format!("back at {style}"))?;
    page.ensure_calm()
}

/// Counts the pictures between one style and another.
fn steps(page: &Page) -> Result<usize, Failed> {
    page.eval::<()>(
        "(() => {
            window.steps = 0;
            const context = picture.getContext('2d');
            const put = context.putImageData.bind(context);
            context.putImageData = (...what) => { window.steps += 1; put(...what); };
        })()",
    )?;
    page.settle_after("document.querySelectorAll('#hands button')[1].click()")?;
    page.eval("(delete picture.getContext('2d').putImageData, window.steps)")
}

/// By a model that no machine is too slow to walk with, and a clock that goes on by a hundredth of a second whenever it is looked at.
fn a_style_is_walked_to_unless_motion_is_unwelcome(session: &Session) -> Result<(), Failed> {
    let page = session.ready("model=models/small.safetensors&caption=a%20cat")?;
    page.eval::<()>("(() => { let now = performance.now(); performance.now = () => (now += 10); })()")?;
    page.prefer("light", "reduce")?;
    let jump = steps(&page)?;
    ensure(jump == 1, format!("{jump} pictures where motion is unwelcome"))?;
    page.prefer("light", "no-preference")?;
    page.settle_after("document.querySelectorAll('#hands button')[0].click()")?;
    let walk = steps(&page)?;
    ensure(walk > 2, format!("{walk} pictures on the way"))?;
    page.ensure_calm()
}

fn pictures_lend_their_style(session: &Session) -> Result<(), Failed> {
    let page = session.ready("")?;
    let ways = [
        "lend.files = files.files; lend.dispatchEvent(new Event('change'))",
        "document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: files, bubbles: true }))",
        "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true }))",
    ];
    let before: String = page.eval("picture.toDataURL()")?;
    let mut lent = Vec::new();
    for way in ways {
        page.eval::<()>(&format!("(async () => {{ document.documentElement.dataset.state = 'before'; {LENDER} {way}; }})()"))?;
        page.wait_for("picture.dataset.style === 'own' && document.documentElement.dataset.state === 'ready'")?;
        let (shown, note, drawn): (bool, String, String) = page.eval(
            "[document.getElementById('lent').checkVisibility(), document.getElementById('lent').innerText, picture.toDataURL()]",
        )?;
        ensure(shown && note.contains("navy.png") && drawn != before, format!("{way}: {shown}, {note}"))?;
        lent.push(drawn);
        page.settle_after("document.getElementById('give-back').click()")?;
        let style: String = page.eval("picture.dataset.style")?;
        ensure(style == "8645", format!("given back, the style is {style}"))?;
    }
    ensure(lent.iter().all(|drawn| *drawn == lent[0]), "the same picture lends different styles")?;
    page.ensure_calm()
}

fn a_pinned_style_stays_until_it_is_taken_away(session: &Session) -> Result<(), Failed> {
    let page = session.ready("style=ada")?;
    let count = "[document.querySelectorAll('#hands li').length, document.querySelectorAll('#board thead th').length]";
    let before: [usize; 2] = page.eval(count)?;
    page.eval::<()>("pin.click(); pin.click()")?;
    let pinned: [usize; 2] = page.eval(count)?;
    ensure(pinned == before.map(|number| number + 1), format!("{before:?}, then {pinned:?}"))?;
    page.reload()?;
    page.wait_for(&format!("document.querySelectorAll('#hands li').length === {}", pinned[0]))?;
    let name: String = page.eval("document.querySelector('#hands li:last-child .tile').innerText.trim()")?;
    ensure(name == "ada", name)?;
    page.eval::<()>("document.querySelector('#hands .remove').click()")?;
    let after: [usize; 2] = page.eval(count)?;
    ensure(after == before, format!("{after:?}"))?;
    page.ensure_calm()
}

/// Before the model is there and after; and by no others once another model draws.
fn the_hands_go_by_their_names(session: &Session) -> Result<(), Failed> {
    let named = "[[...document.querySelectorAll('#hands .tile')].map((tile) => tile.innerText.trim()),
        [...board.querySelectorAll('thead th')].slice(1).map((head) => head.innerText.trim()),
        document.getElementById('imprint').textContent]";
    type Named = (Vec<String>, Vec<String>, String);
    let page = session.open("model=models/half.safetensors")?;
    page.wait_for("document.documentElement.dataset.state === 'error' && document.querySelector('#hands .tile')")?;
    let before: Named = page.eval(named)?;
    page.settle_after("document.getElementById('shipped-instead').click()")?;
    let after: Named = page.eval(named)?;
    ensure(before == after && after.0 == after.1, format!("{before:?} and then {after:?}"))?;
    let (names, seeds): (Vec<String>, Vec<String>) = page.eval(
        "(async () => [(await emblem.ready).info.styles.map(({ name }) => name), [...document.querySelectorAll('#hands .tile')].map((tile) => tile.dataset.seed)])()",
    )?;
    let plain = |name: &str| name.to_lowercase().replace(' ', "-").replace("emoji-one", "emojione2");
    ensure(after.0.iter().map(|name| plain(name)).eq(names.iter().cloned()), format!("{:?} for {names:?}", after.0))?;
    // A seed is its hand's, however it comes to be drawn in; others have none.
    page.settle_after(&format!("dice.click(); document.getElementById('style').value = '{}'; document.getElementById('style').dispatchEvent(new Event('input'))", seeds[1]))?;
    page.wait_for(&format!("picture.dataset.style === '{}'", seeds[1]))?;
    let (imprint, title): (String, String) =
        page.eval("[document.getElementById('imprint').textContent, document.querySelectorAll('#hands .tile')[1].title]")?;
    ensure(imprint.contains(&after.0[1]) && title.contains(&seeds[1]), format!("{imprint:?}, {title:?}"))?;
    let other = session.ready("model=models/small.safetensors&caption=a%20red%20apple")?;
    let (numbers, _, _): Named = other.eval(named)?;
    ensure(numbers == seeds, format!("{numbers:?} of a model that knows no hands"))?;
    page.ensure_calm()
}

fn the_board_keeps_content_in_rows_and_style_in_columns(session: &Session) -> Result<(), Failed> {
    let page = session.ready("caption=a%20red%20cat")?;
    page.eval::<()>("void board.scrollIntoView()")?;
    page.wait_for(
        "[...board.querySelectorAll('td canvas')].every((canvas) => canvas.dataset.key && !canvas.classList.contains('stale'))",
    )?;
    // What a cell shows is what its row and column say, drawn by the API.
    let (same, other): (bool, bool) = page.eval(
        "(async () => {
            const cell = (row, column) => board.querySelectorAll('tbody tr')[row].querySelectorAll('canvas')[column];
            const pixels = (canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            const { seed } = board.querySelectorAll('thead th')[3].dataset;
            const { imageData } = await (await emblem.ready).paint('a red cat', { styleSeed: seed });
            const near = (a, b) => a.every((level, i) => Math.abs(level - b[i]) <= 2);
            return [near(pixels(cell(0, 2)), imageData.data), near(pixels(cell(0, 3)), imageData.data)];
        })()",
    )?;
    ensure(same && !other, format!("the cell of style 3 matches: {same}, its neighbour too: {other}"))?;
    let rows = "board.querySelectorAll('tbody tr').length";
    let before: usize = page.eval(rows)?;
    page.eval::<()>("document.getElementById('add-row').click()")?;
    ensure(page.eval::<usize>(rows)? == before + 1, "the motto is not kept as a row")?;
    page.eval::<()>("board.querySelector('tbody .remove').click()")?;
    ensure(page.eval::<usize>(rows)? == before, "the row is not taken away")?;
    page.settle_after("board.querySelectorAll('tbody tr')[1].querySelectorAll('button:not(.remove)')[4].click()")?;
    let agree: bool = page.eval(
        "caption.value === board.querySelectorAll('tbody tr')[1].querySelector('th span').innerText \
         && picture.dataset.style === board.querySelectorAll('thead th')[5].dataset.seed",
    )?;
    ensure(agree, "a picture of the board leads somewhere else")?;
    page.ensure_calm()
}
