//! Who comes next: order and fairness as a pure policy. Time is a parameter.
//!
//! Among the jobs that have all their tiles, the person who was served longest ago comes first;
//! among one person's, the oldest. Jobs whose tiles are under way hold nobody up.

use crate::people::Person;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use wire::{Code, Digest, JobId, Problem};

/// How long a job waits for its last tile since anything of it came: a phone may be in a pocket or a tunnel meanwhile.
pub const TILES_TIMEOUT: Duration = Duration::from_secs(3_600);
/// One that waits for longer than this takes no place from those that could start; as many again may wait so.
const STALLED: Duration = Duration::from_secs(60);
/// People whose turn is remembered; more than ever share one machine.
const TURNS_KEPT: usize = 1024;

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub total: usize,
    pub per_person: usize,
}

/// Those who wait.
#[derive(Debug)]
pub struct Line {
    limits: Limits,
    /// In order of arrival.
    waiting: Vec<Waiting>,
    /// When a person was last served, as a count of turns.
    served: HashMap<Person, u64>,
    turn: u64,
}

#[derive(Debug)]
struct Waiting {
    job: JobId,
    person: Person,
    /// Written down, so that it may start.
    admitted: bool,
    missing: HashSet<Digest>,
    /// Since when nothing of what is missing came.
    since: Instant,
}

impl Waiting {
    fn is_ready(&self) -> bool {
        self.admitted && self.missing.is_empty()
    }
}

/// Where a waiting job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub job: JobId,
    /// Jobs that come before it, if nothing changes.
    pub ahead: u32,
    /// Tiles that it lacks.
    pub tiles: u32,
}

impl Line {
    pub fn new(limits: Limits) -> Self {
        Self { limits, waiting: Vec::new(), served: HashMap::new(), turn: 0 }
    }

    /// Joins the line, if it has room. The job starts after [`Line::admit`] and when all that is
    /// missing has landed.
    ///
    /// # Errors
    /// If too much waits already; says how much.
    pub fn join(
        &mut self,
        job: JobId,
        person: Person,
        missing: HashSet<Digest>,
        now: Instant,
    ) -> Result<(), Problem> {
        self.room(person, now)?;
        self.waiting.push(Waiting { job, person, admitted: false, missing, since: now });
        Ok(())
    }

    /// Joins the line, room or not: it was admitted before the server started.
    pub fn rejoin(&mut self, job: JobId, person: Person, missing: HashSet<Digest>, now: Instant) {
        self.waiting.push(Waiting { job, person, admitted: true, missing, since: now });
    }

    /// The job is written down now. False if it has left meanwhile.
    pub fn admit(&mut self, job: JobId) -> bool {
        let waiting = self.waiting.iter_mut().find(|waiting| waiting.job == job);
        waiting.map(|waiting| waiting.admitted = true).is_some()
    }

    fn room(&self, person: Person, now: Instant) -> Result<(), Problem> {
        let is_stalled = |waiting: &Waiting| !waiting.missing.is_empty() && now >= waiting.since + STALLED;
        let count = |theirs: bool| {
            let counted = self.waiting.iter().filter(|waiting| !theirs || waiting.person == person);
            let (all, stalled) = (counted.clone().count(), counted.filter(|w| is_stalled(w)).count());
            (all - stalled).max(all / 2)
        };
        let (everybodys, theirs) = (count(false), count(true));
        let Limits { total, per_person } = self.limits;
        let message = if everybodys >= total {
            format!(
                "{} pictures wait already, the most that this studio keeps; try again when one is done",
                total
            )
        } else if theirs >= per_person {
            format!(
                "{theirs} of your pictures wait already, the most for one person; cancel one or let one finish"
            )
        } else {
            return Ok(());
        };
        Err(Problem::new(Code::Busy, message))
    }

    /// These tiles are here now. Says which jobs have all of theirs by that.
    pub fn landed(&mut self, tiles: &[Digest], now: Instant) -> Vec<JobId> {
        let mut complete = Vec::new();
        for waiting in &mut self.waiting {
            let before = waiting.missing.len();
            for tile in tiles {
                waiting.missing.remove(tile);
            }
            if waiting.missing.len() < before {
                waiting.since = now;
                complete.extend(waiting.missing.is_empty().then_some(waiting.job));
            }
        }
        complete
    }

