//! Several models to choose from.

use super::*;
use crate::studio::words as said;
use wire::{Code, Problem};

fn other(id: &str, steps: u16) -> ModelInfo {
    ModelInfo {
        id: id.into(),
        name: id.to_uppercase(),
        defaults: Spec { steps, width: 512, height: 512, ..Spec::default() },
        sketch_conditioned: false,
        device: "CPU, 2 threads".into(),
        styles: Vec::new(),
        live: None,
        family: 1,
    }
}

fn with_others() -> Page {
    let mut page = Page::asleep();
    page.live_ms = Some(10.0);
    page.others = vec![other("a", 25), other("b", 4)];
    page.code(255);
    page.welcome(Vec::new());
    page
}

fn spec(page: &mut Page) -> Spec {
    page.said.clear();
    page.happen(Event::Generate { chance: 1 });
    let asked = page.said.iter().find_map(|said| match said {
        ClientMessage::Generate { spec, .. } => Some(spec.clone()),
        _ => None,
    });
    asked.expect("the drawing is known")
}

#[test]
fn a_chosen_model_makes_the_pictures_with_the_settings_that_suit_it() {
    let mut page = with_others();
    assert_eq!(page.studio.models().len(), 3);
    assert!(page.studio.draws_along());
    page.happen(Event::Steps(99));
    page.happen(Event::Model("b".into()));
    let asked = spec(&mut page);
    assert_eq!((asked.model.as_str(), asked.steps, asked.width), ("b", 4, 512));
    assert!(!page.studio.draws_along(), "it has no live pictures");
    page.happen(Event::Model(String::new()));
    let asked = spec(&mut page);
    assert_eq!(
        (asked.model.as_str(), asked.steps, asked.width),
        ("", 99, 256),
        "as it was when one went to the other"
    );
    assert!(page.studio.draws_along());
    page.happen(Event::AsTheModel);
    assert_eq!(spec(&mut page).steps, 12);
}

#[test]
fn each_model_keeps_its_settings_also_where_it_is_gone_for_a_while() {
    let mut page = with_others();
    page.happen(Event::Steps(40));
    page.happen(Event::Model("a".into()));
    page.happen(Event::Steps(33));
    page.happen(Event::Side(768));
    page.happen(Event::Model("b".into()));
    page.happen(Event::Guidance(2.0));
    assert_eq!((spec(&mut page).steps, page.studio.settings.tuning.side), (4, None));
    page.fact(&Fact::Models { models: vec![other("a", 25)], families: Vec::new(), unusable: Vec::new() });
    let asked = spec(&mut page);
    assert_eq!((asked.model.as_str(), asked.steps), ("", 40), "the studio's own has its own");
    page.happen(Event::Model("a".into()));
    let asked = spec(&mut page);
    assert_eq!((asked.steps, asked.width), (33, 768));
    page.fact(&Fact::Models { models: vec![other("b", 4)], families: Vec::new(), unusable: Vec::new() });
    page.happen(Event::Model("b".into()));
    assert_eq!(spec(&mut page).guidance, 2.0);
}

#[test]
fn a_model_that_is_gone_gives_way_to_the_studios_own_until_it_is_back() {
    let mut page = with_others();
    page.happen(Event::Model("a".into()));
    page.fact(&Fact::Models { models: vec![other("b", 4)], families: Vec::new(), unusable: Vec::new() });
    let told = |page: &Page| page.studio.refused.clone().map_or(String::new(), |refused| refused.message);
    assert!(told(&page).starts_with("The model a is not here any more"), "{}", told(&page));
    assert_eq!(spec(&mut page).model, "");
    page.fact(&Fact::Models { models: vec![other("a", 25)], families: Vec::new(), unusable: Vec::new() });
    assert_eq!(told(&page), "");
    assert_eq!(spec(&mut page).model, "a");
    // Why one did not work is of no account once another is chosen.
    page.studio.refused = Some(Problem::new(Code::NotFound, "it is broken"));
    page.happen(Event::Model("b".into()));
    assert_eq!(told(&page), "");
}

