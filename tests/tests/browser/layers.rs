//! A model that draws layers: any size, paper or none, files and SVG, as the native painter has them.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use burn::prelude::Device;
use libtest_mimic::Failed;
use serde::Deserialize;
use shared::finish::{self, Finish, LOOKS};
use shared::layers::{Arrangement, Layers, Place};
use shared::{Painter, TOLERANCE};
use tests::page::ensure;
use zip::ZipArchive;

use crate::Test;
use crate::keeping::saved_as;
use crate::session::{LAYERED, Session};

pub const ON_THE_CPU: &[Test] = &[("a picture is saved as places take it", a_picture_is_saved_as_places_take_it)];

pub const TESTS: &[Test] = &[
    ("layers are drawn at any size, on paper and on none", layers_are_drawn_at_any_size),
    ("a picture of layers is a file and an SVG", a_picture_of_layers_is_a_file_and_an_svg),
    ("looks are drawn as natively, and a seed has its own", looks_are_drawn_as_natively),
    ("what layers cannot be drawn as is refused by name", what_layers_cannot_be_drawn_as_is_refused),
];

const CAPTION: &str = "a red apple";
/// Shares of pixels whose level may differ by more than rounding: on an edge, what rounding leaves of a logit shows as a level or two more.
const ON_EDGES: f64 = 0.001;

/// JavaScript: a painter of the small model, on the device that is tested.
fn own(session: &Session) -> String {
    format!("const own = await emblem.Painter.load('models/layers.safetensors', {{ device: '{}' }});", session.kind.device())
}

fn native(session: &Session) -> Result<Layers, Failed> {
    let painter = Painter::from_bytes(&session.site.layered, &Device::flex())?;
    Ok(pollster::block_on(painter.layers(CAPTION, &painter.style_from_seed(7)))?)
}

fn layers_are_drawn_at_any_size(session: &Session) -> Result<(), Failed> {
    let own = own(session);
    let pictures: Vec<Vec<u8>> = session.bench()?.eval(&format!(
        "(async () => {{
            {own}
            const paint = (options) => own.paint('{CAPTION}', {{ styleSeed: 7, look: 'plain', ...options }});
            const looks = [{{}}, {{ size: 48 }}, {{ size: 40, background: '#204060' }}, {{ size: 300, background: 'none' }}];
            const drawn = [];
            for (const look of looks) drawn.push([...(await paint(look)).imageData.data]);
            own.dispose();
            return drawn;
        }})()"
    ))?;
    let layers = native(session)?;
    for (picture, (size, paper)) in pictures.iter().zip([(32, None), (48, None), (40, Some([0x20, 0x40, 0x60])), (300, None)]) {
        let expected = layers.render(size, paper).bytes;
        ensure(picture.len() == expected.len(), format!("{size}: {} bytes", picture.len()))?;
        let apart = picture.iter().zip(&expected).filter(|(a, b)| a.abs_diff(**b) > TOLERANCE).count();
        ensure(apart as f64 <= ON_EDGES * expected.len() as f64, format!("{size}: {apart} values of {} differ", expected.len()))?;
    }
    session.bench()?.ensure_calm()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Files {
    svg: String,
    types: Vec<String>,
    sizes: Vec<u32>,
    alpha: Vec<u8>,
    live: u32,
    layers: usize,
}

