//! What the person chose, remembered between visits.

use super::{
    Hand, Shape,
    tuning::{Tuning, Tunings},
};
use canvas::{Brush, Fidelity};
use link::Transport;
use serde::{Deserialize, Serialize};
use wire::{Attention, Mask, ModelInfo, PreviewFormat, Scheduler, Seed, Spec, limits::PICTURES_MAX, plain};

/// Brush sizes in canvas pixels.
pub const BRUSH_MIN: f32 = 1.0;
pub const BRUSH_MAX: f32 = 96.0;
/// Marks thinner than this would leave cells of a mask half covered.
pub const MASK_MIN: f32 = 16.0;

/// Sides in pixels that a picture may have, those that models are made for among them, and what people call them.
pub const SIDES: [(u32, &str); 13] = [
    (256, "256 px"),
    (320, "320 px"),
    (384, "384 px"),
    (448, "448 px"),
    (512, "512 px"),
    (576, "576 px"),
    (640, "640 px"),
    (704, "704 px"),
    (768, "768 px"),
    (832, "832 px"),
    (896, "896 px"),
    (960, "960 px"),
    (1024, "1024 px"),
];

pub(super) fn is_side(pixels: &u32) -> bool {
    SIDES.iter().any(|(side, _)| side == pixels)
}

/// The size `notches` steps up or down: finer when small, coarser when large.
pub fn notch(size: f32, notches: i8) -> f32 {
    let step = if size < 8.0 || (size == 8.0 && notches < 0) { 1.0 } else { (size / 6.0).max(2.0).round() };
    size + step * f32::from(notches)
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    #[default]
    Brush,
    Eraser,
    Fill,
}

/// Day, night, or as the system says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    pub fn next(self) -> Self {
        match self {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        }
    }
}

/// Everything that is remembered. What is `None` follows the model's defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Id of the model; empty for the studio's own.
    pub model: String,
    pub prompt: String,
    /// What the picture is not to show.
    pub negative: String,
    /// How the model of this id makes its pictures, and how the others do.
    pub tuned: String,
    pub tuning: Tuning,
    pub tunings: Tunings,
    /// That of the paper, and of the picture.
    pub shape: Shape,
    pub seed: u64,
    /// How many pictures are made together, 1 to [`PICTURES_MAX`]; each has the seed after the one before.
    pub pictures: u16,
    /// The dice were rolled for the next picture.
    #[serde(skip)]
    pub rolled: bool,
    /// Whether the next picture uses the same seed again.
    pub seed_locked: bool,
    /// A preview every so many steps; 0 for none.
    pub every: u16,
    /// Whether previews go on while the page is hidden.
    pub background: bool,
    /// Whether previews are decoded at the server: sharper, larger and later.
    pub sharp: bool,
    /// Whether the picture follows the drawing; else if the machine is fast enough.
    pub live: Option<bool>,
    pub tool: Tool,
    pub brush_size: f32,
    pub eraser_size: f32,
    pub colour: [u8; 3],
    /// The last one that is none of the palette's.
    pub own_colour: Option<[u8; 3]>,
    /// What of the drawing is to be painted anew, and how soft its edge is in pixels of the picture.
    pub mask: Option<Mask>,
    pub blur: Option<f32>,
    /// The name of the ControlNet through which the drawing steers every step, and how much it counts, 0 to 2.
    pub control: String,
    pub control_scale: f32,
    /// The hand marks that part in place of drawing.
    #[serde(skip)]
    pub masking: bool,
    /// The hand takes a colour from where it touches the paper next.
    #[serde(skip)]
    pub picking: bool,
    pub mask_size: f32,
    /// Photographs need not go onto the paper to the last level of their pixels.
    pub near_photographs: bool,
    /// How much of the sketch shows through the picture, 0 to 1.
    pub show_through: f32,
    pub theme: Theme,
    pub transport: Transport,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: String::new(),
            prompt: String::new(),
            negative: String::new(),
            tuned: String::new(),
            tuning: Tuning::default(),
            tunings: Tunings::default(),
            shape: Shape::default(),
            seed: 0,
            pictures: 1,
            rolled: false,
            seed_locked: false,
            every: 1,
            background: false,
            sharp: false,
            live: None,
            tool: Tool::Brush,
            brush_size: 8.0,
            eraser_size: 32.0,
            mask: None,
            blur: None,
            control: String::new(),
            control_scale: 1.0,
            masking: false,
            picking: false,
            mask_size: 64.0,
            near_photographs: false,
            colour: super::palette::INK,
            own_colour: None,
            show_through: 0.0,
            theme: Theme::System,
            transport: Transport::Automatic,
        }
    }
}

impl Settings {
    /// What was remembered, made sane; the defaults if it cannot be read.
    pub fn from_text(text: &str) -> Self {
        let value = serde_json::from_str(text).unwrap_or_default();
        let mut settings: Self = plain(&value).unwrap_or_default();
        let size = |size: f32, otherwise: f32| {
            if size.is_finite() { size.clamp(BRUSH_MIN, BRUSH_MAX) } else { otherwise }
        };
        settings.brush_size = size(settings.brush_size, 8.0);
        settings.eraser_size = size(settings.eraser_size, 32.0);
        settings.mask_size = size(settings.mask_size, 64.0).max(MASK_MIN);
        settings.blur = settings.blur.filter(|b| b.is_finite()).map(|b| b.clamp(0.0, 64.0));
        settings.control_scale =
            if settings.control_scale.is_finite() { settings.control_scale.clamp(0.0, 2.0) } else { 1.0 };
        settings.tuning = settings.tuning.made_sane();
        settings.tunings = settings.tunings.made_sane();
        settings.pictures = settings.pictures.clamp(1, PICTURES_MAX);
        settings.show_through = settings.show_through.clamp(0.0, 1.0);
        settings
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("settings are plain data")
    }

