//! Engines that something is wrong with: the built library once more, at an address of its own, with a few lines at the end of its
//! worker. They reach what no page can: the worker's own view of the graphics device.

use std::fs;
use std::io;
use std::path::Path;

use xtask::parts;
use xtask::site::{Content, Site};

/// A browser that knows no WebGPU.
pub const NO_API: &str = "no-api";
/// A browser that offers no graphics adapter.
pub const NO_ADAPTER: &str = "no-adapter";
/// A browser that is asked for a graphics adapter and never answers.
pub const MUTE_ADAPTER: &str = "mute-adapter";
/// A graphics adapter without timestamp queries.
pub const NO_TIMESTAMPS: &str = "no-timestamps";
/// A graphics adapter that is asked for a device and never answers.
pub const MUTE_DEVICE: &str = "mute-device";
/// A graphics device that is lost at every drawing.
pub const LOST: &str = "lost";
/// A graphics device that garbles what is written to it.
pub const GARBLED: &str = "garbled";
/// A worker that tells how much memory its engine and its graphics device hold, on the channel "gauge".
pub const GAUGE: &str = "gauge";

/// A worker one of whose scripts is missing.
pub const NO_SCRIPT: &str = "no-script";
/// A worker whose wasm does not arrive.
pub const NO_WASM: &str = "no-wasm";
/// A graphics card, and no engine for it.
pub const NO_ENGINE_FOR_THE_CARD: &str = "no-engine-for-the-card";
/// A worker one of whose scripts stops half way, with the connection open.
pub const STALLED_SCRIPT: &str = "stalled-script";
/// A worker whose engine's script stops half way, with the connection open.
pub const STALLED_ENGINE: &str = "stalled-engine";
/// A worker whose wasm stops half way, with the connection open.
pub const STALLED_WASM: &str = "stalled-wasm";

/// For rigs of graphics cards on machines that have none: `auto` leaves alone what says that it is none.
const CARD: &str = "const taken_for_a_card = () => {
    const says = { isFallbackAdapter: false, vendor: 'some', architecture: 'card', device: '', description: '' };
    for (const [name, value] of Object.entries(says)) Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });
    delete GPUAdapter.prototype.isFallbackAdapter;
};";

const RIGS: [(&str, &str); 14] = [
    (NO_SCRIPT, "import './no-such.js';"),
    (NO_WASM, "self.fetch = () => Promise.reject(new TypeError('no network'));"),
    (
        NO_ENGINE_FOR_THE_CARD,
        "taken_for_a_card();
         const ask = self.fetch;
         self.fetch = (url, how) => `${url}`.endsWith('/webgpu_bg.wasm') ? Promise.reject(new TypeError('no network')) : ask(url, how);",
    ),
    (STALLED_SCRIPT, "import '/stalled/script.js';"),
    // Nothing in the worker reaches its imports: see `with_rigs`.
    (STALLED_ENGINE, ""),
    (STALLED_WASM, "const ask = self.fetch; self.fetch = (url, how) => ask(`${url}`.endsWith('.wasm') ? '/stalled/web_bg.wasm' : url, how);"),
    (NO_API, "delete WorkerNavigator.prototype.gpu;"),
    (NO_ADAPTER, "GPU.prototype.requestAdapter = async () => null;"),
    (MUTE_ADAPTER, "GPU.prototype.requestAdapter = () => new Promise(() => {});"),
    (NO_TIMESTAMPS, "GPU.prototype.requestAdapter = async () => ({ info: {}, features: new Set(['shader-f16']) });"),
    (MUTE_DEVICE, "taken_for_a_card(); GPUAdapter.prototype.requestDevice = () => new Promise(() => {});"),
    (
        LOST,
        "taken_for_a_card();
         const request = GPUAdapter.prototype.requestDevice;
         let device;
         GPUAdapter.prototype.requestDevice = async function (...asked) { return (device = await request.apply(this, asked)); };
         addEventListener('message', ({ data }) => data.verb === 'paint' && device?.destroy());",
    ),
    (
        GARBLED,
        "taken_for_a_card();
         const write = GPUQueue.prototype.writeBuffer;
         GPUQueue.prototype.writeBuffer = function (buffer, at, data, ...range) {
             const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
             // Weights are many; what is smaller may be the shape of something, and a wrong shape is another fault.
             return write.call(this, buffer, at, bytes.length > 4096 ? bytes.map((byte) => byte ^ 0x44) : data, ...range);
         };",
    ),
    (
        GAUGE,
        "let memory;
         let fetched = false;
         let buffers = 0;
         const [start, streamed] = [WebAssembly.instantiate, WebAssembly.compileStreaming];
         WebAssembly.instantiate = async (...given) => {
             const instance = await start(...given);
             memory = instance.exports.memory;
             return instance;
         };
         WebAssembly.compileStreaming = (response) => { fetched = true; return streamed(response); };
         if (self.GPUDevice) {
             const gone = new Set();
             const forget = (id) => { if (!gone.has(id)) { gone.add(id); buffers -= 1; } };
             const collected = new FinalizationRegistry(forget);
             const [create, destroy] = [GPUDevice.prototype.createBuffer, GPUBuffer.prototype.destroy];
             let made = 0;
             GPUDevice.prototype.createBuffer = function (wanted) {
                 const buffer = create.call(this, wanted);
                 buffer.id = made++;
                 buffers += 1;
                 collected.register(buffer, buffer.id);
                 return buffer;
             };
             GPUBuffer.prototype.destroy = function () { forget(this.id); return destroy.call(this); };
         }
         const gauge = new BroadcastChannel('gauge');
         gauge.onmessage = () => gauge.postMessage({ wasm: memory.buffer.byteLength, fetched, buffers });",
    ),
];

