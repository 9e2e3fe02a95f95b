//! Runs that do not come to their first checkpoint: mend what stopped them, give the same command, and they start. What a dry run and
//! `check` say of it is what the start says.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::desk::{BAD_FILE, Desk, WRONG_USAGE};

use super::said;

/// A run of seconds, whose folder is called `run`.
const SMALL: [&str; 11] = [
    "--device=cpu",
    "--image-size=32",
    "--generator-channels=16",
    "--encoder-channels=4",
    "--batch=4",
    "--matching-batch=4",
    "--matching-steps=2",
    "--steps=2",
    "--plain",
    "--run",
    "run",
];

/// Twenty captioned pictures, no two alike.
fn pictures(desk: &Desk, folder: &str, caption: &str) {
    fs::create_dir_all(desk.path(folder)).unwrap();
    for number in 0..20_u8 {
        let name = format!("{folder}/{}-{number}", caption.len());
        let picture = image::RgbImage::from_fn(32, 32, |x, y| image::Rgb([12 * number, (8 * x) as u8, (8 * y) as u8]));
        picture.save(desk.path(&format!("{name}.png"))).unwrap();
        desk.put(&format!("{name}.txt"), caption.as_bytes());
    }
}

/// What stops a run, and how it is mended.
struct Case {
    what: &'static str,
    options: &'static [&'static str],
    code: i32,
    stop: fn(&Desk),
    mend: fn(&Desk),
}

fn shipped(desk: &Desk) {
    fs::copy(xtask::root().join("models/emblem.safetensors"), desk.path("start.safetensors")).unwrap();
}

const CASES: [Case; 13] = [
    Case {
        what: "data that is not there",
        options: &["--data=birds"],
        code: BAD_FILE,
        stop: |_| (),
        mend: |desk| pictures(desk, "birds", "a red bird"),
    },
    Case {
        what: "a folder without captions",
        options: &["--data=birds"],
        code: BAD_FILE,
        stop: |desk| {
            fs::create_dir(desk.path("birds")).unwrap();
            desk.put("birds/1.png", b"\x89PNG\r\n\x1a\n");
        },
        mend: |desk| {
            fs::remove_file(desk.path("birds/1.png")).unwrap();
            pictures(desk, "birds", "a red bird");
        },
    },
    Case {
        what: "captions without a word",
        options: &["--data=birds"],
        code: BAD_FILE,
        stop: |desk| pictures(desk, "birds", "?!"),
        mend: |desk| {
            fs::remove_dir_all(desk.path("birds")).unwrap();
            pictures(desk, "birds", "a red bird");
        },
    },
    Case {
        what: "a name that no picture has",
        options: &["--data=birds", "--oversample=a zebra"],
        code: WRONG_USAGE,
        stop: |desk| pictures(desk, "birds", "a red bird"),
        mend: |desk| pictures(desk, "birds", "a zebra"),
    },
    Case {
        what: "a model that is not there",
        options: &["--data=birds", "--from=start.safetensors"],
        code: BAD_FILE,
        stop: |desk| pictures(desk, "birds", "a red bird"),
        mend: shipped,
    },
    Case {
        what: "a model that is none",
        options: &["--data=birds", "--from=start.safetensors"],
        code: BAD_FILE,
        stop: |desk| {
            pictures(desk, "birds", "a red bird");
            desk.put("start.safetensors", b"<!doctype html>");
        },
        mend: shipped,
    },
    Case {
        what: "settings that are not there",
        options: &["--data=birds", "--config=settings.toml"],
        code: BAD_FILE,
        stop: |desk| pictures(desk, "birds", "a red bird"),
        mend: |desk| desk.put("settings.toml", b"keep-checkpoints = 2"),
    },
    Case {
        what: "settings that cannot be read",
        options: &["--data=birds", "--config=settings.toml"],
        code: WRONG_USAGE,
        stop: |desk| {
            pictures(desk, "birds", "a red bird");
            desk.put("settings.toml", b"keep-checkpoints = many");
        },
        mend: |desk| desk.put("settings.toml", b"keep-checkpoints = 2"),
    },
    Case {
        what: "a file where the run should be",
        options: &["--data=birds"],
        code: BAD_FILE,
        stop: |desk| {
            pictures(desk, "birds", "a red bird");
            desk.put("run", b"");
        },
        mend: |desk| fs::remove_file(desk.path("run")).unwrap(),
    },
    Case {
        what: "a file where checkpoints should be",
        options: &["--data=birds"],
        code: BAD_FILE,
        stop: |desk| {
            pictures(desk, "birds", "a red bird");
            fs::create_dir(desk.path("run")).unwrap();
            desk.put("run/checkpoints", b"");
        },
        mend: |desk| fs::remove_file(desk.path("run/checkpoints")).unwrap(),
    },
    Case {
        what: "a folder where metrics should be",
        options: &["--data=birds"],
        code: BAD_FILE,
        stop: |desk| {
            pictures(desk, "birds", "a red bird");
            fs::create_dir_all(desk.path("run/metrics.jsonl")).unwrap();
        },
        mend: |desk| fs::remove_dir(desk.path("run/metrics.jsonl")).unwrap(),
    },
    Case {
        what: "a file where events should be",
        options: &["--data=birds"],
        code: BAD_FILE,
        stop: |desk| {
            pictures(desk, "birds", "a red bird");
            fs::create_dir(desk.path("run")).unwrap();
            desk.put("run/events", b"");
        },
        mend: |desk| fs::remove_file(desk.path("run/events")).unwrap(),
    },
    Case {
        what: "a cache that cannot be written",
        options: &["--data=birds", "--cache=cache", "--memory-cap=10KB"],
        code: BAD_FILE,
        stop: |desk| {
            pictures(desk, "birds", "a red bird");
            desk.put("cache", b"");
        },
        mend: |desk| fs::remove_file(desk.path("cache")).unwrap(),
    },
];

