//! The power goes: from a recording of everything that a run did to its files, the disks are built that could be
//! found afterwards. On each of them the program goes on without paying twice, or refuses and sends nothing.
//!
//! Most images are judged by the ledger in this process, opened as a run opens it; a sample of them by the built
//! program against a server. `REVERIFY_CRASH_ALL=1` judges more than 10,000.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use reverify::domain::decide::Standing;

use crate::support::books::{Books, quick_folder};
use crate::support::counting_server::CountingServer;
use crate::support::disk_image::{self, Disk, Image, Loss};
use crate::support::interposer::{How, Interposer, Plan, all, each, say};
use crate::support::program::{Applicant, Scene, Table};
use crate::support::recording::{self, Event};
use crate::support::wire::Reply;

const CONCURRENCY: usize = 4;
const OUTPUT: &str = "applicants.verified.csv";
const OLD_OUTPUT: &[u8] = b"an output of last month\n";

/// A run, recorded: what was there before it, and all that it did.
struct Recording {
    people: Vec<Applicant>,
    before: Disk,
    events: Vec<Event>,
    /// Whose requests had left before it began.
    asked_before: BTreeSet<String>,
    outputs: HashSet<Vec<u8>>,
}

impl Recording {
    /// Records a run of so many rows; one before it is killed at this call.
    fn new(interposer: Interposer, rows: usize, killed_at: Option<usize>) -> Self {
        let people = Applicant::many(rows);
        let scene = Scene::quick(&people);
        scene.write(OUTPUT, OLD_OUTPUT);
        let server = CountingServer::start(|_| Reply::verdict(100));
        let concurrency = CONCURRENCY.to_string();
        let run = || {
            scene.run(&server.endpoint()).args([
                "--concurrency",
                &concurrency,
                "--rate",
                "10000/s",
                "--face",
                "off",
            ])
        };
        if let Some(at) = killed_at {
            let killed = interposer.prepare(run(), scene.folder(), &Plan::once(How::KillBefore, at)).finish();
            assert_eq!(killed.code, None, "{killed:?}");
            server.settle();
        }
        let before = Disk::new(scene.files());
        let asked_before = people
            .iter()
            .filter(|of| server.calls_about(&of.idcard) > 0)
            .map(|of| of.mobile.clone())
            .collect();
        let logs = quick_folder();
        let plan = Plan { log: Some(logs.path().join("log")), ..Plan::default() };
        let finished = interposer.prepare(run(), scene.folder(), &plan).finish();
        assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
        let (events, _) = recording::read(&logs.path().join("log"), scene.folder());

        let outputs = [OLD_OUTPUT.to_vec(), scene.output_bytes().expect("there is an output")].into();
        let recording = Self { people, before, events, asked_before, outputs };
        recording.is_complete(&scene, &server);
        recording.ends_with_what_lasts();
        recording
    }

    /// Nothing went past the interposer: what it saw adds up to what is there, and to what the server saw.
    fn is_complete(&self, scene: &Scene, server: &CountingServer) {
        let end = self.moments().last().expect("a run does something");
        let there: Image = scene.files().into_iter().collect();
        for (name, bytes) in &there {
            let known = end.disk.as_it_is();
            assert_eq!(known.get(name), Some(bytes), "{name} is not as it was recorded");
        }
        assert_eq!(end.disk.as_it_is().len(), there.len());
        assert_eq!(end.asked.len(), server.calls());
    }

    /// What a run reports as written, a power loss right behind it leaves in place: every answer, and the output.
    fn ends_with_what_lasts(&self) {
        let end = self.moments().last().expect("a run does something");
        let image = end.disk.after(Loss::Everything);
        let now = end.disk.as_it_is();
        assert_eq!(image.get(OUTPUT), now.get(OUTPUT), "the output lasts");
        let folder = quick_folder();
        disk_image::write(&image, folder.path());
        let books = Books::read(folder.path(), &self.people).expect("the ledger lasts");
        let settled =
            (0..self.people.len()).filter(|serial| books.standing(*serial) == Standing::Settled).count();
        assert!(settled + CONCURRENCY >= self.people.len(), "{settled} answers last");
    }

    /// The disk after each event, and whose requests had left by then.
    fn moments(&self) -> impl Iterator<Item = Moment> {
        let mut moment = Moment { number: 0, disk: self.before.clone(), asked: self.asked_before.clone() };
        self.events.iter().filter(|event| !matches!(event, Event::Other)).map(move |event| {
            moment.number += 1;
            moment.disk.apply(event);
            if let Event::RequestLeft { mobile } = event {
                moment.asked.insert(mobile.clone());
            }
            moment.clone()
        })
    }
}

#[derive(Clone)]
struct Moment {
    number: usize,
    disk: Disk,
    asked: BTreeSet<String>,
}

/// What came of the images so far.
#[derive(Default)]
struct Tally {
    built: AtomicUsize,
    different: AtomicUsize,
    refused: AtomicUsize,
    by_the_program: AtomicUsize,
    seen: Mutex<HashSet<u64>>,
}

impl Tally {
    /// Counts an image; `false` if the same was judged before, with the same requests sent.
    fn is_new(&self, image: &Image, moment: &Moment) -> bool {
        let mut hasher = DefaultHasher::new();
        (image, &moment.asked).hash(&mut hasher);
        let is_new = self.seen.lock().unwrap().insert(hasher.finish());
        self.built.fetch_add(1, Ordering::SeqCst);
        self.different.fetch_add(usize::from(is_new), Ordering::SeqCst);
        is_new
    }
}