/// What the worker asks of the browser: its own scripts', and its engine's.
pub const ASKED_BY_THE_WORKER: [&str; 18] = [
    "AbortController",
    "FinalizationRegistry",
    "ImageData",
    "ReadableStream",
    "Response",
    "TextDecoder",
    "TextEncoder",
    "URL",
    "WebAssembly",
    "clearTimeout",
    "console",
    "crypto",
    "fetch",
    "isSecureContext",
    "navigator",
    "performance",
    "postMessage",
    "setTimeout",
];

/// The name of the rig in whose worker the browser refuses `asked`.
pub fn refused(asked: &str) -> String {
    format!("refused-{asked}")
}

/// Every rig: its name, and the lines at the end of its worker.
fn all() -> impl Iterator<Item = (String, String)> {
    let refusing = |asked| {
        format!(
            "Object.defineProperty(self, '{asked}', {{ get() {{ throw new DOMException('refused here', 'SecurityError'); }} }});"
        )
    };
    let refusals = ASKED_BY_THE_WORKER.into_iter().map(move |asked| (refused(asked), refusing(asked)));
    RIGS.into_iter().map(|(name, lines)| (name.to_owned(), lines.to_owned())).chain(refusals)
}

/// Lays the rigged libraries over a site, each below its name (`/lost/emblem.js`).
///
/// # Errors
/// Where there is no built page in `dist`.
pub fn with_rigs(mut site: Site, dist: &Path) -> io::Result<Site> {
    let built = parts::folder(dist).map_err(io::Error::other)?;
    let engine = format!("\"/{}/web", built.file_name().unwrap_or_default().to_string_lossy());
    let script = |text: String| Content::whole("text/javascript; charset=utf-8", text.into_bytes());
    for entry in fs::read_dir(xtask::root().join("web/js"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".js") {
            continue;
        }
        let text = fs::read_to_string(built.join(&name))?;
        for (rig, lines) in all() {
            // The engine is large and the same for all.
            let rigged = match name.as_str() {
                "worker.js" if rig == STALLED_ENGINE => {
                    text.replace("\"./web.js", "\"/stalled/script.js").replace("\"./web", &engine)
                }
                "worker.js" => format!("{}\n{CARD}\n{lines}", text.replace("\"./web", &engine)),
                _ => text.clone(),
            };
            site = site.with(&format!("{rig}/{name}"), script(rigged));
        }
    }
    let wasm = fs::read(built.join("web_bg.wasm"))?;
    Ok(site
        .with("stalled/script.js", Content::stalling("text/javascript; charset=utf-8", b"export const half = 'half';"))
        .with("stalled/web_bg.wasm", Content::stalling("application/wasm", &wasm)))
}
