//! Pages that come and go: hello, the socket's turn, and polls.

use super::page::Page;
use super::{Hub, Inner, PAGES_MAX};
use crate::chance;
use crate::people::Person;
use link::{Attached, Outgoing, Telling, Time};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::Notify;
use wire::limits::SNAPSHOT_JOBS;
use wire::{Code, Fact, Frame, Hello, JobView, PollAnswer, Problem, Seen, Snapshot, ViewerId};

/// The newest socket of a page. The page counts as away when this is dropped.
#[derive(Debug)]
pub struct Connection {
    hub: Arc<Hub>,
    pub viewer: ViewerId,
    turn: u64,
    /// Whose turn it is.
    newest: Arc<AtomicU64>,
    notify: Arc<Notify>,
}

/// The number of a connection, that of the newest one, and what tells it.
type Turn = (u64, Arc<AtomicU64>, Arc<Notify>);

/// What a socket is to do.
#[derive(Debug)]
pub enum Next {
    /// All of this, in its order, which may be nothing; then wait for a notification that was created before.
    Send(Vec<Outgoing>),
    /// Another connection took over, or this one is too far behind: end it.
    Over,
}

impl Hub {
    /// A page says hello on a socket. `ended` are the newest ended jobs that the gallery knows.
    ///
    /// # Errors
    /// If the page is somebody else's or there are too many.
    pub fn connect(self: &Arc<Self>, hello: &Hello, ended: Vec<JobView>) -> Result<Connection, Problem> {
        let (turn, newest, notify) = self.greet(hello, ended, true)?;
        Ok(Connection { hub: self.clone(), viewer: hello.viewer, turn, newest, notify })
    }

    /// A page that polls says hello.
    ///
    /// # Errors
    /// As [`Hub::connect`].
    pub fn greet_poller(&self, hello: &Hello, ended: Vec<JobView>) -> Result<(), Problem> {
        self.greet(hello, ended, false).map(|_| ())
    }

    fn greet(&self, hello: &Hello, ended: Vec<JobView>, socket: bool) -> Result<Turn, Problem> {
        let person = Person::of(&hello.person);
        let now = self.now();
        let mut inner = self.inner();
        if !inner.pages.contains_key(&hello.viewer) && !inner.make_room(now) {
            let message = format!("{PAGES_MAX} pages are open already; try again in a few minutes");
            return Err(Problem::new(Code::Busy, message));
        }
        let page = inner.pages.entry(hello.viewer).or_insert_with(|| Page::new(person));
        person.may_attach(page.person)?;
        page.socket = socket;
        page.viewer.heard(now);
        // Random, so that also a server that was started again gives none that a page had before.
        let next = u32::from_le_bytes(chance::random()).max(1);
        let attached = page.viewer.attach(hello, next);
        let stream = page.viewer.stream();
        let ((turn, notify), newest) = (page.take_turn(), page.turn.clone());
        let fresh = attached == Attached::Fresh;
        let snapshot = fresh.then(|| self.snapshot(&inner, person, ended));
        inner.welcome(hello.viewer, person, &Fact::Welcome { stream, fresh, snapshot }, now);
        Ok((turn, newest, notify))
    }

    fn snapshot(&self, inner: &Inner, person: Person, ended: Vec<JobView>) -> Snapshot {
        let live = inner.live.values().filter(|live| live.person == person).map(|live| &live.view);
        let just_ended = inner.ended.iter().filter(|(owner, _)| *owner == person).map(|(_, view)| view);
        let mut jobs: Vec<JobView> = live.chain(just_ended).cloned().collect();
        let known: Vec<_> = jobs.iter().map(|view| view.job.id).collect();
        jobs.extend(ended.into_iter().filter(|view| !known.contains(&view.job.id)));
        jobs.retain_mut(|view| inner.has_something_left(person, view));
        jobs.sort_by_key(|view| std::cmp::Reverse(view.job.created_ms));
        let mut ended = 0;
        jobs.retain(|view| {
            ended += usize::from(view.state.has_ended());
            !view.state.has_ended() || ended <= SNAPSHOT_JOBS
        });
        Snapshot {
            model: self.model.clone(),
            models: inner.offer.models.clone(),
            families: inner.offer.families.clone(),
            unusable: inner.offer.unusable.clone(),
            jobs,
            tile_ttl_s: self.tile_ttl_s,
        }
    }

    /// A page asks what happened. Earlier polls of it end; answer with [`Hub::poll`] until there
    /// is something, waiting for the notification in between.
    ///
    /// # Errors
    /// If the page is not known, or somebody else's: it has to say hello.
    pub fn begin_poll(&self, viewer: ViewerId, person: Person) -> Result<(u64, Arc<Notify>), Problem> {
        self.stats.polls.one();
        let now = self.now();
        let mut inner = self.inner();
        let page = inner.pages.get_mut(&viewer).ok_or_else(unknown)?;
        person.may_attach(page.person)?;
        if page.socket || !page.viewer.is_attached() {
            return Err(unknown());
        }
        page.viewer.heard(now);
        Ok(page.take_turn())
    }