fn a_picture_of_layers_is_a_file_and_an_svg(session: &Session) -> Result<(), Failed> {
    let own = own(session);
    let files: Files = session.bench()?.eval(&format!(
        "(async () => {{
            {own}
            const picture = await own.paint('{CAPTION}', {{ styleSeed: 7, look: 'plain' }});
            const blobs = [await picture.toBlob(), await picture.toBlob('image/webp', {{ size: 64 }}), await picture.toBlob('image/png', {{ size: 96, background: '#ffffff' }})];
            const decoded = await Promise.all(blobs.map((blob) => createImageBitmap(blob)));
            const corner = (bitmap) => {{
                const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
                context.drawImage(bitmap, 0, 0);
                return context.getImageData(0, 0, 1, 1).data[3];
            }};
            const told = await new Promise((resolve) => own.live(resolve).update({{ caption: '{CAPTION}', styleSeed: 7, size: 77 }}));
            const svg = await picture.svg();
            const kept = structuredClone(picture);
            own.dispose();
            return {{
                svg,
                types: blobs.map(({{ type }}) => type),
                sizes: decoded.map(({{ width }}) => width),
                alpha: decoded.map(corner),
                live: told.imageData.width + (typeof told.svg === 'function' ? 1000 : 0),
                layers: kept.caption === '{CAPTION}' ? own.info.layers : 0,
            }};
        }})()"
    ))?;
    let Files { svg, types, sizes, alpha, live, layers } = files;
    // Where two processors round a logarithm differently, a number differs by one, and now and then a curve more is needed.
    let native = native(session)?.svg(CAPTION, "Drawn by Emblem, style seed 7", None);
    let (head, paths) = (|svg: &str| svg.split("</desc>").next().map(str::to_owned), |svg: &str| svg.matches("<path").count());
    let alike = head(&svg) == head(&native) && paths(&svg).abs_diff(paths(&native)) <= 1 && svg.ends_with("</svg>\n");
    ensure(alike && svg.len().abs_diff(native.len()) * 20 < native.len(), format!("not the native SVG: {svg}"))?;
    ensure(types == ["image/png", "image/webp", "image/png"] && sizes == [32, 64, 96], format!("{types:?} {sizes:?}"))?;
    ensure(alpha[0] < 255 && alpha[1] < 255 && alpha[2] == 255, format!("alpha {alpha:?}"))?;
    ensure(live == 1077 && layers == 5, format!("{live} {layers}"))?;
    session.bench()?.ensure_calm()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Looks {
    looks: Vec<String>,
    numbers: usize,
    of_pixels: usize,
    drawn: Vec<(String, Vec<u8>)>,
    /// The seed's look, what is told of blends at their ends, and of a plain code.
    told: Vec<Option<String>>,
    svg: String,
    again: bool,
}

fn looks_are_drawn_as_natively(session: &Session) -> Result<(), Failed> {
    let own = own(session);
    let found: Looks = session.bench()?.eval(&format!(
        "(async () => {{
            {own}
            const pixels = await emblem.Painter.load('models/small.safetensors', {{ device: 'cpu' }});
            const paint = (options) => own.paint('{CAPTION}', options);
            const looks = [undefined, 'sticker', 'outline=0.5,tone=-1', 'blueprint,slant=0.5', 'pixel art'];
            const drawn = [];
            for (const look of looks) {{
                const picture = await paint({{ styleSeed: 7, look, size: 96 }});
                drawn.push([picture.look, [...picture.imageData.data]]);
            }}
            const seven = await paint({{ styleSeed: 7 }});
            const told = [seven.look];
            for (const t of [0, 1]) told.push((await paint({{ style: {{ from: 7, to: 8, t }} }})).look);
            told.push((await paint({{ style: seven.style }})).look, (await pixels.paint('cat')).look);
            const sticker = await paint({{ styleSeed: 7, look: 'sticker' }});
            const svg = await sticker.svg();
            const copy = await paint({{ style: seven.style, look: seven.look }});
            const again = copy.imageData.data.every((value, at) => value === seven.imageData.data[at]);
            const of = {{ looks: own.info.looks, numbers: own.info.lookNumbers.length, ofPixels: pixels.info.looks.length }};
            own.dispose();
            pixels.dispose();
            return {{ ...of, drawn, told, svg, again }};
        }})()"
    ))?;
    let arrangement = Arrangement { things: vec![native(session)?], places: vec![Place::whole(0)] };
    ensure(
        found.looks.len() == LOOKS.len() && found.numbers == finish::COUNT && found.of_pixels == 0,
        format!("{:?}", found.looks),
    )?;
    for (look, picture) in &found.drawn {
        let finish: Finish = look.parse()?;
        let expected = finish.apply(&arrangement, 96, None).render(96).bytes;
        ensure(picture.len() == expected.len(), format!("{look}: {} bytes", picture.len()))?;
        let apart = picture.iter().zip(&expected).filter(|(a, b)| a.abs_diff(**b) > TOLERANCE).count();
        // Where a square pixel is between two colours, rounding decides.
        ensure(
            apart as f64 <= 20.0 * ON_EDGES * expected.len() as f64,
            format!("{look}: {apart} values of {} differ", expected.len()),
        )?;
    }
    let [seven, eight] = [7, 8].map(|seed| Some(Finish::from_seed(seed).to_string()));
    ensure(found.drawn[0].0 == seven.clone().unwrap_or_default(), format!("{:?}", found.drawn[0].0))?;
    ensure(found.told == [seven.clone(), seven, eight, None, None], format!("{:?}", found.told))?;
    let rims = "sticker".parse::<Finish>()?.apply(&arrangement, 512, None).svg("", "").matches("<g ").count();
    ensure(found.svg.matches("<g ").count() == rims && rims == 3, format!("{rims}: {}", found.svg))?;
    ensure(found.again, "a style and a look do not draw the picture again")?;
    session.bench()?.ensure_calm()
}

