//! Who is told what: open pages, the jobs that they follow, and previews made once for all of
//! them. Never sees a tensor. Every method is quick and takes one lock, which none holds for long.

mod attach;
mod job;
mod page;
mod previews;

pub use attach::{Connection, Next};
pub use page::Wanted;
pub use previews::Offered;

use crate::clock;
use crate::models::Offer;
use crate::people::Person;
use crate::stats::Stats;
use job::{LiveJob, end_fact, story};
use link::Time;
use page::Page;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use wire::{Attention, Digest, Fact, Job, JobId, JobState, JobView, LatentPreview, ModelInfo, ViewerId};

/// Ended jobs and removed pictures remembered here, so that none is missed between the gallery's answer and a hello.
const ENDED_KEPT: usize = 256;
/// Pages remembered at once, open or a moment ago.
pub const PAGES_MAX: usize = 10_000;

#[derive(Debug)]
pub struct Hub {
    inner: Mutex<Inner>,
    model: ModelInfo,
    tile_ttl_s: u64,
    /// Zero of the time that pages are paced by.
    start: Instant,
    pub stats: Arc<Stats>,
}

#[derive(Debug, Default)]
struct Inner {
    pages: HashMap<ViewerId, Page>,
    live: HashMap<JobId, LiveJob>,
    /// Newest first.
    ended: VecDeque<(Person, JobView)>,
    /// Newest first.
    removed: VecDeque<(Person, Digest)>,
    /// Of the newest frame.
    sequence: u64,
    /// What jobs may name beside the own model.
    offer: Offer,
}

impl Hub {
    pub fn new(model: ModelInfo, tile_ttl_s: u64, stats: Arc<Stats>) -> Self {
        Self { inner: Mutex::default(), model, tile_ttl_s, start: Instant::now(), stats }
    }

