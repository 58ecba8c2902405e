//! What the server says about jobs, and their previews.

use super::{Effect, Phase, Preview, Shown, Studio, Underway};
use link::{Time, client, upload};
use wire::{ClientMessage, Code, Fact, Job, JobId, JobState, JobView, Problem, Snapshot};

impl Studio {
    /// The server told something.
    pub(super) fn fact(&mut self, fact: Fact, now: Time, out: &mut Vec<Effect>) {
        match fact {
            Fact::Welcome { fresh, snapshot } => {
                // On another connection nothing was told yet.
                self.told = None;
                self.meter.way_ms = None;
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
                if !lacking.is_empty() {
                    self.upload(upload::Event::Missing(lacking), now, out);
                }
            }
            Fact::Astray => self.astray(now, out),
            Fact::Accepted { job, request } => self.accepted(job, request, now, out),
            // Nobody wants it any more.
            Fact::Refused { request: Some(request), .. } if self.was_taken_back(request) => {}
            Fact::Refused { request, problem } => {
                if request.is_some() && request == self.job.request {
                    self.job.phase = Phase::Failed(problem.clone());
                    self.come_back(now, out);
                }
                self.refused = Some(problem);
            }
            Fact::Finished { job, pictures, took_ms } => {
                self.ended(job);
                self.look_for_sketch_again();
                if let Some(known) = self.told_of(job).cloned() {
                    self.kept.add(&known, &pictures, took_ms);
                    let seen = self.looking_at.is_none() && !self.spread;
                    out.extend(seen.then_some(Effect::RevealNewest));
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
                if let Some(Underway { state: JobState::Running { step: known, .. }, .. }) =
                    self.underway_of(job)
                {
                    *known = step;
                }
                if self.job.id == Some(job) {
                    if self.job.request.is_some() {
                        self.meter.stepped(now);
                    }
                    self.job.advance(step, total, step_ms);
                    self.ask_ahead(total - step.min(total), step_ms, out);
                }
            }
            Fact::Removed { picture } => self.removed(picture, out),
            Fact::Alive => {}
            Fact::Pong { sent, clock_us, conflated, made, encoded, decoded } => {
                self.ponged(sent, clock_us, now, out);
                self.counted(conflated, [made, encoded, decoded]);
            }
            Fact::Cancelled { job, step } => {
                self.ended(job);
                self.on_job(job, JobState::Cancelled { step }, now, out);
            }
            Fact::Failed { job, problem } => {
                self.ended(job);
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
        // What it does not tell of has ended.
        let known = std::mem::take(&mut self.underway);
        for view in snapshot.jobs.iter().rev() {
            self.learn(view.job.clone());
            if let Some(underway) =
                known.iter().find(|known| known.job == view.job.id && phase(view).is_active())
            {
                self.underway.push(Underway { state: view.state.clone(), ..*underway });
            }
            let was_underway = known.iter().any(|known| known.job == view.job.id);
            match &view.state {
                JobState::Finished { pictures, took_ms } => {
                    self.kept.add(&view.job, pictures, *took_ms);
                    if was_underway {
                        self.made(pictures);
                    }
                }
                JobState::Failed { .. } if was_underway => self.ended_unseen("No picture"),
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
        let Some(view) = newest else {
            return;
        };
        let id = view.job.id;
        self.show_other(view.job, out);
        self.on_job(id, view.state, now, out);
    }

    /// A job was admitted: the one this page asked for, or one of another page of this person,
    /// which is shown if this page has nothing better to show.
    fn accepted(&mut self, job: Job, request: Option<u32>, now: Time, out: &mut Vec<Effect>) {
        self.learn(job.clone());
        if let Some(request) = request {
            let state = JobState::Waiting { ahead: 0, tiles: 0 };
            self.ended(job.id);
            self.underway.push(Underway { job: job.id, request, state });
            if self.was_taken_back(request) {
                self.say(ClientMessage::Cancel { job: job.id }, now, out);
                // Who took it back before it was admitted has something else in sight.
                if self.job.request != Some(request) {
                    return;
                }
            }
        }
        let own = request.is_some() && request == self.job.request;
        if own && self.job.id.is_none() && self.job.phase.is_active() {
            self.job.id = Some(job.id);
            self.job.spec = job.spec;
            self.job.phase = Phase::Waiting { ahead: 0, tiles: 0 };
        } else if !own && !self.job.phase.is_active() && self.looking_at.is_none() {
            self.show_other(job, out);
        }
    }

    /// Shows a job that this page did not ask for.
    fn show_other(&mut self, job: Job, out: &mut Vec<Effect>) {
        out.push(Effect::blank(&job.spec));
        self.live.asked = false;
        self.job = Shown::admitted(job);
        self.hung.clear();
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

    fn underway_of(&mut self, job: JobId) -> Option<&mut Underway> {
        self.underway.iter_mut().find(|underway| underway.job == job)
    }

    fn ended(&mut self, job: JobId) {
        self.underway.retain(|underway| underway.job != job);
    }

    /// In place of a job that came to nothing, shows the last one that this page asked for before it.
    pub(super) fn show_underway(&mut self, out: &mut Vec<Effect>) {
        if !self.job.phase.came_to_nothing() || self.looking_at.is_some() {
            return;
        }
        let underway = self
            .last_underway()
            .and_then(|underway| Some((self.told_of(underway.job)?.clone(), underway.state.clone())));
        if let Some((job, state)) = underway {
            self.show_other(job, out);
            self.job.take(state);
        }
    }

    /// A job stands elsewhere now; the one that is shown, or another.
    fn on_job(&mut self, job: JobId, state: JobState, now: Time, out: &mut Vec<Effect>) {
        if let Some(known) = self.underway_of(job) {
            known.state.clone_from(&state);
        }
        if self.job.id != Some(job) {
            return;
        }
        let was_active = self.job.phase.is_active();
        self.job.take(state);
        // What has just been finished stays until something else is changed.
        self.live.changed &= !was_active || self.job.pictures().is_empty();
        // What went wrong stays to be read.
        match self.job.phase {
            Phase::Cancelled { .. } => self.show_what_is_left(now, out),
            Phase::Failed(_) if self.job.after_live.is_none() => self.come_back(now, out),
            _ => {}
        }
        if !self.job.phase.is_active() {
            self.job.stopping = false;
            self.follow(now, out);
        }
        if !self.job.pictures().is_empty() && self.looking_at.is_none() {
            out.push(Effect::Hang(self.hanging()));
        }
    }

    /// A preview came. One that is not to be shown is acknowledged at once.
    pub(super) fn preview(&mut self, preview: Preview, now: Time, out: &mut Vec<Effect>) {
        let header = *preview.header();
        let better =
            self.job.after_live.is_none() || (2 * header.step >= header.total && !self.job.spec.quick);
        let forms = matches!(self.job.phase, Phase::Running { .. });
        let of_this = |other: &Preview| other.header().picture == header.picture;
        let before = self.job.newest.iter().find(|other| of_this(other));
        let newer = before.is_none_or(|before| before.header().step < header.step);
        let own = self.job.id == Some(header.job) && header.picture < self.job.spec.pictures;
        let newer = newer && !self.job.heralds.came.contains(&header.picture);
        let map = self.job.preview.clone().filter(|_| forms && better && newer && own);
        if map.is_some() {
            self.job.newest.retain(|other| !of_this(other));
            self.job.newest.push(preview.clone());
        }
        match map.filter(|_| self.looking_at.is_none()).and_then(|map| preview.shown_by(Some(map))) {
            Some(shown) => out.push(shown),
            None => self.tell(client::Event::Drawn { sequence: header.sequence }, now, out),
        }
    }
}
