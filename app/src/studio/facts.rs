//! What the server says about jobs, and their previews.

use super::{Effect, Phase, Preview, Run, Studio};
use link::{Time, client, upload};
use wire::{ClientMessage, Code, Fact, Job, JobId, JobState, JobView, Problem, Snapshot};

impl Studio {
    /// The server told something.
    pub(super) fn fact(&mut self, fact: Fact, now: Time, out: &mut Vec<Effect>) {
        match fact {
            Fact::Welcome { fresh, snapshot, .. } => {
                // On another connection nothing was told yet.
                self.told = None;
                (self.meter.way_ms, self.meter.ways_asked) = (None, 0);
                self.measure_way(now, out);
                // What failed while the server was away need not wait any longer.
                self.upload(upload::Event::Online, now, out);
                self.look_for_sketch_again();
                if let Some(snapshot) = snapshot {
                    self.welcome(snapshot, now, out);
                }
                if fresh {
                    self.sheet.forget();
                    self.say_canvas(now, out);
                }
                // A page with a drawing and no picture may as well have one.
                self.live.changed |= self.job.phase == Phase::Idle && self.looking_at.is_none();
                self.follow_again(now, out);
            }
            Fact::Canvas { canvas, .. } if self.is_elsewhere(canvas) => self.astray(now, out),
            Fact::Canvas { canvas, missing } => {
                let lacking = self.sheet.answered(canvas, &missing, now);
                let is_wanted =
                    self.is_busy() || self.sheet.current().is_none_or(|named| named.digest == canvas);
                self.lacks(canvas, &lacking, now, out);
                if is_wanted && !lacking.is_empty() {
                    self.upload(upload::Event::Missing(lacking), now, out);
                }
            }
            Fact::Astray => self.astray(now, out),
            Fact::Accepted { job, request } => self.accepted(job, request, now, out),
            Fact::Refused { request, problem } => self.was_refused(request, problem, now, out),
            Fact::Finished { job, pictures, took_ms } => {
                self.finished = None;
                self.take_turn(job, now, out);
                self.look_for_sketch_again();
                if let Some(known) = self.told_of(job).cloned() {
                    self.kept.add(&known, &pictures, took_ms);
                    let seen = self.looking_at.is_none() && !self.spread;
                    let reveal =
                        if self.line.is_empty() { Effect::RevealNewest } else { Effect::RevealLooked };
                    out.extend(seen.then_some(reveal));
                }
                self.on_job(job, JobState::Finished { pictures: pictures.clone(), took_ms }, now, out);
                self.made(&pictures);
            }
            Fact::Waiting { job, ahead, tiles } => {
                self.on_job(job, JobState::Waiting { ahead, tiles }, now, out);
            }
            Fact::Loading { job, read, bytes } => {
                self.on_job(job, JobState::Loading { read, bytes }, now, out);
            }
            Fact::Models { models, families, unusable } => {
                self.others_are(models, families);
                self.unusable = unusable;
                self.follow(now, out);
            }
            Fact::Started { job, preview } => {
                self.look_for_sketch_again();
                let total = self.told_of(job).map_or(0, |job| job.spec.steps);
                self.on_job(job, JobState::Running { step: 0, total, step_ms: 0.0, preview }, now, out);
            }
            Fact::Step { job, step, total, step_ms } => {
                if !self.settings.attention(self.visible).wants_previews() {
                    // It is all that there will be.
                    self.take_turn(job, now, out);
                }
                let Some(run) = self.run_of(job) else { return };
                run.advance(step, total, step_ms);
                let request = run.request;
                self.meter.stepped(request, now);
                if self.job.id == Some(job) {
                    self.heard_step(now, out);
                    self.ask_ahead(total - step.min(total), step_ms, out);
                }
            }
            Fact::Removed { picture } => self.removed(picture, out),
            Fact::Alive => {}
            Fact::Pong { sent, clock_us, conflated, made, encoded, decoded } => {
                self.ponged(sent, clock_us, now, out);
                self.counted(conflated, [made, encoded, decoded]);
            }
            Fact::Cancelled { job, step } => self.on_job(job, JobState::Cancelled { step }, now, out),
            Fact::Failed { job, problem } => {
                self.ended_unseen("No picture");
                self.on_job(job, JobState::Failed { problem }, now, out);
            }
        }
    }

