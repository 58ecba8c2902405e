//! What a page said while nobody listened, told by what it says next.

use link::{
    Client, Transport,
    client::{Effect, Event},
};
use wire::{
    Attention, ClientMessage, Code, Digest, Fact, JobId, Manifest, Numbered, PersonToken, Problem, Spec,
    ViewerId, limits::TEXT_MAX,
};

const JOB: JobId = JobId([5; 8]);

struct Page {
    client: Client,
    n: u64,
}

impl Page {
    fn new(preference: Transport) -> Self {
        let client = Client::new(PersonToken([1; 16]), ViewerId([2; 8]), Attention::default(), preference, 3);
        Self { client, n: 0 }
    }

    fn tell(&mut self, event: Event) -> Vec<Effect> {
        self.client.handle(event, 0)
    }

    fn hear(&mut self, fact: Fact) -> Vec<Effect> {
        self.n += 1;
        let text = serde_text(self.n, &fact);
        self.tell(Event::SocketText(text))
    }

    fn connect(&mut self) -> Vec<String> {
        self.tell(Event::Start);
        self.tell(Event::Online);
        let said = said(self.tell(Event::SocketOpened));
        let welcome =
            wire::numbered_text(0, &Fact::Welcome { stream: 1, fresh: true, snapshot: None }.to_text());
        self.tell(Event::SocketText(welcome));
        self.n = 0;
        said
    }

    fn reconnect(&mut self) -> Vec<String> {
        self.tell(Event::SocketClosed);
        self.connect()
    }
}

fn serde_text(n: u64, fact: &Fact) -> String {
    let text = wire::numbered_text(n, &fact.to_text());
    assert!(Numbered::parse(&text).is_ok());
    text
}

/// The kinds of what is sent, a generate with its number.
fn said(effects: Vec<Effect>) -> Vec<String> {
    let text = |effect| match effect {
        Effect::SendText(text) => Some(ClientMessage::parse(&text).expect("our own protocol")),
        _ => None,
    };
    effects.into_iter().filter_map(text).map(|message| kind(&message)).collect()
}

fn kind(message: &ClientMessage) -> String {
    match message {
        ClientMessage::Hello(_) => "hello".into(),
        ClientMessage::Attention(_) => "attention".into(),
        ClientMessage::Canvas { manifest } => format!("canvas {}", manifest.width()),
        ClientMessage::Generate { request, .. } => format!("generate {request}"),
        ClientMessage::Live { .. } => "live".into(),
        ClientMessage::Prepare { .. } => "prepare".into(),
        ClientMessage::Cancel { .. } => "cancel".into(),
        ClientMessage::Remove { picture } => format!("remove {}", picture.0[0]),
        ClientMessage::Watch { .. } => "watch".into(),
        ClientMessage::Ack { sequence } => format!("ack {sequence}"),
        ClientMessage::Ping { sent } => format!("ping {sent}"),
    }
}

fn canvas(side: u32) -> Event {
    let tiles = vec![Digest([0; 16]); ((side / 64) * (side / 64)) as usize];
    Event::Say(ClientMessage::Canvas { manifest: Manifest::new(side, side, tiles).expect("a square") })
}

fn generate(request: u32) -> Event {
    Event::Say(ClientMessage::Generate { request, canvas: Digest([0; 16]), spec: Spec::default() })
}

fn refused(request: Option<u32>, code: Code) -> Fact {
    Fact::Refused { request, problem: Problem::new(code, "no") }
}

#[test]
fn hello_comes_first_and_of_the_canvases_only_those_that_are_needed() {
    let mut page = Page::new(Transport::Automatic);
    let early = [canvas(64), canvas(128), generate(1), canvas(192), canvas(256), canvas(320)];
    for event in early {
        assert_eq!(page.tell(event), [], "nobody is there to hear it");
    }
    assert_eq!(page.connect(), ["hello", "canvas 128", "generate 1", "canvas 320"]);
}

#[test]
fn what_is_answered_is_not_said_again() {
    let mut page = Page::new(Transport::Automatic);
    page.connect();
    assert_eq!(said(page.tell(canvas(64))), ["canvas 64"]);
    assert_eq!(said(page.tell(generate(1))), ["generate 1"]);
    assert_eq!(said(page.tell(generate(2))), ["generate 2"]);
    page.hear(refused(Some(1), Code::Busy));
    assert_eq!(page.reconnect(), ["hello", "canvas 64", "generate 2"]);
    page.hear(refused(Some(2), Code::Busy));
    assert_eq!(page.reconnect(), ["hello", "canvas 64"], "a server may have forgotten the canvas");
}

#[test]
fn a_cancel_is_said_until_the_job_has_ended() {
    let mut page = Page::new(Transport::Automatic);
    page.connect();
    page.tell(Event::Say(ClientMessage::Watch { job: JOB }));
    page.tell(Event::Say(ClientMessage::Cancel { job: JOB }));
    page.tell(Event::Say(ClientMessage::Cancel { job: JOB }));
    assert_eq!(page.reconnect(), ["hello", "watch", "cancel"]);
    page.hear(Fact::Cancelled { job: JOB, step: 3 });
    assert_eq!(page.reconnect(), ["hello"]);
    page.tell(Event::Say(ClientMessage::Cancel { job: JobId([6; 8]) }));
    page.hear(refused(None, Code::NotFound));
    assert_eq!(page.reconnect(), ["hello"], "there is nothing to cancel");
}

