//! What keys mean.

use super::{Command, Event, Tool};

/// A key that went down.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// As browsers name it: "z", "Enter", "[".
    pub name: &'a str,
    /// Ctrl, or Command on a Mac.
    pub ctrl: bool,
    pub shift: bool,
    /// Whether a text field has the focus, which then owns the plain letters and its own undo.
    pub typing: bool,
    /// Whether that is the prompt, and no word is being put together in it, as one writes Japanese.
    pub asking: bool,
    /// Whether a stroke is under way, which is what is meant then.
    pub in_hand: bool,
    /// Whether pictures lie over the studio: nobody would see what other keys do.
    pub covered: bool,
    /// For the seed, should the key generate.
    pub chance: u64,
}

/// The meaning of a key, if it has one.
pub fn shortcut(key: Key) -> Option<Event> {
    let lower = key.name.to_ascii_lowercase();
    match (key.ctrl, key.typing, lower.as_str()) {
        (false, _, "escape") => Some(Event::Canvas(Command::Abort)),
        _ if key.covered => None,
        (true, _, "enter") => Some(Event::Generate { chance: key.chance }),
        (false, _, "enter") if key.asking && !key.shift => Some(Event::Generate { chance: key.chance }),
        (true, false, "z") if key.shift => Some(Event::Canvas(Command::Redo)),
        (true, false, "z") if key.in_hand => Some(Event::Canvas(Command::Undo)),
        (true, false, "z") => Some(Event::TakeBack),
        (true, false, "y") => Some(Event::Canvas(Command::Redo)),
        (false, false, "b") => Some(Event::Tool(Tool::Brush)),
        (false, false, "e") => Some(Event::Tool(Tool::Eraser)),
        (false, false, "f") => Some(Event::Tool(Tool::Fill)),
        (false, false, "i") => Some(Event::Picking),
        (false, false, "m") => Some(Event::Masking),
        (false, false, "[") => Some(Event::Resize(-1)),
        (false, false, "]") => Some(Event::Resize(1)),
        _ => None,
    }
}
