//! Previews on their way: numbered once, then a clone of the reference for each who follows the job.

use super::page::Page;
use super::{Hub, Inner};
use link::{Preview, Viewer};
use wire::{Frame, FrameFormat, FrameHeader, JobId, ViewerId};

/// A preview as it was offered.
#[derive(Debug, Clone)]
pub struct Offered {
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
    /// The values of a latent, of 8 bits; or a JPEG.
    pub content: Vec<u8>,
}

impl Hub {
    /// Offers a preview to all who follow its job; each is sent it when its pacing allows. One
    /// that is older than what they have, or whose job has ended, goes nowhere.
    pub fn show(&self, offered: Offered) {
        let now = self.now();
        let mut inner = self.inner();
        let job = offered.job;
        let Some(preview) = inner.numbered(offered) else { return };
        let Some(live) = inner.live.get_mut(&job) else { return };
        live.latch(preview.clone());
        for page in inner.followers(job) {
            self.show_on(page, |viewer| viewer.preview(preview.clone(), now));
        }
    }

    /// Offers a picture to the one page that asked for it, whatever it wants to see of jobs.
    pub fn show_to(&self, viewer: ViewerId, offered: Offered) {
        self.stats.live_pictures.one();
        let mut inner = self.inner();
        let Some(picture) = inner.numbered(offered) else { return };
        if let Some(page) = inner.pages.get_mut(&viewer) {
            self.show_on(page, |viewer| viewer.picture(picture));
        }
    }

    /// Offers a page something to see, and counts what gave way to it.
    fn show_on(&self, page: &mut Page, offer: impl FnOnce(&mut Viewer)) {
        let before = page.viewer.conflated();
        offer(&mut page.viewer);
        self.stats.frames_conflated.add((page.viewer.conflated() - before) as usize);
        page.wake();
    }
}

impl Inner {
    /// The preview with the next sequence number.
    fn numbered(&mut self, offered: Offered) -> Option<Preview> {
        self.sequence += 1;
        let header = FrameHeader {
            format: offered.format,
            channels: offered.channels,
            picture: offered.picture,
            step: offered.step,
            total: offered.total,
            width: offered.width,
            height: offered.height,
            base: 0,
            sequence: self.sequence,
            job: offered.job,
            made_us: offered.made_us,
        };
        let preview = match offered.format {
            FrameFormat::Latent => Preview::latents(header, offered.content),
            FrameFormat::Jpeg => Frame::new(header, &offered.content).map(Preview::from),
        };
        preview.inspect_err(|error| tracing::error!(%error, "a preview is no frame")).ok()
    }
}
