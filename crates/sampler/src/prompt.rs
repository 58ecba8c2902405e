//! What people write into a prompt beside words: `(more:1.3)` and `[less]` weigh words, `<lora:name:0.8>` names
//! what is to be added to the model. The grammar is that of the web UIs people come from.

/// One pair of brackets counts so much.
const BRACKET: f32 = 1.1;
/// Weights beyond this only break a picture.
const WEIGHT_MOST: f32 = 10.0;
/// Deeper nesting is no emphasis.
const DEPTH_MOST: usize = 32;

/// A prompt, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prompt {
    /// Words and how much they weigh; 1 is as usual.
    pub pieces: Vec<(String, f32)>,
    /// Names of LoRAs and how much of each is added.
    pub loras: Vec<(String, f32)>,
}

impl Prompt {
    /// Any text is a prompt: brackets that do not fit together are words.
    pub fn parse(text: &str) -> Self {
        let mut prompt = Self::default();
        let mut reader = Reader { open: Vec::new(), word: String::new() };
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let after = &rest[next.len_utf8()..];
            rest = match next {
                '\\' if after.starts_with(['(', ')', '[', ']', '\\']) => {
                    reader.word.extend(after.chars().next());
                    &after[1..]
                }
                '<' => match lora(after) {
                    Some((named, after)) => {
                        prompt.loras.push(named);
                        after
                    }
                    None => {
                        reader.word.push('<');
                        after
                    }
                },
                '(' | '[' if reader.open.len() < DEPTH_MOST => {
                    reader.flush(&mut prompt.pieces);
                    reader.open.push((next, prompt.pieces.len()));
                    after
                }
                ':' if reader.is_in('(') => match weight(after) {
                    Some((weight, after)) => {
                        reader.close('(', weight, &mut prompt.pieces);
                        after
                    }
                    None => {
                        reader.word.push(':');
                        after
                    }
                },
                ')' if reader.is_in('(') => {
                    reader.close('(', BRACKET, &mut prompt.pieces);
                    after
                }
                ']' if reader.is_in('[') => {
                    reader.close('[', 1.0 / BRACKET, &mut prompt.pieces);
                    after
                }
                _ => {
                    reader.word.push(next);
                    after
                }
            };
        }
        reader.flush(&mut prompt.pieces);
        // What was never closed counts as if it were, as in the web UIs.
        while let Some(&(bracket, _)) = reader.open.last() {
            let weight = if bracket == '(' { BRACKET } else { 1.0 / BRACKET };
            reader.close(bracket, weight, &mut prompt.pieces);
        }
        prompt.merge();
        prompt
    }

    /// Neighbours of one weight are one piece.
    fn merge(&mut self) {
        let mut merged: Vec<(String, f32)> = Vec::with_capacity(self.pieces.len());
        for (text, weight) in self.pieces.drain(..) {
            let weight = weight.clamp(0.0, WEIGHT_MOST);
            match merged.last_mut().filter(|(_, last)| *last == weight) {
                Some((last, _)) => last.push_str(&text),
                None => merged.push((text, weight)),
            }
        }
        self.pieces = merged;
    }
}

struct Reader {
    /// Brackets that are open, and the first piece in each.
    open: Vec<(char, usize)>,
    word: String,
}

impl Reader {
    fn is_in(&self, bracket: char) -> bool {
        self.open.last().is_some_and(|(open, _)| *open == bracket)
    }

    fn flush(&mut self, pieces: &mut Vec<(String, f32)>) {
        if !self.word.is_empty() {
            pieces.push((std::mem::take(&mut self.word), 1.0));
        }
    }

    fn close(&mut self, bracket: char, weight: f32, pieces: &mut Vec<(String, f32)>) {
        self.flush(pieces);
        if let Some((_, first)) = self.open.pop_if(|(open, _)| *open == bracket) {
            pieces[first..].iter_mut().for_each(|(_, piece)| *piece *= weight);
        }
    }
}

/// `1.3)`: the weight, and what follows.
fn weight(text: &str) -> Option<(f32, &str)> {
    let (number, after) = text.split_once(')')?;
    let weight: f32 = number.trim().parse().ok()?;
    weight.is_finite().then_some((weight, after))
}

/// `lora:name:0.8>`: the name and its weight, and what follows.
fn lora(text: &str) -> Option<((String, f32), &str)> {
    let (inner, after) = text.split_once('>')?;
    let mut parts = inner.split(':');
    let (Some("lora"), Some(name), weight, None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let weight: f32 = weight.map_or(Some(1.0), |weight| weight.trim().parse().ok())?;
    (!name.is_empty() && weight.is_finite()).then(|| ((name.to_owned(), weight), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(String, f32)> {
        Prompt::parse(text).pieces
    }

    #[test]
    fn words_weigh_what_their_brackets_say() {
        let close = |text: &str, wanted: &[(&str, f32)]| {
            let found = pieces(text);
            assert_eq!(found.len(), wanted.len(), "{found:?}");
            for ((text, weight), (wanted, most)) in found.iter().zip(wanted) {
                assert!(text == wanted && (weight - most).abs() < 1e-5, "{found:?}");
            }
        };
        close("a house", &[("a house", 1.0)]);
        close("a (red:1.3) house", &[("a ", 1.0), ("red", 1.3), (" house", 1.0)]);
        close(
            "a (red) ((big)) [far]",
            &[("a ", 1.0), ("red", 1.1), (" ", 1.0), ("big", 1.21), (" ", 1.0), ("far", 1.0 / 1.1)],
        );
        close("(a (red:2) house:0.5)", &[("a ", 0.5), ("red", 1.0), (" house", 0.5)]);
        close("(never closed", &[("never closed", 1.1)]);
        close(r"a \(plain\) one", &[("a (plain) one", 1.0)]);
        close("at 10:30) and ]", &[("at 10:30) and ]", 1.0)]);
        close("(a: b)", &[("a: b", 1.1)]);
        close("(x:1e9)", &[("x", 10.0)]);
    }

    #[test]
    fn loras_are_named_and_leave_no_words() {
        let prompt = Prompt::parse("a house<lora:pixel art:0.8> <lora:ink> <b> <lora:x:y>");
        assert_eq!(prompt.loras, [("pixel art".to_owned(), 0.8), ("ink".to_owned(), 1.0)]);
        assert_eq!(prompt.pieces, [("a house  <b> <lora:x:y>".to_owned(), 1.0)]);
    }

    #[test]
    fn any_text_is_a_prompt() {
        for text in
            ["", "((((", "))))", "([)]", ":::", "(:1)", "\\", "<lora:", &"(".repeat(5000), "(é:1.2)日"]
        {
            let prompt = Prompt::parse(text);
            assert!(prompt.pieces.iter().all(|(_, weight)| weight.is_finite()), "{text}");
        }
    }
}
