//! The report: what it tells, what it keeps to itself, and what it fetches (nothing).

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Run, Scene};
use crate::support::wire::Reply;

/// Texts that would come alive in a page that does not keep them as text.
pub const HOSTILE: [&str; 5] = [
    "</style><script>document.title='OWNED'</script>",
    "<img src=x onerror=\"document.title='OWNED'\">",
    "' onmouseover='document.title=1",
    "]]></text></svg><svg onload=\"document.title='OWNED'\">",
    "=cmd|' /C calc'!A0",
];

/// A server that answers with hostile words wherever words may stand.
pub fn hostile_server() -> CountingServer {
    CountingServer::start(|request| {
        let words = HOSTILE[request.number % HOSTILE.len()];
        let answer = |code: &str, res: &str, score: f64| {
            serde_json::json!({
                "reason": words, "error_code": code,
                "result": {"orderid": words, "res": res, "resmsg": words, "score": score, "type": words},
            })
        };
        let answer = match request.number {
            3 => answer("280103", "", 0.0),
            4 => answer("280105", "", 0.0),
            5 => answer("0", words, 1.0),
            _ => answer("0", if request.mobile_ends("101") { "101" } else { "100" }, 940.5),
        };
        Reply::json(&answer.to_string())
    })
}

fn report(scene: &Scene) -> Run {
    scene
        .command("report")
        .arg(scene.path("applicants.csv"))
        .args(["--price", "0.50", "--ledger"])
        .arg(scene.path("reverify.db"))
}

fn page(scene: &Scene) -> String {
    fs::read_to_string(scene.path("applicants.report.html")).unwrap()
}

