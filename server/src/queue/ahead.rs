//! What a click would need, made before the click: the newest wish of anybody, and only while nothing else is to do.

use super::Queue;
use crate::clock;
use crate::tiles::Pin;
use crate::worker::{Assignment, For};
use std::sync::Arc;
use tokio::sync::oneshot;
use wire::{Digest, JobId, Spec};

/// What may be asked for soon.
pub(super) struct Ahead {
    spec: Spec,
    pin: Arc<Pin>,
}

impl Queue {
    /// A click may soon ask for this. What cannot be made ready now is not: the click will say what is wrong.
    pub fn prepare(&self, canvas: Digest, spec: Spec) {
        let other = self.models.find(&spec.model).map(|other| other.info.defaults);
        let own = other.unwrap_or_else(|| self.about.info.defaults.clone());
        if spec.is_much_larger(&own) {
            return;
        }
        let Ok(manifest) = self.manifest(&canvas) else { return };
        if !self.tiles.missing(&manifest, clock::now()).is_empty() {
            return;
        }
        let pin = Arc::new(self.tiles.pin(manifest));
        self.state().ahead = Some(Ahead { spec, pin });
        self.look_again();
    }

    /// The wish, if there is nothing better to do.
    pub(super) fn take_ahead(&self) -> Option<Ahead> {
        let mut state = self.state();
        if state.closing || state.line.is_ready() { None } else { state.ahead.take() }
    }

    pub(super) async fn make_ahead(&self, Ahead { spec, pin }: Ahead) {
        let Some(canvas) = self.fitted.fit_elsewhere(pin, &spec).await else { return };
        let (done, outcome) = oneshot::channel();
        let purpose = For::Later;
        self.worker.give(Assignment {
            job: JobId([0; 8]),
            spec,
            canvas,
            purpose,
            cancel: Arc::default(),
            done,
        });
        // Whether it could be made or not.
        let _ = outcome.await;
    }
}
