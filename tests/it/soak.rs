//! Runs over a growing list, again and again, with memory and descriptors sampled from the system.
//!
//! `REVERIFY_SOAK_MINUTES=20 cargo test --test it soak -- --nocapture` takes so long, and asserts that
//! both stay flat. Without it a few short runs show that the counts are right.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::program::{Applicant, Running, Scene};

const SAMPLE_EVERY: Duration = Duration::from_millis(250);
/// What a run may need beyond another one, or in its second half beyond its first.
const SLACK_KIB: u64 = 16 * 1024;
/// Eight calls in flight, and the sandbox in the same process: both ends of their connections come and go.
const SLACK_DESCRIPTORS: usize = 16;

/// What one moment of a run needs.
#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    resident_kib: u64,
    descriptors: usize,
}

/// Looks at a process. `None`: it is gone, or about to be.
fn sample(process: u32) -> Option<Sample> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident_kib = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    let descriptors = fs::read_dir(format!("/proc/{process}/fd")).ok()?.count();
    Some(Sample { resident_kib, descriptors })
}

fn follow(running: &Running) -> Vec<Sample> {
    let mut samples = Vec::new();
    while !running.has_ended() {
        samples.extend(sample(running.id()));
        thread::sleep(SAMPLE_EVERY);
    }
    samples
}

/// The most of both.
fn most(samples: &[Sample]) -> Sample {
    samples.iter().fold(Sample::default(), |most, sample| Sample {
        resident_kib: most.resident_kib.max(sample.resident_kib),
        descriptors: most.descriptors.max(sample.descriptors),
    })
}

fn is_flat(before: Sample, after: Sample) -> bool {
    after.resident_kib <= before.resident_kib + SLACK_KIB
        && after.descriptors <= before.descriptors + SLACK_DESCRIPTORS
}

#[test]
fn runs_over_a_growing_list_need_no_more_memory_and_no_more_descriptors() {
    let minutes: Option<u64> = std::env::var("REVERIFY_SOAK_MINUTES").ok().map(|text| text.parse().unwrap());
    let (rows_a_run, rate) = if minutes.is_some() { (900, "20/s") } else { (30, "1000/s") };
    let begun = Instant::now();
    let is_over = |runs: usize| match minutes {
        Some(minutes) => begun.elapsed() >= Duration::from_secs(60 * minutes) || runs >= 21,
        None => runs == 3,
    };
    let scene = Scene::new(&[]);
    let mut peaks: Vec<Sample> = Vec::new();
    while !is_over(peaks.len()) {
        let rows = rows_a_run * (peaks.len() + 1);
        scene.write_input("applicants.csv", &Applicant::many(rows));
        let run = scene.command("run").arg(scene.path("applicants.csv"));
        let running = run.args(["--sandbox", "--progress", "none", "--rate", rate]).start();
        let samples = follow(&running);
        running.wait().expect_code(0);
        assert_eq!(scene.intents(), rows, "one call for each new row, and none for the old ones");
        assert_eq!(scene.output().count("decision", "match"), rows);
        let peak = most(&samples);
        if let Some(minutes) = minutes {
            let (first, second) = samples.split_at(samples.len() / 2);
            println!("soak of {minutes} minutes: {rows} rows, {} samples, at most {peak:?}", samples.len());
            assert!(
                is_flat(most(first), most(second)),
                "within a run: {:?}, {:?}",
                most(first),
                most(second)
            );
            assert!(is_flat(peaks.first().copied().unwrap_or(peak), peak), "{peaks:?}, then {peak:?}");
        }
        peaks.push(peak);
    }
}