    /// The state from the server: what the model is, and this person's jobs, newest first.
    fn welcome(&mut self, snapshot: Snapshot, now: Time, out: &mut Vec<Effect>) {
        self.tile_ttl_ms = snapshot.tile_ttl_s.saturating_mul(1000);
        self.own = Some(snapshot.model);
        self.others_are(snapshot.models, snapshot.families);
        self.unusable = snapshot.unusable;
        let phase = |view: &JobView| Phase::from(view.state.clone());
        self.begin_older(&snapshot.jobs);
        // What it does not tell of has ended; what has no answer yet it may not know of.
        let (mut known, unanswered): (Vec<_>, _) =
            std::mem::take(&mut self.line).into_iter().partition(|run| run.id.is_some());
        self.line = unanswered;
        let shown = self.job.id.filter(|_| self.job.phase.is_active());
        for view in snapshot.jobs.iter().rev() {
            self.learn(view.job.clone());
            let id = Some(view.job.id);
            let was_known = known.iter().position(|run| run.id == id).map(|at| known.swap_remove(at));
            let was_underway = was_known.is_some() || id == shown;
            match &view.state {
                JobState::Finished { pictures, took_ms } => {
                    self.kept.add(&view.job, pictures, *took_ms);
                    if was_underway {
                        self.made(pictures);
                    }
                }
                JobState::Failed { problem } if was_underway => {
                    self.ended_unseen("No picture");
                    if was_known.is_some_and(|run| run.request.is_some()) {
                        self.refused = Some(problem.clone());
                    }
                }
                state if phase(view).is_active() && id != self.job.id => {
                    let mut run = was_known.unwrap_or_else(|| Run::admitted(self.count(), view.job.clone()));
                    run.take(state.clone());
                    self.queue(run);
                }
                _ => {}
            }
        }
        let newest = snapshot.jobs.iter().find(|view| !phase(view).came_to_nothing()).cloned();
        let removed = self.removed_meanwhile(&snapshot.jobs);
        match self.job.id {
            Some(id) => match snapshot.jobs.into_iter().find(|view| view.job.id == id) {
                Some(view) => self.on_job(id, view.state, now, out),
                None if self.job.phase.is_active() => {
                    let message =
                        "The server was started anew and lost this picture. Press Generate to make it again.";
                    self.job.phase = Phase::Failed(Problem::new(Code::NotFound, message));
                    if !self.line.is_empty() {
                        self.show_what_is_left(now, out);
                    }
                }
                None => {}
            },
            None if self.job.phase == Phase::Idle && self.looking_at.is_none() => {
                self.pick_up(newest, now, out);
            }
            None => {}
        }
        removed.into_iter().for_each(|picture| self.take_down(picture, out));
    }

    /// A page that has just been opened goes on where the person was.
    fn pick_up(&mut self, newest: Option<JobView>, now: Time, out: &mut Vec<Effect>) {
        if !self.line.is_empty() {
            self.show_next(out);
        } else if let Some(JobView { job, state }) = newest {
            let id = job.id;
            self.came(job, out);
            self.on_job(id, state, now, out);
        }
    }

    /// A job was admitted: one that this page asked for, or one of another page of this person.
    fn accepted(&mut self, job: Job, request: Option<u32>, now: Time, out: &mut Vec<Effect>) {
        self.learn(job.clone());
        if request.is_some_and(|request| self.was_taken_back(request)) {
            self.say(ClientMessage::Cancel { job: job.id }, now, out);
        }
        if self.job.id == Some(job.id) {
            // A welcome told of it before this answer.
            self.line.retain(|run| request.is_none() || run.request != request);
            self.job.request = self.job.request.or(request);
            return;
        }
        self.line.retain(|run| request.is_none() || run.id != Some(job.id));
        let is_it = |run: &&mut Run| request.is_some() && run.request == request;
        if let Some(run) = self.runs_mut().find(is_it) {
            if run.is_unanswered() {
                run.id = Some(job.id);
                run.spec = job.spec;
                run.phase = Phase::Waiting { ahead: 0, tiles: 0 };
            }
        } else if request.is_none() && self.run_of(job.id).is_none() {
            self.came(job, out);
        }
    }

