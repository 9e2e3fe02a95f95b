//! One browser, the page it has open, and what the page's pictures are compared with.

use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::thread;

use burn::prelude::Device;
use libtest_mimic::Failed;
use shared::{MAX_SEED, Painter, Picture, seed_from_text};
use tests::browser::{Browser, Kind};
use tests::models;
use tests::page::Page;
use tests::rigs;
use xtask::manifest;
use xtask::site::{self, Content};

/// The shipped model, as the page asks for it and as it lies in the repository.
pub const SHIPPED: &str = "models/emblem.safetensors";
/// A small model that draws layers.
pub const LAYERED: &str = "models/layers.safetensors";
/// A small model that draws scenes.
pub const SCENIC: &str = "models/scenes.safetensors";
/// A small model with a manifest beside it.
pub const KEPT: &str = "models/kept/small.safetensors";
/// No model at all.
pub const ABSENT: &str = "models/no-such.safetensors";
/// A page of the same site that is not Emblem's.
pub const ANOTHER_PAGE: &str = "another.html";

/// What the native painter draws for a caption in a style.
pub struct Golden {
    pub caption: String,
    /// The style as options of the JavaScript API.
    pub options: String,
    pub picture: Picture,
}

/// The built page on a server that also has models that cannot be used.
pub struct Site {
    address: SocketAddr,
    pub painter: Painter,
    /// The file of the small model, whose weights are others in every run.
    pub small: Vec<u8>,
    /// The file of a small model that draws layers.
    pub layered: Vec<u8>,
    /// The file of a small model that draws scenes.
    pub scenic: Vec<u8>,
    pub golden: Vec<Golden>,
}

