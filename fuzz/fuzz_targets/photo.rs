//! Whatever the bytes: no panic, no memory error, no minutes, and what is prepared can be sent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reverify::photo::{MAX_SENT_BYTES, prepare};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(prepared) = prepare(bytes) {
        assert!(prepared.jpeg.len() <= MAX_SENT_BYTES);
        assert!(prepared.jpeg.starts_with(b"\xff\xd8") && prepared.jpeg.ends_with(b"\xff\xd9"));
    }
});
