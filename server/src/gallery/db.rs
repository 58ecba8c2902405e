//! The database: jobs and which pictures they gave.

use super::{Admitted, GalleryError, Order};
use crate::people::Person;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;
use std::path::Path;
use wire::{Code, Digest, Job, JobId, JobState, JobView, Manifest, Older, Picture, Problem, Seed, ViewerId};

#[derive(Debug)]
pub(super) struct Database(Connection);

type Result<T> = std::result::Result<T, GalleryError>;

/// Jobs without a picture that are remembered, of whomever: nobody can remove them.
const IN_VAIN_KEPT: u32 = 10_000;

const ENDED: &str = "SELECT id, canvas, spec, created_ms, state, step, took_ms, problem FROM jobs";

impl Database {
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        // A write-ahead log with this setting survives a killed process; a power cut may cost
        // the last moments, never the database.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
        )?;
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self(connection))
    }

    pub fn admit(&mut self, order: &Order) -> Result<Admitted> {
        if let Some(job) = self.requested(order.viewer, order.request)? {
            return Ok(Admitted::Already(job));
        }
        let job = &order.job;
        self.0.prepare_cached(
            "INSERT INTO jobs (id, person, viewer, request, canvas, manifest, spec, created_ms) VALUES (?,?,?,?,?,?,?,?)",
        )?
        .execute(params![
            job.id.0,
            order.person.0,
            order.viewer.0,
            order.request,
            job.canvas.0,
            serde_json::to_string(&order.manifest)?,
            serde_json::to_string(&job.spec)?,
            job.created_ms as i64,
        ])?;
        Ok(Admitted::New)
    }

    pub fn requested(&self, viewer: ViewerId, request: u32) -> Result<Option<JobId>> {
        let mut query = self.0.prepare_cached("SELECT id FROM jobs WHERE viewer = ? AND request = ?")?;
        Ok(query.query_row(params![viewer.0, request], |row| row.get(0).map(JobId)).optional()?)
    }

    pub fn unfinished(&self) -> Result<Vec<Order>> {
        let mut query = self.0.prepare(
            "SELECT id, canvas, spec, created_ms, person, viewer, request, manifest FROM jobs
             WHERE state = 'open' ORDER BY created_ms",
        )?;
        let mut rows = query.query([])?;
        let mut orders = Vec::new();
        while let Some(row) = rows.next()? {
            orders.extend(readable(order(row))?);
        }
        Ok(orders)
    }

    /// The canvases of jobs that are open or have pictures.
    pub fn needed_canvases(&self) -> Result<HashSet<Digest>> {
        let mut query =
            self.0.prepare("SELECT DISTINCT canvas FROM jobs WHERE state IN ('open', 'finished')")?;
        let canvases = query.query_map([], |row| row.get(0).map(Digest))?;
        Ok(canvases.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a job needs this canvas that is open or has pictures.
    pub fn needs_canvas(&self, canvas: &Digest) -> Result<bool> {
        let mut query = self.0.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE canvas = ? AND state IN ('open', 'finished'))",
        )?;
        Ok(query.query_row(params![canvas.0], |row| row.get(0))?)
    }

    /// A canvas by its tiles, if a job needs it that is open or has pictures.
    pub fn needed_canvas(&self, canvas: &Digest) -> Result<Option<Manifest>> {
        let mut query = self.0.prepare_cached(
            "SELECT manifest FROM jobs WHERE canvas = ? AND state IN ('open', 'finished') LIMIT 1",
        )?;
        let manifest: Option<String> = query.query_row(params![canvas.0], |row| row.get(0)).optional()?;
        Ok(manifest.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    pub fn recent(&self, person: Person, most: usize) -> Result<Vec<JobView>> {
        let text = format!("{ENDED} WHERE person = ? AND state != 'open' ORDER BY created_ms DESC LIMIT ?");
        let mut query = self.0.prepare_cached(&text)?;
        let mut rows = query.query(params![person.0, most as i64])?;
        let mut views = Vec::new();
        while let Some(row) = rows.next()? {
            views.extend(readable(self.view(row))?);
        }
        Ok(views)
    }

    /// The first `most` that were asked for until then, and when the last of as many was, if there are older ones.
    pub fn older(&self, person: Person, until_ms: u64, most: usize) -> Result<Older> {
        let text = format!(
            "{ENDED} WHERE person = ? AND created_ms <= ? AND state = 'finished' ORDER BY created_ms DESC LIMIT ?"
        );
        let mut query = self.0.prepare_cached(&text)?;
        let until = i64::try_from(until_ms).unwrap_or(i64::MAX);
        let mut rows = query.query(params![person.0, until, most as i64])?;
        let (mut jobs, mut found, mut last) = (Vec::new(), 0, until_ms);
        while let Some(row) = rows.next()? {
            (found, last) = (found + 1, row.get::<_, i64>(3)? as u64);
            jobs.extend(readable(self.view(row))?);
        }
        // Else it would be the same again.
        Ok(Older { jobs, until: Some(last).filter(|last| found == most && *last < until_ms) })
    }

    pub fn ended(&self, job: JobId) -> Result<Option<JobView>> {
        let mut query = self.0.prepare_cached(&format!("{ENDED} WHERE id = ? AND state != 'open'"))?;
        let mut rows = query.query(params![job.0])?;
        rows.next()?.map(|row| self.view(row)).transpose()
    }

    fn view(&self, row: &Row<'_>) -> Result<JobView> {
        let job = job(row)?;
        let state = match row.get::<_, String>(4)?.as_str() {
            "finished" => JobState::Finished {
                pictures: self.pictures(job.id)?,
                took_ms: row.get::<_, Option<f32>>(6)?.unwrap_or_default(),
            },
            "cancelled" => JobState::Cancelled { step: row.get::<_, Option<u16>>(5)?.unwrap_or_default() },
            _ => JobState::Failed { problem: problem(row)? },
        };
        Ok(JobView { job, state })
    }

    fn pictures(&self, job: JobId) -> Result<Vec<Picture>> {
        let mut query = self.0.prepare_cached(
            "SELECT digest, seed, width, height FROM pictures WHERE job = ? ORDER BY number",
        )?;
        let pictures = query.query_map(params![job.0], |row| {
            let seed: String = row.get(1)?;
            Ok(Picture {
                digest: Digest(row.get(0)?),
                seed: Seed(seed.parse().unwrap_or_default()),
                width: row.get(2)?,
                height: row.get(3)?,
            })
        })?;
        Ok(pictures.collect::<rusqlite::Result<_>>()?)
    }

    pub fn finish(&mut self, job: JobId, pictures: &[&Picture], took_ms: f32) -> Result<()> {
        let transaction = self.0.transaction()?;
        for (number, picture) in (0_i64..).zip(pictures) {
            transaction.execute(
                "INSERT OR REPLACE INTO pictures (job, number, digest, seed, width, height) VALUES (?,?,?,?,?,?)",
                params![job.0, number, picture.digest.0, picture.seed.0.to_string(), picture.width, picture.height],
            )?;
        }
        transaction.execute(
            "UPDATE jobs SET state = 'finished', took_ms = ? WHERE id = ?",
            params![took_ms, job.0],
        )?;
        Ok(transaction.commit()?)
    }

    /// Takes a picture of this person out, and its job if that has no other. Says whether anybody still has it, and which
    /// canvas it was made from.
    pub fn remove(&mut self, person: Person, picture: &Digest) -> Result<(bool, Option<Digest>)> {
        let transaction = self.0.transaction()?;
        let theirs = "SELECT job, canvas FROM pictures JOIN jobs ON id = job WHERE digest = ? AND person = ?";
        let found: Option<([u8; 8], [u8; 16])> = transaction
            .query_row(theirs, params![picture.0, person.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((job, _)) = found {
            transaction
                .execute("DELETE FROM pictures WHERE digest = ? AND job = ?", params![picture.0, job])?;
            transaction.execute(
                "DELETE FROM jobs WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM pictures WHERE job = ?1)",
                params![job],
            )?;
        }
        let is_left = transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM pictures WHERE digest = ?)",
            params![picture.0],
            |row| row.get(0),
        )?;
        transaction.commit()?;
        Ok((is_left, found.map(|(_, canvas)| Digest(canvas))))
    }

    pub fn cancel(&self, job: JobId, step: u16) -> Result<()> {
        self.0.execute(
            "UPDATE jobs SET state = 'cancelled', manifest = '', step = ? WHERE id = ?",
            params![step, job.0],
        )?;
        self.forget_in_vain(IN_VAIN_KEPT)
    }

    pub fn fail(&self, job: JobId, problem: &Problem) -> Result<()> {
        let problem = serde_json::to_string(problem)?;
        self.0.execute(
            "UPDATE jobs SET state = 'failed', manifest = '', problem = ? WHERE id = ?",
            params![problem, job.0],
        )?;
        self.forget_in_vain(IN_VAIN_KEPT)
    }

    /// Leaves so many of the jobs that came to nothing, the newest.
    fn forget_in_vain(&self, most: u32) -> Result<()> {
        let mut forget = self.0.prepare_cached(
            "DELETE FROM jobs WHERE state IN ('cancelled', 'failed') AND created_ms <=
             (SELECT created_ms FROM jobs WHERE state IN ('cancelled', 'failed')
              ORDER BY created_ms DESC LIMIT 1 OFFSET ?)",
        )?;
        forget.execute(params![most])?;
        Ok(())
    }
}

/// `None` for a job that another version wrote in a way that this one cannot read: it is left as it is,
/// and keeps nobody from the others.
fn readable<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(GalleryError::Content(error)) => {
            tracing::warn!(%error, "a job in the gallery cannot be read by this version and is passed over");
            Ok(None)
        }
        read => read.map(Some),
    }
}

