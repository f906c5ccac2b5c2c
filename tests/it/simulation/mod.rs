//! A deterministic simulation: the program's own core, driven against models of ledger, network and API,
//! with every invariant of DESIGN checked after every event.
//!
//! A seed decides everything: the list, the options of each run, latency, losses, error codes, quotas,
//! crashes, failing commits, jumps of the wall clock, and what people do between runs, an older copy of the
//! ledger that is put back included. So a seed that fails
//! once fails each time:
//!
//! ```text
//! REVERIFY_SIM_SEED=4711      cargo test --test it simulation::seeds -- --nocapture    replays one, with its events
//! REVERIFY_SIM_SEEDS=10000000 cargo test --release --test it simulation::seeds         runs so many
//! ```
//!
//! [`world`] holds the story, [`process`] and [`steps`] one run of the program, [`oracle`] the invariants, written from the
//! design and not from the program. [`sabotage`] breaks guarantees on purpose, to see that it is noticed.

mod chance;
mod ledger;
mod oracle;
mod orders;
mod process;
mod replies;
mod rollback;
mod sabotage;
mod server;
mod steps;
mod world;
mod year;

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use oracle::{KINDS, STOPS, Violation};
use sabotage::Sabotage;
use world::World;

/// How many seeds every run of the tests takes.
const SEEDS: u64 = 100_000;
/// How many events before its end a failing seed shows.
const SHOWN: usize = 120;

/// What simulations came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    events: u64,
    calls: u64,
    billed: u64,
    runs: u64,
    crashes: u64,
    /// Kinds of findings and of stops that were met, as bits.
    met: u32,
    stops: u32,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.calls += other.calls;
        self.billed += other.billed;
        self.runs += other.runs;
        self.crashes += other.crashes;
        self.met |= other.met;
        self.stops |= other.stops;
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Lives through one seed.
fn simulate(seed: u64, sabotage: Sabotage, traced: bool) -> (Result<Tally, Violation>, Vec<String>) {
    let mut world = World::new(seed, sabotage, traced);
    let lived = std::panic::catch_unwind(AssertUnwindSafe(|| world.live()));
    let lived = lived.unwrap_or_else(|_| {
        Err(Violation { rule: "nothing panics", detail: "see the panic's own message".to_owned() })
    });
    let tally = Tally {
        events: world.events,
        calls: world.calls,
        billed: world.server.billed,
        runs: u64::try_from(world.ledger.last_run).unwrap(),
        crashes: world.crashes,
        met: world.met,
        stops: world.stops,
    };
    (lived.map(|()| tally), world.into_trace())
}

/// Tells of a failure in a way that it can be repeated.
fn tell(seed: u64, violation: &Violation) -> String {
    let (_, trace) = simulate(seed, Sabotage::None, true);
    let last = trace[trace.len().saturating_sub(SHOWN)..].join("\n");
    format!(
        "{last}\n\nseed {seed}: {}: {}\nreplay it with REVERIFY_SIM_SEED={seed} cargo test --test it simulation::seeds -- --nocapture",
        violation.rule, violation.detail
    )
}

/// Lives through many seeds, on all cores. The first that fails ends it.
fn simulate_all(first: u64, seeds: u64) -> Tally {
    let (next, failed) = (AtomicU64::new(first), AtomicBool::new(false));
    let (sum, failure) = (Mutex::new(Tally::default()), Mutex::new(None));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut own = Tally::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || failed.load(Ordering::Relaxed) {
                        break;
                    }
                    match simulate(seed, Sabotage::None, false).0 {
                        Ok(tally) => own += tally,
                        Err(violation) => {
                            failed.store(true, Ordering::Relaxed);
                            failure.lock().unwrap().get_or_insert((seed, violation));
                        }
                    }
                }
                *sum.lock().unwrap() += own;
            });
        }
    });
    if let Some((seed, violation)) = failure.into_inner().unwrap() {
        panic!("{}", tell(seed, &violation));
    }
    sum.into_inner().unwrap()
}