    /// What a poll is answered, if there is something, and what the page has seen then. A poll that another took over is answered that nothing happened.
    ///
    /// # Errors
    /// If the page has to say hello again.
    pub fn poll(
        &self,
        viewer: ViewerId,
        turn: u64,
        seen: Seen,
    ) -> Result<Option<(PollAnswer, Seen)>, Problem> {
        let now = self.now();
        let mut inner = self.inner();
        let page = inner.pages.get_mut(&viewer).ok_or_else(unknown)?;
        if !page.is_turn(turn) {
            return Ok(Some((PollAnswer::default(), seen)));
        }
        let polled = page.viewer.poll(seen, now).ok_or_else(unknown)?;
        // Coding previews is nothing to do while all others wait for this lock.
        drop(inner);
        if polled.is_empty() {
            return Ok(None);
        }
        let seen = polled.seen;
        let answer = polled.answer();
        self.stats.facts_sent.add(answer.texts.len());
        answer.frames.iter().for_each(|frame| self.count_frame(frame.bytes().len()));
        Ok(Some((answer, seen)))
    }

    /// A page says something outside a socket. What comes late, when it has a socket already, is not heard: hello said
    /// all of it that still counts, and how it looks at things may have changed since.
    ///
    /// # Errors
    /// If the page is not known, has a socket, or is somebody else's: it has to say hello.
    pub fn hears(&self, viewer: ViewerId, person: Person) -> Result<(), Problem> {
        let now = self.now();
        let mut inner = self.inner();
        let page = inner.pages.get_mut(&viewer).ok_or_else(unknown)?;
        person.may_attach(page.person)?;
        if page.socket {
            return Err(unknown());
        }
        page.viewer.heard(now);
        Ok(())
    }

    fn count_frame(&self, bytes: usize) {
        self.stats.frames_sent.one();
        self.stats.frame_bytes.add(bytes);
    }
}

impl Inner {
    /// Whether there is room for one more page: the one that has been away for longest gives way.
    fn make_room(&mut self, now: Time) -> bool {
        if self.pages.len() < PAGES_MAX {
            return true;
        }
        let away = self.pages.iter().filter(|(_, page)| !page.viewer.is_attached());
        let longest = away.max_by_key(|(_, page)| page.viewer.silent_for(now)).map(|(&viewer, _)| viewer);
        longest.is_some_and(|viewer| self.pages.remove(&viewer).is_some())
    }

    fn welcome(&mut self, viewer: ViewerId, person: Person, welcome: &Fact, now: Time) {
        let Self { pages, live, .. } = self;
        let Some(page) = pages.get_mut(&viewer) else { return };
        page.viewer.welcome(welcome.to_text().into());
        let fresh = matches!(welcome, Fact::Welcome { fresh: true, .. });
        // Who comes back has these already, or has them under way.
        for live in live.values().filter(|live| fresh && live.person == person) {
            live.newest.iter().for_each(|preview| page.viewer.preview(preview.clone(), now));
        }
        page.wake();
    }
}

impl Connection {
    /// What to do now.
    pub fn next(&self) -> Next {
        let now = self.hub.now();
        let mut inner = self.hub.inner();
        let Some(page) = inner.pages.get_mut(&self.viewer).filter(|page| page.is_turn(self.turn)) else {
            return Next::Over;
        };
        let outgoing: Vec<_> = std::iter::from_fn(|| page.viewer.next(now)).collect();
        let over = page.viewer.has_overrun();
        drop(inner);
        if over {
            return Next::Over;
        }
        let texts = outgoing.iter().filter(|next| matches!(next, Outgoing::Text(_))).count();
        self.hub.stats.facts_sent.add(texts);
        Next::Send(outgoing)
    }

    /// The frame that the socket is to carry; codes it unless it was for another.
    pub fn frame(&self, telling: &Telling) -> Frame {
        let frame = telling.frame();
        self.hub.count_frame(frame.bytes().len());
        frame
    }

    /// Whether another connection took over. What comes on this one then was said before, and is not heard.
    pub fn is_over(&self) -> bool {
        self.newest.load(Relaxed) != self.turn
    }

    pub fn notify(&self) -> &Notify {
        &self.notify
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let now = self.hub.now();
        let mut inner = self.hub.inner();
        if let Some(page) = inner.pages.get_mut(&self.viewer).filter(|page| page.is_turn(self.turn)) {
            page.viewer.heard(now);
            page.viewer.detach();
            page.socket = false;
        }
    }
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "viewer: this page is not known here (any more); say hello again")
}
