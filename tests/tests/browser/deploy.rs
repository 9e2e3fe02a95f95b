//! Another version of the page is deployed while a visitor has one: every visit is of one piece, whatever comes late, is kept or is missing.

use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use tempfile::TempDir;
use tests::builds::{self, MARKS};
use tests::gate::Gate;
use tests::page::{Page, ensure};
use xtask::manifest::Entry;
use xtask::parts;
use xtask::site::{self, Content, Site};

use crate::Test;
use crate::session::Session;

pub const TESTS: &[Test] = &[
    ("a visit is of one piece whatever comes late", a_visit_is_of_one_piece_whatever_comes_late),
    ("a visit is of one piece where the browser keeps files", a_visit_is_of_one_piece_where_the_browser_keeps_files),
    ("without a service worker a visit is of one piece, too", without_a_service_worker_a_visit_is_of_one_piece),
    ("half a deployment is not shown", half_a_deployment_is_not_shown),
    ("a page that is open through a deployment goes on", a_page_that_is_open_goes_on),
    ("others find the library under its name", others_find_the_library_under_its_name),
];

/// The same of every single part, which takes minutes.
pub const LONG: &[Test] =
    &[("a visit is of one piece whichever part comes late", a_visit_is_of_one_piece_whichever_part_comes_late)];

/// Visits go on for so long until a version that has come whole is shown.
const PATIENCE: Duration = Duration::from_secs(120);
const MODEL: &str = "models/small.safetensors";
/// One of each kind of what a visit is made of.
const LATE: [&str; 7] = ["/", parts::LIST, "page/page.js", "worker.js", "web.js", "web_bg.wasm", "offline.js"];

/// A version of the page on a server of its own.
struct Version {
    folder: TempDir,
    mark: String,
}

impl Version {
    fn build(mark: &str) -> Result<Self, Failed> {
        Ok(Self { folder: builds::marked(&xtask::dist_dir(), mark)?, mark: mark.to_owned() })
    }

    fn site(&self, session: &Session) -> Site {
        let model = Content::whole("application/octet-stream", session.site.small.clone());
        Site::new(self.folder.path()).with(MODEL, model)
    }

    /// The paths of its parts.
    fn parts(&self) -> Result<Vec<String>, Failed> {
        let list = parts::folder(self.folder.path())?.join(parts::LIST);
        let entries: Vec<Entry> = serde_json::from_slice(&fs::read(list)?)?;
        Ok(entries.into_iter().map(|entry| entry.file).collect())
    }

    fn build_folder(&self) -> Result<String, Failed> {
        let folder = parts::folder(self.folder.path())?;
        Ok(folder.file_name().unwrap_or_default().to_string_lossy().into_owned())
    }
}

fn serve(site: Site) -> Result<SocketAddr, Failed> {
    let listener = site::listen_anywhere()?;
    let address = listener.local_addr()?;
    thread::spawn(move || site.serve(listener));
    Ok(address)
}

/// Visits the page and has it draw; the mark that everything in it carries.
fn visit(session: &Session, host: &str) -> Result<String, Failed> {
    let page = session.open_at(&format!("http://{host}/?model={MODEL}&caption=a%20red%20apple"))?;
    mark_of(&page)
}

/// Visits until the page is of this version: on a busy machine it may take longer to come than a visit waits for it. The last visit's mark.
fn visit_until(session: &Session, host: &str, wanted: &str) -> Result<String, Failed> {
    let start = Instant::now();
    loop {
        let mark = visit(session, host)?;
        if mark == wanted || start.elapsed() > PATIENCE {
            return Ok(mark);
        }
    }
}

fn mark_of(page: &Page) -> Result<String, Failed> {
    page.wait_for("['ready', 'error'].includes(document.documentElement.dataset.state)")?;
    let (state, code): (String, Option<String>) =
        page.eval("[document.documentElement.dataset.state, document.getElementById('error').dataset.code ?? null]")?;
    ensure(state == "ready", format!("{state}: {code:?}"))?;
    let marks: Vec<String> = page.eval(MARKS)?;
    page.ensure_calm()?;
    match <[String; 1]>::try_from(marks) {
        Ok([mark]) => Ok(mark),
        Err(marks) => Err(format!("one visit met {marks:?}").into()),
    }
}

/// Has the service worker stand behind a page. On a busy machine the visit before may have been over before it was there.
fn control(page: &Page) -> Result<(), Failed> {
    page.eval::<bool>("navigator.serviceWorker.ready.then(() => true)")?;
    page.reload()?;
    page.wait_for("navigator.serviceWorker.controller")
}

/// A second visit, after which the service worker has all that it needs.
fn settle(session: &Session, host: &str) -> Result<(), Failed> {
    let page = session.open_at(&format!("http://{host}/?model={MODEL}&caption=a%20red%20apple"))?;
    control(&page)?;
    mark_of(&page).map(drop)
}

/// Deploys a new version for each of these paths, of which what is there comes late.
fn deploy_with_each_late(session: &Session, late: &[String]) -> Result<(), Failed> {
    let first = Version::build("first")?;
    let gate = Gate::before(serve(first.site(session))?)?;
    let host = gate.address().to_string();
    visit(session, &host)?;
    settle(session, &host)?;
    let mut before = first;
    for (number, path) in late.iter().enumerate() {
        let version = Version::build(&format!("v{number}"))?;
        let named = |failed: Failed| format!("{path} of {} late: {}", version.mark, failed.message().unwrap_or_default());
        gate.lead_to(serve(version.site(session))?);
        gate.delay(Some(path));
        let mark = visit(session, &host).map_err(named)?;
        gate.delay(None);
        let after = visit_until(session, &host, &version.mark).map_err(named)?;
        println!("{path} late: a visit of {mark}, then one of {after}");
        ensure([&before.mark, &version.mark].contains(&&mark), format!("with {path} late the page is {mark}"))?;
        ensure(after == version.mark, format!("after {path} was late the page is {after}, not {}", version.mark))?;
        before = version;
    }
    Ok(())
}

