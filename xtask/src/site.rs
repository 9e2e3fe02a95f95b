//! A web server for one folder, on loopback.
//!
//! Design: standard library only. It serves files to one browser on the same machine, so one thread and
//! one connection a request are enough. It is ours rather than `trunk serve` because the demo must not
//! rebuild (a release build takes minutes) and because the tests need files that a well-meaning server
//! would refuse to send: a truncated model, a page in place of a model, a download that breaks off or stalls.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::{Error, Result, parts};

/// The page's parts lie below addresses that never mean anything else, and may be kept for good; all else is asked for anew.
const KEPT_FOR_GOOD: &str = "public, max-age=31536000, immutable";
const ASKED_ANEW: &str = "no-cache";
/// How many ports after the wanted one are tried.
const PORTS_TRIED: u16 = 100;
/// Longest request line and headers read, in bytes: browsers send about 1 KiB.
const MAX_HEAD: u64 = 64 * 1024;
/// What the page may do: its own files, its own wasm, its own workers. Nothing inline, nothing foreign.
const CONTENT_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
/// A browser opens connections that it may never use; none may hold a thread for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// One file as it is sent.
#[derive(Clone, Debug)]
pub struct Content {
    pub media_type: &'static str,
    pub body: Vec<u8>,
    /// The length announced, in bytes. More than `body` has is a download that breaks off.
    pub announced: u64,
    /// Whether the connection then stays open, with nothing more said, until the browser hangs up.
    pub falls_silent: bool,
}

impl Content {
    /// `body` with its true length.
    pub fn whole(media_type: &'static str, body: Vec<u8>) -> Self {
        let announced = body.len() as u64;
        Self { media_type, body, announced, falls_silent: false }
    }

    /// The first half of `body`, and then nothing, for ever.
    pub fn stalling(media_type: &'static str, body: &[u8]) -> Self {
        let half = body[..body.len() / 2].to_vec();
        Self { media_type, body: half, announced: body.len() as u64, falls_silent: true }
    }
}

/// A folder's files, and any extra ones laid over them.
#[derive(Clone, Debug)]
pub struct Site {
    folder: PathBuf,
    extra: BTreeMap<String, Content>,
    /// Headers of every answer, in the place of those that it would have by itself.
    headers: BTreeMap<&'static str, &'static str>,
}

impl Site {
    /// The files below `folder`; `/` is its `index.html`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let headers = [("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", CONTENT_POLICY)];
        Self { folder: folder.into(), extra: BTreeMap::new(), headers: headers.into() }
    }

    /// Says `name: value` in every answer (`Cache-Control: max-age=600`).
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Lays `content` over the folder at `path` (`models/broken.safetensors`).
    pub fn with(mut self, path: &str, content: Content) -> Self {
        self.extra.insert(path.to_owned(), content);
        self
    }

    /// Answers requests until the process ends.
    pub fn serve(self, listener: TcpListener) {
        let site = Arc::new(self);
        for stream in listener.incoming().flatten() {
            let site = Arc::clone(&site);
            // A browser that hangs up mid-answer is no business of ours.
            thread::spawn(move || site.answer(stream).ok());
        }
    }

    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let Some((method, target)) = read_request(&stream)? else {
            return self.respond(&mut stream, "400 Bad Request", &text("bad request"), true, ASKED_ANEW);
        };
        if method != "GET" && method != "HEAD" {
            return self.respond(&mut stream, "405 Method Not Allowed", &text("only GET and HEAD"), true, ASKED_ANEW);
        }
        let with_body = method == "GET";
        match self.find(&target) {
            Some(content) => self.respond(&mut stream, "200 OK", &content, with_body, keeping(&target)),
            None => self.respond(&mut stream, "404 Not Found", &text("not found"), with_body, ASKED_ANEW),
        }
    }

    fn find(&self, target: &str) -> Option<Content> {
        let path = file_path(target)?;
        if let Some(content) = self.extra.get(&path) {
            return Some(content.clone());
        }
        let body = fs::read(self.folder.join(&path)).ok()?;
        Some(Content::whole(media_type(&path), body))
    }

    fn respond(
        &self,
        stream: &mut TcpStream,
        status: &str,
        content: &Content,
        with_body: bool,
        keeping: &'static str,
    ) -> io::Result<()> {
        let Content { media_type, body, announced, falls_silent } = content;
        let mut headers = BTreeMap::from([("Cache-Control", keeping)]);
        headers.extend(&self.headers);
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {announced}\r\n{lines}Connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        if with_body {
            stream.write_all(body)?;
        }
        stream.flush()?;
        if *falls_silent {
            // Browsers say nothing more, so what ends this is their hanging up.
            stream.set_read_timeout(None)?;
            io::copy(stream, &mut io::sink())?;
        }
        Ok(())
    }
}

/// For how long a browser may keep what it got for a request target without asking again.
fn keeping(target: &str) -> &'static str {
    if target.starts_with(&format!("/{}", parts::PREFIX)) { KEPT_FOR_GOOD } else { ASKED_ANEW }
}

/// A listener on a free loopback port that the system chooses.
///
/// # Errors
/// Where it has none.
pub fn listen_anywhere() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// A listener on the first free loopback port from `first` on.
///
/// # Errors
/// [`Error::NoPort`] when the next hundred are taken as well.
pub fn listen(first: u16) -> Result<TcpListener> {
    let last = first.saturating_add(PORTS_TRIED);
    (first..=last).find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()).ok_or(Error::NoPort { first, last })
}