impl Site {
    /// Serves `dist` and paints natively what the browsers have to match.
    pub fn start() -> Result<Self, String> {
        let path = xtask::dist_dir().join(SHIPPED);
        let build = "build the page first: cargo xtask test --only page";
        let model = fs::read(&path).map_err(|error| format!("{}: {error}; {build}", path.display()))?;
        let painter = Painter::from_bytes(&model, &Device::flex()).map_err(|error| format!("{}: {error}", path.display()))?;
        let golden = golden(&painter);
        let listener = site::listen_anywhere().map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (small, layered, scenic) = (models::small(), models::layered(), models::scenic());
        let site = with_broken_models(with_known_models(site::Site::new(xtask::dist_dir()), &small), &small);
        let site = site.with(LAYERED, Content::whole("application/octet-stream", layered.clone()));
        let site = site.with(SCENIC, Content::whole("application/octet-stream", scenic.clone()));
        let another = Content::whole("text/html; charset=utf-8", b"<!doctype html>\n<title>Another page</title>".to_vec());
        let site = site.with(ANOTHER_PAGE, another);
        let site = rigs::with_rigs(site, &xtask::dist_dir()).map_err(|error| format!("{error}; {build}"))?;
        thread::spawn(move || site.serve(listener));
        Ok(Self { address, painter, small, layered, scenic, golden })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The page's address with `query` after the question mark.
    pub fn page(&self, query: &str) -> String {
        format!("http://{}/?{query}", self.address)
    }
}

/// Models of which a manifest says what they are, truly and falsely, and one of which none does.
fn with_known_models(site: site::Site, small: &[u8]) -> site::Site {
    let model = |body: &[u8]| Content::whole("application/octet-stream", body.to_vec());
    let entries = [manifest::entry("small.safetensors".to_owned(), small)];
    let json = serde_json::to_vec(&entries).expect("entries are plain data");
    let manifest = Content::whole("application/json", json);
    site.with(KEPT, model(small))
        .with("models/kept/manifest.json", manifest.clone())
        .with("models/altered/small.safetensors", model(&models::with_metadata(small, "info", r#"{"name":"another"}"#)))
        .with("models/altered/manifest.json", manifest)
        .with("models/unlisted/small.safetensors", model(small))
}

/// Every way in which a model can fail to arrive or to be one, below `models/`.
fn with_broken_models(site: site::Site, small: &[u8]) -> site::Site {
    let whole = |body: Vec<u8>| Content::whole("application/octet-stream", body);
    let half = small[..small.len() / 2].to_vec();
    let page = Content::whole("text/html; charset=utf-8", b"<!doctype html>\n<title>Not here</title>".to_vec());
    let broken_off = Content { announced: small.len() as u64, ..whole(half.clone()) };
    site.with("models/small.safetensors", whole(small.to_vec()))
        .with("models/half.safetensors", whole(half))
        .with("models/header.safetensors", whole(small[..100].to_vec()))
        .with("models/broken-off.safetensors", broken_off)
        .with("models/stalled.safetensors", Content::stalling("application/octet-stream", small))
        .with("models/empty.safetensors", whole(vec![]))
        .with("models/page.safetensors", page)
        .with("models/text.safetensors", whole(b"This is a text, and no model at all.".to_vec()))
        .with("models/newer.safetensors", whole(models::with_metadata(small, "version", "99")))
        .with("models/huge.safetensors", whole(models::with_metadata(small, "config", r#"{"word_size":4000000000}"#)))
        .with("models/nan.safetensors", whole(models::with_nan(small)))
        .with("models/flipped.safetensors", whole(models::with_flipped_bit(small)))
        .with("models/wrong-golden.safetensors", whole(models::with_wrong_golden(small)))
}

/// The captions that the model says it draws well, in styles from a number, the largest number and a word.
fn golden(painter: &Painter) -> Vec<Golden> {
    let captions = painter.info().examples.iter().take(2).map(String::as_str).chain(["a red apple"]);
    let seeds = [("7", 7), ("9007199254740991", MAX_SEED), ("\"ada\"", seed_from_text("ada"))];
    let draw = |caption: &str, (text, seed): (&str, u64)| {
        let style = painter.style_from_seed(seed);
        let picture = pollster::block_on(painter.paint(caption, &style)).expect("the shipped model draws its own examples");
        Golden { caption: caption.to_owned(), options: format!("{{ styleSeed: {text} }}"), picture }
    };
    captions.flat_map(|caption| seeds.map(|seed| draw(caption, seed))).collect()
}

/// One browser and the page it has open with the shipped model.
pub struct Session {
    pub kind: Kind,
    pub site: Arc<Site>,
    page: Once<Page>,
    bench: Once<Page>,
    browser: Once<Browser>,
}

impl Session {
    pub fn new(kind: Kind, site: Arc<Site>) -> Self {
        Self { kind, site, page: OnceLock::new(), bench: OnceLock::new(), browser: OnceLock::new() }
    }

    /// A new tab on the page with `query`, drawing on this kind's device: left to itself, the page would not take a graphics adapter
    /// that is only imitated.
    pub fn open(&self, query: &str) -> Result<Page, Failed> {
        let device = match self.kind {
            Kind::Cpu => "",
            Kind::WebGpu => "&device=webgpu",
        };
        self.open_at(&self.site.page(&format!("{query}{device}")))
    }

    /// A new tab on the page at a whole address.
    pub fn open_at(&self, address: &str) -> Result<Page, Failed> {
        let browser = once(&self.browser, || Browser::launch(self.kind))?;
        Page::open(browser, address)
    }

    /// A new tab on a page that is not Emblem's own.
    pub fn open_foreign(&self, address: &str) -> Result<Page, Failed> {
        let browser = once(&self.browser, || Browser::launch(self.kind))?;
        Page::open_foreign(browser, address)
    }

    /// The same, but `script` runs in it before anything of the page's own.
    pub fn open_after(&self, script: &str, address: &str) -> Result<Page, Failed> {
        let browser = once(&self.browser, || Browser::launch(self.kind))?;
        Page::open_after(browser, script, address)
    }

    /// A new tab on the page with `query`, once it has drawn that or says why it cannot.
    pub fn settled(&self, query: &str) -> Result<Page, Failed> {
        let page = self.open(query)?;
        page.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")?;
        Ok(page)
    }

    /// A new tab on the page with `query`, once it has drawn that.
    pub fn ready(&self, query: &str) -> Result<Page, Failed> {
        let page = self.open(query)?;
        page.wait_for("document.documentElement.dataset.state === 'ready'")?;
        Ok(page)
    }

    /// A page without a painter of its own, for tests that bring theirs: quicker than [`Session::page`], and nothing else draws.
    pub fn bench(&self) -> Result<&Page, Failed> {
        once(&self.bench, || self.open(&format!("model={ABSENT}")))
    }

    /// The page with the shipped model, opened by the first test that asks and left open for the next.
    pub fn page(&self) -> Result<&Page, Failed> {
        once(&self.page, || {
            let page = self.open("")?;
            page.attempt::<bool>("await emblem.ready && true")?.map_err(|fault| format!("the page does not load: {fault:?}"))?;
            Ok(page)
        })
    }
}

/// Something made when it is first asked for. A failure is kept as well: what did not start once is not waited for again.
type Once<T> = OnceLock<Result<T, String>>;

fn once<T>(cell: &Once<T>, make: impl FnOnce() -> Result<T, Failed>) -> Result<&T, Failed> {
    let made = cell.get_or_init(|| make().map_err(|failed| failed.message().unwrap_or_default().to_owned()));
    made.as_ref().map_err(|reason| reason.into())
}