/// Asks the ledger in this process what a run would do on this image.
fn judge(recording: &Recording, moment: &Moment, loss: Loss, tally: &Tally) {
    let image = moment.disk.after(loss);
    if !tally.is_new(&image, moment) {
        return;
    }
    let name = format!("after event {}, {loss:?}", moment.number);
    if let Some(output) = image.get(OUTPUT) {
        assert!(recording.outputs.contains(output), "{name}: an output that is neither old nor new");
    } else {
        panic!("{name}: the old output is gone and there is no new one");
    }
    let folder = quick_folder();
    disk_image::write(&image, folder.path());
    let Ok(books) = Books::read(folder.path(), &recording.people) else {
        tally.refused.fetch_add(1, Ordering::SeqCst);
        return;
    };
    let mut without_answer = 0;
    for (serial, of) in recording.people.iter().enumerate() {
        let (asked, standing) = (moment.asked.contains(&of.mobile), books.standing(serial));
        assert!(!(asked && standing == Standing::Due), "{name}: would pay for row {serial} again");
        assert!(asked || standing != Standing::Settled, "{name}: row {serial} was never asked about");
        without_answer += usize::from(asked && standing != Standing::Settled);
    }
    let most = if recording.asked_before.is_empty() { CONCURRENCY } else { 2 * CONCURRENCY };
    assert!(without_answer <= most, "{name}: {without_answer} answers are lost");
}

/// Lets the built program go on from this image.
fn go_on(recording: &Recording, moment: &Moment, loss: Loss, tally: &Tally) {
    let image = moment.disk.after(loss);
    tally.by_the_program.fetch_add(1, Ordering::SeqCst);
    let name = format!("after event {}, {loss:?}", moment.number);
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::quick(&recording.people);
    disk_image::write(&image, scene.folder());
    let finished = scene.run(&server.endpoint()).args(["--rate", "10000/s", "--face", "off"]).finish();
    for of in &recording.people {
        let (before, now) = (moment.asked.contains(&of.mobile), server.calls_about(&of.idcard));
        assert!(usize::from(before) + now <= 1, "{name}: paid twice for {}", of.mobile);
    }
    if finished.code == Some(74) {
        assert_eq!(server.requests().len(), 0, "{name}");
        tally.refused.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let table: Table = scene.output();
    let in_doubt = table.count("decision", "unresolved");
    assert_eq!(finished.code, Some(i32::from(in_doubt > 0)), "{name}: {finished:?}");
    assert_eq!(table.count("decision", "match") + in_doubt, recording.people.len(), "{name}");
}

/// Judges images of a recording: at every `nth` moment all is lost, nothing is, and something is `some` times.
fn judge_images(recording: &Recording, nth: usize, some: u64, by_the_program: usize, tally: &Tally) {
    let moments: Vec<Moment> = recording.moments().step_by(nth).collect();
    each(&moments, |moment| {
        judge(recording, moment, Loss::Everything, tally);
        judge(recording, moment, Loss::Nothing, tally);
        for chance in 0..some {
            judge(recording, moment, Loss::Some(moment.number as u64 * 1000 + chance), tally);
        }
    });
    let sample: Vec<&Moment> = moments.iter().step_by((moments.len() / by_the_program).max(1)).collect();
    each(&sample, |moment| {
        let loss = if moment.number.is_multiple_of(2) { Loss::Everything } else { Loss::Some(7) };
        go_on(recording, moment, loss, tally);
    });
}

#[test]
fn after_a_power_loss_at_any_moment_nothing_is_paid_for_twice() {
    let Some(interposer) = Interposer::get() else { return };
    let tally = Tally::default();
    let (some, by_the_program) = if all() { (40, 400) } else { (2, 30) };
    judge_images(&Recording::new(interposer, 20, None), 1, some, by_the_program, &tally);
    judge_images(&Recording::new(interposer, 20, Some(120)), 1, some, by_the_program, &tally);
    report("a run of 20 rows and one that resumes it", &tally);
    assert!(tally.different.into_inner() >= if all() { 10_000 } else { 500 });
}

#[test]
fn after_a_power_loss_while_the_log_goes_into_the_ledger_nothing_is_paid_for_twice() {
    let Some(interposer) = Interposer::get() else { return };
    let tally = Tally::default();
    let (nth, some) = if all() { (3, 2) } else { (97, 1) };
    // Long enough that SQLite carries its log over in the midst of the run.
    let recording = Recording::new(interposer, 400, None);
    judge_images(&recording, nth, some, 10, &tally);
    report("a run of 400 rows", &tally);
    assert!(tally.different.into_inner() >= if all() { 1000 } else { 60 });
}

fn report(what: &str, tally: &Tally) {
    let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
    say(&format!(
        "power losses: {} disks of {what}, {} of them different and judged, {} by the program too, {} refused",
        count(&tally.built),
        count(&tally.different),
        count(&tally.by_the_program),
        count(&tally.refused),
    ));
    // What a power loss alone leaves behind is no damage, and no reason to keep an operator from going on.
    assert_eq!(count(&tally.refused), 0, "disks that a power loss leaves are refused");
}
