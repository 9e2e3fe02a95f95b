//! The JavaScript API beyond one picture: following an input, grids, blends, what a browser offers; models that are checked and kept.

use libtest_mimic::Failed;
use serde::Deserialize;
use shared::{StyleCode, seed_of};
use tests::gate::Gate;
use tests::page::{Page, ensure};
use xtask::manifest;

use crate::Test;
use crate::session::{ABSENT, KEPT, Session};

pub const TESTS: &[Test] = &[
    ("live drawing shows the last wish and queues none", live_drawing_shows_the_last_wish),
    ("live drawing tells what it cannot draw and goes on", live_drawing_tells_what_it_cannot_draw),
    ("live drawing that is stopped says nothing more", live_drawing_that_is_stopped_says_nothing_more),
    ("a grid has captions in rows and styles in columns", a_grid_has_captions_in_rows),
    ("a grid that is given up stops", a_grid_that_is_given_up_stops),
    ("a set is of one style and goes on past what cannot be drawn", a_set_is_of_one_style_and_goes_on_past_what_cannot_be_drawn),
    ("progress goes from nought to one", progress_goes_from_nought_to_one),
    ("a cache that is cleared is empty", a_cache_that_is_cleared_is_empty),
    ("blends are the native ones", blends_are_the_native_ones),
    ("importing does nothing", importing_does_nothing),
    ("a model comes from the cache the second time", a_model_comes_from_the_cache_the_second_time),
    ("a poisoned cache entry is fetched again", a_poisoned_cache_entry_is_fetched_again),
    ("a model that is another one is refused", a_model_that_is_another_one_is_refused),
    ("a newer model takes the place of the kept one", a_newer_model_takes_the_place),
    ("a full browser loads all the same", a_full_browser_loads_all_the_same),
    ("a kept model needs no network", a_kept_model_needs_no_network),
];

/// JavaScript: a small painter of its own to work with, `await`ed as `own`.
const OWN: &str = "const own = await emblem.Painter.load('models/small.safetensors', { device: 'cpu' });";

fn live_drawing_shows_the_last_wish(session: &Session) -> Result<(), Failed> {
    let (drawn, last, queued, overtaken): (usize, String, usize, Vec<bool>) = session.bench()?.eval(&format!(
        "(async () => {{
            {OWN}
            let [asked, done, queued] = [0, 0, 0];
            const paint = own.paint.bind(own);
            own.paint = async (...wish) => {{
                queued = Math.max(queued, ++asked - done);
                return paint(...wish).finally(() => done++);
            }};
            const told = [];
            const live = own.live((picture) => told.push([picture.caption, live.busy]));
            const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
            for (let letter = 0; letter < 60; letter++) {{
                live.update({{ caption: `cat ${{letter}}`, styleSeed: 7 }});
                if (letter % 3 === 0) await rest(10);
            }}
            while (live.busy) await rest(10);
            own.dispose();
            return [told.length, told.at(-1)[0], queued, told.map(([, busy]) => busy)];
        }})()"
    ))?;
    ensure(last == "cat 59" && (1..60).contains(&drawn), format!("{drawn} drawn, the last of them {last:?}"))?;
    ensure(queued == 1, format!("{queued} at once"))?;
    ensure(overtaken.last() == Some(&false) && overtaken.contains(&true), format!("overtaken: {overtaken:?}"))?;
    session.bench()?.ensure_calm()
}

fn live_drawing_tells_what_it_cannot_draw(session: &Session) -> Result<(), Failed> {
    let told: Vec<String> = session.bench()?.eval(&format!(
        "(async () => {{
            {OWN}
            const told = [];
            const settled = (live) => new Promise((resolve) => {{
                const look = () => (live.busy ? setTimeout(look, 5) : setTimeout(resolve, 5));
                look();
            }});
            const live = own.live((picture) => told.push(picture.caption), {{ onError: (error) => told.push(error.code) }});
            for (const wish of [{{ caption: 'zebra' }}, {{ caption: 42 }}, {{ caption: 'cat', styleSeed: -1 }}, {{ caption: 'cat' }}]) {{
                live.update(wish);
                await settled(live);
            }}
            own.dispose();
            live.update({{ caption: 'cat' }});
            await settled(live);
            return told;
        }})()"
    ))?;
    ensure(told == ["caption.unknown", "caption.type", "style.seed", "cat", "disposed"], format!("{told:?}"))?;
    session.bench()?.ensure_calm()
}