#[test]
fn what_stops_a_run_before_its_first_checkpoint_is_mended_and_the_same_command_starts_it() {
    for Case { what, options, code, stop, mend } in CASES {
        let desk = Desk::new();
        stop(&desk);
        let command = [&SMALL[..], options].concat();
        let ends = |more: &[&str]| {
            let output = desk.trainer(&[&command[..], more].concat());
            (output.status.code(), said(&output))
        };
        for (way, more) in [("a dry run", ["--dry-run"].as_slice()), ("the start", &[]), ("a second start", &[])] {
            let (found, text) = ends(more);
            assert_eq!(found, Some(code), "{what}: {way}: {text}");
            assert!(!text.contains("holds a run already") && !text.contains("panicked"), "{what}: {way}: {text}");
        }
        mend(&desk);
        let (found, text) = ends(&["--dry-run"]);
        assert_eq!(found, Some(0), "{what}, mended, dry: {text}");
        let (found, text) = ends(&[]);
        assert_eq!(found, Some(0), "{what}, mended: {text}");
        // What has begun is not begun again.
        for more in [["--dry-run"].as_slice(), &[]] {
            let (found, text) = ends(more);
            assert!(found == Some(BAD_FILE) && text.contains("holds a run already"), "{what}, again: {text}");
        }
    }
}

