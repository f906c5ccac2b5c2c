use super::*;
use crate::cli::photo_args::FaceArg;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A JPEG of some 20 kB, plain enough to be kept.
fn picture(width: u16, height: u16, quality: u8) -> Vec<u8> {
    let samples: Vec<u8> = (0..u32::from(width) * u32::from(height) * 3)
        .map(|i| u8::try_from(i.wrapping_mul(2_654_435_761) >> 27).unwrap_or(0) + 100)
        .collect();
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, quality);
    encoder.encode(&samples, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    file
}

fn args(files: Vec<PathBuf>, to: Option<PathBuf>) -> PhotoArgs {
    PhotoArgs { files, to, json: false, contact_sheet: None, face: FaceArgs { face: FaceArg::Off } }
}

fn shown(files: Vec<PathBuf>, to: Option<PathBuf>) -> (Exit, Vec<String>) {
    let mut out = Vec::new();
    let exit = run(&args(files, to), &mut out).unwrap();
    (exit, String::from_utf8(out).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn what_would_be_sent_is_written_under_the_inputs_stem_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("17.jpeg");
    fs::write(&file, picture(400, 300, 60)).unwrap();
    let to = dir.path().join("new/out");
    let (exit, lines) = shown(vec![file.clone()], Some(to.clone()));
    assert_eq!(exit, Exit::Settled);
    let sent = prepare(&fs::read(&file).unwrap(), FacePolicy::Off).unwrap();
    assert_eq!(fs::read(to.join("17.jpg")).unwrap(), sent.jpeg);
    assert_eq!(fs::metadata(to.join("17.jpg")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&to).unwrap().count(), 1, "no temporary file is left");
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("17.jpeg  400x300 JPEG "), "{}", lines[0]);
    assert!(lines[0].contains("  ->  "), "{}", lines[0]);
}

#[test]
fn a_refused_picture_has_its_line_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("good.jpg"), dir.path().join("bad.jpg"));
    fs::write(&good, picture(400, 300, 60)).unwrap();
    fs::write(&bad, b"%PDF-1.7 ...").unwrap();
    let (exit, lines) = shown(vec![bad, dir.path().to_owned(), good], None);
    assert_eq!(exit, Exit::Incomplete);
    assert!(lines[0].ends_with("bad.jpg  rejected: the file is PDF; convert it to JPEG"), "{}", lines[0]);
    assert!(lines[1].contains("rejected: "), "{}", lines[1]);
    assert!(lines[2].contains("  ->  "), "{}", lines[2]);
}

#[test]
fn two_inputs_of_one_stem_do_not_overwrite_each_other() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("a")).unwrap();
    let (first, second) = (dir.path().join("1.jpg"), dir.path().join("a/1.jpeg"));
    fs::write(&first, picture(400, 300, 60)).unwrap();
    fs::write(&second, picture(300, 400, 60)).unwrap();
    let to = dir.path().join("out");
    let (exit, lines) = shown(vec![first.clone(), second], Some(to.clone()));
    assert_eq!(exit, Exit::Incomplete);
    assert!(lines[1].contains("written already"), "{}", lines[1]);
    assert_eq!(
        fs::read(to.join("1.jpg")).unwrap(),
        prepare(&fs::read(&first).unwrap(), FacePolicy::Off).unwrap().jpeg
    );
}

#[test]
fn an_input_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("1.jpg");
    let original = picture(900, 700, 90);
    fs::write(&file, &original).unwrap();
    let (exit, lines) = shown(vec![file.clone()], Some(dir.path().to_owned()));
    assert_eq!(exit, Exit::Incomplete);
    assert!(lines[0].contains("is an input itself"), "{}", lines[0]);
    assert_eq!(fs::read(&file).unwrap(), original);
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_the_code_for_outputs() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("1.jpg");
    fs::write(&file, b"x").unwrap();
    let args = args(vec![file.clone()], Some(file));
    assert_eq!(run(&args, &mut Vec::new()).unwrap_err().exit, Exit::Output);
}

#[test]
fn a_path_cannot_command_the_terminal() {
    assert_eq!(printable(Path::new("a\u{1b}[31m\n\u{202e}b")), "a\u{fffd}[31m\u{fffd}\u{fffd}b");
}