    fn now(&self) -> Time {
        self.start.elapsed().as_millis() as Time
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets pages that are gone for good, and notices those that stopped polling.
    pub fn tend(&self) {
        let now = self.now();
        let mut inner = self.inner();
        inner.pages.values_mut().for_each(|page| page.tend(now));
        inner.pages.retain(|_, page| !page.viewer.is_expired(now));
        self.stats.viewers.set(inner.pages.values().filter(|page| page.viewer.is_attached()).count());
    }

    /// Tells one page a fact that is for it alone.
    pub fn tell(&self, viewer: ViewerId, fact: &Fact) {
        if let Some(page) = self.inner().pages.get_mut(&viewer) {
            page.tell_all([fact]);
        }
    }

    /// This page wants to see something else from now on.
    pub fn attend(&self, viewer: ViewerId, attention: Attention) {
        if let Some(page) = self.inner().pages.get_mut(&viewer) {
            page.viewer.set_attention(attention);
            page.wake();
        }
    }

    /// This page has drawn or dropped all frames up to `sequence`.
    pub fn ack(&self, viewer: ViewerId, sequence: u64) {
        let now = self.now();
        if let Some(page) = self.inner().pages.get_mut(&viewer) {
            if let Some(took) = page.viewer.ack(sequence, now) {
                self.stats.frames_acknowledged.one();
                self.stats.acknowledged_ms.add(took as usize);
            }
            // Thousands of pages acknowledge: none is woken for nothing.
            if page.viewer.is_holding() {
                page.wake();
            }
        }
    }

    /// Answers a page that wonders how far the server is.
    pub fn pong(&self, viewer: ViewerId, sent: u64) {
        let mut inner = self.inner();
        let Some(page) = inner.pages.get_mut(&viewer) else { return };
        let pong = Fact::Pong {
            sent,
            clock_us: clock::unix_us(),
            conflated: page.viewer.conflated(),
            made: self.stats.made.get(),
            encoded: self.stats.jpeg_encodes.get(),
            decoded: self.stats.preview_decodes.get(),
        };
        page.viewer.pong(pong.to_text().into());
        page.wake();
    }

    /// This page follows a job from now on, and is told where it stands. False if the job is
    /// neither waiting nor running nor ended a moment ago.
    pub fn watch(&self, viewer: ViewerId, job: JobId) -> bool {
        let now = self.now();
        let mut inner = self.inner();
        let Inner { pages, live, .. } = &mut *inner;
        match (pages.get_mut(&viewer), live.get(&job)) {
            (Some(page), Some(live)) => {
                page.watch(job);
                page.tell_all(&story(&live.view, None));
                live.newest.iter().for_each(|preview| page.viewer.preview(preview.clone(), now));
                true
            }
            (None, _) => true,
            (Some(_), None) => {
                drop(inner);
                self.retell(viewer, job, None)
            }
        }
    }

    /// Tells one page the story of a job again. False if the job is not known here.
    pub fn retell(&self, viewer: ViewerId, job: JobId, request: Option<u32>) -> bool {
        let mut inner = self.inner();
        let Some(view) = inner.view(job) else { return false };
        if let Some(page) = inner.pages.get_mut(&viewer) {
            page.tell_all(&story(&view, request));
        }
        true
    }

    /// Tells one page of an ended job that the gallery remembers.
    pub fn recount(&self, viewer: ViewerId, view: &JobView, request: Option<u32>) {
        if let Some(page) = self.inner().pages.get_mut(&viewer) {
            page.tell_all(&story(view, request));
        }
    }

    /// A job was admitted; `asked` is the page that asked, and its number for the request.
    pub fn accepted(&self, person: Person, job: Job, asked: Option<(ViewerId, u32)>) {
        let mut inner = self.inner();
        inner.live.insert(job.id, LiveJob::new(person, job.clone()));
        let fact = |request| Arc::from(Fact::Accepted { job: job.clone(), request }.to_text());
        let for_all: Arc<str> = fact(None);
        for (viewer, page) in inner.pages.iter_mut().filter(|(_, page)| page.person == person) {
            match asked {
                Some((asker, request)) if asker == *viewer => page.tell(fact(Some(request))),
                _ => page.tell(for_all.clone()),
            }
        }
    }

    /// Where a waiting job stands now; told only if that changed. At first none is ahead.
    pub fn waiting(&self, job: JobId, ahead: u32, tiles: u32) {
        let state = JobState::Waiting { ahead, tiles };
        let mut inner = self.inner();
        let Some(live) = inner.live.get_mut(&job) else { return };
        if live.view.state != state && matches!(live.view.state, JobState::Waiting { .. }) {
            live.view.state = state;
            inner.tell_followers(job, &Fact::Waiting { job, ahead, tiles });
        }
    }

    /// Other models than before are there, or other things to add to one.
    pub fn offer(&self, offer: Offer) {
        let Offer { models, families, unusable } = offer.clone();
        let mut inner = self.inner();
        let text: Arc<str> = Fact::Models { models, families, unusable }.to_text().into();
        inner.offer = offer;
        inner.pages.values_mut().for_each(|page| page.tell(text.clone()));
    }

    /// So much of a job's model is read.
    pub fn loading(&self, job: JobId, read: u64, bytes: u64) {
        let mut inner = self.inner();
        let Some(live) = inner.live.get_mut(&job) else { return };
        live.view.state = JobState::Loading { read, bytes };
        inner.tell_followers(job, &Fact::Loading { job, read, bytes });
    }

    pub fn started(&self, job: JobId, preview: LatentPreview) {
        self.stats.jobs_started.one();
        let mut inner = self.inner();
        let Some(live) = inner.live.get_mut(&job) else { return };
        live.view.state = JobState::Running { step: 0, total: 0, step_ms: 0.0, preview: preview.clone() };
        inner.tell_followers(job, &Fact::Started { job, preview });
    }

    /// A step is done. Says in which formats somebody wants to see it.
    pub fn stepped(&self, job: JobId, step: u16, total: u16, step_ms: f32) -> Wanted {
        self.stats.steps.one();
        self.stats.step_us.add((step_ms * 1_000.0) as usize);
        let mut inner = self.inner();
        let Some(live) = inner.live.get_mut(&job) else { return Wanted::default() };
        if let JobState::Running { step: at, total: of, step_ms: took, .. } = &mut live.view.state {
            (*at, *of, *took) = (step, total, step_ms);
        }
        inner.tell_followers(job, &Fact::Step { job, step, total, step_ms });
        let wanted = inner.wanted(job, step, total);
        if wanted.any() {
            self.stats.wanted.one();
        }
        wanted
    }

    /// A job ended, in one of the three ways.
    pub fn ended(&self, job: JobId, state: JobState) {
        let mut inner = self.inner();
        if let Some(fact) = end_fact(job, state.clone()) {
            inner.tell_followers(job, &fact);
        }
        let Some(live) = inner.live.remove(&job) else { return };
        inner.pages.values_mut().for_each(|page| page.viewer.forget_job(job));
        inner.ended.push_front((live.person, JobView { job: live.view.job, state }));
        inner.ended.truncate(ENDED_KEPT);
    }

    /// A picture of this person is there no more.
    pub fn removed(&self, person: Person, picture: Digest) {
        let mut inner = self.inner();
        inner.removed.push_front((person, picture));
        inner.removed.truncate(ENDED_KEPT);
        let text: Arc<str> = Fact::Removed { picture }.to_text().into();
        inner
            .pages
            .values_mut()
            .filter(|page| page.person == person)
            .for_each(|page| page.tell(text.clone()));
    }

    /// Leaves out what this person removed since the jobs were read.
    pub fn leave_out_removed(&self, person: Person, jobs: &mut Vec<JobView>) {
        let inner = self.inner();
        jobs.retain_mut(|view| inner.has_something_left(person, view));
    }

    /// Whether this page is open, or may come back to where it was.
    pub fn knows(&self, viewer: ViewerId) -> bool {
        self.inner().pages.contains_key(&viewer)
    }

    /// Whether this page is open and somebody sees it, or wants it to go on while nobody does.
    pub fn is_looking(&self, viewer: ViewerId) -> bool {
        self.inner().pages.get(&viewer).is_some_and(|page| page.viewer.is_looking())
    }

    /// Whose job this is, while it waits or runs.
    pub fn owner(&self, job: JobId) -> Option<Person> {
        self.inner().live.get(&job).map(|live| live.person)
    }

    /// Whether this job ended a moment ago.
    pub fn has_ended(&self, job: JobId) -> bool {
        self.inner().ended.iter().any(|(_, view)| view.job.id == job)
    }
}

impl Inner {
    fn view(&self, job: JobId) -> Option<JobView> {
        let live = self.live.get(&job).map(|live| (live.person, live.view.clone()));
        let ended = || self.ended.iter().find(|(_, view)| view.job.id == job).cloned();
        let (person, mut view) = live.or_else(ended)?;
        self.has_something_left(person, &mut view).then_some(view)
    }

    /// Takes what this person removed out of a job of theirs; whether it has anything else to show.
    fn has_something_left(&self, person: Person, view: &mut JobView) -> bool {
        let JobState::Finished { pictures, .. } = &mut view.state else { return true };
        let before = pictures.len();
        pictures.retain(|picture| !self.removed.contains(&(person, picture.digest)));
        before == 0 || !pictures.is_empty()
    }

    /// Pages that follow a job.
    fn followers(&mut self, job: JobId) -> impl Iterator<Item = &mut Page> {
        let owner = self.live.get(&job).map(|live| live.person);
        self.pages.values_mut().filter(move |page| owner.is_some_and(|owner| page.follows(job, owner)))
    }

    fn tell_followers(&mut self, job: JobId, fact: &Fact) {
        let text: Arc<str> = fact.to_text().into();
        self.followers(job).for_each(|page| page.tell(text.clone()));
    }

    fn wanted(&mut self, job: JobId, step: u16, total: u16) -> Wanted {
        let mut wanted = Wanted::default();
        for page in self.followers(job).filter(|page| page.viewer.wants_step(step, total)) {
            wanted.add(page.viewer.attention().format);
        }
        wanted
    }
}
