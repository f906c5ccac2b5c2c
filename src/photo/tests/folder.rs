//! What may be opened, and what never.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::photo::{MAX_FILE_BYTES, PhotoFolder};

fn folder() -> (tempfile::TempDir, PhotoFolder) {
    let dir = tempfile::tempdir().unwrap();
    let photos = dir.path().join("photos");
    fs::create_dir_all(photos.join("a/b")).unwrap();
    fs::write(photos.join("1.jpg"), b"one").unwrap();
    fs::write(photos.join("a/b/2.jpg"), b"two").unwrap();
    fs::write(dir.path().join("secret"), b"secret").unwrap();
    let opened = PhotoFolder::open(&photos).unwrap();
    (dir, opened)
}

#[test]
fn a_photo_inside_the_folder_is_read() {
    let (_dir, photos) = folder();
    let spellings = [
        ("1.jpg", "one"),
        ("./1.jpg", "one"),
        ("a/b/2.jpg", "two"),
        (r"a\b\2.jpg", "two"),
        ("a//./b/2.jpg", "two"),
    ];
    for (path, content) in spellings {
        let (stamp, bytes) = photos.read(path).unwrap();
        assert_eq!(bytes, content.as_bytes(), "{path}");
        assert_eq!(stamp.len, 3);
        assert_eq!(photos.stat(path), Ok(stamp), "{path}");
    }
}

#[test]
fn every_way_out_of_the_folder_is_refused() {
    let (dir, photos) = folder();
    let inside = photos.path().to_owned();
    symlink(dir.path().join("secret"), inside.join("link.jpg")).unwrap();
    symlink(dir.path(), inside.join("up")).unwrap();
    symlink("1.jpg", inside.join("inner.jpg")).unwrap();
    symlink("nowhere", inside.join("dangling.jpg")).unwrap();
    let absolute = dir.path().join("secret");
    let cases = [
        ("../secret", "photo-outside-folder"),
        (r"..\secret", "photo-outside-folder"),
        ("a/../../secret", "photo-outside-folder"),
        ("a/../1.jpg", "photo-outside-folder"),
        (absolute.to_str().unwrap(), "photo-outside-folder"),
        ("/etc/passwd", "photo-outside-folder"),
        (r"C:\photos\1.jpg", "photo-outside-folder"),
        (r"c:1.jpg", "photo-outside-folder"),
        (r"\\server\share\1.jpg", "photo-outside-folder"),
        ("1.jpg\0.txt", "photo-outside-folder"),
        ("link.jpg", "photo-symbolic-link"),
        ("up/secret", "photo-symbolic-link"),
        ("up/photos/1.jpg", "photo-symbolic-link"),
        ("inner.jpg", "photo-symbolic-link"),
        ("dangling.jpg", "photo-symbolic-link"),
    ];
    for (path, code) in cases {
        let rejection = photos.read(path).unwrap_err();
        assert_eq!(rejection.code(), code, "{path:?}");
        assert_eq!(photos.stat(path), Err(rejection.clone()), "{path:?}");
        assert!(rejection.is_about_the_path());
        assert!(!rejection.to_string().contains("secret"), "the path itself stays out of the reason");
    }
}

#[test]
fn what_is_not_a_readable_regular_file_is_refused_for_its_own_reason() {
    let (_dir, photos) = folder();
    let inside = photos.path().to_owned();
    fs::write(inside.join("empty.jpg"), b"").unwrap();
    fs::File::create(inside.join("huge.jpg")).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, inside.join("pipe.jpg"), rustix::fs::Mode::RUSR).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(inside.join("socket.jpg")).unwrap();
    let cases = [
        ("", "photo-no-path", true),
        ("  ", "photo-no-path", true),
        ("missing.jpg", "photo-missing", true),
        ("missing/1.jpg", "photo-missing", true),
        ("1.jpg/2.jpg", "photo-missing", true),
        ("a", "photo-not-a-file", true),
        ("a/b/", "photo-not-a-file", true),
        (".", "photo-not-a-file", true),
        ("pipe.jpg", "photo-not-a-file", true),
        ("socket.jpg", "photo-not-a-file", true),
        ("empty.jpg", "photo-empty", false),
        ("huge.jpg", "photo-file-too-large", false),
    ];
    for (path, code, is_about_the_path) in cases {
        let rejection = photos.read(path).unwrap_err();
        assert_eq!(rejection.code(), code, "{path:?}");
        assert_eq!(photos.stat(path), Err(rejection.clone()), "{path:?}");
        assert_eq!(rejection.is_about_the_path(), is_about_the_path, "{path:?}");
    }
    let very_long = format!("{}.jpg", "x".repeat(300));
    assert_eq!(photos.read(&very_long).unwrap_err().code(), "photo-missing");
}

#[test]
fn a_file_without_permission_is_refused_as_such() {
    let (_dir, photos) = folder();
    let locked = photos.path().join("locked.jpg");
    fs::write(&locked, b"x").unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    // A superuser may read it all the same.
    let expected = if fs::read(&locked).is_ok() { None } else { Some("photo-no-permission") };
    assert_eq!(photos.read("locked.jpg").err().map(|e| e.code()), expected);
}

#[test]
fn the_folder_itself_may_be_a_link_and_is_named_when_it_is_missing() {
    let (dir, photos) = folder();
    let link = dir.path().join("link");
    symlink(photos.path(), &link).unwrap();
    let through = PhotoFolder::open(&link).unwrap();
    assert_eq!(through.path(), photos.path());
    assert!(through.read("1.jpg").is_ok());
    let error = PhotoFolder::open(Path::new("/no/such/folder")).unwrap_err();
    assert!(error.to_string().contains("/no/such/folder"));
    assert!(PhotoFolder::open(&photos.path().join("1.jpg")).is_err());
}

#[test]
fn a_changed_file_has_another_stamp() {
    let (_dir, photos) = folder();
    let before = photos.stat("1.jpg").unwrap();
    let file = fs::File::options().write(true).open(photos.path().join("1.jpg")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_nanos(1_234_567_890)).unwrap();
    let after = photos.stat("1.jpg").unwrap();
    assert_ne!(before, after);
    assert_eq!(after.mtime_ns, 1_234_567_890);
}
