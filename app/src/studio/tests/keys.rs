//! Keys mean what people expect, and nothing while they write.

use crate::studio::{Command, Event, Key, Tool, shortcut};

fn plain() -> Key<'static> {
    Key {
        name: "",
        ctrl: false,
        shift: false,
        typing: false,
        asking: false,
        in_hand: false,
        covered: false,
        chance: 5,
    }
}

fn press(name: &str, ctrl: bool, shift: bool, typing: bool) -> Option<Event> {
    shortcut(Key { name, ctrl, shift, typing, ..plain() })
}

#[test]
fn keys_work_beside_the_text() {
    assert!(matches!(press("z", true, false, false), Some(Event::TakeBack)));
    assert!(matches!(press("Z", true, true, false), Some(Event::Canvas(Command::Redo))));
    assert!(matches!(press("[", false, false, false), Some(Event::Resize(-1))));
    assert!(matches!(press("]", false, false, false), Some(Event::Resize(1))));
    assert!(matches!(press("b", false, false, false), Some(Event::Tool(Tool::Brush))));
    assert!(matches!(press("e", false, false, false), Some(Event::Tool(Tool::Eraser))));
    assert!(matches!(press("f", false, false, false), Some(Event::Tool(Tool::Fill))));
    assert!(matches!(press("i", false, false, false), Some(Event::Picking)));
}

#[test]
fn who_writes_owns_the_letters_and_the_text_undo() {
    for (name, ctrl) in [("b", false), ("e", false), ("[", false), ("z", true), ("y", true)] {
        assert!(press(name, ctrl, false, true).is_none(), "{name}");
    }
}

#[test]
fn ctrl_enter_generates_from_anywhere_and_escape_takes_the_stroke_back() {
    for typing in [false, true] {
        assert!(matches!(press("Enter", true, false, typing), Some(Event::Generate { chance: 5 })));
        assert!(matches!(press("Escape", false, false, typing), Some(Event::Canvas(Command::Abort))));
    }
    assert!(press("Enter", false, false, true).is_none());
}

#[test]
fn enter_in_the_prompt_generates_and_with_shift_is_a_new_line() {
    let enter = |shift, asking| shortcut(Key { name: "Enter", shift, typing: true, asking, ..plain() });
    assert!(matches!(enter(false, true), Some(Event::Generate { chance: 5 })));
    assert!(enter(true, true).is_none() && enter(false, false).is_none());
}

#[test]
fn a_stroke_under_way_is_what_is_taken_back() {
    let key = Key { name: "z", ctrl: true, in_hand: true, ..plain() };
    assert!(matches!(shortcut(key), Some(Event::Canvas(Command::Undo))));
}

#[test]
fn below_all_pictures_only_escape_is_heard() {
    let key = |name, ctrl| shortcut(Key { name, ctrl, covered: true, ..plain() });
    assert!(matches!(key("Escape", false), Some(Event::Canvas(Command::Abort))));
    assert!(["z", "Enter"].iter().all(|name| key(name, true).is_none()));
    assert!(["b", "f", "["].iter().all(|name| key(name, false).is_none()));
}
