//! Makes libjpeg stop where the file is not whole.
//!
//! libjpeg reports a missing or wrong piece as a warning, fills in grey and goes on. The callbacks
//! here unwind out of it instead, as the bindings' own handler of fatal errors does; `catch` is the
//! other end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use mozjpeg_sys as ffi;

/// Why libjpeg was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alarm {
    /// Bits are missing.
    Truncated,
    /// Bits are wrong, or there are too many.
    Damaged,
}

/// How much padding between the last block and the next marker is let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Padding {
    /// None: every byte belongs to the picture.
    None,
    /// A few bytes, as some cameras leave them before the end marker.
    AFewBytes,
}

/// The padding that cameras leave, in bytes. More means that something stands where blocks should be.
const A_FEW_BYTES: u32 = 8;

/// Makes an error manager that unwinds at the first sign of a picture that is not whole.
pub(super) fn error_manager(padding: Padding) -> ffi::jpeg_error_mgr {
    let mut manager = std_error_manager();
    manager.error_exit = Some(on_error);
    manager.emit_message = Some(match padding {
        Padding::None => on_message_strict,
        Padding::AFewBytes => on_message_padded,
    });
    manager
}

/// Runs what calls libjpeg, and gives the alarm that ended it, if one did.
pub(super) fn catch<T>(decode: impl FnOnce() -> T) -> Result<T, Alarm> {
    catch_unwind(AssertUnwindSafe(decode)).map_err(|payload: Box<dyn Any + Send>| {
        // Anything else is a panic of the bindings over a file that they did not foresee.
        payload.downcast_ref::<Alarm>().copied().unwrap_or(Alarm::Damaged)
    })
}

#[expect(unsafe_code, reason = "libjpeg fills in its own table of messages and callbacks")]
fn std_error_manager() -> ffi::jpeg_error_mgr {
    // SAFETY: the struct is made of integers, raw pointers and optional functions, for all of which
    // zero is a value; jpeg_std_error then sets every field that libjpeg reads.
    unsafe {
        let mut manager: ffi::jpeg_error_mgr = std::mem::zeroed();
        ffi::jpeg_std_error(&mut manager);
        manager
    }
}

#[cold]
extern "C-unwind" fn on_error(_: &mut ffi::jpeg_common_struct) {
    // Not a panic: no hook runs, so nothing of the file can be printed.
    resume_unwind(Box::new(Alarm::Damaged));
}

#[cold]
extern "C-unwind" fn on_message_strict(state: &mut ffi::jpeg_common_struct, level: i32) {
    judge(state, level, 0);
}

#[cold]
extern "C-unwind" fn on_message_padded(state: &mut ffi::jpeg_common_struct, level: i32) {
    judge(state, level, A_FEW_BYTES);
}

/// Unwinds if the message says that the picture is not whole.
fn judge(state: &mut ffi::jpeg_common_struct, level: i32, padding_bytes: u32) {
    if level >= 0 {
        return; // A trace, not a warning.
    }
    let (code, bytes, marker) = message(state);
    let alarm = match code {
        ffi::JWRN_JPEG_EOF | ffi::JWRN_HIT_MARKER => Alarm::Truncated,
        ffi::JWRN_ADOBE_XFORM | ffi::JWRN_JFIF_MAJOR | ffi::JWRN_BOGUS_ICC => return,
        ffi::JWRN_EXTRANEOUS_DATA if bytes <= padding_bytes || is_before_the_picture(marker) => return,
        _ => Alarm::Damaged,
    };
    resume_unwind(Box::new(alarm));
}

/// Junk between the segments of the header hides nothing of the picture.
fn is_before_the_picture(marker: u32) -> bool {
    // APPn, COM, DQT, SOF0 to SOF2
    matches!(marker, 0xe0..=0xef | 0xfe | 0xdb | 0xc0..=0xc2)
}

/// Gives the message's code and its first two parameters.
#[expect(unsafe_code, reason = "the current message is behind libjpeg's pointer")]
fn message(state: &ffi::jpeg_common_struct) -> (ffi::J_MESSAGE_CODE, u32, u32) {
    // SAFETY: libjpeg calls back with the state whose `err` was set to a live error manager before the
    // first call into it; the parameters are plain integers, whatever the message.
    let manager = unsafe { &*state.err };
    let parameters = &manager.msg_parm._bindgen_data_;
    (manager.msg_code as ffi::J_MESSAGE_CODE, parameters[0], parameters[1])
}