fn order(row: &Row<'_>) -> Result<Order> {
    Ok(Order {
        job: job(row)?,
        person: Person(row.get(4)?),
        viewer: ViewerId(row.get(5)?),
        request: row.get(6)?,
        manifest: serde_json::from_str(&row.get::<_, String>(7)?)?,
    })
}

/// The job from the first four columns.
fn job(row: &Row<'_>) -> Result<Job> {
    Ok(Job {
        id: JobId(row.get(0)?),
        canvas: Digest(row.get(1)?),
        spec: serde_json::from_str(&row.get::<_, String>(2)?)?,
        created_ms: row.get::<_, i64>(3)? as u64,
    })
}

fn problem(row: &Row<'_>) -> Result<Problem> {
    match row.get::<_, Option<String>>(7)? {
        Some(text) => Ok(serde_json::from_str(&text)?),
        None => Ok(Problem::new(Code::Internal, "this picture failed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Spec;

    #[test]
    fn of_jobs_that_came_to_nothing_the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(&folder.path().join("jobs")).unwrap();
        let (person, viewer) = (Person([1; 16]), ViewerId([1; 8]));
        for n in 1..=6_u8 {
            let (id, canvas) = (JobId([n; 8]), Digest([n; 16]));
            let job = Job { id, canvas, spec: Spec::default(), created_ms: n.into() };
            let manifest = Manifest::new(64, 64, vec![Digest([n; 16])]).unwrap();
            database.admit(&Order { job, person, viewer, request: n.into(), manifest }).unwrap();
        }
        database.cancel(JobId([1; 8]), 0).unwrap();
        let problem = Problem::new(Code::Internal, "it failed");
        (3..=5).for_each(|n| database.fail(JobId([n; 8]), &problem).unwrap());
        database.forget_in_vain(2).unwrap();
        let left = database.recent(person, 9).unwrap();
        assert_eq!(left.iter().map(|view| view.job.created_ms).collect::<Vec<_>>(), [5, 4]);
        assert_eq!(database.unfinished().unwrap().len(), 2, "what is open stays");
    }
}
