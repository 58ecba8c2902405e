//! What outlives the process: accepted jobs and finished pictures, as a SQLite database and PNG
//! files in the data folder. All methods touch the disk: call them off the async threads.

mod db;
mod files;
pub mod png;
mod thumb;

use crate::people::Person;
use db::Database;
use files::Files;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
pub use thumb::thumb;
use tokio::sync::Semaphore;
use wire::{Code, Digest, Job, JobId, JobView, Manifest, Older, Picture, Problem, TileBatch, ViewerId};

/// Why the gallery cannot do what it is there for.
#[derive(Debug, thiserror::Error)]
pub enum GalleryError {
    #[error("cannot use the data folder {path}: {source}; give a folder that this user may write to")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot remove {path}: {source}")]
    Remove { path: PathBuf, source: std::io::Error },
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Png(#[from] png::PngError),
    #[error("{path} holds no tiles: {problem}")]
    Tiles { path: PathBuf, problem: Problem },
    #[error("the database of the data folder: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the database of the data folder holds something unreadable: {0}")]
    Content(#[from] serde_json::Error),
}

/// A job with all that it takes to run it.
#[derive(Debug, Clone)]
pub struct Order {
    pub job: Job,
    pub person: Person,
    /// The page that asked, and its number for the request.
    pub viewer: ViewerId,
    pub request: u32,
    pub manifest: Manifest,
}

/// Whether a request was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    New,
    /// The same page asked the same already; this is the job.
    Already(JobId),
}

/// A finished picture on its way to the disk.
#[derive(Debug)]
pub struct Finished {
    pub picture: Picture,
    pub png: Vec<u8>,
}

/// Questions that are on a thread at once: most wait for the database, which answers one after the other.
const ASKED_AT_ONCE: usize = 4;

#[derive(Debug)]
pub struct Gallery {
    db: Mutex<Database>,
    files: Files,
    /// Thousands of pages may come back at once: each thread that only waits would cost a megabyte.
    asking: Arc<Semaphore>,
}

impl Gallery {
    /// Opens the gallery in this folder, which is made if need be.
    ///
    /// # Errors
    /// If the folder or the database in it cannot be used.
    pub fn open(folder: &Path) -> Result<Self, GalleryError> {
        let files = Files::open(folder)?;
        let db = Mutex::new(Database::open(&folder.join("pentimento.sqlite"))?);
        let gallery = Self { db, files, asking: Arc::new(Semaphore::new(ASKED_AT_ONCE)) };
        let needed = gallery.db().needed_canvases()?;
        gallery.files.sweep_canvases(&needed);
        Ok(gallery)
    }

    /// Writes down an accepted job, once for each (viewer, request).
    ///
    /// # Errors
    /// If the database fails.
    pub fn admit(&self, order: &Order) -> Result<Admitted, GalleryError> {
        self.db().admit(order)
    }

    /// The job that this page got for this request before.
    ///
    /// # Errors
    /// If the database fails.
    pub fn requested(&self, viewer: ViewerId, request: u32) -> Result<Option<JobId>, GalleryError> {
        self.db().requested(viewer, request)
    }

    /// Jobs that were accepted and have not ended, oldest first.
    ///
    /// # Errors
    /// If the database fails.
    pub fn unfinished(&self) -> Result<Vec<Order>, GalleryError> {
        self.db().unfinished()
    }

    /// The newest ended jobs of this person, newest first.
    ///
    /// # Errors
    /// If the database fails.
    pub fn recent(&self, person: Person, most: usize) -> Result<Vec<JobView>, GalleryError> {
        self.db().recent(person, most)
    }

    /// The `most` newest finished jobs of this person that were asked for no later than this, in milliseconds since 1970.
    ///
    /// # Errors
    /// If the database fails.
    pub fn older(&self, person: Person, until_ms: u64, most: usize) -> Result<Older, GalleryError> {
        self.db().older(person, until_ms, most)
    }

    /// An ended job.
    ///
    /// # Errors
    /// If the database fails.
    pub fn ended(&self, job: JobId) -> Result<Option<JobView>, GalleryError> {
        self.db().ended(job)
    }

