//! Resume as a property: whatever ends the runs, and whatever becomes of the input between them, nothing
//! is paid for twice and every row is right in the end.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Run, Scene, Table};
use crate::support::wire::Reply;

const SEEDS: [u64; 3] = [1, 20_261_123, 0x5eed];
const KILLS_PER_SEED: usize = 8;
const CONCURRENCY: usize = 4;
const PEOPLE: usize = 51;

/// Photographs as people hand them in: inside the budget, too large, too small, turned, and of every format.
const PHOTOS: [&str; 16] = [
    "ready.jpg",
    "ready-small.jpg",
    "large.jpg",
    "larger.jpg",
    "below-budget.jpg",
    "progressive.jpg",
    "grey.jpg",
    "cmyk.jpg",
    "exif-3.jpg",
    "exif-6.jpg",
    "exif-8.jpg",
    "rgb.png",
    "palette.png",
    "alpha.png",
    "lossy.webp",
    "picture.bmp",
];

/// A small generator, so that one schedule can be told from another by its seed alone.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// What the server says about a mobile that ends so, as the API document has it.
fn expected_decision(ending: &str) -> &'static str {
    match ending {
        "100" => "match",
        "104" | "108" | "109" | "112" | "113" | "115" => "inconclusive",
        _ => "mismatch",
    }
}

fn people() -> Vec<Applicant> {
    let mut people: Vec<Applicant> =
        (0..PEOPLE).map(|serial| Applicant::new(serial, &(100 + serial % 17).to_string())).collect();
    for (serial, of) in people.iter_mut().enumerate() {
        PHOTOS[serial * 5 % PHOTOS.len()].clone_into(&mut of.photo);
    }
    people
}

/// The list as it stands today: in another order, longer, with rows twice, with photos under other names.
fn changed(people: &[Applicant], scene: &Scene, round: usize, random: &mut Random) -> Vec<Applicant> {
    let known = (PEOPLE / 2 + round * 4).min(PEOPLE);
    let mut list = people[..known].to_vec();
    for _ in 0..random.below(4) {
        list.push(list[random.below(list.len())].clone());
    }
    if random.below(2) == 0 {
        let row = random.below(list.len());
        let name = format!("renamed-{round}-{}", list[row].photo);
        fs::copy(scene.path(&list[row].photo), scene.path(&name)).unwrap();
        list[row].photo = name;
    }
    if random.below(3) > 0 {
        random.shuffle(&mut list);
    }
    list
}

fn an_output_is_whole(path: &Path) {
    if let Ok(bytes) = fs::read(path) {
        assert!(bytes.ends_with(b"\n"), "an output is whole or not there");
        Table::read(path);
    }
}

/// Each person's row, which is the same wherever it stands.
fn by_person(table: &Table) -> HashMap<&str, (&str, &str, &str)> {
    let mut rows = HashMap::new();
    for row in &table.rows {
        let outcome = (&*row["decision"], &*row["res"], &*row["billed"]);
        assert_eq!(*rows.entry(&*row["idcard"]).or_insert(outcome), outcome, "one person, one outcome");
    }
    rows
}

fn count<'a>(rows: &HashMap<&str, (&'a str, &'a str, &'a str)>, billed: &str) -> usize {
    rows.values().filter(|(_, _, cell)| *cell == billed).count()
}

#[test]
fn any_schedule_of_ends_and_changes_leads_to_the_right_output() {
    for seed in SEEDS {
        println!("seed {seed}");
        follow(seed);
    }
}

fn follow(seed: u64) {
    let random = &mut Random(seed);
    let server = CountingServer::start(|request| {
        let mobile = request.field("mobile").to_owned();
        let verdict = mobile[mobile.len() - 3..].parse().expect("three digits");
        Reply::later(Duration::from_millis(2 * (request.number as u64 % 4)), verdict)
    });
    let people = people();
    let scene = Scene::new(&[]);
    for name in PHOTOS {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos").join(name);
        fs::copy(source, scene.path(name)).unwrap();
    }
    let run = |input: &str| -> Run {
        let run = scene.run_input(input, &server.endpoint());
        let run = run.args(["--concurrency", &CONCURRENCY.to_string()]);
        if seed == SEEDS[0] { run.looking_for_faces() } else { run }
    };

    let mut kills = 0;
    let mut round = 0;
    while kills < KILLS_PER_SEED {
        // Now and then under another name: the ledger knows persons, not files.
        let input = if random.below(4) == 0 { "tomorrow.csv" } else { "applicants.csv" };
        scene.write_input(input, &changed(&people, &scene, round, random));
        let calls = server.calls();
        let running = run(input).start();
        if random.below(3) == 0 {
            // At any moment, opening and rendering included.
            thread::sleep(Duration::from_millis(random.below(80) as u64));
        } else {
            server.wait_for_calls_or(calls + 1 + random.below(7), || running.has_ended());
        }
        if random.below(4) == 0 && !running.has_ended() {
            running.signal_if_there(Signal::TERM);
            let finished = running.wait();
            // A signal that comes before the program listens ends it, as it ends any program.
            assert!(matches!(finished.code, None | Some(0 | 1 | 75)), "{finished:?}");
        } else {
            running.kill();
            kills += 1;
        }
        assert_eq!(server.billed_per_subject_max().max(1), 1, "seed {seed}, round {round}");
        an_output_is_whole(&scene.path("applicants.verified.csv"));
        an_output_is_whole(&scene.path("tomorrow.verified.csv"));
        round += 1;
    }

    let mut list = changed(&people, &scene, PEOPLE, random);
    list.extend(people.iter().cloned());
    scene.write_input("applicants.csv", &list);
    let finished = run("applicants.csv").finish();
    assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
    let table = scene.output();
    let rows = by_person(&table);
    let in_doubt = count(&rows, "unknown");
    assert!(in_doubt <= (round + 1) * CONCURRENCY, "{in_doubt} in doubt after {round} rounds");
    let (certain, spend) = (count(&rows, "yes"), server.billed());
    assert!(
        certain <= spend && spend <= certain + in_doubt,
        "{certain} <= {spend} <= {certain} + {in_doubt}"
    );
    assert_eq!((table.rows.len(), rows.len()), (list.len(), PEOPLE));
    assert!(server.calls() <= scene.intents(), "every call has its intent");

    run("applicants.csv").args(["--in-doubt", "resend"]).finish().expect_code(0);
    let table = scene.output();
    for row in &table.rows {
        let ending = &row["mobile"][8..];
        assert_eq!((&*row["decision"], &*row["res"]), (expected_decision(ending), ending), "seed {seed}");
    }
    assert!(server.calls() <= PEOPLE + in_doubt && server.billed_per_subject_max() <= 2);
    let twice = server.subjects_billed_more_than_once();
    assert!(twice <= in_doubt, "{twice} were paid for twice, {in_doubt} resends were authorised");

    let first = scene.output_bytes();
    for _ in 0..2 {
        scene.render("applicants.csv").finish().expect_code(0);
        assert_eq!(scene.output_bytes(), first, "rendering is repeatable");
    }
    let calls = server.calls();
    run("applicants.csv").args(["--in-doubt", "resend"]).finish().expect_code(0);
    assert_eq!((server.calls(), scene.output_bytes()), (calls, first), "nothing is left to ask");
}

#[test]
fn the_photographs_of_the_schedule_are_all_there_and_all_different() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos");
    let different: HashSet<Vec<u8>> = PHOTOS.map(|name| fs::read(folder.join(name)).unwrap()).into();
    assert_eq!(different.len(), PHOTOS.len());
}
