//! The report in a real browser: it renders, nothing complains, and hostile words stay text.
//!
//! Needs Debian's chromium, which `.ci/run` installs; there `BROWSER_TEST=required` is set. Elsewhere the
//! test says why it does nothing.

use std::process::Command;

use crate::report::{HOSTILE, hostile_server};
use crate::support::program::{Applicant, Scene};

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

#[test]
fn a_browser_shows_the_report_and_runs_nothing_of_what_the_api_said() {
    if std::env::var("BROWSER_TEST").is_err() {
        eprintln!("skipped: set BROWSER_TEST=required to open the report in chromium, as .ci/run does");
        return;
    }
    let found = BROWSERS.iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let browser = found.expect("chromium is installed (apt-get install chromium)");

    let server = hostile_server();
    let endings = ["100", "101", "100", "100", "100", "101", "100", "100", "100", "100"];
    let scene = Scene::new(&Applicant::with_endings(&endings));
    scene.run(&server.endpoint()).finish();
    scene.run(&server.endpoint()).args(["--max-age", "1s"]).finish();
    scene
        .command("report")
        .arg(scene.path("applicants.csv"))
        .args(["--with-rows", "--ledger"])
        .arg(scene.path("reverify.db"))
        .finish()
        .expect_code(0);

    let shown = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--disable-dev-shm-usage", "--enable-logging=stderr", "--log-level=0", "--dump-dom"])
        .arg(format!("--user-data-dir={}", scene.path("profile").display()))
        .arg(format!("file://{}", scene.path("applicants.report.html").display()))
        .output()
        .expect("the browser was found just now");
    let dom = String::from_utf8_lossy(&shown.stdout);
    let said = String::from_utf8_lossy(&shown.stderr);
    assert!(shown.status.success(), "{said}");
    let complaints: Vec<&str> = said.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");

    // What the browser made of it, not what stands in the file.
    assert!(dom.contains("<h1>Verification report</h1>"), "{dom}");
    assert!(dom.matches("<h2").count() >= 9 && dom.matches("<svg ").count() >= 10, "{dom}");
    assert!(dom.contains("<title>Verification report: "), "no script has changed the title");
    for alive in ["<script", "<img", " onload=", " onerror=", " onmouseover="] {
        // Text has its angle brackets escaped, so that a tag is one that the browser made.
        let tags: Vec<&str> = dom.split('<').filter_map(|part| part.split('>').next()).collect();
        let alive = alive.trim_start_matches('<');
        assert!(
            !tags.iter().any(|tag| tag.starts_with(alive) || tag.contains(alive) && alive.starts_with(' ')),
            "{alive}"
        );
    }
    let text = |words: &str| words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    assert!(HOSTILE.iter().filter(|words| dom.contains(&text(words))).count() >= 4, "they are there as text");
}
