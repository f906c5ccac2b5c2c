//! The built program in a folder of its own: input, photo, key, ledger, and what came of a run.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, kill_process, prlimit, waitid};
use tempfile::TempDir;

use super::books::quick_folder;

/// Long enough for a busy machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// The API key of every scene: nowhere else in the world, so that a leak is seen.
pub const KEY: &str = "canarykey7f3a9c5e1b2d4f60";

/// The columns that the program appends, in their order.
pub const APPENDED: [&str; 15] = [
    "decision",
    "identity_check",
    "face_check",
    "mobile_check",
    "res",
    "resmsg",
    "score",
    "carrier",
    "orderid",
    "error_code",
    "reason",
    "billed",
    "attempts",
    "verified_at",
    "detail",
];

/// One row of the input. The person cannot exist: no area has the code 000000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    pub realname: String,
    pub idcard: String,
    pub mobile: String,
    pub photo: String,
}

impl Applicant {
    /// Makes up a person, different for each serial number below 20,000, whose mobile ends in `ending`.
    pub fn new(serial: usize, ending: &str) -> Self {
        let date = format!("19{:02}{:02}{:02}", 50 + serial / 27_000, 1 + serial / 27 % 12, 1 + serial % 27);
        let han = ('\u{4e00}'..='\u{9fa5}').nth(serial).expect("a serial number below 20,000");
        let first_seventeen = format!("000000{date}{:03}", serial / 324 % 1000);
        Self {
            realname: format!("测试{han}"),
            idcard: format!("{first_seventeen}{}", check_digit(&first_seventeen)),
            mobile: format!("138{serial:05}{ending}"),
            photo: "photo.jpg".to_owned(),
        }
    }

    /// Makes up one person for each ending.
    pub fn with_endings(endings: &[&str]) -> Vec<Self> {
        endings.iter().enumerate().map(|(serial, ending)| Self::new(serial, ending)).collect()
    }

    /// Makes up `count` persons who will pass.
    pub fn many(count: usize) -> Vec<Self> {
        (0..count).map(|serial| Self::new(serial, "100")).collect()
    }
}

/// ISO 7064 MOD 11-2, as GB 11643 lists weights and letters.
pub fn check_digit(first_seventeen: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = first_seventeen.chars().map(|digit| digit.to_digit(10).expect("digits only"));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    char::from(b"10X98765432"[(sum % 11) as usize])
}

/// A portrait that is inside the API's budget as it is.
pub fn photo() -> &'static [u8] {
    include_bytes!("../../../fixtures/photos/ready.jpg")
}

/// A folder with a photo, a key and whatever a test adds. Gone when dropped.
pub struct Scene {
    folder: TempDir,
}

impl Scene {
    /// Makes a folder with `photo.jpg` and the key's file, and `applicants.csv` with these rows.
    pub fn new(applicants: &[Applicant]) -> Self {
        Self::within(TempDir::new().expect("the temporary folder is writable"), applicants)
    }

    /// Makes the same in memory, for what is tried hundreds of times.
    pub fn quick(applicants: &[Applicant]) -> Self {
        Self::within(quick_folder(), applicants)
    }

    fn within(folder: TempDir, applicants: &[Applicant]) -> Self {
        let scene = Self { folder };
        scene.write("photo.jpg", photo());
        scene.write("api.key", KEY);
        scene.write_input("applicants.csv", applicants);
        scene
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns a path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the temporary folder is writable");
    }

    /// Writes an input with a serial number as a column of its own.
    pub fn write_input(&self, name: &str, applicants: &[Applicant]) {
        let mut text = String::from("serial,realname,idcard,mobile,photo\n");
        for (serial, of) in applicants.iter().enumerate() {
            writeln!(text, "{serial},{},{},{},{}", of.realname, of.idcard, of.mobile, of.photo)
                .expect("a string takes every character");
        }
        self.write(name, text);
    }

    /// Prepares `reverify run applicants.csv` against this address.
    pub fn run(&self, endpoint: &str) -> Run {
        self.run_input("applicants.csv", endpoint)
    }

    /// Prepares `reverify run` of another input in the folder.
    pub fn run_input(&self, input: &str, endpoint: &str) -> Run {
        // Looking for faces is slow in a program that is built for tests, and few of these are about it.
        let mut run = self.command("run").arg(self.path(input)).env("REVERIFY_FACE", "off");
        run.unless_given = vec![
            ("--endpoint", endpoint.into()),
            ("--rate", "500/s".into()),
            ("--concurrency", "8".into()),
            ("--timeout", "10s".into()),
            ("--progress", "none".into()),
            ("--key-file", self.path("api.key").into()),
            ("--ledger", self.path("reverify.db").into()),
        ];
        run
    }

    /// Prepares `reverify render` of an input in the folder.
    pub fn render(&self, input: &str) -> Run {
        self.command("render").arg(self.path(input)).arg("--ledger").arg(self.path("reverify.db"))
    }

    /// Counts the intents in the ledger.
    pub fn intents(&self) -> usize {
        let ledger = rusqlite::Connection::open(self.path("reverify.db")).expect("the ledger is there");
        let count: i64 = ledger
            .query_row("SELECT count(*) FROM intent", [], |row| row.get(0))
            .expect("the ledger is whole");
        usize::try_from(count).expect("a count")
    }

