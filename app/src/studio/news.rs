//! What ended while the person looked elsewhere: at another picture, or at another tab.

use super::{Phase, Studio, words::percent};
use wire::{Digest, Picture};

/// What the browser's tab says while the page is seen.
const NAME: &str = "Pentimento";

/// What the person does not know of yet.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Pictures that were made while others were on the screen, and were not on it since.
    unseen: Vec<Digest>,
    /// How the last job went that ended while nobody saw the page.
    pub(super) ended: Option<&'static str>,
}

impl Studio {
    /// Pictures that were made while another one was looked at, and not looked at since.
    pub fn unseen(&self) -> Vec<Digest> {
        let hanging = self.hanging();
        let is_news = |picture: &Digest| !hanging.contains(picture) && self.kept.find(*picture).is_some();
        self.news.unseen.iter().copied().filter(is_news).collect()
    }

    /// What the browser's tab says: while nobody sees the page, how it stands.
    pub fn tab(&self) -> String {
        let state = match self.job.phase {
            _ if self.visible => return NAME.into(),
            Phase::Running { .. } => percent(self.job.share()),
            _ => match self.news.ended {
                Some(how) if !self.job.phase.is_active() => how.into(),
                _ => return NAME.into(),
            },
        };
        format!("{state} · {NAME}")
    }

    /// A job ended with these.
    pub(super) fn made(&mut self, pictures: &[Picture]) {
        // What is about to hang need not have come to be known, unless nobody sees that.
        let hanging = if self.visible { self.hanging() } else { Vec::new() };
        let made = pictures.iter().map(|picture| picture.digest);
        self.news.unseen.extend(made.filter(|picture| !hanging.contains(picture)));
        self.ended_unseen("Done");
    }

    /// Something else comes into the frame, be it before what was made is on the screen.
    pub(super) fn note_unseen(&mut self) {
        let is_on_its_way = |picture: &Digest| !self.hung.contains(picture) && self.lost != Some(*picture);
        if self.looking_at.is_none() {
            let unseen = self.job.pictures().iter().map(|picture| picture.digest).filter(is_on_its_way);
            self.news.unseen.extend(unseen);
        }
    }

    /// A job ended so, whether or not the page was seen.
    pub(super) fn ended_unseen(&mut self, how: &'static str) {
        self.news.ended = (!self.visible).then_some(how);
    }

    /// What hangs is on the screen, if anybody sees that.
    pub(super) fn saw_what_hangs(&mut self) {
        if self.visible {
            self.news.unseen.retain(|unseen| !self.hung.contains(unseen));
        }
    }
}