fn a_visit_is_of_one_piece_whatever_comes_late(session: &Session) -> Result<(), Failed> {
    deploy_with_each_late(session, &LATE.map(str::to_owned))
}

fn a_visit_is_of_one_piece_whichever_part_comes_late(session: &Session) -> Result<(), Failed> {
    deploy_with_each_late(session, &Version::build("A")?.parts()?)
}

fn a_visit_is_of_one_piece_where_the_browser_keeps_files(session: &Session) -> Result<(), Failed> {
    let [a, b] = [Version::build("A")?, Version::build("B")?];
    let cached = |version: &Version| serve(version.site(session).with_header("Cache-Control", "max-age=600"));
    let [first, second] = [cached(&a)?, cached(&b)?];
    let gate = Gate::before(first)?;
    let host = gate.address().to_string();
    ensure(visit(session, &host)? == "A", "not the first version")?;
    settle(session, &host)?;
    gate.lead_to(second);
    visit_until(session, &host, "B")?;
    let mark = visit(session, &host)?;
    ensure(mark == "B", format!("some visits after the deployment the page is {mark}"))
}

/// An address that browsers do not trust: files are kept by the browser alone, for as long as the server says.
fn without_a_service_worker_a_visit_is_of_one_piece(session: &Session) -> Result<(), Failed> {
    let [a, b] = [Version::build("A")?, Version::build("B")?];
    let cached = |version: &Version| serve(version.site(session).with_header("Cache-Control", "max-age=600"));
    let [first, second] = [cached(&a)?, cached(&b)?];
    let gate = Gate::before(first)?;
    let host = format!("emblem.test:{}", gate.address().port());
    ensure(visit(session, &host)? == "A", "not the first version")?;
    gate.lead_to(second);
    visit(session, &host)?;
    let page = session.open_at(&format!("http://{host}/?model={MODEL}&caption=a%20red%20apple"))?;
    page.reload()?;
    let mark = mark_of(&page)?;
    ensure(mark == "B", format!("loaded anew, the page is {mark}"))
}

/// A page whose parts are not there yet, or in whose place the server sends something else.
fn half_a_deployment_is_not_shown(session: &Session) -> Result<(), Failed> {
    let first = Version::build("first")?;
    let gate = Gate::before(serve(first.site(session))?)?;
    let host = gate.address().to_string();
    visit(session, &host)?;
    settle(session, &host)?;
    for (number, part) in ["page/page.js", parts::LIST, "web_bg.wasm"].into_iter().enumerate() {
        let version = Version::build(&format!("half{number}"))?;
        let folder = version.build_folder()?;
        let whole = fs::read(version.folder.path().join(&folder).join(part))?;
        let wrong = [
            Content::whole("text/html; charset=utf-8", fs::read(version.folder.path().join("index.html"))?),
            Content::whole("application/octet-stream", whole[..whole.len() / 2].to_vec()),
        ];
        for content in wrong {
            gate.lead_to(serve(version.site(session).with(&format!("{folder}/{part}"), content))?);
            let mark = visit(session, &host)?;
            ensure(mark == first.mark, format!("with a wrong {part} the page is {mark}"))?;
        }
    }
    let last = Version::build("last")?;
    gate.lead_to(serve(last.site(session))?);
    let mark = visit_until(session, &host, &last.mark)?;
    ensure(mark == last.mark, format!("once all of it is there the page is {mark}"))
}

fn a_page_that_is_open_goes_on(session: &Session) -> Result<(), Failed> {
    let [a, b] = [Version::build("A")?, Version::build("B")?];
    let gate = Gate::before(serve(a.site(session))?)?;
    let host = gate.address().to_string();
    visit(session, &host)?;
    let open = session.open_at(&format!("http://{host}/?model={MODEL}&caption=a%20red%20apple"))?;
    control(&open)?;
    mark_of(&open)?;
    gate.lead_to(serve(b.site(session))?);
    let mark = visit_until(session, &host, "B")?;
    ensure(mark == "B", format!("another tab is {mark}"))?;
    // It starts another worker with the engine of its own version.
    open.settle_after("retry.click()")?;
    let mark = mark_of(&open)?;
    ensure(mark == "A", format!("the open page is {mark}"))
}

fn others_find_the_library_under_its_name(session: &Session) -> Result<(), Failed> {
    let page = session.open_foreign(&format!("http://{}/{}", session.site.address(), crate::session::ANOTHER_PAGE))?;
    let (names, drawn): (Vec<String>, usize) = page.eval(
        "import('./emblem.js').then(async (library) => {
            const own = await library.Painter.load('models/small.safetensors', { device: 'cpu' });
            const { imageData } = await own.paint('a red apple', { styleSeed: 7 });
            own.dispose();
            return [Object.keys(library).sort(), imageData.data.length];
        })",
    )?;
    ensure(names == ["EmblemError", "Painter", "detect"] && drawn > 0, format!("{names:?}, {drawn} levels"))?;
    page.ensure_calm()
}
