//! The form as a request body that knows how far the transport has taken it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::Form;

/// Tells whether the transport has taken a body's last frame.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftWhole(Arc<AtomicBool>);

impl LeftWhole {
    /// False: the request cannot have arrived whole. True: it may have.
    pub(super) fn possibly(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Two frames, the key's last. Between them the transport is given a turn to write the first one out
/// and to notice that the connection is dead, so that a dead connection is seen before the key leaves.
pub(super) struct FormBody {
    applicant: Option<Bytes>,
    key: Option<Bytes>,
    paused: bool,
    left_whole: LeftWhole,
}

impl FormBody {
    pub(super) fn new(form: Form, left_whole: LeftWhole) -> Self {
        Self { applicant: Some(form.applicant), key: Some(form.key), paused: false, left_whole }
    }
}

impl http_body::Body for FormBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(applicant) = self.applicant.take() {
            return Poll::Ready(Some(Ok(Frame::data(applicant))));
        }
        if !self.paused {
            self.paused = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let key = self.key.take();
        if key.is_some() {
            self.left_whole.0.store(true, Ordering::Release);
        }
        Poll::Ready(key.map(|key| Ok(Frame::data(key))))
    }

    fn is_end_stream(&self) -> bool {
        self.key.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let left = |frame: &Option<Bytes>| frame.as_ref().map_or(0, Bytes::len) as u64;
        SizeHint::with_exact(left(&self.applicant) + left(&self.key))
    }
}
