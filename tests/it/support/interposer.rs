//! The program with a library between it and the system, which ends it, or lets it fail, at a chosen call.
//!
//! Linux alone has what it takes (`LD_PRELOAD`, a dynamic C library); elsewhere the tests say so and pass.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::program::Run;

/// Calls on files: writing, syncing, renaming, removing, creating, lengths, allocating, modes.
pub const FILES: &str = "wsructam";

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// SIGKILL before it.
    KillBefore,
    /// SIGKILL after it.
    KillAfter,
    /// SIGKILL after half of what it was to write; before it, if it writes nothing.
    KillHalf,
    /// It fails with this error number, without having done anything.
    Fail(i32),
    /// Half of it is written.
    Short,
    /// What would need new blocks fails, as on a full disk; what lies inside a file is written.
    Full,
}

/// What is to happen, and to which calls.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Letters of the kinds that are counted; all if `None`.
    pub calls: Option<&'static str>,
    /// Of files, only those whose path contains one of these, separated by `|`.
    pub paths: Option<&'static str>,
    /// What happens, and from which call to which, counted from 1.
    pub at: Option<(How, usize, usize)>,
    /// Where every call is written down.
    pub log: Option<PathBuf>,
}

impl Plan {
    /// Lets it happen once.
    pub fn once(how: How, at: usize) -> Self {
        Self { at: Some((how, at, at)), ..Self::default() }
    }

    /// Lets it happen from one call on, for good.
    pub fn from_on(how: How, at: usize) -> Self {
        Self { at: Some((how, at, usize::MAX >> 1)), ..Self::default() }
    }
}

/// The library, built once.
#[derive(Clone, Copy)]
pub struct Interposer(&'static Path);

impl Interposer {
    /// Builds the library. `None`, and a line on standard error, where that is not possible.
    pub fn get() -> Option<Self> {
        static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
        LIBRARY.get_or_init(build).as_deref().map(Self)
    }

    /// Puts the library before a program whose files are in `folder`.
    pub fn prepare(self, run: Run, folder: &Path, plan: &Plan) -> Run {
        let folder = folder.canonicalize().expect("the folder is there");
        let mut run = run
            .env("LD_PRELOAD", self.0.to_str().expect("the target folder's name is text"))
            .env("CRASHPOINT_ROOT", folder.to_str().expect("temporary names are text"));
        for (name, value) in [("CRASHPOINT_CALLS", plan.calls), ("CRASHPOINT_PATH", plan.paths)] {
            if let Some(value) = value {
                run = run.env(name, value);
            }
        }
        if let Some((how, from, until)) = plan.at {
            run = run.env("CRASHPOINT_AT", &from.to_string()).env("CRASHPOINT_UNTIL", &until.to_string());
            run = match how {
                How::KillBefore => run.env("CRASHPOINT_HOW", "before"),
                How::KillAfter => run.env("CRASHPOINT_HOW", "after"),
                How::KillHalf => run.env("CRASHPOINT_HOW", "half"),
                How::Fail(number) => {
                    run.env("CRASHPOINT_HOW", "fail").env("CRASHPOINT_ERRNO", &number.to_string())
                }
                How::Short => run.env("CRASHPOINT_HOW", "short"),
                How::Full => run.env("CRASHPOINT_HOW", "full"),
            };
        }
        match &plan.log {
            Some(log) => run.env("CRASHPOINT_LOG", log.to_str().expect("temporary names are text")),
            None => run,
        }
    }
}

fn build() -> Option<PathBuf> {
    let why = if cfg!(not(all(target_os = "linux", target_env = "gnu"))) {
        "this system has no LD_PRELOAD".to_owned()
    } else if Command::new("cc").arg("--version").output().is_err() {
        "there is no C compiler `cc`".to_owned()
    } else {
        return Some(compile());
    };
    say(&format!("not tried: what happens at each system call, because {why}"));
    None
}

/// A compiler that is there and refuses is a failure, not a reason to try nothing.
fn compile() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/interpose.c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (part, library) =
        (folder.join(format!("interpose-{}.part", std::process::id())), folder.join("interpose.so"));
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"])
        .args([&part, &source])
        .args(["-ldl", "-pthread"])
        .output()
        .expect("cc was there a moment ago");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // Another process may be running with the old one.
    fs::rename(&part, &library).expect("the target folder is writable");
    library
}

/// Says a line that `cargo test` shows although the test passes.
pub fn say(line: &str) {
    // What cannot be shown is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// True if everything is to be tried, and not only what continuous integration has time for.
pub fn all() -> bool {
    std::env::var_os("REVERIFY_CRASH_ALL").is_some()
}

/// Calls `try_one` with 1, 2, 3 … side by side, until one says that there is no such point any more; returns
/// how many there were.
pub fn until_over(try_one: impl Fn(usize) -> bool + Sync) -> usize {
    let (next, over, tried) = (AtomicUsize::new(1), AtomicBool::new(false), AtomicUsize::new(0));
    let work = || {
        while !over.load(Ordering::SeqCst) {
            if try_one(next.fetch_add(1, Ordering::SeqCst)) {
                tried.fetch_add(1, Ordering::SeqCst);
            } else {
                over.store(true, Ordering::SeqCst);
            }
        }
    };
    side_by_side(threads(), &work);
    tried.into_inner()
}

/// Calls `do_one` with each of these, side by side.
pub fn each<T: Sync>(items: &[T], do_one: impl Fn(&T) + Sync) {
    each_on(threads(), items, do_one);
}

/// The same on so many threads.
pub fn each_on<T: Sync>(threads: usize, items: &[T], do_one: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    side_by_side(threads, &|| {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::SeqCst)) {
            do_one(item);
        }
    });
}

/// A program that is waited for leaves its core to another.
fn threads() -> usize {
    thread::available_parallelism().map_or(2, NonZeroUsize::get) + 1
}

/// Runs the same on a few threads, and fails with what any of them failed with.
fn side_by_side(threads: usize, work: &(impl Fn() + Sync)) {
    let mut failures = String::new();
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in running {
            if let Err(failure) = thread.join() {
                let text = failure.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| failure.downcast_ref::<&str>().copied()).unwrap_or("a failure");
                writeln!(failures, "{text}").expect("a string takes every character");
            }
        }
    });
    assert!(failures.is_empty(), "{failures}");
}