    /// Keeps the pictures of a job, then marks it as finished.
    ///
    /// # Errors
    /// If the disk is full or the database fails; the job is still open then.
    pub fn finish(&self, job: &Job, pictures: &[Finished], took_ms: f32) -> Result<(), GalleryError> {
        for finished in pictures {
            self.files.keep_picture(&finished.picture.digest, &finished.png)?;
        }
        let pictures: Vec<&Picture> = pictures.iter().map(|finished| &finished.picture).collect();
        self.db().finish(job.id, &pictures, took_ms)
    }

    /// Takes a picture of this person away. No other job has the same file: its own name is written in it. A file that nobody
    /// has goes in any case: the server may have been killed just before that, and is asked again.
    ///
    /// # Errors
    /// If the database fails, or the file cannot be removed.
    pub fn remove(&self, person: Person, picture: &Digest) -> Result<(), GalleryError> {
        let (is_left, canvas) = self.db().remove(person, picture)?;
        if !is_left {
            self.files.remove_picture(picture)?;
        }
        canvas.map_or(Ok(()), |canvas| self.forget_canvas(&canvas))
    }

    /// # Errors
    /// If the database fails.
    pub fn cancel(&self, job: &Job, step: u16) -> Result<(), GalleryError> {
        self.db().cancel(job.id, step)?;
        self.forget_canvas(&job.canvas)
    }

    /// # Errors
    /// If the database fails.
    pub fn fail(&self, job: &Job, problem: &Problem) -> Result<(), GalleryError> {
        self.db().fail(job.id, problem)?;
        self.forget_canvas(&job.canvas)
    }

    /// Keeps the tiles of a canvas until no job needs them that is open or has pictures.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn keep_canvas(&self, canvas: &Digest, tiles: &TileBatch) -> Result<(), GalleryError> {
        self.files.keep_canvas(canvas, tiles)?;
        // Its job may have ended meanwhile.
        self.forget_canvas(canvas)
    }

    /// A canvas that a job needs which is open or has pictures, if it was kept.
    ///
    /// # Errors
    /// If the database fails or its file is broken.
    pub fn drawing(&self, canvas: &Digest) -> Result<Option<(Manifest, TileBatch)>, GalleryError> {
        let Some(manifest) = self.db().needed_canvas(canvas)? else { return Ok(None) };
        Ok(self.files.canvas(canvas)?.map(|tiles| (manifest, tiles)))
    }

    /// The tiles of a canvas, if it was kept.
    ///
    /// # Errors
    /// If its file is broken.
    pub fn canvas(&self, canvas: &Digest) -> Result<Option<TileBatch>, GalleryError> {
        self.files.canvas(canvas)
    }

    /// Lets go of a canvas, whoever needs it.
    pub fn drop_canvas(&self, canvas: &Digest) {
        self.files.forget_canvas(canvas);
    }

    fn forget_canvas(&self, canvas: &Digest) -> Result<(), GalleryError> {
        // A job that comes meanwhile is written down, and its canvas kept, only after that.
        let db = self.db();
        if !db.needs_canvas(canvas)? {
            self.files.forget_canvas(canvas);
        }
        Ok(())
    }

    /// Where the file of a picture lies, if there is such a picture.
    pub fn picture(&self, digest: &Digest) -> PathBuf {
        self.files.picture(digest)
    }

    /// Asks a question on a thread that may wait for the disk. What goes wrong is logged, and
    /// told in words that name no path.
    ///
    /// # Errors
    /// If the answer is one.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Self) -> Result<T, GalleryError> + Send + 'static,
    ) -> Result<T, Problem> {
        let gallery = self.clone();
        // Never closed, so the permit is always there to be had.
        let permit = self.asking.clone().acquire_owned().await;
        let asked = move || {
            let answer = question(&gallery);
            // Here, and not where it was asked: who no longer waits leaves the thread at work.
            drop(permit);
            answer
        };
        let answer = tokio::task::spawn_blocking(asked).await;
        let failed = |error: &dyn std::error::Error| {
            tracing::error!(%error, "the gallery failed");
            let message = "the studio could not use its disk; the server's log says why";
            Problem::new(Code::Internal, message)
        };
        answer.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
    }

    fn db(&self) -> MutexGuard<'_, Database> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