#[test]
fn check_ends_as_the_start_does() {
    type Put = fn(&Desk);
    let data: [(&str, i32, Put); 4] = [
        ("not there", BAD_FILE, |_| ()),
        ("nothing but text", BAD_FILE, |desk| {
            fs::create_dir(desk.path("birds")).unwrap();
            desk.put("birds/1.txt", b"a red bird");
        }),
        ("captions without a word", BAD_FILE, |desk| pictures(desk, "birds", "?!")),
        ("good pictures", 0, |desk| pictures(desk, "birds", "a red bird")),
    ];
    for (what, code, put) in data {
        let desk = Desk::new();
        put(&desk);
        let checked = desk.trainer(&["check", "birds", "--image-size=32"]);
        assert_eq!(checked.status.code(), Some(code), "{what}: {}", said(&checked));
        let started = desk.trainer(&[&SMALL[..], &["--data=birds"]].concat());
        assert_eq!(started.status.code(), Some(code), "{what}: {}", said(&started));
    }
    let desk = Desk::new();
    pictures(&desk, "birds", "a red bird");
    for command in [["check", "birds", "--image-size=48"], ["--dry-run", "--data=birds", "--image-size=48"]] {
        desk.refuses(&command, WRONG_USAGE, &["48"]);
    }
}

/// Killed, or out of room, before anything was saved.
#[test]
fn a_run_that_ends_before_its_first_checkpoint_is_begun_anew() {
    let desk = Desk::new();
    pictures(&desk, "birds", "a red bird");
    let command = [&SMALL[..], &["--data=birds", "--config=settings.toml"]].concat();
    let command: Vec<&str> = command.into_iter().filter(|option| *option != "--matching-steps=2").collect();
    desk.put("settings.toml", b"matching-steps = 1000000\nsave-every = 1000000\nlog-every = 1");
    let mut child = desk.command(&command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while !desk.path("run/metrics.jsonl").exists() {
        assert!(started.elapsed() < Duration::from_secs(120), "it does not train");
        std::thread::sleep(Duration::from_millis(5));
    }
    let taken = desk.trainer(&[&command[..], &["--dry-run"]].concat());
    assert!(taken.status.code() == Some(BAD_FILE) && said(&taken).contains("is in use"), "{}", said(&taken));
    child.kill().unwrap();
    child.wait().unwrap();
    desk.put("settings.toml", b"matching-steps = 2");

    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    let program = desk.command(&[]).get_program().to_owned();
    let mut starved = Command::new("sh");
    let output = starved.arg("-c").arg(script).arg(program).args(&command).current_dir(desk.path(".")).output().unwrap();
    assert!(output.status.code() == Some(BAD_FILE) && said(&output).contains("make room"), "{}", said(&output));

    desk.succeeds(&command);
    // What was recorded is of this run alone.
    let metrics = fs::read_to_string(desk.path("run/metrics.jsonl")).unwrap();
    let of_line = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        (line["stage"].to_string(), line["step"].as_u64().unwrap())
    };
    let mut lines: Vec<_> = metrics.lines().map(of_line).collect();
    let all = lines.len();
    lines.sort();
    lines.dedup();
    assert!(all > 0 && lines.len() == all && lines.iter().all(|(_, step)| *step <= 2), "{metrics}");
}

#[test]
fn a_run_in_the_folder_of_its_data_is_no_data() {
    let desk = Desk::new();
    pictures(&desk, "birds", "a red bird");
    let table = || {
        let output = desk.trainer(&["check", "birds", "--image-size=32"]);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    // All but what is said of the files that are left out.
    let learnt = |table: &str| {
        let of_files = |line: &&str| !["pictures ", "  left out", "files "].iter().any(|name| line.starts_with(name));
        table.lines().filter(of_files).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = table();
    assert!(before.contains(" 20 used, 0 bad, 0 left out"), "{before}");
    for run in ["birds/runs/first", "birds"] {
        let command = [&SMALL[..9], &["--data=birds", "--grid-every=1", "--run", run]].concat();
        desk.succeeds(&command);
        assert!(desk.path(run).join("samples/0000001.png").exists());
        let after = table();
        assert_eq!(learnt(&after), learnt(&before), "with a run in {run}");
        assert!(after.contains(" 20 used, 0 bad, ") && after.contains("a run of this trainer"), "{after}");
        let again = desk.succeeds(&["--resume", "--run", run, "--plain"]);
        assert!(!again.contains("the data is not what it was") && !again.contains("warning: 1"), "{again}");
    }
}
