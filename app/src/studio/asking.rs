//! Asking for pictures, taking it back, and looking at those that were made.

use super::{Command, Effect, Laid, Looked, Phase, Shape, Shown, Studio, Underway};
use link::Time;
use wire::{ClientMessage, JobId, JobState, Spec};

impl Studio {
    /// A click on Generate. The request goes out at once, or as soon as the last stroke is hashed.
    pub(super) fn generate(&mut self, chance: u64, now: Time, out: &mut Vec<Effect>) {
        if !self.ready {
            return;
        }
        // What followed the drawing is made in earnest: from the same noise.
        let rolled = std::mem::take(&mut self.settings.rolled);
        if !self.settings.seed_locked && !self.shows_quick() && !rolled {
            self.settings.seed = chance;
        }
        self.ask_for(self.spec(), now, out);
    }

    /// The quick picture that is shown is made once more, to stay.
    pub(super) fn keep(&mut self, now: Time, out: &mut Vec<Effect>) {
        if self.ready && self.can_keep() {
            self.ask_for(Spec { quick: true, ..self.live_spec() }, now, out);
        }
    }

    fn ask_for(&mut self, spec: Spec, now: Time, out: &mut Vec<Effect>) {
        self.requests += 1;
        self.meter.clicked(now);
        self.live.asked = false;
        self.spread = false;
        self.seen_before = self.looking_at.or_else(|| match self.job.pictures() {
            [] => None,
            [one] => Some(Looked::One(one.digest)),
            _ => self.job.id.map(Looked::All),
        });
        // In the place of what followed the drawing.
        let Spec { width, height, .. } = self.job.spec;
        let is_alike = spec.pictures == 1 && width * spec.height == spec.width * height;
        let after_live = self.shows_quick() && is_alike;
        out.extend((!after_live).then(|| Effect::blank(&spec)));
        let before = std::mem::replace(&mut self.job, Shown::asked(self.requests, spec));
        self.job.after_live = after_live.then(|| Box::new(before));
        self.due = Some(self.requests);
        (self.refused, self.looking_at, self.hung) = (None, None, Vec::new());
        out.push(Effect::Remember(self.settings.to_text()));
        out.push(Effect::Reveal);
        self.send_due(now, out);
    }

    /// Sends the request that waits for the drawing's name, if it has one now.
    pub(super) fn send_due(&mut self, now: Time, out: &mut Vec<Effect>) {
        let (Some(request), Some(named)) = (self.due, self.sheet.current()) else {
            return;
        };
        let canvas = named.digest;
        self.due = None;
        // It is made of the drawing as it is now.
        self.live.changed = false;
        // Half of the time that the server keeps a tile: later it might lack some.
        if !self.sheet.is_known(now, self.tile_ttl_ms / 2) {
            self.say_canvas(now, out);
        }
        self.job.canvas = Some(canvas);
        let spec = self.job.spec.clone();
        self.say(ClientMessage::Generate { request, canvas, spec }, now, out);
    }

    pub(super) fn cancel(&mut self, now: Time, out: &mut Vec<Effect>) {
        if !self.can_cancel() {
            return;
        }
        if self.due.take().is_some() {
            self.job.phase = Phase::Cancelled { step: 0 };
            return self.show_what_is_left(now, out);
        }
        let is_shown = self.job.phase.is_active();
        self.job.stopping = is_shown;
        // One that has no answer yet is stopped when it comes.
        let asked = self.job.request.filter(|_| is_shown && self.job.id.is_none());
        self.taken_back.extend(asked);
        if asked.is_some() && !self.is_connected() {
            // Nobody hears of it before that.
            (self.job.phase, self.job.stopping) = (Phase::Cancelled { step: 0 }, false);
        }
        for job in self.jobs_to_cancel(self.job.id.filter(|_| is_shown)) {
            self.say(ClientMessage::Cancel { job }, now, out);
        }
        // Instead of what came to nothing before.
        self.show_what_is_left(now, out);
    }

    /// In place of a job that was taken back: one that is under way, or the quick picture that is still to be seen.
    pub(super) fn show_what_is_left(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.show_underway(out);
        if matches!(self.job.phase, Phase::Cancelled { .. }) {
            self.come_back(now, out);
        }
    }