fn live_drawing_that_is_stopped_says_nothing_more(session: &Session) -> Result<(), Failed> {
    let (told, busy): (usize, bool) = session.bench()?.eval(&format!(
        "(async () => {{
            {OWN}
            let told = 0;
            const live = own.live(() => told++, {{ onError: () => told++ }});
            live.update({{ caption: 'cat' }});
            live.update({{ caption: 'red cat' }});
            live.stop();
            live.update({{ caption: 'apple' }});
            await own.paint('cat');
            own.dispose();
            return [told, live.busy];
        }})()"
    ))?;
    ensure(told == 0 && !busy, format!("told {told} times, busy: {busy}"))?;
    session.bench()?.ensure_calm()
}

fn a_grid_has_captions_in_rows(session: &Session) -> Result<(), Failed> {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Cell(String, serde_json::Value, String);
    let (rows, order, single): (Vec<Vec<Cell>>, Vec<String>, String) = session.bench()?.eval(&format!(
        "(async () => {{
            {OWN}
            const order = [];
            const cell = (picture) => [picture.caption, picture.styleSeed, probe.plain(picture).rgba];
            const style = await own.styleOf(9);
            const rows = await own.grid(['cat', 'red apple'], [1, 'ada', style, {{ from: 1, to: 2, t: 0.5 }}], {{
                onPicture: (picture, row, column) => order.push(`${{row}}${{column}}${{picture.caption}}`),
            }});
            const single = probe.plain(await own.paint('red apple', {{ styleSeed: 9 }})).rgba;
            own.dispose();
            return [rows.map((row) => row.map(cell)), order, single];
        }})()"
    ))?;
    ensure(
        order == ["00cat", "01cat", "02cat", "03cat", "10red apple", "11red apple", "12red apple", "13red apple"],
        format!("{order:?}"),
    )?;
    ensure(rows.len() == 2 && rows[1][2].2 == single, "the style code of a seed draws another picture than the seed")?;
    let seeds: Vec<_> = rows[0].iter().map(|cell| cell.1.to_string()).collect();
    ensure(seeds == ["1", "\"ada\"", "null", "null"], format!("{seeds:?}"))?;
    ensure(rows[0][0].2 != rows[1][0].2 && rows[0][0].2 != rows[0][1].2, "two cells show the same picture")
}

fn a_set_is_of_one_style_and_goes_on_past_what_cannot_be_drawn(session: &Session) -> Result<(), Failed> {
    #[derive(Debug, Deserialize)]
    struct Ends {
        drawn: Vec<(usize, String, Option<String>, Option<String>)>,
        styles: usize,
        of_a_picture: bool,
        left: usize,
        aborted: (String, usize),
    }
    let ends: Ends = session.bench()?.eval(&format!(
        "(async () => {{
            {OWN}
            const drawn = [];
            const styles = new Set();
            for await (const {{ index, caption, picture, error }} of own.set(['cat', 'xyzzy', 'red apple', ''])) {{
                drawn.push([index, caption, picture && probe.plain(picture).rgba, error && error.code]);
                if (picture) styles.add(JSON.stringify([picture.styleSeed, picture.style]));
            }}
            const canvas = new OffscreenCanvas(8, 8);
            canvas.getContext('2d').fillRect(2, 2, 4, 4);
            const code = await own.styleOf(canvas);
            const lent = await own.set(['cat'], {{ style: canvas }}).next();
            const of_a_picture = JSON.stringify(lent.value.picture.style) === JSON.stringify(code);
            let left = 0;
            for await (const _ of own.set(Array(50).fill('cat'), {{ style: 7 }})) if (++left === 2) break;
            const stop = new AbortController();
            let told = 0;
            const going = (async () => {{
                for await (const _ of own.set(Array(50).fill('cat'), {{ signal: stop.signal }})) if (++told === 2) stop.abort();
            }})();
            const aborted = [await going.catch(({{ code }}) => code), told];
            own.dispose();
            return {{ drawn, styles: styles.size, of_a_picture, left, aborted }};
        }})()"
    ))?;
    let codes: Vec<_> = ends.drawn.iter().map(|(index, caption, _, code)| (*index, caption.as_str(), code.as_deref())).collect();
    let expected =
        [(0, "cat", None), (1, "xyzzy", Some("caption.unknown")), (2, "red apple", None), (3, "", Some("caption.empty"))];
    ensure(codes == expected, format!("{codes:?}"))?;
    ensure(ends.drawn[0].2.is_some() && ends.drawn[0].2 != ends.drawn[2].2, "two captions show the same picture")?;
    ensure(ends.styles == 1 && ends.of_a_picture && ends.left == 2, format!("{ends:?}"))?;
    ensure(ends.aborted == ("aborted".to_owned(), 2), format!("{:?}", ends.aborted))
}

