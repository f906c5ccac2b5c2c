//! Intents and answers per second, every one durable before it is reported, by how many are under way
//! together; and how long it takes to open a large ledger, which is to verify all of it.

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::Timestamp;
use reverify::domain::answer::{Answer, Class};
use reverify::domain::decide::AskPolicy;
use reverify::ledger::{Access, Ledger, LedgerThread, Reserved};

fn main() {
    divan::main();
}

const CALLS: usize = 2_000;

#[divan::bench(args = [1, 8, 64, 256], sample_count = 3, sample_size = 1)]
fn an_intent_and_its_answer(bencher: Bencher<'_, '_>, together: usize) {
    bencher
        .counter(ItemsCount::new(CALLS))
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_local_values(|folder| {
            record_calls(folder.path(), together, CALLS);
            folder
        });
}

/// How many answers the ledger that is opened holds.
const ANSWERS: usize = 1_000_000;

/// How many calls are under way together while it is filled.
const TOGETHER: usize = 512;

/// Reads every page, every index, every row and every link of the chain.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn opening_a_ledger_of_a_million_answers(bencher: Bencher<'_, '_>) {
    // Filled in memory where the system has such a folder: a slow disk would take minutes.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder");
    record_calls(folder.path(), TOGETHER, ANSWERS);
    let (path, key) = (folder.path().join("l.db"), folder.path().join("l.key"));
    bencher
        .counter(ItemsCount::new(ANSWERS))
        .bench_local(|| Ledger::open(&path, &key, Access::ExistingOnly).expect("a sound ledger"));
}

fn record_calls(folder: &Path, together: usize, calls: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (path, key) = (folder.join("l.db"), folder.join("l.key"));
    let mut ledger = Ledger::open(&path, &key, Access::CreateIfMissing).expect("a ledger");
    let run = ledger.begin_run(Timestamp::now()).expect("a run");
    let (thread, handle) = LedgerThread::start(ledger, 256).expect("a thread");
    runtime.block_on(async {
        let workers = (0..together).map(|worker| {
            let handle = handle.clone();
            async move {
                for number in (worker..calls).step_by(together) {
                    let photo = handle.key().photo(b"photo");
                    let subject = handle.key().subject(&number.to_string(), "id", "mobile", photo);
                    let reserved = handle.reserve(subject, AskPolicy::default(), run, Timestamp::now()).await;
                    let Ok(Reserved::Intent(intent)) = reserved else { panic!("every subject is due") };
                    let answer = Answer::without_reply(Class::Billed, "", Timestamp::now());
                    handle.record(intent, answer).await.expect("the ledger can be written");
                }
            }
        });
        futures_util::future::join_all(workers).await;
    });
    drop(handle);
    thread.join().expect("the ledger is whole");
}
