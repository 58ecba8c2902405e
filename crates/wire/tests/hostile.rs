//! Bad input gets a clear answer, and nothing else happens.

use bytes::Bytes;
use proptest::prelude::*;
use wire::{
    ClientMessage, Code, Frame, FrameFormat, FrameHeader, JobId, Manifest, Numbered, PollAnswer, Problem,
    Said, TileBatch,
    frame::{BadFrame, HEADER},
    latents,
    limits::{BATCH_BYTES_MAX, BATCH_TILES_MAX, CODED_TILE_MAX, FRAME_MAX, PROMPT_MAX, TEXT_MAX},
};

fn generate(spec: &str) -> Result<ClientMessage, Problem> {
    ClientMessage::parse(&format!(
        r#"{{"type":"generate","request":1,"canvas":"{}","spec":{spec}}}"#,
        "0".repeat(32)
    ))
}

fn refused(result: Result<ClientMessage, Problem>) -> Problem {
    result.expect_err("it has to be refused")
}

#[test]
fn a_setting_outside_its_range_is_named_with_its_range() {
    let cases = [
        (
            "steps",
            "a whole number from 1 to 150",
            &["0", "151", "-3", "2.5", "1e39", "\"20\"", "null", "[]"][..],
        ),
        ("guidance", "a number from 0 to 30", &["-0.1", "30.01", "1e39", "-1e308", "\"NaN\"", "true"]),
        ("image_guidance", "a number from 0 to 30", &["-0.1", "31", "null"]),
        ("clip_skip", "a whole number from 0 to 11", &["-1", "12", "0.5", "\"1\""]),
        ("strength", "a number from 0 to 1", &["-1e-9", "1.0001", "1e300", "{}"]),
        ("width", "a multiple of 64 from 64 to 1536", &["0", "65", "1600", "1e18", "-64", "64.5"]),
        ("height", "a multiple of 64 from 64 to 1536", &["100000", "\"256\""]),
        ("pictures", "a whole number from 1 to 4", &["0", "5", "1.5", "18446744073709551616"]),
        ("seed", "a whole number from 0 to", &["-1", "1.5", "18446744073709551616", "\"x\"", "null"]),
        ("scheduler", "ddim, ddpm, euler, euler_ancestral, heun, dpmpp_2m,", &["\"magic\"", "3"]),
        ("sigmas", "model, karras or exponential", &["\"magic\"", "3"]),
        ("mask", "the lengths of runs of cells in hexadecimal", &["\"zz\"", "\"\"", "\"0000\"", "3", "null"]),
        ("blur", "a number from 0 to 64", &["-0.5", "65", "1e39", "null"]),
        ("control", "a text", &["3", "null"]),
        ("control_scale", "a number from 0 to 2", &["-0.1", "2.5", "1e39", "null"]),
        ("quick", "true or false", &["1", "\"yes\"", "null"]),
        ("prompt", "a text", &["3", "null", "[\"a\"]"]),
    ];
    for (field, allowed, values) in cases {
        for value in values {
            let problem = refused(generate(&format!(r#"{{"{field}":{value}}}"#)));
            assert_eq!((problem.code, problem.field.as_deref()), (Code::Invalid, Some(field)), "{value}");
            assert!(problem.message.starts_with(field), "{problem}");
            assert!(problem.message.contains(allowed), "{problem}");
            let given = serde_json::from_str::<serde_json::Value>(value).unwrap().to_string();
            assert!(problem.message.contains(&given), "it repeats what was given: {problem}");
        }
    }
}

#[test]
fn a_picture_may_be_long_or_square_but_not_both() {
    for size in ["1024,\"height\":1536", "1536,\"height\":1024", "1216,\"height\":1216"] {
        assert!(generate(&format!(r#"{{"width":{size}}}"#)).is_ok(), "{size}");
    }
    let problem = refused(generate(r#"{"width":1536,"height":1088}"#));
    assert_eq!(problem.field.as_deref(), Some("height"));
    assert!(problem.message.contains("1536x1088") && problem.message.contains("1572864"), "{problem}");
}

#[test]
fn what_json_cannot_say_is_blamed_on_its_field() {
    for value in ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0x10", "\"\\ud800\"", ".5", "01"] {
        let problem = refused(generate(&format!(r#"{{"prompt":"a house: red","strength":{value}}}"#)));
        assert_eq!(problem.field.as_deref(), Some("strength"), "{value}: {problem}");
        assert!(problem.message.contains("finite"), "{problem}");
    }
}

#[test]
fn a_prompt_may_be_long_but_not_too_long() {
    let prompt = |text: &str| generate(&format!(r#"{{"prompt":{}}}"#, serde_json::to_string(text).unwrap()));
    assert!(prompt(&"é".repeat(PROMPT_MAX / 2)).is_ok());
    let problem = refused(prompt(&"é".repeat(PROMPT_MAX / 2 + 1)));
    assert_eq!(problem.field.as_deref(), Some("prompt"));
    assert!(problem.message.contains("2002") && problem.message.contains("2000"), "{problem}");
    let problem = refused(prompt(&"a".repeat(1_000_000)));
    assert_eq!(problem.code, Code::TooLarge);
    assert!(problem.message.contains("65536") && problem.message.contains("2000"), "{problem}");
}

#[test]
fn a_prompt_may_be_of_any_script_but_hold_no_control_characters() {
    let prompt = |text: &str| generate(&format!(r#"{{"prompt":{}}}"#, serde_json::to_string(text).unwrap()));
    for odd in ["家 ☀️ 👩‍👩‍👧‍👦", "Z̸͖͝a̵̛͍l̸̢̎g̸̨͝o̶̯͝", "\u{202e}right to left", "\u{feff}", "a\tb\nc", "\u{10ffff}"]
    {
        assert!(prompt(odd).is_ok(), "{odd:?}");
    }
    for control in ["\0", "a\u{1b}[31m", "\u{7f}", "\u{85}", "\r"] {
        assert_eq!(refused(prompt(control)).field.as_deref(), Some("prompt"), "{control:?}");
    }
}

#[test]
fn every_other_field_is_named_too() {
    let attention = r#""attention":{"visible":true,"background":false,"every":1,"format":"latent"}"#;
    let hello = |rest: &str| format!(r#"{{"type":"hello","protocol":7,{rest}}}"#);
    let ids = r#""person":"00000000000000000000000000000000","viewer":"0000000000000000","stream":1"#;
    let cases = [
        ("stream", hello(&format!(r#"{},"last":0,{attention}"#, ids.replace(":1", ":-1")))),
        ("last", hello(&format!(r#"{ids},"last":-1,{attention}"#))),
        ("last", hello(&format!(r#"{ids},{attention}"#))),
        ("viewer", hello(&format!(r#""person":"{}","viewer":"XYZ","last":0,{attention}"#, "0".repeat(32)))),
        (
            "person",
            hello(&format!(r#""person":7,"viewer":"{}","stream":1,"last":0,{attention}"#, "0".repeat(16))),
        ),
        ("attention", hello(&format!(r#"{ids},"last":0,"attention":[]"#))),
        ("every", hello(&format!(r#"{ids},"last":0,{}"#, attention.replace(":1,", ":1e39,")))),
        (
            "every",
            r#"{"type":"attention","visible":true,"background":true,"every":-1,"format":"jpeg"}"#.into(),
        ),
        (
            "format",
            r#"{"type":"attention","visible":true,"background":true,"every":1,"format":"gif"}"#.into(),
        ),
        ("visible", r#"{"type":"attention","visible":1,"background":true,"every":1,"format":"jpeg"}"#.into()),
        ("job", r#"{"type":"cancel","job":"../../etc/passwd"}"#.into()),
        ("job", r#"{"type":"watch","job":"00000000000000AA"}"#.into()),
        ("sequence", r#"{"type":"ack","sequence":-1}"#.into()),
        ("sequence", r#"{"type":"ack"}"#.into()),
        ("nonsense", r#"{"type":"ack","sequence":1,"nonsense":2}"#.into()),
        ("manifest", r#"{"type":"canvas","manifest":5}"#.into()),
        ("type", r#"{"type":"launch"}"#.into()),
        ("type", "{}".into()),
        ("message", "[1,2]".into()),
    ];
    for (field, text) in cases {
        let problem = refused(ClientMessage::parse(&text));
        assert_eq!(problem.field.as_deref(), Some(field), "{text}: {problem}");
        assert!(problem.message.starts_with(field), "{problem}");
        assert!(problem.message.contains("give") || problem.message.contains("leave it out"), "{problem}");
    }
}

#[test]
fn another_version_of_the_protocol_is_told_to_reload() {
    let problem = refused(ClientMessage::parse(r#"{"type":"hello","protocol":1,"something":"else"}"#));
    assert_eq!(problem.code, Code::Protocol);
    assert!(problem.message.contains("reload"), "{problem}");
}

#[test]
fn a_manifest_of_absurd_size_is_refused_before_it_costs_anything() {
    let canvas = |width: &str, height: &str, tiles: &str| {
        let manifest = format!(r#"{{"width":{width},"height":{height},"tiles":"{tiles}"}}"#);
        refused(ClientMessage::parse(&format!(r#"{{"type":"canvas","manifest":{manifest}}}"#)))
    };
    let one = "0".repeat(32);
    for (field, width, height, tiles) in [
        ("width", "4294967232", "64", &one),
        ("width", "1e39", "64", &one),
        ("width", "-64", "64", &one),
        ("height", "64", "2112", &one),
        ("height", "64", "0", &one),
        ("tiles", "128", "64", &one),
        ("tiles", "64", "64", &one.to_uppercase().replace('0', "A")),
        ("tiles", "64", "64", &"ü".repeat(16)),
        ("tiles", "64", "64", &String::new()),
    ] {
        let problem = canvas(width, height, tiles);
        assert_eq!(problem.field.as_deref(), Some(field), "{problem}");
    }
    assert!(Manifest::new(u32::MAX - 63, u32::MAX - 63, vec![]).is_err());
}

#[test]
fn what_a_person_is_shown_of_a_huge_value_is_short() {
    let huge = "9".repeat(60_000);
    for text in [
        format!(r#"{{"type":"ack","sequence":"{huge}"}}"#),
        format!(r#"{{"type":"{huge}"}}"#),
        format!(r#"{{"type":"ack","sequence":1,"{huge}":1}}"#),
        format!(r#"{{"{huge}":NaN}}"#),
        "[".repeat(60_000),
    ] {
        let problem = refused(ClientMessage::parse(&text));
        assert!(problem.message.len() < 300, "{} bytes", problem.message.len());
    }
}

#[test]
fn uploads_keep_to_their_limits() {
    let tile = |length: u32| [&[0; 16][..], &length.to_le_bytes()].concat();
    let too_large = TileBatch::parse(tile(CODED_TILE_MAX as u32 + 1).into()).expect_err("too large");
    assert!(too_large.message.contains(&CODED_TILE_MAX.to_string()));
    let cut = TileBatch::parse(tile(5).into()).expect_err("cut");
    assert_eq!(cut.field.as_deref(), Some("tiles"));
    let many = tile(0).repeat(BATCH_TILES_MAX + 1);
    assert_eq!(TileBatch::parse(many.into()).expect_err("too many").code, Code::TooLarge);
    let body = vec![0; BATCH_BYTES_MAX + 20 * BATCH_TILES_MAX + 1];
    assert_eq!(TileBatch::parse(body.into()).expect_err("too many bytes").code, Code::TooLarge);
}

#[test]
fn the_largest_header_of_a_frame_promises_more_than_any_browser_can_count() {
    let mut bytes = vec![0xff; 40];
    bytes[..3].copy_from_slice(&[0x50, 5, 0]);
    assert!(matches!(Frame::parse(bytes.into()), Err(BadFrame::Latents(_))));
    assert!(Frame::parse(vec![0x50; FRAME_MAX + 1].into()).is_err());
}

#[test]
fn a_latent_without_a_value_is_no_frame() {
    // Channels, width and height, each of which may be what is missing.
    for missing in [3..4, 10..12, 12..14] {
        let mut bytes = vec![1; 60];
        bytes[..3].copy_from_slice(&[0x50, 5, 0]);
        assert!(Frame::parse(bytes.clone().into()).is_ok());
        bytes[missing].fill(0);
        assert!(matches!(Frame::parse(bytes.into()), Err(BadFrame::Latents(0))));
    }
}

#[test]
fn messages_at_their_limit_are_read_and_beyond_it_refused() {
    let padded = |size: usize| {
        let text = r#"{"type":"ack","sequence":1}"#;
        format!("{text}{}", " ".repeat(size - text.len()))
    };
    assert!(ClientMessage::parse(&padded(TEXT_MAX)).is_ok());
    assert_eq!(refused(ClientMessage::parse(&padded(TEXT_MAX + 1))).code, Code::TooLarge);
}

#[test]
fn one_wrong_message_of_a_post_is_refused_by_itself() {
    let text = r#"{"viewer":"a1a2a3a4a5a6a7a8","messages":[{"type":"ack","sequence":1},
        {"type":"generate","request":7,"canvas":"00000000000000000000000000000000","spec":{"steps":0}},
        {"type":"ack","sequence":2}]}"#;
    let (_, messages) = Said::parse_each(text).expect("a list of messages");
    let [Ok(_), Err((request, problem)), Ok(_)] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((*request, problem.field.as_deref()), (Some(7), Some("steps")));
    assert!(Said::parse_each(r#"{"viewer":"a1","messages":[]}"#).is_err());
}

/// Bytes that begin like the real thing, so that more than the first check is tried.
fn nearly(start: Vec<u8>) -> impl Strategy<Value = Bytes> {
    let noise = prop::collection::vec(any::<u8>(), 0..200);
    (noise, any::<bool>()).prop_map(move |(mut noise, real)| {
        if real {
            let common = noise.len().min(start.len());
            noise[..common].copy_from_slice(&start[..common]);
        }
        noise.into()
    })
}

/// The header of a preview and the beginning of what it holds.
fn preview() -> Vec<u8> {
    let planes: Vec<u8> = (0..4 * 8 * 8).map(|n| (n * 7) as u8).collect();
    let header = FrameHeader {
        format: FrameFormat::Latent,
        channels: 4,
        picture: 0,
        step: 2,
        total: 3,
        width: 8,
        height: 8,
        base: 0,
        sequence: 5,
        job: JobId([9; 8]),
        made_us: 1,
    };
    let payload = latents::encode(&planes, None, 8, 8, latents::FINE);
    let frame = Frame::new(header, &payload[..payload.len().min(24)]).expect("a preview");
    Frame::parse(frame.bytes().clone()).expect("what is made can be read").bytes().to_vec()
}

fn nearly_json() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"type\"",
        "\"hello\"",
        "\"generate\"",
        "\"spec\"",
        "\"steps\"",
        "1e39",
        "-1",
        "null",
        "\"\\ud800\"",
        "\"",
        "\\",
        "\n",
        "é",
        "NaN",
        "\":",
        "{\"type\":\"ack\",\"sequence\":",
        "\"messages\"",
        "\"viewer\"",
        "{\"n\":",
        "\"fact\"",
    ]);
    prop_oneof![".{0,200}", prop::collection::vec(words, 0..30).prop_map(|words| words.concat())]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn any_bytes_are_a_frame_or_an_error(bytes in nearly(preview()), at in 0..HEADER, byte in any::<u8>()) {
        let mut wrong = bytes.to_vec();
        if let Some(place) = wrong.get_mut(at) {
            *place = byte;
        }
        for bytes in [bytes, wrong.into()] {
            if let Ok(frame) = Frame::parse(bytes.clone()) {
                prop_assert_eq!(frame.bytes(), &bytes);
                let [channels, width, height] =
                    [frame.header.channels.into(), frame.header.width, frame.header.height].map(usize::from);
                let count = channels * width * height;
                // As large as a page may hold: what it takes for the one before may be of any size.
                let base = vec![7; count.min(1 << 16)];
                for base in [None, Some(&base[..])] {
                    let heard = latents::decode(frame.payload(), base, channels, width, height);
                    prop_assert!(heard.is_none_or(|planes| planes.len() == count));
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_an_upload_or_an_error(bytes in nearly([vec![9; 16], vec![3, 0, 0, 0]].concat())) {
        if let Ok(batch) = TileBatch::parse(bytes.clone()) {
            prop_assert_eq!(batch.encode(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error(bytes in nearly(b"\0\x03\0\0\0abc\x01".to_vec())) {
        let _ = PollAnswer::parse(bytes);
    }

    #[test]
    fn any_text_is_a_message_or_a_short_problem(text in nearly_json()) {
        let refused = [ClientMessage::parse(&text).err(), Said::parse(&text).err(), Numbered::parse(&text).err()];
        for problem in refused.into_iter().flatten() {
            prop_assert!(!problem.message.is_empty() && problem.message.len() < 400);
        }
    }
}