fn what_layers_cannot_be_drawn_as_is_refused(session: &Session) -> Result<(), Failed> {
    let own = own(session);
    let codes: Vec<String> = session.bench()?.eval(&format!(
        "(async () => {{
            {own}
            const pixels = await emblem.Painter.load('models/small.safetensors', {{ device: 'cpu' }});
            const codes = [];
            const tries = [
                () => own.paint('cat', {{ size: 15 }}),
                () => own.paint('cat', {{ size: 4097 }}),
                () => own.paint('cat', {{ size: 1e99 }}),
                () => own.paint('cat', {{ size: '64' }}),
                () => own.paint('cat', {{ background: 'blue' }}),
                () => own.paint('cat', {{ background: 7 }}),
                () => own.paint('cat', {{ look: 7 }}),
                () => own.paint('cat', {{ look: 'stiker' }}),
                () => own.paint('cat', {{ look: 'outline=thick' }}),
                () => own.paint('cat', {{ look: 'outline=2' }}),
                async () => (await own.paint('cat')).toBlob('image/tiff'),
                () => pixels.paint('cat', {{ size: 64 }}),
                () => pixels.paint('cat', {{ background: 'none' }}),
                () => pixels.paint('cat', {{ look: 'sticker' }}),
                async () => (await pixels.paint('cat')).svg(),
            ];
            for (const attempt of tries) codes.push(await attempt().then(() => 'none', (error) => error instanceof emblem.EmblemError ? error.code : 'foreign'));
            own.dispose();
            pixels.dispose();
            return codes;
        }})()"
    ))?;
    let [size, background] = ["option.size", "option.background"];
    let looks = ["option.look", "look.unknown", "look.form", "look.range"];
    let expected =
        [&[size, size, size, size, background, background], &looks[..], &["option.type"], &["model.pixels"; 4]].concat();
    ensure(codes == expected, format!("{codes:?}"))?;
    session.bench()?.ensure_calm()
}

