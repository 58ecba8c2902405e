//! Which of the studio's models makes the pictures, and what is added to it.

use super::Studio;
use std::ops::Range;
use wire::{Code, Family, ModelInfo, Problem, Spec, limits::PROMPT_MAX};

impl Studio {
    /// Ids and names of all models, the studio's own first.
    pub fn models(&self) -> Vec<(String, String)> {
        let all = self.own.iter().chain(&self.others);
        all.map(|model| (model.id.clone(), model.name.clone())).collect()
    }

    /// Names of the ControlNets and LoRAs that there are for the model.
    pub fn family(&self) -> Option<&Family> {
        self.families.get(usize::from(self.model.as_ref()?.family))
    }

    /// The ControlNet that the person chose, as long as the server has it for this model; none is empty.
    pub fn control(&self) -> &str {
        let chosen = &self.settings.control;
        let is_there = self.family().is_some_and(|family| family.controls.contains(chosen));
        if is_there { chosen } else { "" }
    }

    /// What of that is no longer here, in words.
    pub(super) fn is_gone(&self, spec: &Spec) -> Option<Problem> {
        let has_model = self.model.as_ref().is_none_or(|model| model.id == spec.model);
        let (what, name) = match has_model {
            false => ("The model", &spec.model),
            true if !spec.control.is_empty() && self.control() != spec.control => {
                ("The ControlNet", &spec.control)
            }
            true => return None,
        };
        Some(Problem::new(
            Code::NotFound,
            format!("{what} {name} is not here any more; the rest is as it was"),
        ))
    }

    /// What a click on Generate asks for.
    pub fn spec(&self) -> Spec {
        let Spec { strength, control_scale, .. } = Spec::default();
        let spec = self.settings.spec(self.model.as_ref());
        match self.control() {
            "" => Spec { control: String::new(), control_scale, ..spec },
            // What is steered at every step need not begin with the drawing.
            _ => Spec { strength: self.settings.tuning.strength.unwrap_or(strength), ..spec },
        }
    }

    /// LoRAs that there are for the model, and behind them what else the prompt names, so that it can be taken out.
    pub fn loras(&self) -> Vec<String> {
        let mut loras = self.family().map(|family| family.loras.clone()).unwrap_or_default();
        let others: Vec<_> = self.named_loras().into_iter().filter(|name| !loras.contains(name)).collect();
        loras.extend(others);
        loras
    }

    /// Those that the prompt names.
    pub fn named_loras(&self) -> Vec<String> {
        tags(&self.settings.prompt).map(|(_, name)| name.to_owned()).collect()
    }

    /// Adds a LoRA of this name to the prompt, or takes it out if the prompt names it. A prompt that has no room for it stays
    /// what it is.
    pub(super) fn choose_lora(&mut self, name: &str) {
        let prompt = with_lora(&self.settings.prompt, name);
        if prompt.len() <= PROMPT_MAX {
            self.settings.prompt = prompt;
        }
    }

    /// The server has these beside its own.
    pub(super) fn others_are(&mut self, others: Vec<ModelInfo>, families: Vec<Family>) {
        let before = self.model.as_ref().map(|model| model.id.clone());
        (self.others, self.families) = (others, families);
        self.take_model();
        let (Some(before), Some(model), chosen) = (before, &self.model, &self.settings.model) else { return };
        if model.id == before {
            return;
        }
        // Another one may draw along where this one did not.
        self.live.changed = true;
        if model.id == *chosen {
            self.refused = None;
        } else if before == *chosen {
            let why = format!(
                "The model {chosen} is not here any more; until it is back, this is the studio's own"
            );
            self.refused = Some(Problem::new(Code::NotFound, why));
        }
    }

    /// The one that the person chose, as long as the server has it.
    pub(super) fn take_model(&mut self) {
        let chosen = self.others.iter().find(|model| model.id == self.settings.model);
        self.model = chosen.or(self.own.as_ref()).cloned();
        if let Some(model) = &self.model {
            self.settings.tune(&model.id);
        }
    }
}

/// Where a prompt names LoRAs, and which. (The standard library's search for a text weighs 6 kB in a browser, its reading
/// of fractions 12.)
fn tags(prompt: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let starts = prompt.bytes().enumerate().filter(|(_, byte)| *byte == b'<');
    starts.filter_map(|(start, _)| {
        let rest = prompt[start..].strip_prefix("<lora:")?;
        let inner = &rest[..rest.bytes().position(|byte| byte == b'>')?];
        let (name, weight) = inner.split_once(':').unwrap_or((inner, "1"));
        let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
        let is_tag = !name.is_empty() && !weight.is_empty() && weight.bytes().all(is_number);
        is_tag.then(|| (start..start + "<lora:>".len() + inner.len(), name))
    })
}

fn lora_in(prompt: &str, name: &str) -> Option<Range<usize>> {
    tags(prompt).find(|(_, other)| *other == name).map(|(there, _)| there)
}

/// Names this LoRA behind the other words, or no more: as a piece between commas, as styles are.
fn with_lora(prompt: &str, name: &str) -> String {
    let Some(mut there) = lora_in(prompt, name) else {
        let words = prompt.trim_end().trim_end_matches(',');
        let comma = if words.is_empty() { "" } else { ", " };
        return format!("{words}{comma}<lora:{name}:1>");
    };
    let mut prompt = prompt.to_owned();
    loop {
        let (before, after) = (prompt[..there.start].trim_end(), &prompt[there.end..]);
        let after =
            if before.is_empty() { after.trim_start().trim_start_matches(',').trim_start() } else { after };
        let is_last = after.trim_start().is_empty() || after.trim_start().starts_with(',');
        let before = if is_last { before.trim_end_matches(',') } else { before };
        prompt = format!("{before}{after}");
        match lora_in(&prompt, name) {
            Some(other) => there = other,
            None => return prompt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lora_is_named_once_and_leaves_no_trace() {
        assert_eq!(with_lora("a house ", "ink"), "a house, <lora:ink:1>");
        assert_eq!(with_lora("", "ink"), "<lora:ink:1>");
        assert_eq!(with_lora("a house, gouache, <lora:ink:1>", "ink"), "a house, gouache");
        assert_eq!(with_lora("a house, <lora:ink:1>, gouache", "ink"), "a house, gouache");
        assert_eq!(with_lora("a house <lora:ink:0.4>, red", "ink"), "a house, red");
        assert_eq!(with_lora("<lora:ink:-.4>, a house", "ink"), "a house");
        assert_eq!(with_lora("a <lora:ink> house", "ink"), "a house");
        assert_eq!(with_lora("<lora:ink>", "ink"), "");
        assert_eq!(with_lora("<lora:ink:0.5> a <lora:ink:0.3>", "ink"), "a", "all of them");
        assert_eq!(with_lora("a <lora:inky:1>", "ink"), "a <lora:inky:1>, <lora:ink:1>", "another's name");
        for words in ["a <lora:ink:1", "a <lora:ink:abc>", "a <lora:ink:1:2>", "a <lora:ink:1,5>"] {
            assert_eq!(with_lora(words, "ink"), format!("{words}, <lora:ink:1>"), "what names none stays");
        }
    }
}
