//! The rooms, joined: everything that a request may need.

use crate::config::Config;
use crate::gallery::{Gallery, GalleryError};
use crate::hub::Hub;
use crate::models::Models;
use crate::people::Person;
use crate::queue::Queue;
use crate::stats::Stats;
use crate::tiles::{Tiles, follow::Followed};
use crate::worker::Loaded;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use wire::{Digest, Older, Problem, limits::SNAPSHOT_JOBS};

/// How often what is over is cleared away.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// Kept drawings that are read and put together at once: they are large, and strokes come first.
const SHOWING: usize = 1;
/// Pictures that are made small at once: a page asks for many, and none is waited for.
const SHRINKING: usize = 1;
/// Uploads that are decoded at once; more would only take turns, and the sampler needs cores too.
const DECODING: usize = 2;
/// Pages whose strokes are drawn at once. They wait for nobody's uploads: what a page says next, be it a cancel, waits for them.
const FOLLOWING: usize = 2;

pub struct Studio {
    pub hub: Arc<Hub>,
    pub tiles: Arc<Tiles>,
    pub followed: Followed,
    pub gallery: Arc<Gallery>,
    pub queue: Arc<Queue>,
    pub models: Arc<Models>,
    pub stats: Arc<Stats>,
    pub decoding: Arc<Semaphore>,
    pub following: Arc<Semaphore>,
    pub showing: Arc<Semaphore>,
    pub shrinking: Arc<Semaphore>,
    closing: watch::Sender<bool>,
}

impl Studio {
    /// Opens the data folder, starts the worker and the tasks, and takes up what was left open.
    ///
    /// # Errors
    /// If the data folder cannot be used.
    pub fn open(config: &Config, loaded: Loaded) -> Result<Arc<Self>, GalleryError> {
        let stats = Arc::new(Stats::default());
        let gallery = Arc::new(Gallery::open(&config.data)?);
        let tiles = Arc::new(Tiles::new(config.tiles, stats.clone()));
        let about = loaded.about.clone();
        let models = loaded.models.clone();
        let hub = Arc::new(Hub::new(about.info.clone(), config.tiles.ttl.as_secs(), stats.clone()));
        let worker = loaded.start(hub.clone());
        // Before jobs that name them are taken up again.
        models.look();
        hub.offer(models.offer());
        let queue = Queue::new(
            config.waiting,
            hub.clone(),
            tiles.clone(),
            gallery.clone(),
            worker,
            about,
            models.clone(),
        );
        let queue = Arc::new(queue);
        let again = queue.restore()?;
        if again > 0 {
            tracing::info!("{again} accepted jobs of the last time run again");
        }
        tokio::spawn(queue.clone().run());
        tokio::spawn(queue.clone().watch_deadlines());
        let (closing, _) = watch::channel(false);
        let decoding = Arc::new(Semaphore::new(DECODING));
        let following = Arc::new(Semaphore::new(FOLLOWING));
        let showing = Arc::new(Semaphore::new(SHOWING));
        let shrinking = Arc::new(Semaphore::new(SHRINKING));
        let followed = Followed::default();
        let studio = Arc::new(Self {
            hub,
            tiles,
            followed,
            gallery,
            queue,
            models,
            stats,
            decoding,
            following,
            showing,
            shrinking,
            closing,
        });
        tokio::spawn(studio.clone().tidy());
        Ok(studio)
    }

    async fn tidy(self: Arc<Self>) {
        let mut every = tokio::time::interval(TIDY_EVERY);
        loop {
            every.tick().await;
            self.tend();
            let studio = self.clone();
            // It may wait for the disk.
            let _ = tokio::task::spawn_blocking(move || studio.look()).await;
        }
    }

    /// Lets go of what nobody uses any more.
    pub fn tend(&self) {
        let now = crate::clock::now();
        self.hub.tend();
        self.tiles.expire(now);
        self.followed.expire(now);
    }

    /// Looks at the folders of models, and tells everybody if something changed there.
    pub fn look(&self) {
        if self.models.look() {
            self.hub.offer(self.models.offer());
        }
    }

    /// Takes a picture of this person away for good, and tells their pages.
    ///
    /// # Errors
    /// If the gallery cannot do it; the picture stays.
    pub async fn remove(&self, person: Person, picture: Digest) -> Result<(), Problem> {
        self.gallery.ask(move |gallery| gallery.remove(person, &picture)).await?;
        self.hub.removed(person, picture);
        Ok(())
    }

    /// Finished jobs of this person from before those of the snapshot.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub async fn older(&self, person: Person, until_ms: u64) -> Result<Older, Problem> {
        let mut older =
            self.gallery.ask(move |gallery| gallery.older(person, until_ms, SNAPSHOT_JOBS)).await?;
        self.hub.leave_out_removed(person, &mut older.jobs);
        Ok(older)
    }

    /// Ends when the studio is about to close.
    pub async fn closing(&self) {
        let mut closing = self.closing.subscribe();
        // The sender lives as long as the studio.
        let _ = closing.wait_for(|closing| *closing).await;
    }

    /// Ends all connections, stops the job that runs (it starts again next time), and waits for
    /// what is being written.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        self.queue.close().await;
    }
}