/// Each file is opened again and held to its place's rule.
fn a_picture_is_saved_as_places_take_it(session: &Session) -> Result<(), Failed> {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct File {
        ending: String,
        kind: String,
        bytes: usize,
        size: (u32, u32),
        /// What is visible: left, top, right and bottom; and the colour of its outermost pixel in the middle row.
        seen: (u32, u32, u32, u32),
        edge: Vec<u8>,
    }
    let page = session.ready(&format!("model={LAYERED}&caption=a%20cat&style=7&look=plain"))?;
    let files: BTreeMap<String, File> = page.eval(
        "(async () => {
            const { PLACES } = await import(probe.part('page/places.js'));
            const painter = await emblem.ready;
            const picture = await painter.paint('a cat', { styleSeed: 7, look: 'plain' });
            const files = {};
            for (const place of ['chat', 'telegram', 'whatsapp']) {
                const { file, ending } = await PLACES[place]({ painter, picture });
                const bitmap = await createImageBitmap(file);
                const { width, height } = bitmap;
                const context = new OffscreenCanvas(width, height).getContext('2d');
                context.drawImage(bitmap, 0, 0);
                const { data } = context.getImageData(0, 0, width, height);
                const alpha = (x, y) => data[4 * (y * width + x) + 3];
                let [left, top, right, bottom] = [width, height, 0, 0];
                for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (alpha(x, y) > 7) {
                    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
                }
                const row = Math.floor((top + bottom) / 2);
                let x = left;
                while (x < width && alpha(x, row) < 250) x++;
                const edge = Array.from(data.slice(4 * (row * width + x), 4 * (row * width + x) + 4));
                files[place] = { ending, kind: file.type, bytes: file.size, size: [width, height], seen: [left, top, right, bottom], edge };
            }
            return files;
        })()",
    )?;
    let file = |place: &str| files.get(place).ok_or(format!("no file for {place}"));
    let longest = |seen: (u32, u32, u32, u32)| (seen.2 - seen.0).max(seen.3 - seen.1);
    let chat = file("chat")?;
    ensure(
        chat.size == (128, 128) && chat.kind == "image/png" && chat.bytes < 128_000 && longest(chat.seen) >= 122,
        format!("{chat:?}"),
    )?;
    let telegram = file("telegram")?;
    let (width, height) = telegram.size;
    ensure(
        width.max(height) == 512 && width.min(height) > 16 && telegram.ending == "webp" && telegram.bytes < 512_000,
        format!("{telegram:?}"),
    )?;
    ensure(longest(telegram.seen) >= 508, format!("{telegram:?}"))?;
    let whatsapp = file("whatsapp")?;
    let (left, top, right, bottom) = whatsapp.seen;
    ensure(whatsapp.size == (512, 512) && whatsapp.kind == "image/webp" && whatsapp.bytes < 100_000, format!("{whatsapp:?}"))?;
    ensure(left >= 15 && top >= 15 && right <= 497 && bottom <= 497 && longest(whatsapp.seen) > 470, format!("{whatsapp:?}"))?;
    ensure(whatsapp.edge[..3].iter().all(|level| *level > 240), format!("no white rim: {:?}", whatsapp.edge))?;

    let folder = tempfile::tempdir()?;
    page.eval::<()>("void (document.querySelector('#places [data-place=favicon]').id = 'save-favicon', places.open = true)")?;
    let mut zip = ZipArchive::new(Cursor::new(saved_as("zip", &page, "save-favicon", folder.path())?))?;
    let mut content = |name: &str| -> Result<Vec<u8>, Failed> {
        let mut bytes = vec![];
        zip.by_name(name).map_err(|error| format!("{name}: {error}"))?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let ico = content("favicon.ico")?;
    ensure(ico[..6] == [0, 0, 1, 0, 3, 0] && [ico[6], ico[22], ico[38]] == [16, 32, 48], format!("{:?}", &ico[..54]))?;
    ensure(
        image::load_from_memory(&ico[u32::from_le_bytes([ico[50], ico[51], ico[52], ico[53]]) as usize..])?.width() == 48,
        "the ICO's third picture",
    )?;
    for (name, side, opaque) in [
        ("apple-touch-icon.png", 180, true),
        ("icon-192.png", 192, false),
        ("icon-512.png", 512, false),
        ("icon-maskable-512.png", 512, true),
    ] {
        let png = image::load_from_memory(&content(name)?)?.to_rgba8();
        let whole = png.pixels().all(|pixel| pixel[3] == 255);
        ensure(png.dimensions() == (side, side) && whole == opaque, format!("{name}: {:?}, opaque: {whole}", png.dimensions()))?;
    }
    let manifest: serde_json::Value = serde_json::from_slice(&content("manifest.webmanifest")?)?;
    ensure(manifest["icons"][2]["purpose"] == "maskable" && manifest["name"] == "a cat", format!("{manifest}"))?;
    ensure(
        content("icon.svg")?.starts_with(b"<svg") && String::from_utf8(content("head.html")?)?.contains("apple-touch-icon"),
        "no SVG or no lines",
    )?;
    page.ensure_calm()
}
