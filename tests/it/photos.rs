//! Photographs: what is refused, what arrives at the server, and when a picture is another question.

use std::fs::{self, File};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Scene, photo};
use crate::support::wire::Reply;

fn matching_server() -> CountingServer {
    CountingServer::start(|_| Reply::verdict(100))
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos").join(name)).unwrap()
}

/// One person for each photo.
fn people_with(photos: &[&str]) -> Vec<Applicant> {
    let mut people = Applicant::many(photos.len());
    for (of, photo) in people.iter_mut().zip(photos) {
        (*photo).clone_into(&mut of.photo);
    }
    people
}

#[test]
fn what_is_no_photo_of_the_folder_is_rejected_without_a_call() {
    const REFUSED: [(&str, &str); 12] = [
        ("link.jpg", "photo-symbolic-link"),
        ("linked/photo.jpg", "photo-symbolic-link"),
        ("../photo.jpg", "photo-outside-folder"),
        ("folder/../../photo.jpg", "photo-outside-folder"),
        ("/etc/passwd", "photo-outside-folder"),
        ("C:\\photo.jpg", "photo-outside-folder"),
        ("pipe.jpg", "photo-not-a-file"),
        ("folder", "photo-not-a-file"),
        ("missing.jpg", "photo-missing"),
        ("truncated.jpg", "photo-truncated"),
        ("text.jpg", "photo-not-a-picture"),
        ("empty.jpg", "photo-empty"),
    ];
    let server = matching_server();
    let mut photos = REFUSED.map(|(path, _)| path).to_vec();
    photos.push("photo.jpg");
    let scene = Scene::new(&people_with(&photos));
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("photo.jpg"), photo()).unwrap();
    std::os::unix::fs::symlink(outside.path().join("photo.jpg"), scene.path("link.jpg")).unwrap();
    std::os::unix::fs::symlink(outside.path(), scene.path("linked")).unwrap();
    fs::create_dir(scene.path("folder")).unwrap();
    mknodat(CWD, scene.path("pipe.jpg"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for name in ["truncated.jpg", "text.jpg", "empty.jpg"] {
        scene.write(name, fixture(name));
    }
    for _ in 0..2 {
        scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(1);
        let table = scene.output();
        for (row, (path, code)) in table.rows.iter().zip(REFUSED) {
            assert_eq!((&*row["decision"], &*row["billed"]), ("rejected", "no"), "{path}");
            assert!(row["detail"].ends_with(code), "{path}: {}", row["detail"]);
            assert!(row["reason"].starts_with("photo: "), "{path}: {}", row["reason"]);
        }
        assert_eq!(table.rows[REFUSED.len()]["decision"], "match");
        assert_eq!(server.calls(), 1);
    }
}

#[test]
fn what_arrives_is_the_picture_that_the_photo_command_shows() {
    const SENT: [&str; 15] = [
        "ready.jpg",
        "ready-small.jpg",
        "large.jpg",
        "larger.jpg",
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
    let server = matching_server();
    let people = people_with(&SENT);
    let scene = Scene::new(&people);
    for name in SENT {
        scene.write(name, fixture(name));
    }
    scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(0);
    let files = SENT.map(|name| scene.path(name));
    let shown =
        scene.command("photo").args(files).arg("--to").arg(scene.path("shown")).finish().expect_code(0);
    assert_eq!(shown.stdout.lines().count(), SENT.len());

    let requests = server.requests();
    for of in &people {
        let name = &of.photo;
        let request = requests.iter().find(|request| request.field("idcard") == of.idcard).unwrap();
        let sent = STANDARD.decode(request.field("image")).expect("base64 without a prefix");
        assert!((16_384..=20_000).contains(&sent.len()), "{name}: {} bytes", sent.len());
        let as_shown = fs::read(scene.path("shown").join(name).with_extension("jpg")).unwrap();
        assert!(sent == as_shown, "{name}: what is shown is what is sent");
        assert!(JpegDecoder::new(ZCursor::new(&sent)).decode().is_ok(), "{name} decodes");
        assert!(!sent.windows(4).any(|window| window == b"Exif"), "{name} keeps its EXIF");
        assert!(markers(&sent).iter().all(|marker| is_picture(*marker)), "{name}: {:x?}", markers(&sent));
    }
}

/// The markers of a JPEG's segments, up to its picture data.
fn markers(jpeg: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut at = 2;
    while jpeg[at] == 0xff && found.last() != Some(&0xda) {
        found.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    found
}

/// Tables, the frame and the scan; JFIF and Adobe say how to read the colours.
fn is_picture(marker: u8) -> bool {
    matches!(marker, 0xdb | 0xc0 | 0xc1 | 0xc4 | 0xda | 0xdd | 0xe0 | 0xee)
}

#[test]
fn other_bytes_of_the_same_length_and_time_are_another_question() {
    let server = matching_server();
    let scene = Scene::new(&Applicant::many(1));
    let path = scene.path("photo.jpg");
    scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(0);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    // The last bit of the picture's middle: another file, and a picture still.
    let mut other = photo().to_vec();
    let middle = other.len() / 2;
    other[middle] ^= 1;
    scene.write("photo.jpg", &other);
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    scene.run(&server.endpoint()).looking_for_faces().finish();
    assert_eq!(server.calls(), 2);
    scene.write("photo.jpg", photo());
    scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(0);
    assert_eq!(server.calls(), 2, "the first picture has its answer still");
}

#[test]
fn moved_photos_are_not_asked_about_again() {
    let server = matching_server();
    let mut people = people_with(&["a.jpg", "b.jpg"]);
    let scene = Scene::new(&people);
    scene.write("a.jpg", photo());
    scene.write("b.jpg", fixture("large.jpg"));
    scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(0);

    fs::create_dir(scene.path("archive")).unwrap();
    for of in &mut people {
        fs::rename(scene.path(&of.photo), scene.path("archive").join(&of.photo)).unwrap();
        of.photo = format!("archive/{}", of.photo);
    }
    scene.write_input("applicants.csv", &people);
    scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(0);
    for of in &mut people {
        of.photo = of.photo.replace("archive/", "");
    }
    scene.write_input("applicants.csv", &people);
    let run = scene.run(&server.endpoint()).looking_for_faces();
    run.arg("--photos").arg(scene.path("archive")).finish().expect_code(0);
    assert_eq!((server.calls(), scene.output().count("decision", "match")), (2, 2));
}

#[test]
fn photos_that_are_deleted_after_the_run_change_nothing_in_the_output() {
    let server = CountingServer::start(|request| match request.number {
        3 => Reply::CloseAfterBody,
        4 => Reply::code(280_105),
        _ => Reply::verdict(108),
    });
    let names = ["large.jpg", "below-budget.jpg", "rgb.png", "grey.jpg", "truncated.jpg"];
    let scene = Scene::new(&people_with(&names));
    for name in names {
        scene.write(name, fixture(name));
    }
    scene.run(&server.endpoint()).looking_for_faces().args(["--concurrency", "1"]).finish().expect_code(1);
    let first = scene.output_bytes();
    assert_eq!(scene.output().count("decision", "rejected"), 1);
    for name in names {
        fs::remove_file(scene.path(name)).unwrap();
    }
    scene.render("applicants.csv").finish().expect_code(1);
    assert!(scene.output_bytes() == first, "{:?}", scene.output().column("decision"));
    let calls = server.calls();
    scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(1);
    assert_eq!(server.calls(), calls);
    assert!(scene.output_bytes() == first, "{:?}", scene.output().column("decision"));
}

#[test]
fn a_photo_folder_that_is_gone_changes_nothing_in_the_output() {
    let server = matching_server();
    let scene = Scene::new(&people_with(&["large.jpg", "rgb.png"]));
    fs::create_dir(scene.path("pictures")).unwrap();
    for name in ["large.jpg", "rgb.png"] {
        scene.write(&format!("pictures/{name}"), fixture(name));
    }
    let photos = scene.path("pictures");
    scene.run(&server.endpoint()).looking_for_faces().arg("--photos").arg(&photos).finish().expect_code(0);
    let first = scene.output_bytes();
    fs::remove_dir_all(&photos).unwrap();
    scene.render("applicants.csv").arg("--photos").arg(&photos).finish().expect_code(0);
    assert!(scene.output_bytes() == first, "{:?}", scene.output().column("decision"));
}

/// A gradient, on which nobody sees a face.
fn faceless() -> Vec<u8> {
    let (width, height) = (400_u16, 500_u16);
    let pixels: Vec<u8> = (0..u32::from(width) * u32::from(height))
        .flat_map(|at| [at % 400 / 2, at / 400 / 2, (at % 400 + at / 400) / 4])
        .map(|sample| u8::try_from(sample).unwrap_or(u8::MAX))
        .collect();
    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, 85)
        .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
        .expect("a vector takes every byte");
    jpeg
}

#[test]
fn a_photo_without_a_face_is_rejected_before_it_costs_a_call_unless_the_operator_sends_it() {
    let server = matching_server();
    let scene = Scene::new(&people_with(&["faceless.jpg", "photo.jpg"]));
    scene.write("faceless.jpg", faceless());
    for _ in 0..2 {
        scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(1);
        let table = scene.output();
        assert_eq!((&*table.rows[0]["decision"], &*table.rows[0]["billed"]), ("rejected", "no"));
        assert!(table.rows[0]["detail"].contains("photo-no-face"), "{}", table.rows[0]["detail"]);
        assert!(table.rows[0]["reason"].contains("no face is found"), "{}", table.rows[0]["reason"]);
        assert_eq!((&*table.rows[1]["decision"], server.calls()), ("match", 1));
    }
    // The rejection under one policy is none under another.
    scene.run(&server.endpoint()).looking_for_faces().args(["--face", "warn"]).finish().expect_code(0);
    let table = scene.output();
    assert_eq!((&*table.rows[0]["decision"], server.calls()), ("match", 2));
    assert!(table.rows[0]["detail"].contains("no face is found"), "{}", table.rows[0]["detail"]);
    let warned = scene.output_bytes();
    // What was asked and answered stays so, whatever the policy is later.
    scene.run(&server.endpoint()).looking_for_faces().finish().expect_code(0);
    scene.render("applicants.csv").finish().expect_code(0);
    assert_eq!(server.calls(), 2);
    assert!(scene.output_bytes() == warned);
}

#[test]
fn the_face_policy_comes_from_the_environment_and_the_configuration_too() {
    let server = matching_server();
    let scene = Scene::new(&people_with(&["faceless.jpg"]));
    scene.write("faceless.jpg", faceless());
    scene.run(&server.endpoint()).looking_for_faces().env("REVERIFY_FACE", "off").finish().expect_code(0);
    assert_eq!(server.calls(), 1);
    scene.write("reverify.toml", "face = \"off\"\n");
    let another = scene.path("another.db");
    scene.run(&server.endpoint()).looking_for_faces().arg("--ledger").arg(another).finish().expect_code(0);
    assert_eq!(server.calls(), 2);
}

#[test]
fn a_folder_of_photos_is_told_of_in_json_and_on_a_page() {
    let scene = Scene::new(&[]);
    fs::create_dir_all(scene.path("album/inner")).unwrap();
    for (name, file) in [
        ("album/b.jpg", fixture("exif-6.jpg")),
        ("album/inner/a.png", fixture("rgb.png")),
        ("album/c.jpg", faceless()),
        ("album/list.csv", b"a,b".to_vec()),
    ] {
        scene.write(name, file);
    }
    let run = scene.command("photo").arg("album").args(["--json", "--to", "shown"]);
    let shown = run.args(["--contact-sheet", "page.html"]).finish().expect_code(1);
    let lines: Vec<serde_json::Value> =
        shown.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<_> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["album/b.jpg", "album/c.jpg", "album/inner/a.png"]);
    assert_eq!((&lines[0]["exif_orientation"], &lines[0]["format"]), (&6.into(), &"JPEG".into()));
    assert!(lines[0]["face"]["width"].as_u64().unwrap() > 64 && lines[0]["rejected"].is_null());
    assert_eq!(lines[1]["rejected"]["code"], "photo-no-face");
    assert_eq!(lines[2]["warnings"][0]["code"], "photo-few-pixels");
    let written = fs::read(scene.path("shown/inner/a.jpg")).unwrap();
    assert_eq!(lines[2]["sent"]["bytes"], written.len());
    assert!(scene.path("shown/b.jpg").is_file() && !scene.path("shown/c.jpg").exists());

    let page = fs::read_to_string(scene.path("page.html")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(scene.path("page.html")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    assert!(page.contains("default-src 'none'; img-src data:; style-src 'unsafe-inline'"));
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"));
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 5, "three originals, two as they are sent");
    assert!(page.contains(&STANDARD.encode(&written)), "what is shown is what is sent");
    let (rejected, sent) = (page.find("album/c.jpg").unwrap(), page.find("album/b.jpg").unwrap());
    assert!(rejected < sent, "what is rejected comes first");
    assert_eq!(page.matches("class=\"face\"").count(), 3, "the legend, and a frame on each");
}