fn progress_goes_from_nought_to_one(session: &Session) -> Result<(), Failed> {
    let told: Vec<f64> = session.bench()?.eval(
        "(async () => {
            const told = [];
            const onProgress = ({ progress }) => told.push(progress);
            (await emblem.Painter.load('models/kept/small.safetensors', { device: 'wasm', cache: false, onProgress })).dispose();
            return told;
        })()",
    )?;
    let rises = told.windows(2).all(|pair| pair[0] <= pair[1]);
    ensure(rises && told.first() == Some(&0.0) && told.last().is_some_and(|last| (0.9..=1.0).contains(last)), format!("{told:?}"))
}

fn a_cache_that_is_cleared_is_empty(session: &Session) -> Result<(), Failed> {
    let (before, after, cached): (usize, usize, bool) = session.bench()?.eval(
        "(async () => {
            const { Painter } = emblem;
            const load = (onProgress) => Painter.load('models/kept/small.safetensors', { device: 'cpu', onProgress });
            const kept = async () => (await (await caches.open('emblem-models')).keys()).length;
            (await load()).dispose();
            const before = await kept();
            await Painter.clearCache();
            const after = await kept();
            let cached = false;
            (await load((news) => (cached ||= news.cached ?? false))).dispose();
            return [before, after, cached];
        })()",
    )?;
    ensure(before > 0 && after == 0 && !cached, format!("{before} kept, then {after}; afterwards cached: {cached}"))
}

fn a_grid_that_is_given_up_stops(session: &Session) -> Result<(), Failed> {
    let (code, told): (String, usize) = session.bench()?.eval(&format!(
        "(async () => {{
            {OWN}
            const stop = new AbortController();
            let told = 0;
            const onPicture = () => ++told === 2 && stop.abort();
            const code = await own.grid(Array(50).fill('cat'), [1, 2], {{ signal: stop.signal, onPicture }}).catch(({{ code }}) => code);
            await own.paint('cat');
            own.dispose();
            return [code, told];
        }})()"
    ))?;
    ensure(code == "aborted" && told == 2, format!("{code} after {told}"))
}

fn blends_are_the_native_ones(session: &Session) -> Result<(), Failed> {
    let code = |seed: &str| StyleCode::from_seed(seed_of(seed), 8);
    for t in [0.0, 0.25, 0.5, 1.0] {
        let native = code("ada").blend(&code("7"), t)?;
        let (blended, drawn): (Vec<f32>, Vec<f32>) = session.bench()?.eval(&format!(
            "(async () => {{
                {OWN}
                const blended = await own.styleOf({{ from: 'ada', to: await own.styleOf(7), t: {t} }});
                const {{ style }} = await own.paint('a red apple', {{ style: {{ from: 'ada', to: 7, t: {t} }} }});
                own.dispose();
                return [blended, style];
            }})()"
        ))?;
        let blended = StyleCode::from_values(&blended)?;
        let apart = blended.largest_difference(&native);
        ensure(apart < 1e-5, format!("at {t} the blend is {apart} from the native one"))?;
        ensure(drawn == blended.values(), format!("at {t} another style is drawn than blended"))?;
    }
    Ok(())
}

