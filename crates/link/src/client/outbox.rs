//! What the page said and the server has not settled: it is said again after every `hello`.

use wire::{ClientMessage, Code, Fact, JobId, JobState, Snapshot};

/// Messages in the order in which they were said. The newest canvas stays, since a server that
/// was started again knows none; so does the canvas of every `generate` without an answer.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    kept: Vec<ClientMessage>,
}

impl Outbox {
    pub fn push(&mut self, message: ClientMessage) {
        let known = self.kept.contains(&message);
        self.kept.retain(|kept| !says_the_same(kept, &message));
        let outdated = self.kept.extract_if(.., |kept| is_outdated(kept, &message)).next();
        self.kept.push(message);
        // It stands on the canvas that was said again, which has to come first.
        self.kept.extend(outdated.filter(|_| known && self.is_canvas_last()));
        self.drop_old_canvases();
    }

    fn is_canvas_last(&self) -> bool {
        matches!(self.kept.last(), Some(ClientMessage::Canvas { .. }))
    }

    pub fn messages(&self) -> impl Iterator<Item = &ClientMessage> {
        self.kept.iter()
    }

    /// A quick picture came, which answers all that asked for one.
    pub fn settle_live(&mut self) {
        self.kept.retain(|kept| !matches!(kept, ClientMessage::Live { .. }));
    }

    /// Lets go of what this fact answers.
    pub fn settle(&mut self, fact: &Fact) {
        match fact {
            Fact::Accepted { request: Some(answered), .. }
            | Fact::Refused { request: Some(answered), .. } => {
                self.kept.retain(
                    |kept| !matches!(kept, ClientMessage::Generate { request, .. } if request == answered),
                );
                self.drop_old_canvases();
            }
            Fact::Finished { job, .. } | Fact::Cancelled { job, .. } | Fact::Failed { job, .. } => {
                self.kept.retain(|kept| about(kept) != Some(*job));
            }
            Fact::Removed { picture: removed } => {
                self.kept
                    .retain(|kept| !matches!(kept, ClientMessage::Remove { picture } if picture == removed));
            }
            // The refusal does not say which; a job that is not there is none to ask for again.
            Fact::Refused { request: None, problem } if is_final(problem.code) => {
                self.kept.retain(|kept| about(kept).is_none());
            }
            Fact::Welcome { fresh: true, snapshot: Some(snapshot), .. } => self.settle_cancels(snapshot),
            _ => {}
        }
    }

    fn settle_cancels(&mut self, snapshot: &Snapshot) {
        let runs = |id: JobId| {
            snapshot.jobs.iter().any(|view| {
                let runs = matches!(
                    view.state,
                    JobState::Waiting { .. } | JobState::Loading { .. } | JobState::Running { .. }
                );
                view.job.id == id && runs
            })
        };
        self.kept.retain(|kept| !matches!(kept, ClientMessage::Cancel { job } if !runs(*job)));
    }

    /// A canvas is needed by the generates said before the next one.
    fn drop_old_canvases(&mut self) {
        let mut needed = true;
        let mut place = self.kept.len();
        while place > 0 {
            place -= 1;
            match self.kept[place] {
                ClientMessage::Generate { .. } => needed = true,
                ClientMessage::Canvas { .. } if !needed => _ = self.kept.remove(place),
                ClientMessage::Canvas { .. } => needed = false,
                _ => {}
            }
        }
    }
}

fn about(message: &ClientMessage) -> Option<JobId> {
    match message {
        ClientMessage::Cancel { job } | ClientMessage::Watch { job } => Some(*job),
        _ => None,
    }
}

fn is_final(code: Code) -> bool {
    matches!(code, Code::NotFound | Code::Forbidden)
}

/// A live picture is of the newest canvas, and of no use beside the one that was asked for in earnest.
fn is_outdated(kept: &ClientMessage, message: &ClientMessage) -> bool {
    use ClientMessage::{Canvas, Generate, Live};
    matches!((kept, message), (Live { .. }, Live { .. } | Canvas { .. } | Generate { .. }))
}

/// A canvas is never the same: what was said after it may stand on it.
fn says_the_same(a: &ClientMessage, b: &ClientMessage) -> bool {
    !matches!(a, ClientMessage::Canvas { .. }) && a == b
}
