//! Asking for pictures, taking it back, and looking at those that were made.

use super::{Command, Effect, Laid, Looked, Named, Phase, Run, Shape, Studio};
use link::Time;
use wire::{ClientMessage, Spec};

/// A hand needs as long to see that another job is in the frame, in milliseconds.
const AIM_MS: Time = 350;

impl Studio {
    /// A click on Generate. The request goes out at once, or as soon as the last stroke is hashed; of one that is under way
    /// it has what was told.
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

    pub(super) fn ask_for(&mut self, spec: Spec, now: Time, out: &mut Vec<Effect>) {
        let run = Run::asked(self.count(), spec);
        // One that waits for others says nothing of the link.
        if !self.is_busy() {
            self.meter.clicked(run.number, now);
        }
        (self.refused, self.spread) = (None, false);
        out.push(Effect::Remember(self.settings.to_text()));
        if self.is_busy() {
            // What is being made stays in the frame until it is done.
            self.queue(run);
            let is_made = self.job.phase.is_active();
            if !is_made {
                self.bring_next();
            }
            if self.looking_at.is_some() || !is_made {
                self.look(None, out);
            }
            // Among many that wait it may be out of sight.
            out.push(Effect::RevealLooked);
        } else {
            self.show_asked(run, out);
        }
        out.push(Effect::Reveal);
        self.send_due(now, out);
    }

    /// In the place of what followed the drawing, or of what is looked at.
    fn show_asked(&mut self, run: Run, out: &mut Vec<Effect>) {
        self.live.asked = false;
        self.seen_before = self.seen();
        self.note_unseen();
        let (before, spec) = (&self.job.spec, &run.spec);
        let is_alike = spec.pictures == 1 && before.width * spec.height == spec.width * before.height;
        let after_live = self.shows_quick() && is_alike;
        out.extend((!after_live).then(|| Effect::blank(spec)));
        let before = std::mem::replace(&mut self.job, run);
        self.job.after_live = after_live.then(|| Box::new(before));
        (self.looking_at, self.hung) = (None, Vec::new());
    }

    /// Whether a request waits for the drawing's name.
    pub(super) fn has_due(&self) -> bool {
        self.runs().any(Run::is_due)
    }

    /// Sends the requests that wait for the drawing's name, if it has one now.
    pub(super) fn send_due(&mut self, now: Time, out: &mut Vec<Effect>) {
        let named = self.sheet.current().filter(|_| self.has_due());
        let Some(Named { digest: canvas, manifest }) = named.cloned() else { return };
        // It is made of the drawing as it is now.
        self.live.changed = false;
        // Half of the time that the server keeps a tile: later it might lack some.
        if !self.sheet.is_known(now, self.tile_ttl_ms / 2) {
            self.say_canvas(now, out);
        }
        for request in self.numbers(true) {
            let is_it = |run: &&mut Run| run.number == request && run.is_due();
            let Some(run) = self.runs_mut().find(is_it) else { continue };
            run.canvas = Some(canvas);
            let spec = run.spec.clone();
            self.say(ClientMessage::Generate { request, canvas, spec }, now, out);
        }
        self.hold(&manifest, out);
    }

    /// Takes back the job that is in the frame.
    pub(super) fn cancel(&mut self, now: Time, out: &mut Vec<Effect>) {
        // What is in the frame since a moment ago is not what the hand was aimed at.
        if !self.can_cancel() || self.job.stopping || self.turned.is_some_and(|turned| now < turned + AIM_MS)
        {
            return;
        }
        let sent = !self.job.is_due();
        match self.job.id {
            Some(job) => self.say(ClientMessage::Cancel { job }, now, out),
            // One that has no answer yet is stopped when it comes.
            None => self.taken_back.extend(self.job.request),
        }
        self.job.stopping = true;
        if self.job.id.is_none() && !(sent && self.is_connected()) {
            // Nobody hears of it before that.
            (self.job.phase, self.job.stopping) = (Phase::Cancelled { step: 0 }, false);
            self.show_what_is_left(now, out);
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

    /// Shows a kept picture, or the current job again.
    pub(super) fn look(&mut self, at: Option<Looked>, out: &mut Vec<Effect>) {
        let before = self.hanging();
        self.looking_at = at.filter(|at| match at {
            Looked::One(digest) => self.kept.find(*digest).is_some(),
            Looked::All(job) => !self.kept.of(*job).is_empty(),
        });
        let is_bare = self.job.phase == Phase::Idle || self.job.phase.came_to_nothing();
        if self.looking_at.is_none() && is_bare {
            self.bring_next();
        }
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
    pub(super) fn take_up(&mut self, out: &mut Vec<Effect>) {
        if let Some(digest) = self.wanted() {
            self.lay(Laid::Picture(digest), out);
        }
    }

    /// It may take a while to come.
    pub(super) fn lay(&mut self, laid: Laid, out: &mut Vec<Effect>) {
        let what = if matches!(laid, Laid::Picture(_)) { "picture" } else { "drawing" };
        self.import_note = Some(format!("Fetching the {what}"));
        out.push(Effect::Lay(laid));
    }
}
