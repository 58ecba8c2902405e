//! Requests: tiles, older pictures, and the messages and polls of a page without a socket.

use super::{dom::window, runtime::send};
use crate::studio::Event;
use bytes::Bytes;
use js_sys::{Reflect, Uint8Array};
use link::{client, upload};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, Headers, RequestInit, Response};
use wire::{Older, PersonToken, PollAnswer, Problem, Said, Seen, TileBatch, TilesAnswer, ViewerId};

/// A poll is held for 2 s; after this the way is broken.
const ANSWER_MS: u32 = 15_000;
/// What an upload may take: as long as anything, and its bytes on a third of a link of 64 kbit/s; a dead one is posted again.
fn upload_ms(bytes: usize) -> u32 {
    (8_000 + 3 * bytes as u32 / 8).min(60_000)
}

/// What is said, as browsers call it.
const JSON: &str = "application/json";
/// Browsers carry at most 64 KiB for pages that are gone.
const OUTLIVES_MAX: usize = 16 * 1024;

/// How this page asks.
pub struct Http {
    person: PersonToken,
    viewer: ViewerId,
    /// Which poll and which post are the newest; answers to earlier ones are passed over.
    polls: Rc<Cell<u32>>,
    posts: Rc<Cell<u32>>,
}

impl Http {
    pub fn new(person: PersonToken, viewer: ViewerId) -> Self {
        Self { person, viewer, polls: Rc::default(), posts: Rc::default() }
    }

    pub fn poll(&self, seen: Seen) {
        let address = format!("api/poll?viewer={}&seen={seen}", self.viewer);
        let answer = self.ask("GET", &address, None, ANSWER_MS);
        newest(&self.polls, async move {
            match answer.await {
                Some((200..=299, body)) => match PollAnswer::parse(body) {
                    Ok(answer) => Event::Link(client::Event::PollAnswered(answer)),
                    Err(_) => Event::Link(client::Event::PollFailed),
                },
                Some((404, _)) => Event::Link(client::Event::PollUnknown),
                Some((400..=599, body)) => refused(&body).unwrap_or(Event::Link(client::Event::PollFailed)),
                _ => Event::Link(client::Event::PollFailed),
            }
        });
    }

    pub fn say(&self, said: &Said) {
        let body = serde_json::to_vec(said).expect("messages have string keys only");
        let answer = self.ask("POST", "api/say", Some((&body, JSON)), ANSWER_MS);
        newest(&self.posts, async move {
            match answer.await {
                Some((200..=299, _)) => Event::Link(client::Event::Said),
                Some((400..=403 | 405..=599, body)) => {
                    refused(&body).unwrap_or(Event::Link(client::Event::SayFailed))
                }
                _ => Event::Link(client::Event::SayFailed),
            }
        });
    }

    pub fn tiles(&self, batch: u32, tiles: &TileBatch) {
        let body = tiles.encode();
        let answer =
            self.ask("POST", "api/tiles", Some((&body, "application/octet-stream")), upload_ms(body.len()));
        spawn_local(async move {
            let taken = match answer.await {
                Some((200..=299, body)) => TilesAnswer::parse(text(&body)).ok(),
                _ => None,
            };
            send(Event::Upload(match taken {
                Some(answer) => upload::Event::Answered { batch, answer },
                None => upload::Event::Failed { batch },
            }));
        });
    }

    pub fn older(&self, until_ms: u64) {
        let answer = self.ask("GET", &format!("api/older?until={until_ms}"), None, ANSWER_MS);
        spawn_local(async move {
            let older = match answer.await {
                Some((200..=299, body)) => Older::parse(text(&body)).ok(),
                _ => None,
            };
            send(Event::OlderCame { until_ms, older });
        });
    }

    /// Status and body of the answer; `None` if there was none in time.
    fn ask(
        &self,
        method: &str,
        address: &str,
        body: Option<(&[u8], &str)>,
        within_ms: u32,
    ) -> impl Future<Output = Option<(u16, Bytes)>> + use<> {
        let request = self.request(method, body, within_ms);
        let address = address.to_owned();
        async move {
            let fetched = window().fetch_with_str_and_init(&address, &request.ok()?);
            let response: Response = JsFuture::from(fetched).await.ok()?.dyn_into().ok()?;
            let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
            Some((response.status(), Uint8Array::new(&buffer).to_vec().into()))
        }
    }

    fn request(
        &self,
        method: &str,
        body: Option<(&[u8], &str)>,
        within_ms: u32,
    ) -> Result<RequestInit, JsValue> {
        let headers = Headers::new()?;
        headers.set("Authorization", &format!("Bearer {}", self.person))?;
        let request = RequestInit::new();
        request.set_method(method);
        request.set_signal(Some(&AbortSignal::timeout_with_u32(within_ms)));
        if let Some((body, kind)) = body {
            headers.set("Content-Type", kind)?;
            request.set_body(&Uint8Array::from(body));
            // What is said last goes out also while the page goes.
            if kind == JSON && body.len() <= OUTLIVES_MAX {
                let _ = Reflect::set(&request, &"keepalive".into(), &true.into());
            }
        }
        request.set_headers(&headers);
        Ok(request)
    }
}

/// The server's own words; a proxy's are none.
fn refused(body: &[u8]) -> Option<Event> {
    Problem::parse(text(body)).ok().map(|problem| Event::Link(client::Event::Refused(problem)))
}

/// A body as text; an empty one, which says nothing, if it is none.
fn text(body: &[u8]) -> &str {
    str::from_utf8(body).unwrap_or_default()
}

/// Tells the studio what comes of `work`, unless another was begun since.
fn newest(count: &Rc<Cell<u32>>, work: impl Future<Output = Event> + 'static) {
    let own = count.get().wrapping_add(1);
    count.set(own);
    let count = count.clone();
    spawn_local(async move {
        let event = work.await;
        if count.get() == own {
            send(event);
        }
    });
}
