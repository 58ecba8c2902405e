//! Which of the studio's models makes the pictures.

use super::Studio;
use wire::ModelInfo;

impl Studio {
    /// Ids and names of all models, the studio's own first.
    pub fn models(&self) -> Vec<(String, String)> {
        let all = self.own.iter().chain(&self.others);
        all.map(|model| (model.id.clone(), model.name.clone())).collect()
    }

    /// The server has these beside its own.
    pub(super) fn others_are(&mut self, others: Vec<ModelInfo>) {
        let before = self.model.as_ref().map(|model| model.id.clone());
        self.others = others;
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
