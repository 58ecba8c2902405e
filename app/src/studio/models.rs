//! Which of the studio's models makes the pictures, and what is added to it.

use super::Studio;
use wire::{Family, ModelInfo, Spec, limits::PROMPT_MAX};

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

    /// What a click on Generate asks for.
    pub fn spec(&self) -> Spec {
        let Spec { strength, control_scale, .. } = Spec::default();
        let spec = self.settings.spec(self.model.as_ref());
        match self.control() {
            "" => Spec { control: String::new(), control_scale, ..spec },
            // What is steered at every step need not begin with the drawing.
            _ => Spec { strength: self.settings.strength.unwrap_or(strength), ..spec },
        }
    }

    /// Adds a LoRA of this name to the prompt, or takes it out if the prompt names it. A prompt that has no room for it stays
    /// what it is.
    pub(super) fn choose_lora(&mut self, name: &str) {
        let prompt = with_lora(&self.settings.prompt, name);
        // The list's first line is none.
        if !name.is_empty() && prompt.len() <= PROMPT_MAX {
            self.settings.prompt = prompt;
        }
    }

    /// The server has these beside its own.
    pub(super) fn others_are(&mut self, others: Vec<ModelInfo>, families: Vec<Family>) {
        let before = self.model.as_ref().map(|model| model.id.clone());
        (self.others, self.families) = (others, families);
        self.take_model();
        // Another one may draw along where this one did not.
        self.live.changed |= before.is_some_and(|id| self.model.as_ref().is_some_and(|model| model.id != id));
    }

    /// The one that the person chose, as long as the server has it.
    pub(super) fn take_model(&mut self) {
        let chosen = self.others.iter().find(|model| model.id == self.settings.model);
        self.model = chosen.or(self.own.as_ref()).cloned();
    }

    /// Another model has other settings that suit it.
    pub(super) fn choose_model(&mut self, id: String) {
        if self.settings.model != id {
            self.settings.model = id;
            self.settings.follow_model();
            self.take_model();
        }
    }
}

/// Where a prompt names this LoRA. (The standard library's search for a text weighs 6 kB in a browser.)
fn lora_in(prompt: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let mut starts = prompt.bytes().enumerate().filter(|(_, byte)| *byte == b'<');
    starts.find_map(|(start, _)| {
        let rest = prompt[start..].strip_prefix("<lora:")?.strip_prefix(name)?;
        let weight = rest.bytes().position(|byte| byte == b'>')?;
        let is_whole = weight == 0 || rest.starts_with(':');
        is_whole.then(|| start..prompt.len() - rest.len() + weight + 1)
    })
}

/// Whether a prompt names this LoRA.
pub fn names_lora(prompt: &str, name: &str) -> bool {
    lora_in(prompt, name).is_some()
}

fn with_lora(prompt: &str, name: &str) -> String {
    match lora_in(prompt, name) {
        Some(there) => {
            let (before, after) = (prompt[..there.start].trim_end(), &prompt[there.end..]);
            format!("{before}{after}")
        }
        None if prompt.trim().is_empty() => format!("<lora:{name}:1>"),
        None => format!("{} <lora:{name}:1>", prompt.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lora_is_named_once_and_leaves_no_trace() {
        assert_eq!(with_lora("a house ", "ink"), "a house <lora:ink:1>");
        assert_eq!(with_lora("", "ink"), "<lora:ink:1>");
        assert_eq!(with_lora("a house <lora:ink:0.4>, red", "ink"), "a house, red");
        assert_eq!(with_lora("<lora:ink>", "ink"), "");
        assert_eq!(with_lora("a <lora:inky:1>", "ink"), "a <lora:inky:1> <lora:ink:1>", "another's name");
        assert_eq!(with_lora("a <lora:ink:1", "ink"), "a <lora:ink:1 <lora:ink:1>", "what is no name stays");
    }
}
