//! How far a run has come: its log, its budget, its learning rate.

use crate::runs::Ledger;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// No step takes longer; where one did, the run was stopped or the machine slept.
const STEP_MOST: Duration = Duration::from_secs(20);

/// A run that lasts for a span of time, since the machine's speed is not known before.
pub struct Progress {
    log: File,
    ledger: Ledger,
    /// When the last step ended.
    last: Instant,
    spent: Duration,
    budget: Duration,
    /// Steps done, earlier runs included.
    pub step: u64,
    /// Samples of this run.
    samples: u64,
    shown: Instant,
    sum: f64,
    losses: u32,
}

impl Progress {
    /// Appends to `name.log` in `folder`, one JSON line every few seconds; `ledger` tells of the whole.
    pub fn new(folder: &Path, name: &str, minutes: f64, step: u64, ledger: Ledger) -> io::Result<Self> {
        let now = Instant::now();
        let budget = Duration::from_secs_f64(minutes * 60.0);
        let log = OpenOptions::new().create(true).append(true).open(folder.join(format!("{name}.log")))?;
        Ok(Self {
            log,
            ledger,
            last: now,
            spent: Duration::ZERO,
            budget,
            step,
            samples: 0,
            shown: now,
            sum: 0.0,
            losses: 0,
        })
    }

    /// Share of the budget that is spent, 0 to 1.
    pub fn share(&self) -> f64 {
        (self.spent.as_secs_f64() / self.budget.as_secs_f64()).min(1.0)
    }

    pub fn is_over(&self) -> bool {
        self.share() >= 1.0
    }

    /// Learning rate now: a linear warm-up over 200 steps of this run, then a cosine down to 2 %.
    pub fn rate(&self, peak: f64, steps_of_run: u64) -> f64 {
        let warm = ((steps_of_run + 1) as f64 / 200.0).min(1.0);
        let cosine = 0.5 * (1.0 + (self.share() * std::f64::consts::PI).cos());
        peak * warm * (0.02 + 0.98 * cosine)
    }

    /// Counts a step and its loss; says every ten seconds how it goes.
    pub fn stepped(&mut self, loss: f64, samples: usize) -> io::Result<()> {
        self.spent += self.last.elapsed().min(STEP_MOST);
        self.last = Instant::now();
        self.step += 1;
        self.samples += samples as u64;
        self.sum += loss;
        self.losses += 1;
        let since = self.shown.elapsed().as_secs_f64();
        if since < 10.0 {
            return Ok(());
        }
        let mean = self.sum / f64::from(self.losses);
        let rate = f64::from(self.losses) * samples as f64 / since;
        let line = format!(
            "{{\"step\":{},\"share\":{:.3},\"loss\":{mean:.5},\"samples_per_s\":{rate:.1}}}",
            self.step,
            self.share()
        );
        println!("{line}");
        writeln!(self.log, "{line}")?;
        (self.sum, self.losses, self.shown) = (0.0, 0, Instant::now());
        Ok(())
    }

    /// Writes how far the run has come. To be called where its weights are kept.
    ///
    /// # Errors
    /// If the list of runs cannot be written.
    pub fn keep(&mut self) -> Result<(), Box<dyn Error>> {
        self.ledger.keep(self.samples, self.spent)
    }
}