/// Nothing in it runs, and nothing in it is fetched.
#[track_caller]
fn is_inert(page: &str) {
    assert!(page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"));
    // Text has its angle brackets escaped, so what stands between two is a tag.
    let tags: Vec<&str> = page.split('<').filter_map(|part| part.split('>').next()).collect();
    for alive in ["script", "img", "iframe", "link", "object", "embed", "form", "base"] {
        let is_alive = |tag: &&&str| tag.split_whitespace().next() == Some(alive);
        assert_eq!(tags.iter().find(is_alive), None);
    }
    for alive in [" src=", " href=", " onload=", " onerror=", " onmouseover="] {
        assert_eq!(tags.iter().find(|tag| tag.contains(alive)), None);
    }
    let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
    assert!(!style.contains("@import") && !style.contains("url("));
    for (at, _) in page.match_indices("http") {
        let rest = &page[at..];
        let harmless = ["http-equiv=", "http://www.w3.org/2000/svg"];
        assert!(harmless.iter().any(|known| rest.starts_with(known)), "{}", &rest[..40]);
    }
}

#[test]
fn a_report_tells_of_the_list_and_of_both_runs_and_fetches_nothing() {
    let server = CountingServer::start(|request| match request.number {
        2 => Reply::code(10_011),
        4 => Reply::Html(502),
        _ => Reply::verdict(if request.mobile_ends("101") { 101 } else { 100 }),
    });
    let mut people = Applicant::with_endings(&["100", "101", "100", "100", "100", "100"]);
    people[5].mobile.replace_range(..2, "12");
    let scene = Scene::new(&people);
    scene.run(&server.endpoint()).args(["--limit", "3"]).finish();
    scene.run(&server.endpoint()).finish().expect_code(1);
    fs::set_permissions(scene.path("applicants.csv"), fs::Permissions::from_mode(0o640)).unwrap();
    let told = report(&scene).finish().expect_code(0);
    assert!(told.stdout.contains("applicants.report.html"), "{}", told.stdout);
    let page = page(&scene);
    is_inert(&page);
    for part in [
        "last run",
        "run before",
        "10011",
        "0.50",
        "a mobile number starts with 13 to 19",
        "联通",
        "HTTP 502",
    ] {
        assert!(page.contains(part), "it lacks {part}");
    }
    // Two widths of: decisions, factors, scores, carriers, and the calls of two runs.
    assert_eq!(page.matches("<svg ").count(), 12);
    assert_eq!(page.matches("<svg ").count(), page.matches("</svg>").count());
    let mode = fs::metadata(scene.path("applicants.report.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "as the input's");
    assert!(!page.contains("SANDBOX"));
    // Nobody of the list is in it.
    for person in &people {
        for value in [&person.realname, &person.idcard, &person.mobile] {
            assert!(!page.contains(value.as_str()));
        }
    }
}

#[test]
fn rows_are_masked_and_only_there_when_asked_for() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let people = Applicant::many(3);
    let scene = Scene::new(&people);
    scene.run(&server.endpoint()).finish().expect_code(0);
    report(&scene).finish().expect_code(0);
    assert!(!page(&scene).contains("138****"));
    report(&scene).arg("--with-rows").finish().expect_code(0);
    let page = page(&scene);
    is_inert(&page);
    for person in &people {
        assert!(page.contains(&format!("138****{}", &person.mobile[7..])));
        assert!(page.contains(&format!("{}**********{}", &person.idcard[..4], &person.idcard[14..])));
        for value in [&person.realname, &person.idcard, &person.mobile] {
            assert!(!page.contains(value.as_str()));
        }
    }
    assert!(page.contains("<td>测*</td>"));
}

#[test]
fn words_of_the_api_stay_text() {
    let server = hostile_server();
    let scene = Scene::new(&Applicant::with_endings(&[
        "100", "101", "100", "100", "100", "101", "100", "100", "100",
    ]));
    scene.run(&server.endpoint()).finish();
    report(&scene).arg("--with-rows").finish().expect_code(0);
    let page = page(&scene);
    is_inert(&page);
    assert!(page.contains("&lt;script&gt;"), "it is there as text");
}

#[test]
fn a_report_can_be_made_of_nothing_of_one_run_and_of_the_sandbox() {
    let scene = Scene::new(&Applicant::many(2));
    report(&scene).finish().expect_code(74);
    // A ledger without any call: every row was rejected.
    scene.write("none.csv", "realname,idcard,mobile,photo\n,,,\n");
    let run = |input: &str, more: &[&str]| {
        scene
            .command("run")
            .arg(scene.path(input))
            .args(["--sandbox", "--progress", "none", "--ledger"])
            .arg(scene.path("reverify.db"))
            .args(more)
            .finish()
    };
    run("none.csv", &[]).expect_code(1);
    report(&scene).finish().expect_code(0);
    assert!(page(&scene).contains("SANDBOX"));
    is_inert(&page(&scene));
    run("applicants.csv", &["--limit", "1"]).expect_code(1);
    report(&scene).finish().expect_code(0);
    is_inert(&page(&scene));
    // Nothing is paid in the sandbox, whatever the price.
    assert!(!page(&scene).contains("yuan"));
}

#[test]
fn a_report_never_takes_the_place_of_the_input_or_of_the_output() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(1));
    scene.run(&server.endpoint()).finish().expect_code(0);
    let output = scene.output_bytes();
    for own in ["applicants.csv", "reverify.db", "reverify.db.key"] {
        let refused = report(&scene).arg("-o").arg(scene.path(own)).finish().expect_code(2);
        assert!(refused.stderr.contains("name another file"), "{}", refused.stderr);
    }
    // The run's output in environment and configuration is not the report's.
    scene.write("reverify.toml", "output = \"applicants.verified.csv\"\n");
    report(&scene).env("REVERIFY_OUTPUT", "applicants.verified.csv").finish().expect_code(0);
    assert_eq!(scene.output_bytes(), output);
    is_inert(&page(&scene));
    report(&scene).args(["--output", "elsewhere.html"]).finish().expect_code(0);
    assert!(scene.path("elsewhere.html").exists());
}
