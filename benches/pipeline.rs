//! Rows per second from the input's first byte to the output's last, against the built-in sandbox in the
//! same process, which answers at once: every intent and answer durable, 64 calls in flight.
//!
//! And how long an output of many settled rows takes to be rendered again.

use std::path::Path;
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use reverify::api::{ApiKey, Client, Endpoint, Timeouts};
use reverify::domain::decide::AskPolicy;
use reverify::intake::{Table, TableOptions};
use reverify::ledger::{Access, EndpointKind, Ledger};
use reverify::output::columns;
use reverify::photo::{FacePolicy, PhotoFolder};
use reverify::run::conductor::{Limits, OnQuota};
use reverify::run::render::Form;
use reverify::run::{self, Job, Photos};
use reverify::sandbox::{DEFAULT_KEY, Sandbox, SandboxConfig};

#[path = "support/applicants.rs"]
mod applicants;
#[path = "support/pictures.rs"]
mod pictures;

/// Different photos, so that no cache of the machine's makes all rows alike.
const PHOTOS: u32 = 40;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn photos_of_half_a_megapixel(bencher: Bencher<'_, '_>) {
    whole_run(bencher, 1_000, (816, 612, 161_000));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn photos_inside_the_budget(bencher: Bencher<'_, '_>) {
    whole_run(bencher, 5_000, (360, 480, 18_500));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn settled_rows_rendered_again(bencher: Bencher<'_, '_>) {
    const ROWS: u32 = 20_000;
    let folder = prepare_folder(ROWS, (360, 480, 18_500));
    verify(folder.path());
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let (input, output) = (folder.path().join("in.csv"), folder.path().join("again.csv"));
        let table = open_table(&input);
        let photos = PhotoFolder::open(folder.path()).expect("the folder is there");
        let ledger = open_ledger(folder.path());
        let form = Form::default();
        run::render_again(&input, &table, Photos::Open(photos), FacePolicy::Off, &ledger, &output, &form)
            .expect("it can be rendered")
    });
}

fn whole_run(bencher: Bencher<'_, '_>, rows: u32, picture: (u16, u16, usize)) {
    bencher.counter(ItemsCount::new(rows)).with_inputs(|| prepare_folder(rows, picture)).bench_local_values(
        |folder| {
            verify(folder.path());
            folder
        },
    );
}

fn prepare_folder(rows: u32, (width, height, bytes): (u16, u16, usize)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let photo = pictures::photo(width, height, bytes);
    for number in 0..PHOTOS.min(rows) {
        // Bytes after the picture's end make another file of it, and are never sent.
        let file = [&photo[..], &number.to_le_bytes()].concat();
        std::fs::write(folder.path().join(format!("{number}.jpg")), file).expect("a photo");
    }
    let csv = applicants::applicants(rows, |number| format!("{}.jpg", number % PHOTOS));
    std::fs::write(folder.path().join("in.csv"), csv).expect("an input");
    folder
}

fn open_table(input: &Path) -> Table {
    Table::open(input, &TableOptions::default(), &columns::NAMES).expect("the input is well formed")
}

fn open_ledger(folder: &Path) -> Ledger {
    Ledger::open(&folder.join("l.db"), &folder.join("l.key"), Access::CreateIfMissing).expect("a ledger")
}

fn verify(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let sandbox = Sandbox::start(SandboxConfig::default()).await.expect("a sandbox");
        let endpoint = Endpoint::parse(&sandbox.endpoint()).expect("its own address");
        let key = ApiKey::parse(DEFAULT_KEY).expect("its own key");
        let minute = Duration::from_secs(60);
        let client =
            Client::new(endpoint, key, Timeouts { whole: minute, connect: minute }).expect("a client");
        let input = folder.join("in.csv");
        let job = Job {
            table: open_table(&input),
            input,
            photos: PhotoFolder::open(folder).expect("the folder is there"),
            faces: FacePolicy::Off,
            ledger: open_ledger(folder),
            endpoint: EndpointKind::Sandbox,
            client,
            limits: Limits {
                concurrency: 64,
                rate: "100000/s".parse().expect("a rate"),
                max_calls: None,
                max_cost: None,
                daily_limit: None,
                on_quota: OnQuota::Stop,
                deadline: None,
                wait_for_maintenance: false,
            },
            policy: AskPolicy::default(),
            only_first: None,
            form: Form::default(),
            output: folder.join("out.csv"),
        };
        let (progress, _) = tokio::sync::watch::channel(run::progress::Snapshot::default());
        let (_sender, interrupt) = tokio::sync::watch::channel(false);
        let report = run::carry_out(job, |_| {}, &progress, interrupt).await.expect("a run");
        assert!(report.rendered.is_settled(), "every row is answered");
        sandbox.shut_down().await;
    });
}
