//! Without a socket everything works too, previews included.

use crate::http::{self, Answer};
use crate::page::{Page, hello, person, steps, viewer};
use crate::studio::{Drawing, Place};
use wire::{
    Attention, ClientMessage, Code, Fact, Frame, Numbered, PollAnswer, Problem, Said, Seen, ViewerId,
};

struct Poller<'a> {
    place: &'a Place,
    viewer: ViewerId,
    seen: Seen,
    facts: Vec<Fact>,
    frames: Vec<Frame>,
}

impl<'a> Poller<'a> {
    async fn open(place: &'a Place) -> Self {
        let mut poller =
            Self { place, viewer: viewer(), seen: Seen::default(), facts: Vec::new(), frames: Vec::new() };
        let hello = hello(person(1), poller.viewer, (0, 0), Attention::default());
        assert_eq!(poller.say(vec![ClientMessage::Hello(hello)]).await.status, 204);
        poller.until(|fact| matches!(fact, Fact::Welcome { fresh: true, .. })).await;
        poller
    }

    async fn say(&self, messages: Vec<ClientMessage>) -> Answer {
        let said = Said { viewer: self.viewer, messages };
        let body = serde_json::to_vec(&said).unwrap();
        http::post(self.place.address, "/api/say", &[bearer()], &body).await
    }

    async fn poll(&mut self) {
        let path = format!("/api/poll?viewer={}&seen={}", self.viewer, self.seen);
        let answer = http::get(self.place.address, &path, &[bearer()]).await;
        assert_eq!(answer.status, 200);
        let answer = PollAnswer::parse(answer.body.into()).unwrap();
        for text in answer.texts {
            let numbered = Numbered::parse(&text).unwrap();
            if let Fact::Welcome { stream, .. } = numbered.fact {
                self.seen.stream = stream;
            }
            self.seen.fact = self.seen.fact.max(numbered.n);
            self.facts.push(numbered.fact);
        }
        self.seen.frame = answer.frames.last().map_or(self.seen.frame, |frame| frame.header.sequence);
        self.frames.extend(answer.frames);
    }

    async fn until(&mut self, fits: impl Fn(&Fact) -> bool) {
        let from = self.facts.len();
        while !self.facts[from..].iter().any(&fits) {
            self.poll().await;
        }
    }
}

fn bearer() -> (&'static str, &'static str) {
    ("authorization", "Bearer 01010101010101010101010101010101")
}

#[tokio::test]
async fn a_whole_job_by_polling() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut poller = Poller::open(&place).await;
    place.upload(&drawing).await;
    let generate = ClientMessage::Generate { request: 1, canvas: drawing.digest, spec: steps(4) };
    let canvas = ClientMessage::Canvas { manifest: drawing.manifest.clone() };
    assert_eq!(poller.say(vec![canvas, generate]).await.status, 204);
    poller.until(|fact| matches!(fact, Fact::Accepted { request: Some(1), .. })).await;
    for step in 1..4 {
        place.gate.allow(1);
        while poller.frames.len() < step {
            poller.poll().await;
        }
    }
    place.gate.open();
    poller.until(|fact| matches!(fact, Fact::Finished { .. })).await;
    assert_eq!(poller.frames.iter().map(|frame| frame.header.step).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(place.studio.stats.counted().polls > 3);
}

#[tokio::test]
async fn a_tag_stands_for_what_was_seen() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let poller = Poller::open(&place).await;
    let path = format!("/api/poll?viewer={}", poller.viewer);
    let canvas = ClientMessage::Canvas { manifest: Drawing::of(&[1]).manifest };
    poller.say(vec![canvas]).await;
    let stream = poller.seen.stream;
    let [welcomed, told_of] = ["0-0", "1-0"].map(|seen| format!("W/\"{stream}-{seen}\""));
    let told = http::get(place.address, &path, &[bearer(), ("if-none-match", &welcomed)]).await;
    let texts = PollAnswer::parse(told.body.into()).unwrap().texts;
    assert!(
        told.status == 200 && told.head.contains(&format!("etag: {told_of}")) && texts.len() == 1,
        "{}",
        told.head
    );
    let nothing =
        http::get(place.address, &path, &[bearer(), ("if-none-match", told_of.trim_start_matches("W/"))])
            .await;
    assert_eq!((nothing.status, nothing.body.len()), (304, 0));
    assert!(nothing.head.contains(&format!("etag: {told_of}")), "{}", nothing.head);
    for other in ["\"1\"", "\"1-0\"", "anything"] {
        let refused = http::get(place.address, &path, &[bearer(), ("if-none-match", other)]).await;
        assert_eq!(refused.status, 400, "{other} says nothing of what was seen");
    }
}

#[tokio::test]
async fn an_unknown_page_has_to_say_hello() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let path = format!("/api/poll?viewer={}&seen=0-0-0", viewer());
    assert_eq!(http::get(place.address, &path, &[bearer()]).await.status, 404);
    let said = Said { viewer: viewer(), messages: vec![ClientMessage::Ack { sequence: 1 }] };
    let body = serde_json::to_vec(&said).unwrap();
    assert_eq!(http::post(place.address, "/api/say", &[bearer()], &body).await.status, 404);
}

#[tokio::test]
async fn somebody_elses_page_is_closed_to_polls() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let poller = Poller::open(&place).await;
    let path = format!("/api/poll?viewer={}&seen=0-0-0", poller.viewer);
    let other = ("authorization", "Bearer 02020202020202020202020202020202");
    assert_eq!(http::get(place.address, &path, &[other]).await.status, 403);
    assert_eq!(http::get(place.address, &path, &[]).await.status, 403);
    assert_eq!(http::get(place.address, "/api/poll?viewer=x", &[other]).await.status, 400);
}

#[tokio::test]
async fn a_poller_moves_to_a_socket_and_misses_nothing() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut poller = Poller::open(&place).await;
    let drawing = Drawing::of(&[1]);
    let canvas = ClientMessage::Canvas { manifest: drawing.manifest.clone() };
    poller.say(vec![canvas]).await;
    poller.until(|fact| matches!(fact, Fact::Canvas { .. })).await;
    let again = ClientMessage::Canvas { manifest: drawing.manifest.clone() };
    poller.say(vec![again]).await;
    let mut page = Page::silent(place.address, person(1)).await;
    page.viewer = poller.viewer;
    page.greet((poller.seen.stream, poller.seen.fact), Attention::default()).await;
    page.until(|fact| matches!(fact, Fact::Canvas { .. })).await;
    assert_eq!(page.heard(), (poller.seen.stream, poller.seen.fact + 1));
    // What was posted before and comes after is of the past.
    let late = ClientMessage::Attention(Attention { visible: false, ..Attention::default() });
    assert_eq!(poller.say(vec![late]).await.status, 404);
}

#[tokio::test]
async fn bad_bodies_are_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    for (body, code) in [
        (b"{".to_vec(), Code::BadMessage),
        (vec![0xff, 0xfe], Code::BadMessage),
        (vec![b' '; 200_000], Code::TooLarge),
    ] {
        let answer = http::post(place.address, "/api/say", &[bearer()], &body).await;
        assert_eq!(answer.json::<Problem>().code, code);
    }
}
