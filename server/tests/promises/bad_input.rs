//! Whatever is said, the answer is clear, and everybody else goes on.

use crate::http;
use crate::page::{Page, person, steps};
use crate::studio::{Drawing, Place};
use wire::{ClientMessage, Code, Digest, Fact};

#[tokio::test]
async fn each_bad_message_is_refused_in_words_and_the_page_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let generate = |spec: &str| {
        format!(r#"{{"type":"generate","request":7,"canvas":"{}","spec":{spec}}}"#, drawing.digest)
    };
    let long = format!(r#"{{"prompt":"{}"}}"#, "x".repeat(1_000_000));
    let bad = [
        ("nonsense".to_owned(), "", Code::BadMessage),
        (r#"{"type":"dance"}"#.to_owned(), "type", Code::BadMessage),
        (generate(r#"{"steps":400}"#), "steps", Code::Invalid),
        (generate(r#"{"guidance":1e39}"#), "guidance", Code::Invalid),
        (generate(r#"{"strength":NaN}"#), "", Code::BadMessage),
        (generate(r#"{"width":100}"#), "width", Code::Invalid),
        (generate(r#"{"prompt":"\u0000"}"#), "prompt", Code::Invalid),
        (generate(&long), "", Code::TooLarge),
        (
            r#"{"type":"canvas","manifest":{"width":1000000,"height":64,"tiles":""}}"#.to_owned(),
            "width",
            Code::Invalid,
        ),
    ];
    for (text, names, code) in bad {
        let start: String = text.chars().take(100).collect();
        page.say_text(text).await;
        let problem = page.refused().await;
        assert_eq!(problem.code, code, "{start}: {problem}");
        assert!(problem.message.contains(names), "{start}: {problem}");
    }
    page.generate(&drawing, steps(1)).await;
    page.until_finished().await;
}

#[tokio::test]
async fn a_refused_generate_names_its_request() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::open(place.address).await;
    page.say(&ClientMessage::Generate { request: 3, canvas: Digest([5; 16]), spec: steps(1) }).await;
    let refused = page.until(|fact| matches!(fact, Fact::Refused { .. })).await;
    assert!(
        matches!(&refused, Fact::Refused { request: Some(3), problem } if problem.code == Code::NotFound),
        "{refused:?}"
    );
    let text =
        format!(r#"{{"type":"generate","request":4,"canvas":"{}","spec":{{"steps":0}}}}"#, Digest([5; 16]));
    page.say_text(text).await;
    let refused = page.until(|fact| matches!(fact, Fact::Refused { .. })).await;
    assert!(matches!(&refused, Fact::Refused { request: Some(4), .. }), "{refused:?}");
}

#[tokio::test]
async fn who_does_not_say_hello_first_is_told_so() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut page = Page::silent(place.address, person(1)).await;
    page.say(&ClientMessage::Ack { sequence: 1 }).await;
    assert_eq!(page.refused().await.message, "say hello first");
    assert!(page.is_closed().await);
    let mut page = Page::silent(place.address, person(1)).await;
    page.say_text(r#"{"type":"hello","protocol":99}"#.to_owned()).await;
    assert_eq!(page.refused().await.code, Code::Protocol);
}

#[tokio::test]
async fn addresses_that_are_none_are_not_found() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    for path in ["/pictures/../pentimento.sqlite", "/pictures/x.png", "/nothing", "/pkg/../assets.json"] {
        assert_eq!(http::get(place.address, path, &[]).await.status, 404, "{path}");
    }
    let page = http::get(place.address, "/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(String::from_utf8_lossy(&page.body).contains("<title>Pentimento</title>"));
}
