//! Several models to choose from.

use super::*;
use crate::studio::words as said;

fn other(id: &str, steps: u16) -> ModelInfo {
    ModelInfo {
        id: id.into(),
        name: id.to_uppercase(),
        defaults: Spec { steps, width: 512, height: 512, ..Spec::default() },
        sketch_conditioned: false,
        device: "CPU, 2 threads".into(),
        styles: Vec::new(),
        live: None,
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
    assert_eq!((asked.model.as_str(), asked.steps, asked.width), ("", 12, 256));
    assert!(page.studio.draws_along());
}

#[test]
fn a_model_that_is_gone_gives_way_to_the_studios_own_until_it_is_back() {
    let mut page = with_others();
    page.happen(Event::Model("a".into()));
    page.fact(&Fact::Models { models: vec![other("b", 4)] });
    assert_eq!(spec(&mut page).model, "");
    page.fact(&Fact::Models { models: vec![other("a", 25)] });
    assert_eq!(spec(&mut page).model, "a");
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
