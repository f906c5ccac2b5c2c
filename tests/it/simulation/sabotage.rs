//! Guarantees, broken on purpose: each must make the simulator fail, or it could not be trusted when it
//! does not.

/// What is broken in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Sabotage {
    /// Nothing.
    #[default]
    None,
    /// A time limit is taken for a connection that was refused, and the call repeated.
    RepeatsAfterATimeout,
    /// The call goes out while its intent is still being written.
    SendsBeforeTheIntentLasts,
    /// An answer is dropped instead of written down.
    RecordsNothing,
    /// The slot is freed while the answer is still being written.
    FreesTheSlotTooEarly,
    /// Commits are told of, but nothing reaches the disk.
    CommitsToMemory,
    /// After a failed commit the next one is taken for a success of both.
    TriesAFailedCommitAgain,
    /// Intents of dead runs are overlooked.
    TakesOrphansForNothing,
    /// Intents are written without looking at what is known.
    AsksWithoutLooking,
    /// A resend is not written down.
    WritesNoResendDown,
    /// A new run takes the last run's number.
    ReusesTheRunsNumber,
    /// One more call than `--max-calls` allows.
    CountsCallsAfterTheyEnd,
    /// One more call in flight than allowed.
    FliesOneTooMany,
    /// A code that the document lacks is taken for free.
    TakesUnknownCodesForFree,
    /// A row is dropped on its way to the core.
    LosesARow,
    /// The exit code says that all is settled.
    SaysThatAllIsSettled,
    /// An alarm is not set.
    OversleepsTheAlarm,
    /// The deadline is not passed on.
    IgnoresTheDeadline,
    /// An older copy of the ledger is taken for all there was.
    ForgetsWhatIsLost,
    /// A doubt does not make the calls go one by one.
    HurriesAfterADoubt,
}