    /// Prepares any command, with an environment that says nothing.
    pub fn command(&self, name: &str) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reverify"));
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for variable in inherited.filter(|variable| is_ours(variable)) {
            command.env_remove(variable);
        }
        command.current_dir(self.folder.path()).arg(name).stdin(Stdio::null());
        Run { command, unless_given: Vec::new() }
    }

    /// Reads `applicants.verified.csv`.
    pub fn output(&self) -> Table {
        Table::read(&self.path("applicants.verified.csv"))
    }

    /// Reads the output's bytes, if there is one.
    pub fn output_bytes(&self) -> Option<Vec<u8>> {
        fs::read(self.path("applicants.verified.csv")).ok()
    }

    /// Reads every file in the folder: name and bytes.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder is there");
        entries
            .map(|entry| entry.expect("the folder is readable"))
            .filter(|entry| entry.path().is_file())
            .map(|entry| {
                let bytes = fs::read(entry.path()).expect("the file is readable");
                (entry.file_name().to_string_lossy().into_owned(), bytes)
            })
            .collect()
    }
}

fn is_ours(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    name.starts_with("REVERIFY_")
        || ["JUHE_KEY", "CREDENTIALS_DIRECTORY", "RUST_LOG"].contains(&&*name)
        || ["LANG", "LC_ALL", "LC_MESSAGES", "COLUMNS"].contains(&&*name)
}

/// A program about to be started.
pub struct Run {
    command: Command,
    unless_given: Vec<(&'static str, OsString)>,
}

impl Run {
    /// Adds an argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.command.arg(argument.into());
        self
    }

    /// Adds arguments; an option takes the place of the scene's own.
    pub fn args<I: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = I>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Leaves the policy on faces to the program.
    pub fn looking_for_faces(mut self) -> Self {
        self.command.env_remove("REVERIFY_FACE");
        self
    }

    /// Starts the program.
    pub fn start(mut self) -> Running {
        for (option, value) in std::mem::take(&mut self.unless_given) {
            if !self.command.get_args().any(|given| given == option) {
                self.command.arg(option).arg(value);
            }
        }
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the program was built before its tests");
        let stdout = drain(child.stdout.take().expect("stdout is a pipe"));
        let stderr = drain(child.stderr.take().expect("stderr is a pipe"));
        Running { child, stdout, stderr }
    }

    /// Starts the program and waits for its end.
    pub fn finish(self) -> Finished {
        self.start().wait()
    }
}

/// Reads a pipe to its end in a thread, so that the program never waits for its reader.
fn drain(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read until an error is still worth showing.
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// A program that runs.
pub struct Running {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Running {
    /// Says whether the program has ended by itself.
    pub fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        // Left to be waited for, so that its number stays its own.
        waitid(WaitId::Pid(Pid::from_child(&self.child)), options).is_ok_and(|ended| ended.is_some())
    }

    /// Sends a signal, which comes too late if the program has ended in this very moment.
    pub fn signal_if_there(&self, signal: Signal) {
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the program still runs");
    }

    /// Lets no file that the program writes grow beyond this size, as a full disk does.
    pub fn limit_file_size(&self, bytes: u64) {
        let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).expect("the program still runs");
    }

    /// Ends the program as a power cut would, and waits until it is gone.
    pub fn kill(mut self) -> Finished {
        // It may have finished in this very moment.
        let _ = self.child.kill();
        self.wait()
    }

    /// Waits until the program has made this file.
    pub fn wait_for_file(&mut self, path: &Path) {
        while !path.exists() {
            assert!(self.child.try_wait().is_ok_and(|ended| ended.is_none()), "the program ended before it");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end.
    pub fn wait(mut self) -> Finished {
        let Ok(stdout) = self.stdout.recv_timeout(PATIENCE) else {
            let _ = self.child.kill();
            panic!("the program did not end in {PATIENCE:?}");
        };
        let stderr = self.stderr.recv().expect("the thread sends once");
        let status = self.child.wait().expect("the program is ours to wait for");
        Finished { code: status.code(), stdout, stderr }
    }
}

/// How a program ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Checks the exit code, and shows what the program said if it is another.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// An output, by column.
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<HashMap<String, String>>,
}

impl Table {
    /// Reads a CSV file whose rows are all as long as its header.
    #[track_caller]
    pub fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).expect("the output is there");
        let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let rows = reader
            .records()
            .map(|record| record.expect("rows as long as the header"))
            .map(|record| header.iter().cloned().zip(record.iter().map(str::to_owned)).collect())
            .collect();
        Self { header, rows }
    }

    /// Returns one column, top to bottom.
    #[track_caller]
    pub fn column(&self, name: &str) -> Vec<&str> {
        self.rows.iter().map(|row| row[name].as_str()).collect()
    }

    /// Counts the rows with this value in this column.
    #[track_caller]
    pub fn count(&self, name: &str, value: &str) -> usize {
        self.column(name).iter().filter(|candidate| **candidate == value).count()
    }
}