fn importing_does_nothing(session: &Session) -> Result<(), Failed> {
    // A document with no script of its own.
    let page = session.open_foreign(&format!("http://{}/models/MODEL_CARD.md", session.site.address()))?;
    let (requests, globals): (Vec<String>, Vec<String>) = page.eval(
        "(async () => {
            const [known, before] = [new Set(Object.keys(window)), performance.getEntriesByType('resource').length];
            await import('/no-api/emblem.js');
            await new Promise((resolve) => setTimeout(resolve, 200));
            const asked = performance.getEntriesByType('resource').slice(before).map(({ name }) => new URL(name).pathname);
            // The browser asks for a picture of the site by itself.
            return [asked.filter((path) => path !== '/favicon.ico'), Object.keys(window).filter((name) => !known.has(name))];
        })()",
    )?;
    let heavy = ["worker.js", "web.js", "webgpu.js"];
    let scripts = requests.iter().all(|path| path.ends_with(".js") && !heavy.iter().any(|name| path.ends_with(name)));
    ensure(scripts && requests.len() > 3, format!("asked for {requests:?}"))?;
    ensure(globals.is_empty(), format!("made the globals {globals:?}"))
}

/// What a load of a model below `models/kept/` told: whether the bytes were cached, why they are not kept, which hash they have.
#[derive(Debug, Deserialize)]
struct Loaded {
    cached: bool,
    not_kept: Option<String>,
    sha256: String,
    totals: Vec<Option<usize>>,
    drawn: usize,
}

fn load_kept(page: &Page, name: &str, options: &str) -> Result<Loaded, Failed> {
    page.eval(&format!(
        "(async () => {{
            const told = [];
            const onProgress = (progress) => progress.stage === 'download' && told.push(progress);
            const own = await emblem.Painter.load('{name}', {{ device: 'cpu', onProgress, {options} }});
            const {{ imageData }} = await own.paint('a red apple');
            own.dispose();
            return {{
                cached: told.at(-1).cached, not_kept: own.notKept && own.notKept.code + own.notKept.advice, sha256: own.model.sha256,
                totals: told.map(({{ total }}) => total ?? null), drawn: imageData.data.length,
            }};
        }})()"
    ))
}

/// A page that has kept nothing yet: caches belong to an address, and each gate has its own.
fn fresh_page(session: &Session) -> Result<(Gate, Page), Failed> {
    let gate = Gate::before(session.site.address())?;
    let page = session.open_at(&format!("http://{}/?model={ABSENT}", gate.address()))?;
    Ok((gate, page))
}

fn a_model_comes_from_the_cache_the_second_time(session: &Session) -> Result<(), Failed> {
    let small = &session.site.small;
    let (_gate, page) = fresh_page(session)?;
    let first = load_kept(&page, KEPT, "")?;
    let entry = manifest::entry(String::new(), small);
    ensure(!first.cached && first.not_kept.is_none() && first.sha256 == entry.sha256, format!("{first:?}"))?;
    ensure(first.totals.iter().all(|total| *total == Some(small.len())), format!("{first:?}"))?;
    ensure(load_kept(&page, KEPT, "")?.cached, "not kept")?;
    ensure(
        load_kept(&page, KEPT, &format!("integrity: '{}'", manifest::integrity(small)))?.cached,
        "not kept under its integrity",
    )?;
    ensure(!load_kept(&page, KEPT, "cache: false")?.cached, "cached although told not to")?;
    // One of which nobody says what it should be is not kept: nobody could tell whether it is still the same.
    for _ in 0..2 {
        ensure(!load_kept(&page, "models/unlisted/small.safetensors", "")?.cached, "kept without a known hash")?;
    }
    page.ensure_calm()
}

