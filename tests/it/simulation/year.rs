//! A year of nights: one ledger, a list that grows, a quota each night, and crashes as they come.
//!
//! The same facts can be written into a real ledger beside the model, which must then know the same.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reverify::domain::shanghai;
use reverify::ledger::{Access, Ledger, Subject};
use tempfile::TempDir;

use super::ledger::Fact;
use super::oracle::{Checked, Oracle, hold};
use super::orders::Orders;
use super::sabotage::Sabotage;
use super::server::Weather;
use super::world::{End, World};

/// How many calls the API allows in a night.
const QUOTA: u64 = 12;
/// The most that a night is started again after crashes.
const RESTARTS: usize = 6;

/// What a year came to.
#[derive(Debug)]
pub(super) struct Year {
    pub(super) rows: usize,
    pub(super) calls: u64,
    pub(super) billed: u64,
    pub(super) crashes: u64,
    pub(super) runs: i64,
}

/// Lives through so many nights.
pub(super) fn live(seed: u64, nights: u64, real: &mut Option<Real>) -> Checked<Year> {
    let mut world = World::new(seed, Sabotage::None, false);
    world.jumps = false;
    if real.is_some() {
        world.ledger.keep_a_journal();
    }
    for night in 0..nights {
        // At one in the morning, unless the night before is not over.
        let one = shanghai::next_midnight(world.true_time()) + Duration::from_secs(3600);
        world.at += Duration::try_from(one.duration_since(world.true_time())).expect("it is to come");
        for _ in 0..world.chance.below(4) {
            world.add_row();
        }
        if night % 7 == 6 {
            world.let_all_arrive()?;
            world.settle_doubts(80);
        }
        live_a_night(&mut world, one)?;
        world.oracle.nothing_was_lost(&world.ledger)?;
        Oracle::spend_is_enclosed(&world.ledger, &world.server)?;
        if let Some(real) = real {
            real.follow(&mut world)?;
        }
    }
    world.settle()?;
    if let Some(real) = real {
        real.follow(&mut world)?;
    }
    Ok(Year {
        rows: world.rows.len(),
        calls: world.calls,
        billed: world.server.billed,
        crashes: world.crashes,
        runs: world.ledger.last_run,
    })
}

/// One night, from one o'clock to five, started again after each crash.
fn live_a_night(world: &mut World, one: Timestamp) -> Checked {
    for _ in 0..RESTARTS {
        world.server.weather = Weather { quota: Some(QUOTA), ..Weather::draw(&mut world.chance, world.at) };
        let mut orders = Orders::plain(world.chance.clone().pick(&[1, 4, 8]));
        orders.limits.deadline = Some(one + SignedDuration::from_hours(4));
        orders.limits.wait_for_maintenance = true;
        orders.limits.daily_limit = world.chance.maybe(50, |_| QUOTA);
        orders.policy.resend_doubts = world.chance.percent(5);
        orders.crash_at = world.chance.maybe(30, |chance| chance.below(60));
        orders.failing_commit = world.chance.maybe(3, |chance| chance.below(10));
        if !matches!(world.run(&orders)?, End::Killed | End::LedgerFailed) {
            break;
        }
        world.at += world.chance.millis(1_000, 600_000);
    }
    Ok(())
}

/// A real ledger that is told the same.
pub(super) struct Real {
    folder: TempDir,
    ledger: Option<Ledger>,
    opened: u64,
}

impl Real {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().expect("the temporary folder is writable");
        let mut real = Self { folder, ledger: None, opened: 0 };
        real.open();
        real
    }

    fn open(&mut self) {
        self.ledger = None;
        let (path, key) =
            (self.folder.path().join("reverify.db"), self.folder.path().join("reverify.db.key"));
        self.ledger = Some(Ledger::open(&path, &key, Access::CreateIfMissing).expect("it was closed well"));
        self.opened += 1;
    }

    fn subject(&self, number: usize) -> Subject {
        let key = self.ledger.as_ref().expect("it is open").key();
        key.subject("name", &number.to_string(), "mobile", key.photo(b"photo"))
    }

    /// Writes down what the model did, and compares what both know.
    fn follow(&mut self, world: &mut World) -> Checked {
        for fact in world.ledger.take_journal() {
            self.write(&fact)?;
        }
        if world.chance.percent(20) {
            self.open();
        }
        let ledger = self.ledger.as_ref().expect("it is open");
        for subject in 0..world.ledger.subjects() {
            let (real, model) =
                (ledger.history(self.subject(subject)).unwrap(), world.ledger.durable(subject));
            hold(real == *model, "the ledger knows what the model knows", || format!("{real:?}\n{model:?}"))?;
        }
        let totals = ledger.totals(shanghai::day(world.wall())).unwrap();
        let counted = (totals.ever.billed, totals.ever.in_doubt);
        hold(counted == world.ledger.believed(), "the ledger counts what the model counts", || {
            format!("{counted:?} is not {:?}", world.ledger.believed())
        })?;
        hold(totals.today.calls == world.calls_of_today(), "a day's calls are counted alike", || {
            format!("{} is not {}", totals.today.calls, world.calls_of_today())
        })
    }

    fn write(&mut self, fact: &Fact) -> Checked {
        let subject = match fact {
            Fact::Asked { subject, .. } => Some(self.subject(*subject)),
            _ => None,
        };
        let ledger = self.ledger.as_mut().expect("it is open");
        match (fact, subject) {
            (Fact::Run(run, at), _) => {
                let began = ledger.begin_run(*at).unwrap();
                hold(began == *run, "runs are numbered alike", || format!("{began:?} is not {run:?}"))
            }
            (Fact::Asked { policy, run, at, told, .. }, Some(subject)) => {
                let reserved = ledger.reserve(subject, policy, *run, *at).unwrap();
                hold(reserved == *told, "the ledger decides as the model does", || {
                    format!("{reserved:?} is not {told:?}")
                })
            }
            (Fact::Asked { .. }, None) => unreachable!("its subject was looked up"),
            (Fact::Answered(intent, answer), _) => {
                ledger.record(*intent, answer).unwrap();
                Ok(())
            }
            (Fact::Resolved(intent, verdict), _) => {
                ledger.resolve(*intent, *verdict, "test", "test", Timestamp::UNIX_EPOCH).unwrap();
                Ok(())
            }
        }
    }
}