#[test]
fn a_live_picture_is_asked_for_once_and_only_of_the_newest_canvas() {
    let live = || Event::Say(ClientMessage::Live { canvas: Digest([1; 16]), spec: Spec::default() });
    let mut page = Page::new(Transport::Socket);
    page.connect();
    page.tell(canvas(64));
    for _ in 0..3 {
        page.tell(live());
    }
    assert_eq!(page.reconnect(), ["hello", "canvas 64", "live"]);
    page.tell(canvas(64));
    assert_eq!(page.reconnect(), ["hello", "canvas 64", "live"], "the same canvas again");
    page.tell(canvas(128));
    assert_eq!(page.reconnect(), ["hello", "canvas 128"], "it was of another canvas");
    page.tell(live());
    page.tell(generate(1));
    assert_eq!(page.reconnect(), ["hello", "canvas 128", "generate 1"], "the real one is better");
}

#[test]
fn a_fact_that_this_version_does_not_know_still_counts() {
    let mut page = Page::new(Transport::Automatic);
    page.connect();
    page.n += 1;
    let later = format!(r#"{{"n":{},"fact":{{"type":"from_the_future","what":1}}}}"#, page.n);
    assert_eq!(page.tell(Event::SocketText(later)), []);
    let effects = page.hear(refused(None, Code::Internal));
    assert!(matches!(&effects[..], [Effect::Fact(fact)] if matches!(**fact, Fact::Refused { .. })));
}

#[test]
fn a_gap_in_the_facts_ends_the_connection() {
    let mut page = Page::new(Transport::Automatic);
    page.connect();
    page.n += 1;
    let effects = page.hear(refused(None, Code::Internal));
    assert_eq!(effects[0], Effect::CloseSocket);
}

#[test]
fn what_is_no_message_at_all_is_ignored() {
    let mut page = Page::new(Transport::Automatic);
    page.connect();
    for text in ["", "{", "[]", "\"n\"", "{\"n\":-1}", "{\"n\":1e99,\"fact\":0}"] {
        assert_eq!(page.tell(Event::SocketText(text.into())), []);
    }
    assert_eq!(page.tell(Event::SocketFrame(vec![0x50; 40].into())), []);
}

#[test]
fn a_post_carries_what_fits_and_the_next_waits_for_it() {
    let mut page = Page::new(Transport::Polling);
    let everything = [canvas(2048), generate(1), canvas(1984), generate(2), canvas(1920)];
    for event in everything {
        page.tell(event);
    }
    let mut posts = Vec::new();
    let mut effects = page.tell(Event::Start);
    while let Some(Effect::Post(post)) = effects.into_iter().find(|effect| matches!(effect, Effect::Post(_)))
    {
        let size: usize = post.messages.iter().map(|message| message.to_text().len()).sum();
        assert!(size <= TEXT_MAX, "{size} bytes in one body");
        posts.push(post.messages.iter().map(kind).collect::<Vec<_>>());
        effects = page.tell(Event::Said);
    }
    let said: Vec<_> = posts.iter().flatten().map(String::as_str).collect();
    assert_eq!(said, ["hello", "canvas 2048", "generate 1", "canvas 1984", "generate 2", "canvas 1920"]);
    assert!(posts.len() > 1);
}

#[test]
fn strokes_are_sent_as_they_are_and_said_again_as_the_canvas_that_they_led_to() {
    let manifest = Manifest::new(128, 64, vec![Digest([7; 16]); 2]).expect("two tiles");
    let drawn = || Event::Strokes { deeds: vec![1, 2, 3].into(), manifest: manifest.clone() };
    let mut page = Page::new(Transport::Automatic);
    assert_eq!(page.tell(drawn()), [], "nobody is there to follow them");
    assert_eq!(page.connect(), ["hello", "canvas 128"]);
    assert_eq!(page.tell(drawn()), [Effect::SendBytes(vec![1, 2, 3].into())]);
    page.tell(generate(1));
    assert_eq!(page.reconnect(), ["hello", "canvas 128", "generate 1"]);
}

#[test]
fn a_removal_is_said_until_the_picture_is_gone() {
    let mut page = Page::new(Transport::Automatic);
    let remove = |n: u8| Event::Say(ClientMessage::Remove { picture: Digest([n; 16]) });
    assert_eq!(page.tell(remove(1)), [], "nobody is there to hear it");
    assert_eq!(page.connect(), ["hello", "remove 1"]);
    assert_eq!(said(page.tell(remove(2))), ["remove 2"]);
    assert_eq!(page.reconnect(), ["hello", "remove 1", "remove 2"]);
    page.hear(Fact::Removed { picture: Digest([1; 16]) });
    assert_eq!(page.reconnect(), ["hello", "remove 2"]);
}