fn a_poisoned_cache_entry_is_fetched_again(session: &Session) -> Result<(), Failed> {
    let (_gate, page) = fresh_page(session)?;
    load_kept(&page, KEPT, "")?;
    let poisoned: usize = page.eval(
        "(async () => {
            const cache = await caches.open('emblem-models');
            const models = (await cache.keys()).filter(({ url }) => url.includes('safetensors'));
            for (const model of models) await cache.put(model, new Response('<!doctype html>'));
            return models.length;
        })()",
    )?;
    let (again, then) = (load_kept(&page, KEPT, "")?, load_kept(&page, KEPT, "")?);
    ensure(poisoned == 1 && !again.cached && again.drawn > 0 && then.cached, format!("{poisoned}, {again:?}, {then:?}"))?;
    page.ensure_calm()
}

fn a_model_that_is_another_one_is_refused(session: &Session) -> Result<(), Failed> {
    let page = session.bench()?;
    let other = manifest::integrity(b"another model");
    let loads = [
        "emblem.Painter.load('models/altered/small.safetensors')".to_owned(),
        format!("emblem.Painter.load('{KEPT}', {{ integrity: '{other}' }})"),
        format!("emblem.Painter.load(new Blob(['no model']), {{ integrity: '{other}' }})"),
    ];
    for load in loads {
        match page.attempt::<bool>(&format!("await {load} && true"))? {
            Err(fault) if fault.code == "model.integrity" => fault.ensure_helpful()?,
            other => return Err(format!("{load}: {other:?}").into()),
        }
    }
    page.ensure_calm()
}

fn a_newer_model_takes_the_place(session: &Session) -> Result<(), Failed> {
    let (_gate, page) = fresh_page(session)?;
    let kept = "caches.open('emblem-models').then((cache) => cache.keys()).then((all) => all.map(({ url }) => url).filter((url) => url.includes('safetensors')))";
    // An older one of this address, and one of another address whose name begins alike.
    page.eval::<()>(&format!(
        "(async () => {{
            const cache = await caches.open('emblem-models');
            for (const name of ['{KEPT}', '{KEPT}2']) await cache.put(`${{name}}?emblem-sha256=${{'0'.repeat(64)}}`, new Response('old'));
        }})()"
    ))?;
    load_kept(&page, KEPT, "")?;
    let urls: Vec<String> = page.eval(kept)?;
    let old = urls.iter().filter(|url| url.ends_with(&"0".repeat(64))).count();
    ensure(urls.len() == 2 && old == 1, format!("{urls:?}"))
}

fn a_full_browser_loads_all_the_same(session: &Session) -> Result<(), Failed> {
    let (_gate, page) = fresh_page(session)?;
    page.limit_storage(Some(1))?;
    let loaded = load_kept(&page, KEPT, "")?;
    let told = loaded.not_kept.as_deref().unwrap_or_default();
    ensure(told.starts_with("cache.full") && loaded.drawn > 0 && !loaded.cached, format!("{loaded:?}"))?;
    page.limit_storage(None)?;
    ensure(load_kept(&page, KEPT, "")?.not_kept.is_none(), "not kept although there is room again")?;
    page.ensure_calm()
}

fn a_kept_model_needs_no_network(session: &Session) -> Result<(), Failed> {
    let (gate, page) = fresh_page(session)?;
    load_kept(&page, KEPT, "")?;
    gate.close();
    let manifest: bool = page.eval(
        "caches.open('emblem-models').then((cache) => cache.match(new URL('models/kept/manifest.json', location.href))).then(Boolean)",
    )?;
    ensure(manifest, "the manifest is not kept")?;
    for (name, code) in [("models/small.safetensors", "model.network"), ("models/unlisted/small.safetensors", "model.network")] {
        match page.attempt::<bool>(&format!("await emblem.Painter.load('{name}') && true"))? {
            Err(fault) if fault.code == code => fault.ensure_helpful()?,
            other => return Err(format!("{name}: {other:?}").into()),
        }
    }
    let cached: bool = page.eval(&format!(
        "new Promise((resolve) => {{
            const onProgress = ({{ stage, cached }}) => stage === 'download' && resolve(cached);
            emblem.Painter.load('{KEPT}', {{ device: 'cpu', onProgress }}).then((own) => own.dispose(), () => {{}});
        }})"
    ))?;
    ensure(cached, "the model was not there without a network")
}
