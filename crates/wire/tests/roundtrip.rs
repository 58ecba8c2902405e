//! Whatever is said is understood as it was meant.

mod any;

use proptest::prelude::*;
use wire::{
    ClientMessage, Fact, Frame, Numbered, PollAnswer, Problem, Said, TileBatch, TilesAnswer, numbered_text,
};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn what_a_client_says(message in any::client_message()) {
        prop_assert_eq!(ClientMessage::parse(&message.to_text()), Ok(message));
    }

    #[test]
    fn what_the_server_says(n: u64, fact in any::fact()) {
        let text = numbered_text(n, &fact.to_text());
        prop_assert_eq!(Numbered::number(&text), Some(n));
        prop_assert_eq!(Numbered::parse(&text), Ok(Numbered { n, fact }));
    }

    #[test]
    fn what_a_polling_client_says(viewer: [u8; 8], messages in prop::collection::vec(any::client_message(), 0..4)) {
        let said = Said { viewer: wire::ViewerId(viewer), messages };
        prop_assert_eq!(Said::parse(&serde_json::to_string(&said).unwrap()), Ok(said));
    }

    #[test]
    fn previews(frame in any::frame()) {
        prop_assert_eq!(Frame::parse(frame.bytes().clone()), Ok(frame));
    }

    #[test]
    fn polls(texts in prop::collection::vec(".{0,40}", 0..5), frames in prop::collection::vec(any::frame(), 0..3)) {
        let answer = PollAnswer { texts, frames };
        prop_assert_eq!(PollAnswer::parse(answer.encode()), Ok(answer));
    }

    #[test]
    fn tiles(batch in any::batch()) {
        prop_assert_eq!(TileBatch::parse(batch.encode()), Ok(batch));
    }

    #[test]
    fn answers_to_tiles(stored: u32, refused in prop::collection::vec((any::digest(), any::problem()), 0..4)) {
        let answer = TilesAnswer { stored, refused };
        let text = serde_json::to_string(&answer).unwrap();
        prop_assert_eq!(TilesAnswer::parse(&text).unwrap(), answer);
    }

    #[test]
    fn problems(problem in any::problem()) {
        let text = serde_json::to_string(&problem).unwrap();
        prop_assert_eq!(Problem::parse(&text).unwrap(), problem);
    }
}

#[test]
fn a_client_may_leave_settings_out_and_write_numbers_in_its_own_way() {
    let text = r#"{"type":"generate","request":1,"canvas":"00000000000000000000000000000000",
        "spec":{"prompt":"a house","steps":12.0,"seed":7}}"#;
    let Ok(ClientMessage::Generate { spec, .. }) = ClientMessage::parse(text) else { panic!("refused") };
    assert_eq!((spec.steps, spec.seed, spec.width), (12, wire::Seed(7), 256));
}

#[test]
fn a_server_may_say_more_than_is_known_or_leave_out_what_there_is_not() {
    let fact = |text: &str| Numbered::parse(&numbered_text(1, text)).map(|numbered| numbered.fact);
    assert_eq!(fact(r#"{"type":"alive","later":[1]}"#), Ok(Fact::Alive));
    let welcome = Ok(Fact::Welcome { stream: 4711, fresh: false, snapshot: None });
    assert_eq!(fact(r#"{"type":"welcome","stream":4711,"fresh":false}"#), welcome);
    assert_eq!(fact(r#"{"type":"welcome","stream":4711,"fresh":false,"snapshot":null}"#), welcome);
    let model = r#"{"name":"A","defaults":{},"sketch_conditioned":true,"device":"CPU"}"#;
    let snapshot = format!(r#"{{"model":{model},"jobs":[],"tile_ttl_s":300}}"#);
    let Ok(Fact::Welcome { snapshot: Some(snapshot), .. }) =
        fact(&format!(r#"{{"type":"welcome","stream":4711,"fresh":true,"snapshot":{snapshot}}}"#))
    else {
        panic!("refused")
    };
    assert_eq!((snapshot.models, snapshot.model.id.as_str(), snapshot.model.live), (Vec::new(), "", None));
}
