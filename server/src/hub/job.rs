//! A job that waits or runs, as its viewers see it.

use crate::people::Person;
use link::Preview;
use wire::{Fact, Job, JobState, JobView};

#[derive(Debug)]
pub(super) struct LiveJob {
    pub person: Person,
    pub view: JobView,
    /// The newest preview of each picture and format, for those who come later.
    pub newest: Vec<Preview>,
}

impl LiveJob {
    pub fn new(person: Person, job: Job) -> Self {
        let state = JobState::Waiting { ahead: 0, tiles: 0 };
        Self { person, view: JobView { job, state }, newest: Vec::new() }
    }

    /// Replaces the preview that this one follows.
    pub fn latch(&mut self, preview: Preview) {
        let slot = |preview: &Preview| (preview.header().picture, preview.header().format);
        self.newest.retain(|old| slot(old) != slot(&preview));
        self.newest.push(preview);
    }
}

/// The facts that lead from nothing to where the job stands.
pub(super) fn story(view: &JobView, request: Option<u32>) -> Vec<Fact> {
    let job = view.job.id;
    let mut facts = vec![Fact::Accepted { job: view.job.clone(), request }];
    match view.state.clone() {
        JobState::Waiting { ahead, tiles } => facts.push(Fact::Waiting { job, ahead, tiles }),
        JobState::Loading { read, bytes } => facts.push(Fact::Loading { job, read, bytes }),
        JobState::Running { step, total, step_ms, preview } => {
            facts.push(Fact::Started { job, preview });
            if step > 0 {
                facts.push(Fact::Step { job, step, total, step_ms });
            }
        }
        ended => facts.extend(end_fact(job, ended)),
    }
    facts
}

/// The fact that tells how a job ended.
pub(super) fn end_fact(job: wire::JobId, state: JobState) -> Option<Fact> {
    match state {
        JobState::Finished { pictures, took_ms } => Some(Fact::Finished { job, pictures, took_ms }),
        JobState::Cancelled { step } => Some(Fact::Cancelled { job, step }),
        JobState::Failed { problem } => Some(Fact::Failed { job, problem }),
        JobState::Waiting { .. } | JobState::Loading { .. } | JobState::Running { .. } => None,
    }
}