    /// Takes the job whose turn it is.
    pub fn next(&mut self) -> Option<JobId> {
        let at = self.first(&self.served, &HashSet::new())?;
        let waiting = self.waiting.remove(at);
        self.turn += 1;
        self.served.insert(waiting.person, self.turn);
        if self.served.len() > TURNS_KEPT {
            let oldest = self.served.iter().min_by_key(|(_, turn)| **turn).map(|(person, _)| *person);
            oldest.map(|person| self.served.remove(&person));
        }
        Some(waiting.job)
    }

    /// Whether somebody's turn has come.
    pub fn is_ready(&self) -> bool {
        self.waiting.iter().any(Waiting::is_ready)
    }

    /// Leaves the line. False if the job is not in it.
    pub fn leave(&mut self, job: JobId) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.job != job);
        self.waiting.len() < before
    }

    /// Takes out the jobs whose tiles did not come in time, with the number of those tiles.
    pub fn give_up(&mut self, now: Instant) -> Vec<(JobId, usize)> {
        let late = |w: &Waiting| w.admitted && !w.missing.is_empty() && now >= w.since + TILES_TIMEOUT;
        let jobs = self.waiting.iter().filter(|w| late(w)).map(|w| (w.job, w.missing.len())).collect();
        self.waiting.retain(|waiting| !late(waiting));
        jobs
    }

    /// When [`Line::give_up`] has something to do next, if nothing comes.
    pub fn deadline(&self) -> Option<Instant> {
        let incomplete = self.waiting.iter().filter(|w| w.admitted && !w.missing.is_empty());
        incomplete.map(|waiting| waiting.since + TILES_TIMEOUT).min()
    }

    /// Where everybody stands: those with all their tiles in the order of their turns, then the
    /// others, who are told how many could overtake them.
    pub fn places(&self) -> Vec<Place> {
        let (mut served, mut turn) = (self.served.clone(), self.turn);
        let mut placed: HashSet<usize> = HashSet::new();
        let mut places = Vec::with_capacity(self.waiting.len());
        while let Some(at) = self.first(&served, &placed) {
            turn += 1;
            served.insert(self.waiting[at].person, turn);
            places.push(Place { job: self.waiting[at].job, ahead: placed.len() as u32, tiles: 0 });
            placed.insert(at);
        }
        let ready = places.len() as u32;
        let incomplete = self.waiting.iter().filter(|w| w.admitted && !w.missing.is_empty());
        places.extend(incomplete.map(|w| Place { job: w.job, ahead: ready, tiles: w.missing.len() as u32 }));
        places
    }

    /// Index of the one who comes next, apart from those `placed` already.
    fn first(&self, served: &HashMap<Person, u64>, placed: &HashSet<usize>) -> Option<usize> {
        let turn = |waiting: &Waiting| served.get(&waiting.person).copied().unwrap_or(0);
        let ready = |(at, w): &(usize, &Waiting)| w.is_ready() && !placed.contains(at);
        let candidates = self.waiting.iter().enumerate().filter(ready);
        candidates.min_by_key(|(at, waiting)| (turn(waiting), *at)).map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Person = Person([1; 16]);
    const BEN: Person = Person([2; 16]);
    const LIMITS: Limits = Limits { total: 4, per_person: 3 };

    fn job(n: u8) -> JobId {
        JobId([n; 8])
    }

    fn tile(n: u8) -> Digest {
        Digest([n; 16])
    }

    fn line(jobs: &[(u8, Person)]) -> Line {
        let mut line = Line::new(LIMITS);
        for (n, person) in jobs {
            line.rejoin(job(*n), *person, HashSet::new(), Instant::now());
        }
        line
    }

    fn drain(line: &mut Line) -> Vec<u8> {
        std::iter::from_fn(|| line.next()).map(|job| job.0[0]).collect()
    }

    #[test]
    fn people_take_turns() {
        let mut line = line(&[(1, ANNA), (2, ANNA), (3, ANNA), (4, BEN), (5, BEN)]);
        assert_eq!(drain(&mut line), [1, 4, 2, 5, 3]);
    }

    #[test]
    fn one_who_always_comes_back_starves_nobody() {
        let mut line = line(&[(1, ANNA), (2, ANNA), (10, BEN)]);
        let mut order = Vec::new();
        for n in 11..14 {
            order.extend(line.next().map(|job| job.0[0]));
            order.extend(line.next().map(|job| job.0[0]));
            line.rejoin(job(n), BEN, HashSet::new(), Instant::now());
        }
        assert!(order.contains(&2), "{order:?}");
    }

    #[test]
    fn a_job_that_lacks_tiles_holds_nobody_up() {
        let now = Instant::now();
        let mut line = Line::new(LIMITS);
        line.rejoin(job(1), ANNA, HashSet::from([tile(7), tile(8)]), now);
        line.rejoin(job(2), ANNA, HashSet::new(), now);
        assert_eq!(line.next(), Some(job(2)));
        assert_eq!(line.next(), None);
        line.landed(&[tile(7), tile(9)], now);
        assert_eq!(line.next(), None);
        line.landed(&[tile(8)], now);
        assert_eq!(line.next(), Some(job(1)));
    }

    #[test]
    fn tiles_that_do_not_come_end_the_wait() {
        let start = Instant::now();
        let mut line = Line::new(LIMITS);
        line.rejoin(job(1), ANNA, HashSet::from([tile(1), tile(2)]), start);
        line.rejoin(job(2), BEN, HashSet::new(), start);
        line.landed(&[tile(1)], start + TILES_TIMEOUT / 2);
        assert_eq!(line.give_up(start + TILES_TIMEOUT), []);
        let deadline = line.deadline().expect("one waits for tiles");
        assert_eq!(deadline, start + TILES_TIMEOUT * 3 / 2);
        assert_eq!(line.give_up(deadline), [(job(1), 1)]);
        assert_eq!(line.next(), Some(job(2)));
    }

    #[test]
    fn what_waits_for_tiles_for_long_takes_no_place_but_of_its_like() {
        let start = Instant::now();
        let mut line = Line::new(LIMITS);
        let most = LIMITS.per_person;
        for n in 0..2 * most {
            let now = start + STALLED * n as u32 / most as u32 * 2;
            line.join(job(n as u8), ANNA, HashSet::from([tile(n as u8)]), now).expect("there is room");
        }
        let later = start + TILES_TIMEOUT / 2;
        assert!(line.room(ANNA, later).is_err(), "they are twice as many as may wait");
        assert!(line.room(BEN, later).is_ok());
    }

    #[test]
    fn a_full_line_says_how_full() {
        let line = line(&[(1, ANNA), (2, ANNA), (3, ANNA)]);
        let refused = line.room(ANNA, Instant::now()).expect_err("three is the most for one person");
        assert_eq!(refused.code, Code::Busy);
        assert!(refused.message.starts_with("3 of your pictures"), "{refused}");
        assert!(line.room(BEN, Instant::now()).is_ok());
    }

    #[test]
    fn a_full_studio_says_how_full() {
        let line = line(&[(1, ANNA), (2, ANNA), (3, ANNA), (4, BEN)]);
        let refused = line.room(BEN, Instant::now()).expect_err("four is the most");
        assert!(refused.message.starts_with("4 pictures wait already"), "{refused}");
    }

    #[test]
    fn what_is_not_written_down_does_not_start() {
        let mut line = Line::new(LIMITS);
        line.join(job(1), ANNA, HashSet::new(), Instant::now()).expect("there is room");
        assert_eq!((line.next(), line.places()), (None, vec![]));
        assert!(line.admit(job(1)) && !line.admit(job(2)));
        assert_eq!(line.next(), Some(job(1)));
    }

    #[test]
    fn everybody_is_told_their_place() {
        let mut line = line(&[(1, ANNA), (2, ANNA), (3, BEN)]);
        line.rejoin(job(4), BEN, HashSet::from([tile(1)]), Instant::now());
        let places = line.places();
        let ahead: Vec<_> = places.iter().map(|place| (place.job.0[0], place.ahead, place.tiles)).collect();
        assert_eq!(ahead, [(1, 0, 0), (3, 1, 0), (2, 2, 0), (4, 3, 1)]);
        assert!(line.leave(job(1)) && !line.leave(job(1)));
        assert_eq!(line.places()[0].ahead, 0);
    }
}
