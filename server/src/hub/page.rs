//! An open page, as the hub holds it: its pacing, and who is at the other end.

use crate::people::Person;
use link::Time;
use link::viewer::{POLL_SILENCE_MS, Viewer};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::Notify;
use wire::{Fact, JobId, PreviewFormat};

/// Jobs of others that one page follows; the oldest goes.
const WATCHED_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Page {
    pub person: Person,
    pub viewer: Viewer,
    /// Told whenever there may be something to send.
    pub notify: Arc<Notify>,
    /// Counts connections and polls; only the newest is served and heard, which looks here whether it is.
    pub turn: Arc<AtomicU64>,
    /// Whether the newest connection is a socket, which says itself when it ends.
    pub socket: bool,
    watched: VecDeque<JobId>,
}

impl Page {
    pub fn new(person: Person) -> Self {
        Self {
            person,
            viewer: Viewer::new(),
            notify: Arc::new(Notify::new()),
            turn: Arc::default(),
            socket: false,
            watched: VecDeque::new(),
        }
    }

    /// A new connection or poll takes over from the one before, which is told. Each has a
    /// notification of its own, so that none takes the other's.
    pub fn take_turn(&mut self) -> (u64, Arc<Notify>) {
        let turn = self.turn.fetch_add(1, Relaxed) + 1;
        std::mem::take(&mut self.notify).notify_one();
        (turn, self.notify.clone())
    }

    pub fn is_turn(&self, turn: u64) -> bool {
        self.turn.load(Relaxed) == turn
    }

    /// Notices that a page that polled does so no more.
    pub fn tend(&mut self, now: Time) {
        if !self.socket && self.viewer.is_attached() && self.viewer.silent_for(now) > POLL_SILENCE_MS {
            self.viewer.detach();
        }
    }

    pub fn watch(&mut self, job: JobId) {
        if !self.watched.contains(&job) {
            self.watched.push_back(job);
        }
        if self.watched.len() > WATCHED_MAX {
            self.watched.pop_front();
        }
    }

    /// Whether facts and previews of this job are for this page.
    pub fn follows(&self, job: JobId, owner: Person) -> bool {
        self.person == owner || self.watched.contains(&job)
    }

    pub fn tell(&mut self, fact: Arc<str>) {
        self.viewer.fact(fact);
        self.wake();
    }

    pub fn tell_all<'a>(&mut self, facts: impl IntoIterator<Item = &'a Fact>) {
        facts.into_iter().for_each(|fact| self.tell(fact.to_text().into()));
    }

    /// There may be something to send. The permit is kept if nobody waits just now.
    pub fn wake(&self) {
        self.notify.notify_one();
    }
}

/// In which formats a preview is wanted after a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    pub latent: bool,
    pub jpeg: bool,
}

impl Wanted {
    /// Whether a preview is to be made at all.
    pub fn any(self) -> bool {
        self.latent || self.jpeg
    }

    pub(super) fn add(&mut self, format: PreviewFormat) {
        match format {
            PreviewFormat::Latent => self.latent = true,
            PreviewFormat::Jpeg => self.jpeg = true,
        }
    }
}
