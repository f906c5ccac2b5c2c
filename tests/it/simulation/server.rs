//! The model of the API and of the way to it: who is billed, who is refused, and what gets lost.
//!
//! It keeps the truth about every call, which nobody in the program can see.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::civil::Date;
use reverify::domain::answer::Finding;
use reverify::domain::decide::{IntentId, RunId};

use super::chance::Chance;
use super::replies::{Bills, Scripted, menu, one_of};

/// How often what goes wrong, in percent, and what the API allows.
#[derive(Clone, Debug, Default)]
pub(super) struct Weather {
    pub(super) not_sent: u64,
    pub(super) lost_before: u64,
    pub(super) lost_after: u64,
    pub(super) late: u64,
    pub(super) garbled: u64,
    pub(super) key_refused: u64,
    pub(super) unknown_code: u64,
    pub(super) unknown_res: u64,
    pub(super) fields_refused: u64,
    pub(super) not_verifiable: u64,
    pub(super) internal: u64,
    pub(super) asked_to_wait: u64,
    pub(super) client_error: u64,
    /// Calls in one day.
    pub(super) quota: Option<u64>,
    /// Calls in any second.
    pub(super) rate: Option<usize>,
    /// From when to when the interface is being maintained.
    pub(super) maintenance: (Duration, Duration),
    /// When all of this passes.
    pub(super) clears_at: Duration,
}

impl Weather {
    /// Draws a night's weather: calm, a single kind of trouble, or all kinds.
    pub(super) fn draw(chance: &mut Chance, now: Duration) -> Self {
        let mut weather = Self { clears_at: now + Duration::from_secs(12 * 3600), ..Self::default() };
        let kinds = match chance.below(10) {
            0 | 1 => 0,
            2..=4 => 1,
            5..=7 => 3,
            _ => 9,
        };
        for _ in 0..kinds {
            let often = chance.pick(&[3, 10, 10, 30, 60]);
            match chance.below(16) {
                0 | 1 => weather.not_sent = chance.pick(&[10, 30, 70, 100]),
                2 => weather.lost_before = often,
                3 => weather.lost_after = often,
                4 => weather.late = often,
                5 => weather.garbled = often,
                6 => weather.key_refused = 5,
                7 => weather.unknown_code = often,
                8 => weather.unknown_res = often,
                9 => weather.fields_refused = often,
                10 => weather.not_verifiable = often,
                11 => weather.internal = often,
                // Half an hour of nothing else makes a long story: seldom.
                12 if chance.percent(3) => weather.asked_to_wait = 100,
                12 => weather.asked_to_wait = often,
                13 => weather.client_error = 5,
                14 => weather.quota = Some(chance.between(1, 8)),
                15 if chance.percent(4) => weather.rate = Some(0),
                15 if chance.percent(50) => weather.rate = Some(chance.pick(&[1, 2, 5])),
                _ => {
                    let from = now + chance.millis(0, chance.clone().pick(&[0, 2_000]));
                    weather.maintenance = (from, from + chance.millis(1, 3_600_000));
                }
            }
        }
        weather
    }
}

/// What happens to a request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It never leaves whole.
    NotSent(Finding),
    /// It is lost after it has left.
    Lost,
    /// It arrives after so long; late ones do after the program has given up.
    Arrives(Duration),
}

/// The truth about one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth {
    pub(super) subject: usize,
    pub(super) run: RunId,
    pub(super) billed: bool,
    /// It is still on its way, and may be billed yet.
    pub(super) travels: bool,
    /// An authorised call was made since: it is paid for with that permission.
    pub(super) accounted: bool,
}

impl Truth {
    pub(super) fn may_cost(&self) -> bool {
        self.billed || self.travels
    }
}

/// The API.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) weather: Weather,
    /// By intent.
    pub(super) truths: BTreeMap<i64, Truth>,
    pub(super) billed: u64,
    pub(super) billed_by_subject: Vec<u64>,
    pub(super) billed_in_run: u64,
    pub(super) seen_in_run: u64,
    /// Billed for calls that the ledger has forgotten.
    pub(super) forgotten: u64,
    recent: VecDeque<Duration>,
    day: Option<(Date, u64)>,
}

impl Server {
    pub(super) fn way(&mut self, now: Duration, chance: &mut Chance) -> Way {
        if now >= self.weather.clears_at {
            self.weather = Weather::default();
        }
        let weather = &self.weather;
        if chance.percent(weather.not_sent) {
            let certificate = chance.below(200) == 0;
            return Way::NotSent(if certificate { Finding::CertificateInvalid } else { Finding::NotSent });
        }
        if chance.percent(weather.lost_before) {
            return Way::Lost;
        }
        if chance.percent(weather.late) {
            return Way::Arrives(chance.millis(60_000, 900_000));
        }
        Way::Arrives(match chance.below(4) {
            0 => Duration::ZERO,
            1 => chance.millis(0, 2_000),
            _ => chance.millis(20, 300),
        })
    }

    /// A request that will never arrive.
    pub(super) fn not_travelling(&mut self, intent: IntentId) {
        self.truths.get_mut(&intent.0).expect("it was sent").travels = false;
    }

    /// A request has arrived: the reply, and the truth about its bill.
    pub(super) fn arrived(
        &mut self,
        intent: i64,
        run: RunId,
        now: Duration,
        today: Date,
        chance: &mut Chance,
    ) -> &'static Scripted {
        let reply = self.choose(now, today, chance);
        let bills = match reply.bills {
            Bills::Yes => true,
            Bills::No => false,
            Bills::Perhaps => chance.percent(50),
        };
        let truth = self.truths.get_mut(&intent).expect("what arrives was sent");
        truth.travels = false;
        truth.billed = bills;
        self.billed += u64::from(bills);
        self.billed_by_subject[truth.subject] += u64::from(bills);
        self.billed_in_run += u64::from(bills && truth.run == run);
        self.seen_in_run += u64::from(truth.run == run);
        reply
    }

    fn choose(&mut self, now: Duration, today: Date, chance: &mut Chance) -> &'static Scripted {
        let (menu, weather) = (menu(), &self.weather);
        let calls_today = match self.day {
            Some((day, calls)) if day == today => calls + 1,
            _ => 1,
        };
        self.day = Some((today, calls_today));
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|at| *at + Duration::from_secs(1) <= now) {
            self.recent.pop_front();
        }
        if weather.maintenance.0 <= now && now < weather.maintenance.1 {
            return one_of(&menu.maintenance, chance);
        }
        if weather.rate.is_some_and(|most| self.recent.len() > most) {
            return one_of(&menu.address, chance);
        }
        if weather.quota.is_some_and(|most| calls_today > most) {
            return one_of(&menu.quota, chance);
        }
        for (often, replies) in [
            (weather.garbled, &menu.garbled),
            (weather.key_refused, &menu.key_refused),
            (weather.unknown_code, &menu.unknown_code),
            (weather.unknown_res, &menu.unknown_res),
            (weather.fields_refused, &menu.fields_refused),
            (weather.not_verifiable, &menu.not_verifiable),
            (weather.internal, &menu.internal),
            (weather.asked_to_wait, &menu.asked_to_wait),
            (weather.client_error, &menu.client_error),
        ] {
            if often > 0 && chance.percent(often) {
                return one_of(replies, chance);
            }
        }
        one_of(&menu.settled, chance)
    }
}