/// Method and target of the request, the headers read and dropped; `None` when it is no HTTP request.
fn read_request(stream: &TcpStream) -> io::Result<Option<(String, String)>> {
    let mut lines = BufReader::new(stream.take(MAX_HEAD)).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(None) };
    for header in lines {
        if header?.is_empty() {
            break;
        }
    }
    let mut words = first.split(' ');
    Ok(match (words.next(), words.next(), words.next()) {
        (Some(method), Some(target), Some(version)) if version.starts_with("HTTP/1.") => {
            Some((method.to_owned(), target.to_owned()))
        }
        _ => None,
    })
}

/// The file below the site's folder that a request target means.
///
/// The page's files have plain names, so anything else (`..`, hidden files, escapes) is simply not there.
fn file_path(target: &str) -> Option<String> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    if path.is_empty() {
        return Some("index.html".to_owned());
    }
    let plain = |part: &str| {
        !part.starts_with('.') && !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    path.split('/').all(plain).then(|| path.to_owned())
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn text(message: &str) -> Content {
    Content::whole("text/plain; charset=utf-8", message.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[package]";

    /// Has `site` answer one request; the connection on which it does.
    fn asked(site: Site, request: &str) -> TcpStream {
        let listener = listen_anywhere().unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        thread::spawn(move || site.serve(listener));
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Serves a folder with a file and a folder in it, with one extra file, and returns the answer to `request`.
    fn ask(request: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Cargo.toml"), TEXT).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        let broken = Content { announced: 9, ..Content::whole("text/plain", b"abc".to_vec()) };
        let mut answer = String::new();
        asked(Site::new(folder.path()).with("extra/broken.txt", broken), request).read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn files_are_served_with_type_and_length() {
        let answer = ask("GET /Cargo.toml?x=1 HTTP/1.1\r\nHost: here\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"), "{answer}");
        assert!(answer.contains(&format!("Content-Length: {}\r\n", TEXT.len())));
        assert!(answer.ends_with(TEXT));
    }

    #[test]
    fn head_sends_no_body() {
        let answer = ask("HEAD /Cargo.toml HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\r\n\r\n"), "{answer}");
    }

    #[test]
    fn a_broken_download_announces_more_than_it_sends() {
        let answer = ask("GET /extra/broken.txt HTTP/1.1\r\n\r\n");
        assert!(answer.contains("Content-Length: 9\r\n") && answer.ends_with("\r\n\r\nabc"), "{answer}");
    }

    #[test]
    fn a_stalled_download_stays_open() {
        let site = Site::new("no-such-folder").with("stalled.txt", Content::stalling("text/plain", b"abcdef"));
        let mut stream = asked(site, "GET /stalled.txt HTTP/1.1\r\n\r\n");
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        assert!(ended.is_err() && answer.ends_with(b"\r\n\r\nabc"), "{ended:?}, {}", String::from_utf8_lossy(&answer));
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        for target in ["/../Cargo.toml", "/src/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/.git/config"] {
            let answer = ask(&format!("GET {target} HTTP/1.1\r\n\r\n"));
            assert!(answer.starts_with("HTTP/1.1 404 "), "{target}: {answer}");
        }
    }

    #[test]
    fn other_methods_and_noise_are_refused() {
        assert!(ask("POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
        assert!(ask("hello\r\n\r\n").starts_with("HTTP/1.1 400 "));
    }

    #[test]
    fn the_root_is_the_index_page() {
        assert_eq!(file_path("/").as_deref(), Some("index.html"));
        assert_eq!(file_path("/?caption=a/../b").as_deref(), Some("index.html"));
        assert_eq!(file_path("/js/emblem.js").as_deref(), Some("js/emblem.js"));
        assert_eq!(media_type("web_bg.wasm"), "application/wasm");
    }

    #[test]
    fn only_what_is_named_by_its_digest_is_kept_for_good() {
        assert!(ask("GET /Cargo.toml HTTP/1.1\r\n\r\n").contains("\r\nCache-Control: no-cache\r\n"));
        assert_eq!(keeping("/build-0123456789abcdef/web.js?x"), KEPT_FOR_GOOD);
        assert_eq!(keeping("/emblem.js"), ASKED_ANEW);
    }

    #[test]
    fn a_header_takes_the_place_of_the_usual_one() {
        let page = Content::whole("text/plain", TEXT.into());
        let site = Site::new("no-such-folder").with("page.txt", page).with_header("Cache-Control", "max-age=600");
        let mut answer = String::new();
        asked(site, "GET /page.txt HTTP/1.1\r\n\r\n").read_to_string(&mut answer).unwrap();
        assert_eq!(answer.matches("Cache-Control").count(), 1, "{answer}");
        assert!(answer.contains("Cache-Control: max-age=600\r\n"), "{answer}");
    }

    #[test]
    fn a_taken_port_gives_the_next_free_one() {
        let first = listen_anywhere().unwrap();
        let taken = first.local_addr().unwrap().port();
        let second = listen(taken).unwrap().local_addr().unwrap().port();
        assert!(second > taken && second <= taken + PORTS_TRIED);
    }
}