    /// The size of the tool in hand, in canvas pixels.
    pub fn size(&self) -> f32 {
        self.brush(false).size
    }

    /// What a pointer does that touches the paper; the end of a pen may be an eraser.
    pub fn hand(&self, eraser_end: bool) -> Hand {
        if self.picking {
            return Hand::Picks;
        }
        let brush = self.brush(eraser_end);
        if self.tool == Tool::Fill && !eraser_end { Hand::Fills(brush.colour) } else { Hand::Draws(brush) }
    }

    fn brush(&self, eraser_end: bool) -> Brush {
        let eraser = eraser_end || self.tool == Tool::Eraser;
        match self.masking {
            true => Brush { size: self.mask_size, colour: super::MARK, eraser },
            false if eraser => Brush { size: self.eraser_size, colour: self.colour, eraser },
            false => Brush { size: self.brush_size, colour: self.colour, eraser },
        }
    }

    pub fn set_size(&mut self, size: f32) {
        let size = size.clamp(BRUSH_MIN, BRUSH_MAX);
        match self.tool {
            _ if self.masking => self.mask_size = size.max(MASK_MIN),
            Tool::Brush | Tool::Fill => self.brush_size = size,
            Tool::Eraser => self.eraser_size = size,
        }
    }

    pub fn steps(&self, model: Option<&ModelInfo>) -> u16 {
        self.tuning.steps.unwrap_or_else(|| defaults(model).steps)
    }

    pub fn strength(&self, model: Option<&ModelInfo>) -> f32 {
        self.tuning.strength.unwrap_or_else(|| defaults(model).strength)
    }

    pub fn guidance(&self, model: Option<&ModelInfo>) -> f32 {
        self.tuning.guidance.unwrap_or_else(|| defaults(model).guidance)
    }

    pub fn image_guidance(&self, model: Option<&ModelInfo>) -> f32 {
        self.tuning.image_guidance.unwrap_or_else(|| defaults(model).image_guidance)
    }

    pub fn scheduler(&self, model: Option<&ModelInfo>) -> Scheduler {
        self.tuning.scheduler.unwrap_or_else(|| defaults(model).scheduler)
    }

    /// How photographs go onto the paper.
    pub fn photographs(&self) -> Fidelity {
        if self.near_photographs { Fidelity::Near } else { Fidelity::Exact }
    }

    pub fn blur(&self, model: Option<&ModelInfo>) -> f32 {
        self.blur.unwrap_or_else(|| defaults(model).blur)
    }

    /// What a model is asked for, if it has the ControlNet.
    pub fn spec(&self, model: Option<&ModelInfo>) -> Spec {
        let own = defaults(model);
        let (width, height) = self.picture(&own);
        Spec {
            model: model.map(|model| model.id.clone()).unwrap_or_default(),
            prompt: self.prompt.trim().to_owned(),
            negative: self.negative.trim().to_owned(),
            steps: self.steps(model),
            strength: self.strength(model),
            guidance: self.guidance(model),
            image_guidance: self.image_guidance(model),
            clip_skip: self.tuning.clip_skip,
            scheduler: self.scheduler(model),
            sigmas: self.tuning.sigmas,
            seed: Seed(self.seed),
            pictures: self.pictures,
            mask: self.mask.clone(),
            // Of what is not there it tells nothing.
            blur: if self.mask.is_some() { self.blur(model) } else { own.blur },
            control: self.control.clone(),
            control_scale: self.control_scale,
            width,
            height,
            ..own
        }
    }

    /// Width and height of a picture in pixels.
    fn picture(&self, own: &Spec) -> (u32, u32) {
        match (self.shape, self.tuning.side) {
            (Shape::Square, None) => (own.width, own.height),
            (shape, side) => shape.picture(side.unwrap_or(own.width.min(own.height))),
        }
    }

    /// The model of this id makes the pictures, which may not be the chosen one: other settings suit it, those that it had when it
    /// was left, or its own.
    pub fn tune(&mut self, id: &str) {
        if self.tuned != id {
            let before = std::mem::replace(&mut self.tuned, id.to_owned());
            self.tunings.keep(before, self.tuning);
            self.tuning = self.tunings.take(id);
        }
    }

    /// Takes over the settings that a picture with this seed was made with: the next one is that alone.
    pub fn restore(&mut self, spec: &Spec, seed: Seed) {
        self.prompt.clone_from(&spec.prompt);
        self.tuning.strength = Some(spec.strength);
        // Of a quick picture nobody chose these.
        if !spec.quick {
            self.negative.clone_from(&spec.negative);
            self.tuning = Tuning::of(spec);
            let shape = Shape::of(spec.width, spec.height);
            let is_same = |side: &u32| is_side(side) && shape.picture(*side) == (spec.width, spec.height);
            self.tuning.side = Some(spec.width.min(spec.height)).filter(is_same);
            self.control.clone_from(&spec.control);
            self.control_scale = spec.control_scale;
        }
        (self.seed, self.pictures) = (seed.0, 1);
        self.seed_locked = true;
        self.mask.clone_from(&spec.mask);
        self.blur = spec.mask.as_ref().map(|_| spec.blur).or(self.blur);
    }

    pub fn attention(&self, visible: bool) -> Attention {
        let format = if self.sharp { PreviewFormat::Jpeg } else { PreviewFormat::Latent };
        Attention { visible, background: self.background, every: self.every, format }
    }
}

fn defaults(model: Option<&ModelInfo>) -> Spec {
    model.map(|model| model.defaults.clone()).unwrap_or_default()
}
