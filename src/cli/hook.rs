//! `--on-finish`: the summary, handed to a command of the operator's, for mail or a chat.
//!
//! What the command does never changes how the run ends: it has ended already. It gets no key, and no
//! more time than [`LONGEST`].

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long the command may take.
const LONGEST: Duration = Duration::from_secs(60);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What the command has no business to know: where the key is, and the service manager's own.
const KEPT_BACK: [&str; 6] = [
    "JUHE_KEY",
    "CREDENTIALS_DIRECTORY",
    "REVERIFY_KEY_FILE",
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
];

/// Runs the command with the summary on its standard input, and says on standard error if it failed.
pub(super) fn run(command: &str, summary: &serde_json::Value) {
    let failed = match run_within(LONGEST, command, summary) {
        Ok(Some(status)) if status.success() => return,
        Ok(Some(status)) => crate::say!("hook-failed", status = status.to_string()),
        Ok(None) => crate::say!("hook-took-too-long", seconds = LONGEST.as_secs()),
        Err(error) => crate::say!("hook-not-started", error = error.to_string()),
    };
    tracing::warn!("--on-finish failed");
    // Standard error may be closed; the run has ended all the same.
    let _ = writeln!(io::stderr(), "reverify: {failed}");
}

/// Returns how the command ended; `None` if it had to be ended.
fn run_within(
    longest: Duration,
    command: &str,
    summary: &serde_json::Value,
) -> io::Result<Option<ExitStatus>> {
    // What it says is not the program's own result, so it does not go where that goes.
    let to_stderr = || io::stderr().as_fd().try_clone_to_owned().map_or_else(|_| Stdio::null(), Stdio::from);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::piped()).stdout(to_stderr()).stderr(to_stderr());
    for name in KEPT_BACK {
        shell.env_remove(name);
    }
    // A group of its own, so that what it has started can be ended with it.
    let mut child = shell.process_group(0).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        let text = format!("{summary}\n");
        // In a thread, since a command that never reads must not hold this one up.
        std::thread::spawn(move || {
            // A command may well do without the summary.
            let _ = input.write_all(text.as_bytes());
        });
    }
    wait(&mut child, longest)
}

fn wait(child: &mut Child, longest: Duration) -> io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() >= longest {
            // It may have ended in this very moment.
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_does_not_end_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("pid");
        let command = format!("sleep 1000 & echo $! > {}; wait", mark.display());
        let ended = run_within(Duration::from_secs(3), &command, &serde_json::json!({})).unwrap();
        assert_eq!(ended, None);
        let pid: i32 = std::fs::read_to_string(mark).unwrap().trim().parse().unwrap();
        let pid = Pid::from_raw(pid).unwrap();
        let is_gone = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
            rustix::process::test_kill_process(pid).is_err()
                || state.is_ok_and(|state| state.contains(") Z "))
        };
        while !is_gone() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_command_gets_the_summary_and_says_how_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let got = folder.path().join("got.json");
        let command = format!("cat > {}; exit 3", got.display());
        let summary = serde_json::json!({ "event": "finished", "exit_code": 1 });
        let ended = run_within(LONGEST, &command, &summary).unwrap().unwrap();
        assert_eq!(ended.code(), Some(3));
        assert_eq!(std::fs::read_to_string(got).unwrap(), format!("{summary}\n"));
    }
}
