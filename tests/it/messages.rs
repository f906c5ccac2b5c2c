//! Every mistake that a person can make, and what the program says of it, in both languages.
//!
//! What is said is kept in `snapshots/`: read it as the person who made the mistake. What, where, what to do?

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::program::{Applicant, Run, Scene};

/// A mistake: what it is, and how to make it. Each starts from a folder with two applicants, their photo
/// and a key.
struct Mistake {
    name: &'static str,
    make: fn(&Scene) -> Run,
}

const RUN: [&str; 3] = ["applicants.csv", "--key-file", "api.key"];

/// A run that stops before it calls anybody: nobody listens on port 1.
fn run(scene: &Scene) -> Run {
    scene.command("run").args(RUN).args(["--endpoint", "http://127.0.0.1:1/q", "--progress", "none"])
}

fn with_input(scene: &Scene, content: &[u8]) -> Run {
    scene.write("applicants.csv", content);
    run(scene)
}

fn with_configuration(scene: &Scene, content: &str) -> Run {
    scene.write("reverify.toml", content);
    run(scene)
}

const MISTAKES: &[Mistake] = &[
    Mistake { name: "no input", make: |scene| scene.command("run") },
    Mistake { name: "a command that does not exist", make: |scene| scene.command("rum") },
    Mistake { name: "an option that does not exist", make: |scene| run(scene).arg("--ratio") },
    Mistake { name: "an option without its value", make: |scene| run(scene).arg("--rate") },
    Mistake { name: "a rate without a unit", make: |scene| run(scene).args(["--rate", "10"]) },
    Mistake { name: "no calls in flight", make: |scene| run(scene).args(["--concurrency", "0"]) },
    Mistake { name: "a count that is none", make: |scene| run(scene).args(["--max-calls", "many"]) },
    Mistake { name: "a time without a unit", make: |scene| run(scene).args(["--timeout", "60"]) },
    Mistake { name: "a time of nothing", make: |scene| run(scene).args(["--timeout", "0s"]) },
    Mistake { name: "a time of day that is none", make: |scene| run(scene).args(["--stop-at", "25:00"]) },
    Mistake { name: "a date that is none", make: |scene| run(scene).args(["--since", "yesterday"]) },
    Mistake { name: "a price that is none", make: |scene| run(scene).args(["--price", "¥0.55"]) },
    Mistake { name: "a choice that is none", make: |scene| run(scene).args(["--on-quota", "maybe"]) },
    Mistake { name: "a column of no field", make: |scene| run(scene).args(["--column", "name=x"]) },
    Mistake { name: "a language that is not spoken", make: |scene| run(scene).args(["--lang", "fr"]) },
    Mistake {
        name: "a bad value in the environment",
        make: |scene| run(scene).env("REVERIFY_RATE", "quickly"),
    },
    Mistake { name: "a cap on cost without a price", make: |scene| run(scene).args(["--max-cost", "100"]) },
    Mistake { name: "a day that has not come", make: |scene| run(scene).args(["--since", "2999-01-01"]) },
    Mistake { name: "sandbox and endpoint together", make: |scene| run(scene).arg("--sandbox") },
    Mistake {
        name: "an endpoint without encryption",
        make: |scene| scene.command("run").args(RUN).args(["--endpoint", "http://example.com/q"]),
    },
    Mistake {
        name: "an endpoint that is no address",
        make: |scene| scene.command("run").args(RUN).args(["--endpoint", "juhe"]),
    },
    Mistake {
        name: "a configuration that is not there",
        make: |scene| run(scene).args(["--config", "my.toml"]),
    },
    Mistake {
        name: "a configuration that is not TOML",
        make: |scene| with_configuration(scene, "price = \"1\"\nrate = 10/s\n"),
    },
    Mistake {
        name: "an unknown option in the configuration",
        make: |scene| with_configuration(scene, "daily_limit = 5\n"),
    },
    Mistake {
        name: "a bad value in the configuration",
        make: |scene| with_configuration(scene, "rate = \"10\"\n"),
    },
    Mistake {
        name: "a switch in the configuration with a text",
        make: |scene| with_configuration(scene, "sandbox = \"yes\"\n"),
    },
    Mistake {
        name: "a table in the configuration",
        make: |scene| with_configuration(scene, "[rate]\ncalls = 5\n"),
    },
    Mistake {
        name: "the key in the configuration",
        make: |scene| with_configuration(scene, "juhe-key = \"0123456789abcdef\"\n"),
    },
    Mistake { name: "no key", make: |scene| scene.command("run").arg("applicants.csv") },
    Mistake {
        name: "a key file that is not there",
        make: |scene| scene.command("run").args(["applicants.csv", "--key-file", "no.key"]),
    },
    Mistake {
        name: "a key file that is empty",
        make: |scene| {
            scene.write("empty.key", "\n");
            scene.command("run").args(["applicants.csv", "--key-file", "empty.key"])
        },
    },
    Mistake {
        name: "a key file with two lines",
        make: |scene| {
            scene.write("two.key", "one\ntwo\n");
            scene.command("run").args(["applicants.csv", "--key-file", "two.key"])
        },
    },
    Mistake {
        name: "a key in the environment that is none",
        make: |scene| scene.command("run").arg("applicants.csv").env("JUHE_KEY", "a key"),
    },
    Mistake {
        name: "an input that is not there",
        make: |scene| scene.command("run").args(["no.csv", "--sandbox"]),
    },
    Mistake {
        name: "an input that is a folder",
        make: |scene| scene.command("run").args([".", "--sandbox"]),
    },
    Mistake { name: "an input that is empty", make: |scene| with_input(scene, b"") },
    Mistake {
        name: "an input without a header",
        make: |scene| with_input(scene, "测试甲,000000196001010014,19900000100,photo.jpg\n".as_bytes()),
    },
    Mistake {
        name: "an input without a column for the mobile",
        make: |scene| with_input(scene, b"realname,idcard,phone,photo\n"),
    },
    Mistake {
        name: "an input with two columns for the name",
        make: |scene| with_input(scene, "realname,姓名,idcard,mobile,photo\n".as_bytes()),
    },
    Mistake {
        name: "a column that is named and not there",
        make: |scene| run(scene).args(["--column", "realname=客户"]),
    },
    Mistake {
        name: "an input that has a column of the output",
        make: |scene| with_input(scene, b"realname,idcard,mobile,photo,decision\n"),
    },
    Mistake {
        name: "an input with a byte that does not decode",
        make: |scene| {
            let rows = ["realname,idcard,mobile,photo\n甲,", "1,2,3\n乙", ",1,2,3\n"];
            let mut bytes = rows[0].as_bytes().to_vec();
            bytes.extend_from_slice(rows[1].as_bytes());
            bytes.push(0xff);
            bytes.extend_from_slice(rows[2].as_bytes());
            with_input(scene, &bytes).args(["--encoding", "utf-8"])
        },
    },
    Mistake {
        name: "an input with a quote that stays open",
        make: |scene| with_input(scene, b"realname,idcard,mobile,photo\n\"a,1,2,3\n"),
    },
    Mistake {
        name: "an input with a row that is too long",
        make: |scene| with_input(scene, b"realname,idcard,mobile,photo\na,1,2,3,4,5\n"),
    },
    Mistake { name: "an encoding that is not known", make: |scene| run(scene).args(["--encoding", "big5"]) },
    Mistake { name: "a delimiter that is not known", make: |scene| run(scene).args(["--delimiter", "pipe"]) },
    Mistake { name: "photos that are nowhere", make: |scene| run(scene).args(["--photos", "nowhere"]) },
    Mistake { name: "the input as output", make: |scene| run(scene).args(["--output", "applicants.csv"]) },
    Mistake { name: "the key as output", make: |scene| run(scene).args(["--output", "api.key"]) },
    Mistake { name: "the ledger as output", make: |scene| run(scene).args(["--output", "reverify.db"]) },
    Mistake {
        name: "an output in a folder that is not there",
        make: |scene| run(scene).args(["--output", "no/where.csv"]),
    },
    Mistake {
        name: "a ledger that is none",
        make: |scene| {
            scene
                .write("reverify.db", "a text that is long enough to be looked at as a database of any kind");
            scene.write("reverify.db.key", "0".repeat(64));
            run(scene)
        },
    },
    Mistake {
        name: "a ledger without its key",
        make: |scene| {
            scene.command("run").args(["applicants.csv", "--sandbox"]).finish();
            fs::remove_file(scene.path("reverify.db.key")).unwrap();
            scene.command("run").args(["applicants.csv", "--sandbox"])
        },
    },
    Mistake {
        name: "a ledger of the sandbox for another endpoint",
        make: |scene| {
            scene.command("run").args(["applicants.csv", "--sandbox"]).finish();
            run(scene)
        },
    },
    Mistake {
        name: "a ledger that another process uses",
        make: |scene| {
            scene.command("run").args(["applicants.csv", "--sandbox"]).finish();
            scene.write("reverify.db.lock", "4711");
            let lock = fs::File::options().write(true).open(scene.path("reverify.db.lock")).unwrap();
            lock.lock().unwrap();
            // Held until the tests end, as by a process that runs on.
            std::mem::forget(lock);
            scene.command("run").args(["applicants.csv", "--sandbox"])
        },
    },
    Mistake { name: "a status without a ledger", make: |scene| scene.command("status") },
    Mistake {
        name: "a render without a ledger",
        make: |scene| scene.command("render").arg("applicants.csv"),
    },
    Mistake { name: "a code that does not exist", make: |scene| scene.command("codes").arg("99999") },
    Mistake {
        name: "a sandbox for everybody",
        make: |scene| scene.command("sandbox").args(["--listen", "0.0.0.0:8787"]),
    },
    Mistake {
        name: "a fault that the sandbox does not know",
        make: |scene| scene.command("sandbox").args(["--fault", "1:explode"]),
    },
    Mistake {
        name: "a log file that cannot be opened",
        make: |scene| run(scene).args(["--log-file", "no/where.log"]),
    },
    Mistake {
        name: "an example where nothing can be made",
        make: |scene| scene.command("init").arg("applicants.csv"),
    },
];

