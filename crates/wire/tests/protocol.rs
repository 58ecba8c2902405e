//! PROTOCOL.md says what the code does.

use std::{fs, path::Path};
use wire::{ClientMessage, JobView, Numbered, Older, Problem, Said, TilesAnswer, numbered_text};

const PROSE: &str = include_str!("../PROTOCOL.md");

/// Names and contents of all sources, in the order of their names.
fn hash_of_sources() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the sources are here").map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hash = blake3::Hasher::new();
    for file in files {
        hash.update(file.file_name().unwrap().as_encoded_bytes());
        hash.update(&fs::read(&file).expect("a source can be read"));
    }
    hash.finalize().to_hex()[..32].to_owned()
}

#[test]
fn the_prose_was_read_after_the_last_change_of_the_sources() {
    let hash = hash_of_sources();
    assert!(
        PROSE.contains(&format!("Hash of the sources: `{hash}`")),
        "crates/wire/src has changed. Read crates/wire/PROTOCOL.md against the change, bring the prose up to \
         date, and then write this after \"Hash of the sources:\" in it: `{hash}`"
    );
}

/// The lines of all examples of one kind.
fn examples(kind: &str) -> Vec<&'static str> {
    let fence = format!("```json {kind}\n");
    let blocks = PROSE.split(fence.as_str()).skip(1);
    let lines: Vec<_> =
        blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines()).collect();
    assert!(!lines.is_empty(), "PROTOCOL.md has no example of {kind}");
    lines
}

/// How a type calls itself on the wire.
fn kinds<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    lines.iter().map(|line| line.split("\"type\":\"").nth(1).unwrap().split('"').next().unwrap()).collect()
}

#[test]
fn every_message_of_a_client_has_an_example_that_the_server_takes() {
    let lines = examples("client");
    for line in &lines {
        ClientMessage::parse(line).unwrap_or_else(|problem| panic!("{line}\n{problem}"));
    }
    assert_eq!(
        kinds(&lines),
        [
            "hello",
            "attention",
            "canvas",
            "generate",
            "live",
            "prepare",
            "cancel",
            "remove",
            "watch",
            "ack",
            "ping"
        ]
    );
}

#[test]
fn every_fact_has_an_example_that_is_what_the_server_says() {
    let lines = examples("fact");
    for line in &lines {
        let fact = Numbered::parse(line).unwrap_or_else(|problem| panic!("{line}\n{problem}"));
        assert_eq!(numbered_text(fact.n, &fact.fact.to_text()), *line, "letter for letter");
    }
    let mut kinds = kinds(&lines);
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "welcome",
            "canvas",
            "astray",
            "accepted",
            "waiting",
            "loading",
            "started",
            "step",
            "finished",
            "cancelled",
            "failed",
            "removed",
            "refused",
            "models",
            "alive",
            "pong"
        ]
    );
}

#[test]
fn the_other_examples_are_read_too() {
    for line in examples("said") {
        assert!(Said::parse(line).is_ok(), "{line}");
    }
    for line in examples("tiles") {
        assert!(TilesAnswer::parse(line).is_ok(), "{line}");
    }
    for line in examples("problem") {
        assert!(Problem::parse(line).is_ok(), "{line}");
    }
    for line in examples("state") {
        assert!(JobView::parse(line).is_ok(), "{line}");
    }
    for line in examples("older") {
        let older = Older::parse(line).unwrap_or_else(|problem| panic!("{line}\n{problem}"));
        assert_eq!(serde_json::to_string(&older).unwrap(), line, "letter for letter");
    }
}

#[test]
fn the_limits_in_the_prose_are_those_of_the_code() {
    use wire::limits::*;
    let grouped = |number: usize| {
        let digits = number.to_string();
        if digits.len() < 5 {
            return digits.replace("2000", "2,000");
        }
        let (head, tail) = digits.split_at(digits.len() - 3);
        format!("{head},{tail}")
    };
    for limit in [TEXT_MAX, SAID_MAX, TILE_BYTES, CODED_TILE_MAX, BATCH_BYTES_MAX, PROMPT_MAX] {
        assert!(PROSE.contains(&grouped(limit)), "{} is not in PROTOCOL.md", grouped(limit));
    }
    assert!(PROSE.contains(&format!("at most {BATCH_TILES_MAX} tiles")));
    assert!(PROSE.contains(&format!("{FACTS_KEPT} of them")));
    assert!(PROSE.contains(&format!("every {} s", ALIVE_EVERY_MS / 1_000)));
    assert!(PROSE.contains(&format!("nothing for {} s", DEAD_AFTER_MS / 1_000)));
    assert!(PROSE.contains(&format!("after {} s when there is nothing", POLL_HOLD_MS / 1_000)));
    assert!(PROSE.contains(&format!("a model's `id` has at most {MODEL_ID_MAX} bytes")));
    assert_eq!(FRAME_MAX, 4 * 1024 * 1024);
    assert_eq!((FRAMES_IN_FLIGHT, CANVAS_SIDE_MAX, TILE), (2, 2048, 64));
}