    /// Shows again what was there before, if nothing was painted over it: the quick picture, or finished ones.
    pub(super) fn come_back(&mut self, now: Time, out: &mut Vec<Effect>) {
        if !self.job.newest.is_empty() || self.looking_at.is_some() {
            return;
        }
        let Some(before) = self.job.after_live.take() else {
            if let Some(before) = self.seen_before.take() {
                self.look(Some(before), out);
            }
            return;
        };
        self.job = *before;
        if !self.job.pictures().is_empty() {
            out.push(Effect::Hang(self.hanging()));
        }
        // A later one may have been dropped meanwhile.
        let Spec { width, height, .. } = self.job.spec;
        let is_of_this = self.job.canvas.is_some_and(|canvas| self.is_on_paper(canvas))
            && self.job.spec == Spec { width, height, ..self.live_spec() };
        self.live.changed |= self.job.phase == Phase::Live && !is_of_this;
        self.follow(now, out);
    }

    /// How many pictures one press on Cancel takes back.
    pub fn cancels(&self) -> usize {
        match self.due {
            Some(_) => 1,
            None => self.jobs_to_cancel(self.job.id.filter(|_| self.job.phase.is_active())).len().max(1),
        }
    }

    /// All of this page's that wait, unless the one that is shown does not; what runs goes only by itself.
    fn jobs_to_cancel(&self, shown: Option<JobId>) -> Vec<JobId> {
        let waiting =
            self.underway.iter().filter(|underway| matches!(underway.state, JobState::Waiting { .. }));
        if let Some(job) = shown.filter(|shown| waiting.clone().all(|underway| underway.job != *shown)) {
            return vec![job];
        }
        let last = self.last_underway().filter(|_| waiting.clone().next().is_none());
        waiting.chain(last).map(|underway| underway.job).collect()
    }

    /// The last of this page's jobs that are under way.
    pub(super) fn last_underway(&self) -> Option<&Underway> {
        self.underway.iter().max_by_key(|underway| underway.request)
    }

    /// Shows a kept picture, or the current job again.
    pub(super) fn look(&mut self, at: Option<Looked>, out: &mut Vec<Effect>) {
        let before = self.hanging();
        self.looking_at = at.filter(|at| match at {
            Looked::One(digest) => self.kept.find(*digest).is_some(),
            Looked::All(job) => !self.kept.of(*job).is_empty(),
        });
        self.show_underway(out);
        self.hung.clear();
        self.job.after_live = None;
        let hanging = self.hanging();
        if hanging.is_empty() {
            out.push(Effect::blank(&self.job.spec));
            let newest = self.job.newest.iter().cloned();
            out.extend(newest.filter_map(|preview| preview.shown_by(self.job.preview.clone())));
            out.extend(self.job.heralds.came.iter().copied().map(Effect::ShowAhead));
        } else {
            let is_other = hanging != before;
            out.push(Effect::Hang(hanging));
            out.extend(is_other.then_some(Effect::Glimpse));
        }
        if at.is_some() {
            out.push(Effect::Reveal);
        }
    }

    pub(super) fn restore(&mut self, out: &mut Vec<Effect>) {
        let kept = self.wanted().and_then(|digest| self.kept.find(digest));
        if let Some((spec, seed)) = kept.map(|kept| (kept.job.spec.clone(), kept.picture.seed)) {
            let marked = self.settings.mask.clone();
            self.settings.model.clone_from(&spec.model);
            self.take_model();
            self.settings.restore(&spec, seed);
            self.refused = self.is_gone(&spec);
            let shape = Shape::of(spec.width, spec.height);
            let is_cut = shape != self.sheet.paper().shape();
            out.extend(is_cut.then_some(Effect::Canvas(Command::Cut(shape))));
            // A picture without a mask takes the marks away, which are nothing that the hand did: one step back has them again.
            self.unmasked = if spec.mask.is_none() { marked } else { None };
            out.push(Effect::Mask(spec.mask));
            out.push(Effect::Remember(self.settings.to_text()));
        }
    }

    /// Lays the picture that is shown onto the paper, to go on from it.
    pub(super) fn take_up(&self, out: &mut Vec<Effect>) {
        out.extend(self.wanted().map(|digest| Effect::Lay(Laid::Picture(digest))));
    }
}
