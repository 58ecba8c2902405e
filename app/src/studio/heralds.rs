//! Finished pictures ahead of their telling: a page that is far away asks for them just before they are made, since what is asked
//! for once it is told of has a round trip more to go, and several times as many bytes.

use super::{Effect, Studio};
use link::{LinkState, Time, client};
use wire::JobId;

/// There and back this is far, in milliseconds.
const FAR_MS: Time = 60;
/// A request that waits for longer would be in the way of others: browsers have six connections.
const SOON_MS: Time = 1_000;
/// Whoever is as far after so many questions is far.
const WAYS_ASKED_MAX: u8 = 5;

/// How it stands with those of the job that is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heralds {
    asked: bool,
    /// Those that came: no preview is better.
    pub(super) came: Vec<u16>,
}

impl Heralds {
    /// The job begins again.
    pub(super) fn begin_again(&mut self) {
        (self.asked, self.came) = (false, Vec::new());
    }
}

impl Studio {
    /// Asks for the pictures of the job that is shown if they are made by the time that the question has come there, and
    /// not long after.
    pub(super) fn ask_ahead(&mut self, left: u16, step_ms: f32, out: &mut Vec<Effect>) {
        if !self.visible || self.looking_at.is_some() || self.link != LinkState::Socket {
            return;
        }
        let pictures = self.job.spec.pictures;
        let heralds = &mut self.job.heralds;
        let way = self.meter.way_ms.unwrap_or(0).min(SOON_MS);
        // The telling of the step was half of the way old, and one more may pass while the next is on its way.
        let soon = f32::from(left) * step_ms <= way as f32 + step_ms.max(SOON_MS as f32 / 4.0);
        if let Some(job) = self.job.id.filter(|_| soon && way >= FAR_MS && !heralds.asked) {
            heralds.asked = true;
            out.push(Effect::AskAhead { job, pictures });
        }
    }

    /// Asks how far it is, if that is not known: while no picture is made, since a page on the same machine answers late then.
    /// Who seems to be far is asked again: a page that is being opened reads an answer late.
    pub(super) fn measure_way(&mut self, now: Time, out: &mut Vec<Effect>) {
        let meter = &mut self.meter;
        let seems_far = meter.way_ms.is_none_or(|way| way >= FAR_MS);
        if seems_far && meter.ways_asked < WAYS_ASKED_MAX && self.link != LinkState::Polling {
            meter.ways_asked += 1;
            self.tell(client::Event::Ping, now, out);
        }
    }

    /// A picture came ahead.
    pub(super) fn herald(&mut self, job: JobId, picture: u16, out: &mut Vec<Effect>) {
        let is_hung = self.looking_at.is_none() && !self.hung.is_empty();
        if self.job.id == Some(job) && !is_hung {
            self.job.heralds.came.push(picture);
            out.extend(self.looking_at.is_none().then_some(Effect::ShowAhead(picture)));
        }
    }
}