#[test]
fn the_reading_of_a_model_is_told() {
    let mut page = with_others();
    page.happen(Event::Model("a".into()));
    let asked = spec(&mut page);
    let job = Job { id: JobId([9; 8]), canvas: page.studio.job.canvas.unwrap(), spec: asked, created_ms: 1 };
    let request = page.studio.job.request;
    page.fact(&Fact::Accepted { job: job.clone(), request });
    page.fact(&Fact::Loading { job: job.id, read: 1_200_000_000, bytes: 4_265_146_304 });
    assert_eq!(said::job(&page.studio), "Loading the model · 1.2 of 4.3 GB");
    assert!(page.studio.can_cancel());
}

/// A studio with a ControlNet and LoRAs for the others.
fn with_controls() -> Page {
    let mut page = Page::asleep();
    page.others = vec![other("a", 25), ModelInfo { family: 0, ..other("b", 4) }];
    let names = |names: &[&str]| names.iter().copied().map(String::from).collect();
    page.families =
        vec![Family::default(), Family { controls: names(&["scribble"]), loras: names(&["ink", "maps"]) }];
    page.code(255);
    page.welcome(Vec::new());
    page
}

#[test]
fn a_controlnet_is_for_models_of_its_family_alone() {
    let mut page = with_controls();
    page.happen(Event::Control("scribble".into()));
    page.happen(Event::ControlScale(0.6));
    let asked = spec(&mut page);
    assert_eq!((asked.control.as_str(), asked.control_scale), ("", 1.0), "the own model has none");
    page.happen(Event::Model("a".into()));
    let asked = spec(&mut page);
    assert_eq!((asked.control.as_str(), asked.control_scale), ("scribble", 0.6));
    page.happen(Event::Model("b".into()));
    assert_eq!(spec(&mut page).control, "");
    page.happen(Event::Model("a".into()));
    assert_eq!(page.studio.control(), "scribble", "it was not forgotten");
    page.fact(&Fact::Models { models: vec![other("a", 25)], families: Vec::new(), unusable: Vec::new() });
    assert_eq!(spec(&mut page).control, "", "its file is gone");
}

#[test]
fn what_is_steered_starts_from_noise_unless_somebody_says_otherwise() {
    let mut page = with_controls();
    page.others[0].defaults.strength = 0.75;
    page.welcome(Vec::new());
    page.happen(Event::Model("a".into()));
    assert_eq!(spec(&mut page).strength, 0.75);
    page.happen(Event::Control("scribble".into()));
    assert_eq!(spec(&mut page).strength, 1.0);
    page.happen(Event::Strength(0.5));
    assert_eq!(spec(&mut page).strength, 0.5);
}

#[test]
fn a_lora_is_a_word_of_the_prompt() {
    let mut page = with_controls();
    page.happen(Event::Model("a".into()));
    page.happen(Event::Prompt("a house".into()));
    page.happen(Event::Lora("ink".into()));
    assert_eq!(spec(&mut page).prompt, "a house, <lora:ink:1>");
    page.happen(Event::Lora("ink".into()));
    assert_eq!(spec(&mut page).prompt, "a house");
    page.happen(Event::Lora("maps".into()));
    page.happen(Event::Model(String::new()));
    assert_eq!(page.studio.loras(), ["maps"], "it can be taken out where it is of no use, too");
    assert_eq!(page.studio.named_loras(), ["maps"]);
    page.happen(Event::Lora("maps".into()));
    assert!(page.studio.loras().is_empty());
    page.happen(Event::Model("a".into()));
    let long = "x".repeat(wire::limits::PROMPT_MAX - 3);
    page.happen(Event::Prompt(long.clone()));
    page.happen(Event::Lora("ink".into()));
    assert_eq!(spec(&mut page).prompt, long, "no room");
}