    /// A request was refused, or something else that this page said.
    fn was_refused(&mut self, request: Option<u32>, problem: Problem, now: Time, out: &mut Vec<Effect>) {
        let wanted = request.is_none_or(|request| !self.was_taken_back(request));
        let phase = if wanted { Phase::Failed(problem.clone()) } else { Phase::Cancelled { step: 0 } };
        self.line.retain(|run| request.is_none() || run.request != request);
        if wanted {
            self.refused = Some(problem);
        }
        if request.is_some() && request == self.job.request && self.job.phase.is_active() {
            (self.job.phase, self.job.stopping) = (phase, false);
            self.show_what_is_left(now, out);
        }
        self.follow(now, out);
    }

    /// Whether that request was taken back before it had an answer; asked once.
    fn was_taken_back(&mut self, request: u32) -> bool {
        let before = self.taken_back.len();
        self.taken_back.retain(|taken| *taken != request);
        self.taken_back.len() < before
    }

    fn learn(&mut self, job: Job) {
        self.jobs.retain(|known| known.id != job.id);
        self.jobs.push(job);
    }

    fn told_of(&self, job: JobId) -> Option<&Job> {
        self.jobs.iter().find(|known| known.id == job)
    }

    /// A job stands elsewhere now; the one that is shown, or another.
    fn on_job(&mut self, job: JobId, state: JobState, now: Time, out: &mut Vec<Effect>) {
        if self.job.id != Some(job) {
            self.on_other(job, state);
            return self.follow(now, out);
        }
        let was_active = self.job.phase.is_active();
        self.job.take(state);
        if !self.job.phase.is_active() {
            self.has_room();
        }
        // What has just been finished stays until something else is changed.
        self.live.changed &= !was_active || self.job.pictures().is_empty();
        // What went wrong stays to be read.
        match self.job.phase {
            Phase::Cancelled { .. } => self.show_what_is_left(now, out),
            Phase::Failed(_) if self.job.after_live.is_none() || !self.line.is_empty() => {
                self.show_what_is_left(now, out);
            }
            _ => {}
        }
        if !self.job.phase.is_active() {
            self.finished = Some(now).filter(|_| was_active);
            self.job.stopping = false;
            self.follow(now, out);
        }
        if !self.job.pictures().is_empty() && self.looking_at.is_none() {
            out.push(Effect::Hang(self.hanging()));
        }
    }

    /// The same of one that is not in the frame.
    fn on_other(&mut self, job: JobId, state: JobState) {
        let Some(at) = self.line.iter().position(|run| run.id == Some(job)) else { return };
        let run = &mut self.line[at];
        run.take(state);
        if run.phase.is_active() {
            return;
        }
        let Run { phase, request, .. } = self.line.remove(at);
        self.has_room();
        if let (Phase::Failed(problem), Some(_)) = (phase, request) {
            self.refused = Some(problem);
        }
    }

    /// A job ended: that too many waited is so no more.
    fn has_room(&mut self) {
        self.refused.take_if(|problem| problem.code == Code::Busy);
    }

    /// A preview came. One that is not to be shown is acknowledged at once.
    pub(super) fn preview(&mut self, preview: Preview, now: Time, out: &mut Vec<Effect>) {
        let header = *preview.header();
        let map = self.run_of(header.job).and_then(|run| run.keep(&preview));
        if map.is_some() && self.job.id != Some(header.job) {
            self.take_turn(header.job, now, out);
            if self.job.id == Some(header.job) && self.looking_at.is_none() {
                // It is shown with the job.
                return;
            }
        }
        let shown = self.job.id == Some(header.job) && self.looking_at.is_none();
        match map.filter(|_| shown).and_then(|map| preview.shown_by(Some(map))) {
            Some(shown) => out.push(shown),
            None => self.tell(client::Event::Drawn { sequence: header.sequence }, now, out),
        }
    }
}