#[test]
fn seeds_of_crashes_losses_and_codes_break_no_invariant() {
    if let Some(seed) = number("REVERIFY_SIM_SEED") {
        let (lived, trace) = simulate(seed, Sabotage::None, true);
        println!("{}", trace.join("\n"));
        if let Err(violation) = lived {
            panic!("seed {seed}: {}: {}", violation.rule, violation.detail);
        }
        return;
    }
    let seeds = number("REVERIFY_SIM_SEEDS").unwrap_or(SEEDS);
    let tally = simulate_all(number("REVERIFY_SIM_FIRST").unwrap_or(0), seeds);
    println!("{seeds} seeds: {tally:?}");
    // A simulation in which nothing happens would hold anything.
    assert!(tally.calls > seeds * 3 && tally.crashes > seeds / 3 && tally.runs > seeds * 3, "{tally:?}");
    assert!(seeds < SEEDS || tally.met == (1 << KINDS) - 1, "some finding was never met: {:b}", tally.met);
    assert!(seeds < SEEDS || tally.stops == (1 << STOPS) - 1, "some stop was never met: {:b}", tally.stops);
}

#[test]
fn a_seed_is_the_same_story_each_time() {
    for seed in 0..50 {
        let (once, again) = (simulate(seed, Sabotage::None, true), simulate(seed, Sabotage::None, true));
        assert_eq!(once.1, again.1, "seed {seed}");
        assert!(once.0.is_ok() && once.0.unwrap() == again.0.unwrap());
    }
}

/// Each guarantee broken in turn, and the invariants that may notice first.
const SABOTAGES: [(Sabotage, &[&str]); 19] = [
    (Sabotage::RepeatsAfterATimeout, &["I1", "I3", "the operator is told something else"]),
    (Sabotage::SendsBeforeTheIntentLasts, &["I2"]),
    (Sabotage::RecordsNothing, &["I4"]),
    (Sabotage::FreesTheSlotTooEarly, &["I4"]),
    (Sabotage::CommitsToMemory, &["I2"]),
    (Sabotage::TriesAFailedCommitAgain, &["I2", "I4"]),
    (Sabotage::TakesOrphansForNothing, &["I1"]),
    (Sabotage::AsksWithoutLooking, &["I1", "I6"]),
    (Sabotage::WritesNoResendDown, &["I1"]),
    (Sabotage::ReusesTheRunsNumber, &["a row is lost"]),
    (Sabotage::CountsCallsAfterTheyEnd, &["I5"]),
    (Sabotage::FliesOneTooMany, &["I4"]),
    (Sabotage::TakesUnknownCodesForFree, &["I1", "I3", "the operator is told something else"]),
    (Sabotage::LosesARow, &["a due row was left out"]),
    (Sabotage::SaysThatAllIsSettled, &["I9"]),
    (Sabotage::OversleepsTheAlarm, &["the run neither ends nor waits"]),
    (Sabotage::IgnoresTheDeadline, &["a call starts at or after the deadline"]),
    (Sabotage::ForgetsWhatIsLost, &["I1"]),
    (Sabotage::HurriesAfterADoubt, &["a call flies beside a canary or a probe"]),
];

#[test]
fn the_simulator_notices_every_guarantee_that_is_broken_on_purpose() {
    const SEEDS: u64 = 4_000;
    for (sabotage, rules) in SABOTAGES {
        let mut broken = (0..SEEDS).filter_map(|seed| {
            let violation = simulate(seed, sabotage, false).0.err()?;
            Some((seed, violation))
        });
        let Some((seed, violation)) = broken.next() else { panic!("{sabotage:?} is not noticed") };
        println!("{sabotage:?}: seed {seed}: {}", violation.rule);
        let expected = rules.iter().any(|rule| violation.rule.starts_with(rule));
        assert!(expected, "{sabotage:?}, seed {seed}: {}: {}", violation.rule, violation.detail);
    }
}

#[test]
fn a_year_of_nights_breaks_no_invariant_and_leaves_every_row_settled() {
    let year = match year::live(20_261_123, 365, &mut None) {
        Ok(year) => year,
        Err(violation) => panic!("{}: {}", violation.rule, violation.detail),
    };
    println!("{year:?}");
    assert!(
        year.rows > 400 && year.calls > 800 && year.billed > 300 && year.crashes > 40 && year.runs > 365,
        "{year:?}"
    );
}

#[test]
fn a_real_ledger_knows_through_many_nights_what_the_model_knows() {
    let nights = number("REVERIFY_SIM_NIGHTS").unwrap_or(30);
    let year = match year::live(7, nights, &mut Some(year::Real::new())) {
        Ok(year) => year,
        Err(violation) => panic!("{}: {}", violation.rule, violation.detail),
    };
    println!("{year:?}");
    assert!(year.calls > nights && year.crashes > nights / 12, "{year:?}");
}
