//! Previews on their way: framed once, then a clone of the bytes for each who follows the job.

use super::{Hub, Inner};
use wire::{Frame, FrameFormat, FrameHeader, JobId, ViewerId};

/// A preview as it was made.
#[derive(Debug, Clone, Copy)]
pub struct Preview<'a> {
    pub job: JobId,
    /// Which of the job's pictures, from 0.
    pub picture: u16,
    pub step: u16,
    pub total: u16,
    pub format: FrameFormat,
    /// Planes of a latent; 0 for a JPEG.
    pub channels: u8,
    pub width: u16,
    pub height: u16,
    /// When its step was done, in microseconds since 1970, UTC.
    pub made_us: u64,
    pub payload: &'a [u8],
}

impl Hub {
    /// Offers a preview to all who follow its job; each is sent it when its pacing allows. One
    /// that is older than what they have, or whose job has ended, goes nowhere.
    pub fn show(&self, preview: &Preview<'_>) {
        let mut inner = self.inner();
        let Some(frame) = inner.framed(preview) else { return };
        let Some(live) = inner.live.get_mut(&preview.job) else { return };
        live.latch(frame.clone());
        for page in inner.followers(preview.job) {
            page.viewer.frame(frame.clone());
            page.wake();
        }
    }

    /// Offers a picture to the one page that asked for it, whatever it wants to see of jobs.
    pub fn show_to(&self, viewer: ViewerId, preview: &Preview<'_>) {
        self.stats.live_pictures.one();
        let mut inner = self.inner();
        let Some(frame) = inner.framed(preview) else { return };
        if let Some(page) = inner.pages.get_mut(&viewer) {
            page.viewer.picture(frame);
            page.wake();
        }
    }
}

impl Inner {
    /// The preview with the next sequence number.
    fn framed(&mut self, preview: &Preview<'_>) -> Option<Frame> {
        self.sequence += 1;
        let header = FrameHeader {
            format: preview.format,
            channels: preview.channels,
            picture: preview.picture,
            step: preview.step,
            total: preview.total,
            width: preview.width,
            height: preview.height,
            sequence: self.sequence,
            job: preview.job,
            made_us: preview.made_us,
        };
        let frame = Frame::new(header, preview.payload);
        frame.inspect_err(|error| tracing::error!(%error, "a preview is no frame")).ok()
    }
}
