//! What the person chose, and what viewers are told of it.

use super::{
    Effect, Event, Studio, Tool, palette, settings,
    tuning::{CLIP_SKIP_MAX, Tuning},
};
use link::{Time, client};
use wire::limits::PICTURES_MAX;

impl Studio {
    /// What the person chose. Everything chosen is remembered.
    pub(super) fn choose(&mut self, event: Event, now: Time, out: &mut Vec<Effect>) {
        let attention = self.settings.attention(self.visible);
        let spec = self.live_spec();
        let along = self.draws_along();
        let ready = self.ready;
        let settings = &mut self.settings;
        match event {
            Event::Prompt(prompt) => settings.prompt = prompt,
            Event::Model(id) => {
                settings.model = id;
                // Why another one did not work is of no account for this one.
                self.refused = None;
                self.take_model();
            }
            Event::Style(style) => self.choose_style(&style),
            Event::Steps(steps) => settings.tuning.steps = Some(steps),
            Event::Seed(seed) => (settings.seed, settings.seed_locked) = (seed, true),
            Event::Pictures(pictures) => settings.pictures = pictures.clamp(1, PICTURES_MAX),
            Event::LockSeed(locked) => settings.seed_locked = locked,
            Event::Dice(seed) => (settings.seed, settings.rolled) = (seed, true),
            Event::Strength(strength) => settings.tuning.strength = Some(strength.clamp(0.0, 1.0)),
            Event::Negative(negative) => settings.negative = negative,
            Event::Guidance(guidance) => settings.tuning.guidance = Some(guidance.clamp(0.0, 30.0)),
            Event::ImageGuidance(scale) => settings.tuning.image_guidance = Some(scale.clamp(0.0, 30.0)),
            Event::ClipSkip(layers) => settings.tuning.clip_skip = layers.min(CLIP_SKIP_MAX),
            Event::Scheduler(scheduler) => settings.tuning.scheduler = Some(scheduler),
            Event::Sigmas(sigmas) => settings.tuning.sigmas = sigmas,
            Event::Side(side) => settings.tuning.side = Some(side),
            Event::AsTheModel => settings.tuning = Tuning::default(),
            Event::NearPhotographs(near) => settings.near_photographs = near,
            Event::Every(every) => settings.every = every,
            Event::Background(on) => settings.background = on,
            Event::Sharp(on) => settings.sharp = on,
            Event::Tool(tool) => (settings.tool, settings.picking) = (tool, false),
            Event::Picking => settings.picking = !settings.picking,
            Event::Size(size) => settings.set_size(size),
            Event::Resize(notches) => {
                settings.set_size(settings::notch(settings.size(), notches));
            }
            Event::Colour(colour) => {
                (settings.colour, settings.picking, settings.masking) = (colour, false, false);
                if settings.tool == Tool::Eraser {
                    settings.tool = Tool::Brush;
                }
                if palette::COLOURS.iter().all(|(_, other)| *other != colour) {
                    settings.own_colour = Some(colour);
                }
            }
            // What is drawn before the drawing is there belongs to it.
            Event::Masking => {
                settings.masking = ready && !settings.masking;
                settings.tool = Tool::Brush;
            }
            Event::Masked { mask, can_undo, can_redo } => {
                if mask.is_some() {
                    self.unmasked = None;
                }
                settings.mask = mask;
                self.mask_steps = (can_undo, can_redo);
                self.stepped_since_removal(1);
            }
            Event::Unmask => {
                self.unmasked = settings.mask.clone();
                out.push(Effect::Mask(None));
            }
            Event::Control(name) => settings.control = name,
            Event::ControlScale(scale) => settings.control_scale = scale.clamp(0.0, 2.0),
            Event::Lora(name) => self.choose_lora(&name),
            Event::Blur(blur) => settings.blur = Some(blur.clamp(0.0, 64.0)),
            Event::ShowThrough(share) => settings.show_through = share.clamp(0.0, 1.0),
            Event::Theme(theme) => {
                settings.theme = theme;
                out.push(Effect::Theme(theme));
            }
            Event::Live(on) => settings.live = Some(on),
            Event::Transport(transport) => {
                settings.transport = transport;
                self.tell(client::Event::Preference(transport), now, out);
            }
            _ => return,
        }
        if self.live_spec() != spec || self.draws_along() != along {
            self.changed(now, out);
        }
        if self.settings.attention(self.visible) != attention {
            self.attend(now, out);
        }
        out.push(Effect::Remember(self.settings.to_text()));
    }

    /// Says what this viewer wants to be shown from now on.
    pub(super) fn attend(&mut self, now: Time, out: &mut Vec<Effect>) {
        let attention = self.settings.attention(self.visible);
        self.tell(client::Event::Attention(attention), now, out);
    }
}
