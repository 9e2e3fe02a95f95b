//! The npm package as its users meet it: in a page without a bundler, and installed in an empty project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use libtest_mimic::Failed;
use shared::{Picture, TOLERANCE};
use tests::page::ensure;
use xtask::package;
use xtask::process::find_on_path;
use xtask::site::{self, Site};
use xtask::summary::{self, Missing};

use crate::Test;
use crate::session::Session;

const TEST: &str = "the package installs, type-checks, bundles and draws";

pub const TESTS: &[Test] = &[
    ("the package's example draws without a bundler", the_example_draws_without_a_bundler),
    (TEST, the_package_installs_and_draws),
];

/// What the project is made with, in exactly these versions: a newer one must not fail a test that nobody has touched.
const TOOLS: [&str; 2] = ["typescript@7.0.2", "vite@8.3.8"];

fn the_example_draws_without_a_bundler(session: &Session) -> Result<(), Failed> {
    draws_the_apple(session, &package::assemble()?, "example.html")
}

/// Serves `folder` and compares what its page draws with what is drawn natively.
fn draws_the_apple(session: &Session, folder: &Path, page: &str) -> Result<(), Failed> {
    let listener = site::listen_anywhere()?;
    let address = listener.local_addr()?;
    let site = Site::new(folder);
    thread::spawn(move || site.serve(listener));
    let page = session.open_foreign(&format!("http://{address}/{page}"))?;
    let painter = &session.site.painter;
    let size = painter.image_size();
    let pixels = format!("document.querySelector('canvas').getContext('2d').getImageData(0, 0, {size}, {size}).data");
    page.wait_for(&format!("{pixels}.some(Boolean)"))?;
    let rgba: Vec<u8> = page.eval(&format!("Array.from({pixels})"))?;
    let rgb = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let drawn = Picture::new(size, size, rgb).ok_or("the canvas has another size")?;
    let native = pollster::block_on(painter.paint("a red apple", &painter.style_from_seed(7)))?;
    let difference = drawn.largest_difference(&native);
    ensure(difference.is_some_and(|levels| levels <= TOLERANCE), format!("the picture differs by {difference:?} levels"))?;
    page.ensure_calm()
}

fn the_package_installs_and_draws(session: &Session) -> Result<(), Failed> {
    let Some(tarball) = package::pack(&package::assemble()?)? else {
        return Ok(summary::skip(TEST, &Missing::Here("there is no npm".to_owned()))?);
    };
    let project = project()?;
    // What has been installed once is there the next time, so that only the package itself is installed anew.
    if !TOOLS.iter().all(|tool| is_installed(&project, tool)) {
        let installed = npm(&project, &[&["install", "--no-audit", "--no-fund", "--save-exact"], TOOLS.as_slice()].concat())?;
        if !installed.status.success() {
            let why = format!("npm cannot install {}: {}", TOOLS.join(" and "), text(&installed));
            return Ok(summary::skip(TEST, &Missing::Gettable(why))?);
        }
    }
    let tarball = tarball.to_string_lossy().into_owned();
    succeed(npm(&project, &["install", "--offline", "--no-audit", "--no-fund", "--force", &tarball])?)?;
    succeed(npm(&project, &["exec", "--offline", "--", "tsc", "--noEmit"])?)?;
    succeed(npm(&project, &["exec", "--offline", "--", "vite", "build", "--logLevel", "warn"])?)?;
    // A server without a browser may import it, too: nothing happens on import.
    succeed(run(
        Command::new("node").args([
            "--eval",
            "Promise.all([import('emblem-painter'), import('emblem-painter/element')]).then(([{ Painter }, { EmblemPicture }]) => {
                try { new EmblemPicture(); } catch (error) { if (error.code === 'browser.refused' && Painter.load) process.exit(0); }
                process.exit(1);
            })",
        ]),
        &project,
    )?)?;
    draws_the_apple(session, &project.join("dist"), "index.html")
}

/// The project: three files of its own, and what npm has put there before.
fn project() -> Result<PathBuf, Failed> {
    let files = [
        ("index.html", include_str!("consumer/index.html")),
        ("main.ts", include_str!("consumer/main.ts")),
        ("everything.ts", include_str!("consumer/everything.ts")),
        ("tsconfig.json", include_str!("consumer/tsconfig.json")),
        ("package.json", "{ \"name\": \"consumer\", \"private\": true, \"type\": \"module\" }"),
    ];
    let project = xtask::target_dir().join("consumer");
    fs::create_dir_all(&project)?;
    for (name, text) in files {
        // Its list of what is installed is npm's to keep.
        if name != "package.json" || !project.join(name).exists() {
            fs::write(project.join(name), text)?;
        }
    }
    Ok(project)
}

fn is_installed(project: &Path, tool: &str) -> bool {
    let (name, version) = tool.split_once('@').unwrap_or((tool, ""));
    let description = fs::read_to_string(project.join("node_modules").join(name).join("package.json"));
    description.is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
}

fn npm(project: &Path, arguments: &[&str]) -> Result<Output, Failed> {
    let npm = find_on_path("npm").ok_or("npm has gone")?;
    run(Command::new(npm).args(arguments), project)
}

fn run(command: &mut Command, project: &Path) -> Result<Output, Failed> {
    Ok(command.current_dir(project).output()?)
}

fn succeed(output: Output) -> Result<(), Failed> {
    ensure(output.status.success(), text(&output))
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}
