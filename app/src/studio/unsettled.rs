//! What the server has not answered when a page goes is said again by the next page of its tab, under the same name: the
//! server knows by that what it has heard already.

use super::{Effect, Studio};
use link::Time;
use wire::{ClientMessage, Digest, Unsettled, ViewerId};

/// The name of the page that left this behind.
pub fn who_left(text: &str) -> Option<ViewerId> {
    text.split(' ').next()?.parse().ok()
}

impl Studio {
    /// The page's name, its count of jobs, and what it said and had no answer to, a line each; none if all is settled.
    pub(super) fn unsettled(&self) -> Option<String> {
        let said = self.client.as_ref()?.unsettled().filter(|message| !self.is_taken_back(message));
        let due = self.runs().filter(|run| run.is_due()).filter_map(|run| {
            // The canvas is the one that the next page has.
            let (request, canvas) = (run.request?, Digest([0; 16]));
            Some(ClientMessage::Generate { request, canvas, spec: run.spec.clone() })
        });
        let lines: Vec<String> = said.cloned().chain(due).map(|message| message.to_text()).collect();
        let viewer = ViewerId(self.live.name?.0);
        (!lines.is_empty()).then(|| format!("{viewer} {}\n{}", self.requests, lines.join("\n")))
    }

    fn is_taken_back(&self, message: &ClientMessage) -> bool {
        matches!(message, ClientMessage::Generate { request, .. } if self.taken_back.contains(request))
    }

    /// The page before this one left that behind.
    pub(super) fn settle(&mut self, text: &str, now: Time, out: &mut Vec<Effect>) {
        let mut lines = text.lines();
        let counted = lines.next().and_then(|first| first.split(' ').nth(1)?.parse().ok());
        for left in lines.filter_map(|line| Unsettled::parse(line).ok()) {
            match left {
                Unsettled::Generate { request, spec } => {
                    self.requests = request.saturating_sub(1);
                    self.ask_for(spec, now, out);
                }
                Unsettled::Cancel { job } => self.say(ClientMessage::Cancel { job }, now, out),
                Unsettled::Remove { picture } => self.say(ClientMessage::Remove { picture }, now, out),
            }
        }
        self.requests = self.requests.max(counted.unwrap_or_default());
    }
}
