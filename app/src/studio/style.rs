//! The manner of painting that a prompt names, of those that the model knows by name.

use super::Studio;
use wire::limits::PROMPT_MAX;

impl Studio {
    /// Words for manners of painting that the model knows.
    pub fn styles(&self) -> &[String] {
        self.model.as_ref().map_or(&[], |model| &model.styles)
    }

    /// The one that the prompt names.
    pub fn style(&self) -> Option<&str> {
        named(&self.settings.prompt, self.styles())
    }

    /// Names this style in the place of another, or no more if it was named. A prompt that has no room for it
    /// stays what it is.
    pub(super) fn choose_style(&mut self, style: &str) {
        let prompt = with_style(&self.settings.prompt, self.styles(), style);
        if prompt.len() <= PROMPT_MAX {
            self.settings.prompt = prompt;
        }
    }
}

/// The last of the prompt's pieces between commas that is one of `styles`.
fn named<'a>(prompt: &str, styles: &'a [String]) -> Option<&'a str> {
    let is = |piece: &str| styles.iter().find(|style| style.eq_ignore_ascii_case(piece.trim()));
    prompt.split(',').rev().find_map(is).map(String::as_str)
}

fn with_style(prompt: &str, styles: &[String], chosen: &str) -> String {
    let off = named(prompt, styles) == Some(chosen);
    let others = prompt.split(',').filter(|piece| named(piece, styles).is_none()).map(str::trim);
    let pieces = others.chain((!off).then_some(chosen)).filter(|piece| !piece.is_empty());
    pieces.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styles() -> [String; 2] {
        ["ink", "oil painting"].map(String::from)
    }

    #[test]
    fn a_style_takes_the_place_of_another() {
        let with = |prompt, style| with_style(prompt, &styles(), style);
        assert_eq!(with("a house", "ink"), "a house, ink");
        assert_eq!(with("a house, ink", "oil painting"), "a house, oil painting");
        assert_eq!(with("a house, Ink , at night", "oil painting"), "a house, at night, oil painting");
        assert_eq!(with("a house, ink", "ink"), "a house", "it was named");
        assert_eq!(with("", "ink"), "ink");
        assert_eq!(with("ink", "ink"), "");
    }

    #[test]
    fn only_a_piece_of_its_own_names_a_style() {
        assert_eq!(named("an ink bottle", &styles()), None);
        assert_eq!(named("ink, a house, oil painting", &styles()), Some("oil painting"));
        assert_eq!(named("a house,INK", &styles()), Some("ink"));
    }
}