/// What all mistakes lead to, one after the other, with the folder's name taken out.
fn said(language: &str) -> String {
    let mut text = String::new();
    for mistake in MISTAKES {
        let scene = Scene::new(&Applicant::many(2));
        fs::set_permissions(scene.path("api.key"), fs::Permissions::from_mode(0o600)).unwrap();
        let finished = (mistake.make)(&scene).env("REVERIFY_LANG", language).finish();
        let code = finished.code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        let folder = scene.path("").display().to_string();
        let said = finished.stderr.replace(folder.trim_end_matches('/'), "DIR");
        let _ = writeln!(text, "## {} -> exit {code}\n{said}", mistake.name);
        assert_ne!(finished.code, Some(0), "{}: {}{}", mistake.name, finished.stdout, finished.stderr);
    }
    text
}

#[test]
fn every_mistake_is_answered_in_english() {
    insta::assert_snapshot!("mistakes-en", said("en"));
}

#[test]
fn every_mistake_is_answered_in_chinese() {
    let said = said("zh");
    insta::assert_snapshot!("mistakes-zh", said);
    for paragraph in said.split("## ").skip(1) {
        let (name, answer) = paragraph.split_once('\n').unwrap();
        let is_chinese = answer.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
        assert!(is_chinese, "{name}: {answer}");
    }
}
