//! A small run on a desk, and what can be read off it from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use safetensors::SafeTensors;
use tests::desk::Desk;

use super::{PATIENCE, said};

/// A run of seconds: the smallest networks, and a save at every second step.
const SMALL: [&str; 21] = [
    "--device=cpu",
    "--image-size=32",
    "--generator-channels=16",
    "--encoder-channels=4",
    "--batch=4",
    "--matching-batch=4",
    "--matching-steps=8",
    "--steps=24",
    "--save-every=2",
    "--log-every=1",
    "--grid-every=12",
    "--plain",
    // Kept between test runs: drawing the pictures takes longer than these runs do.
    concat!("--cache=", env!("CARGO_TARGET_TMPDIR"), "/pictures"),
    "--run",
    "run",
    "--lambda-adversarial=0.3",
    "--adversarial-start=0.5",
    "--adversarial-every=2",
    "--seed=1",
    "--keep-checkpoints=3",
    "--ema-half-life=100",
];

/// A small run on a desk.
pub struct Runs {
    pub desk: Desk,
}

impl Runs {
    pub fn new() -> Self {
        Self { desk: Desk::new() }
    }

    fn arguments<'a>(&self, more: &[&'a str]) -> Vec<&'a str> {
        let resume = self.desk.path("run/config.toml").exists();
        // What a run has been told once it knows; only where it stands must be said again.
        let known: &[&str] = if resume { &["--run", "run", "--plain", "--resume"] } else { &SMALL };
        let option = |argument: &str| argument.split('=').next().map(str::to_owned);
        let said_again = |known: &&str| more.iter().any(|other| option(other) == option(known));
        known.iter().copied().filter(|known| !said_again(known)).chain(more.iter().copied()).collect()
    }

    /// Starts the run, or continues it.
    pub fn start(&self, more: &[&str]) -> Child {
        let mut command = self.desk.command(&self.arguments(more));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Starts or continues the run and waits for its end.
    pub fn finish(&self, more: &[&str]) -> Output {
        self.desk.trainer(&self.arguments(more))
    }

    pub fn finishes(&self) {
        let output = self.finish(&[]);
        assert!(output.status.success(), "{}", said(&output));
    }

    /// Starts the run with at most so many kilobytes to a file, as a disk that fills up.
    pub fn starved(&self, kilobytes: usize) -> Output {
        let program = self.desk.command(&[]).get_program().to_owned();
        // The signal would kill the program before it could see the error.
        let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", kilobytes * 2);
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(program).args(self.arguments(&[])).current_dir(self.desk.path("."));
        command.output().unwrap()
    }

    /// The run's checkpoints, newest first.
    pub fn checkpoints(&self) -> Vec<(usize, usize)> {
        let Ok(entries) = fs::read_dir(self.desk.path("run/checkpoints")) else { return vec![] };
        let place = |name: String| {
            let (stage, step) = name.strip_suffix(".ckpt")?.split_once('-')?;
            Some((usize::from(stage == "disentangling"), step.parse().ok()?))
        };
        let mut places: Vec<_> = entries.filter_map(|entry| place(entry.unwrap().file_name().into_string().unwrap())).collect();
        places.sort_unstable_by(|a, b| b.cmp(a));
        places
    }

    pub fn checkpoint(&self, (stage, step): (usize, usize)) -> PathBuf {
        self.desk.path(&format!("run/checkpoints/{}-{step:07}.ckpt", ["matching", "disentangling"][stage]))
    }

    /// Waits until a checkpoint of that stage, or a later one, is there.
    pub fn wait_for(&self, place: (usize, usize)) {
        let started = Instant::now();
        while self.checkpoints().first().is_none_or(|newest| *newest < place) {
            assert!(started.elapsed() < PATIENCE, "no checkpoint {place:?}: {:?}", self.checkpoints());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// All that lies beside the run.
    pub fn outside(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.desk.path(".")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != "run").collect()
    }

    /// The finished model's weights and golden pictures by name.
    pub fn weights(&self) -> BTreeMap<String, Vec<u8>> {
        let bytes = fs::read(self.desk.path("run/model.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        tensors.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect()
    }

    /// The recorded values, but for times.
    pub fn metrics(&self) -> Vec<String> {
        let text = fs::read_to_string(self.desk.path("run/metrics.jsonl")).unwrap();
        let line = |line: &str| {
            let mut values: serde_json::Value = serde_json::from_str(line).unwrap();
            values.as_object_mut().unwrap().remove("seconds");
            values.to_string()
        };
        text.lines().map(line).collect()
    }
}
