//! What was chosen is remembered, and nonsense is not believed.

use super::Page;
use crate::studio::{BRUSH_MAX, Effect, Event, Settings, Theme, Tool, palette, tuning::Tuning};

#[test]
fn settings_come_back_as_they_were() {
    let settings = Settings {
        prompt: "a \"house\"\n🏠".into(),
        tuning: Tuning { steps: Some(7), guidance: Some(2.5), ..Tuning::default() },
        seed: u64::MAX,
        seed_locked: true,
        tool: Tool::Eraser,
        theme: Theme::Dark,
        ..Settings::default()
    };
    assert_eq!(Settings::from_text(&settings.to_text()), settings);
    let mut another = settings.clone();
    another.tune("another");
    assert_eq!(another.tuning, Tuning::default());
    let mut another = Settings::from_text(&another.to_text());
    another.tune("");
    assert_eq!(another, settings);
}

#[test]
fn what_cannot_be_read_or_used_becomes_the_default() {
    for text in ["", "null", "[]", "{\"prompt\": 3}"] {
        assert_eq!(Settings::from_text(text), Settings::default(), "{text}");
    }
    let wild = r#"{"brush_size": 1e39, "eraser_size": -4, "unknown": 1, "tuning": {"steps": 60000, "strength": 1e30, "side": 3},
        "tunings": [["a", {"steps": 0}]]}"#;
    let mut settings = Settings::from_text(wild);
    assert_eq!((settings.brush_size, settings.eraser_size), (8.0, 1.0));
    assert_eq!(
        (settings.tuning.steps, settings.tuning.strength, settings.tuning.side),
        (Some(150), Some(1.0), None)
    );
    settings.tune("a");
    assert_eq!(settings.tuning.steps, Some(1));
}

#[test]
fn every_choice_is_remembered_at_once() {
    let mut page = Page::open();
    page.done.clear();
    page.happen(Event::Every(3));
    let remembered = page.take(|effect| match effect {
        Effect::Remember(text) => Some(Settings::from_text(text).every),
        _ => None,
    });
    assert_eq!(remembered, [3]);
}

#[test]
fn what_was_never_touched_follows_the_model() {
    let mut page = Page::open();
    assert_eq!(page.studio.settings.spec(page.studio.model.as_ref()).steps, 12);
    page.happen(Event::Steps(30));
    let spec = page.studio.settings.spec(page.studio.model.as_ref());
    assert_eq!((spec.steps, spec.strength), (30, 0.8));
}

#[test]
fn brush_and_eraser_have_sizes_of_their_own() {
    let mut page = Page::open();
    page.happen(Event::Size(20.0));
    page.happen(Event::Tool(Tool::Eraser));
    page.happen(Event::Size(1e9));
    assert_eq!(page.studio.settings.size(), BRUSH_MAX);
    page.happen(Event::Tool(Tool::Brush));
    assert_eq!(page.studio.settings.size(), 20.0);
}

#[test]
fn a_colour_is_for_the_brush() {
    let mut page = Page::open();
    page.happen(Event::Tool(Tool::Eraser));
    page.happen(Event::Colour([1, 2, 3]));
    assert_eq!((page.studio.settings.tool, page.studio.settings.colour), (Tool::Brush, [1, 2, 3]));
}

#[test]
fn a_colour_that_is_none_of_the_palettes_stays_at_hand() {
    let mut page = Page::open();
    page.happen(Event::Colour([1, 2, 3]));
    page.happen(Event::Colour(palette::COLOURS[5].1));
    let settings = &page.studio.settings;
    assert_eq!((settings.colour, settings.own_colour), (palette::COLOURS[5].1, Some([1, 2, 3])));
    assert_eq!(Settings::from_text(&settings.to_text()).own_colour, Some([1, 2, 3]));
}

#[test]
fn a_typed_seed_is_held_and_an_untouched_one_changes() {
    let mut page = Page::open();
    page.happen(Event::Generate { chance: 11 });
    page.happen(Event::Generate { chance: 12 });
    page.happen(Event::Seed(7));
    page.happen(Event::Generate { chance: 13 });
    let seeds: Vec<u64> = page.asked().iter().map(|(_, _, spec)| spec.seed.0).collect();
    assert_eq!(seeds, [11, 12, 7]);
}

#[test]
fn a_picture_is_as_large_as_the_person_wants_and_a_quick_one_no_larger_than_the_models_own() {
    let mut page = Page::open();
    page.live_ms = Some(50.0);
    page.welcome(Vec::new());
    let sizes = |page: &Page| {
        let spec = page.studio.settings.spec(page.studio.model.as_ref());
        let live = page.studio.live_spec();
        [(spec.width, spec.height), (live.width, live.height)]
    };
    assert_eq!(sizes(&page), [(256, 256), (256, 256)]);
    page.happen(Event::Side(512));
    assert_eq!(sizes(&page), [(512, 512), (256, 256)]);
    page.generate(5);
    assert_eq!(page.asked()[0].2.width, 512);
    page.start(5);
    page.finish(5);
    page.happen(Event::Side(256));
    page.happen(Event::Restore);
    assert_eq!(page.studio.settings.tuning.side, Some(512), "as that picture was made");
    assert_eq!(Settings::from_text(r#"{"tuning": {"side": 300}}"#).tuning.side, None);
}
