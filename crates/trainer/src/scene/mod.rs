//! What a picture shows, before anyone paints or sketches it.

mod close;
mod compose;

use crate::colour::{Light, Named};
use crate::rng::Rng;
use crate::styles::{STYLES, Style};

/// The hour of the day, and with it the light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hour {
    Day,
    Dawn,
    Sunset,
    Night,
    Storm,
}

/// What lies below the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Land {
    Meadow,
    Hills,
    Autumn,
    Snow,
    Sand,
    Sea,
    River,
    /// Under water, down to the sand.
    Deep,
    /// A wall behind a table.
    Table,
    /// A wall and a floor.
    Room,
}

impl Land {
    /// Whether there is no sky above it.
    pub fn is_inside(self) -> bool {
        matches!(self, Land::Deep | Land::Table | Land::Room)
    }
}

/// What a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stars,
    Rainbow,
    Sun,
    Moon,
    Cloud,
    Mountains,
    Lake,
    Road,
    House,
    Castle,
    Lighthouse,
    Tree,
    Pine,
    Poplar,
    Bush,
    Flowers,
    Boat,
    Balloon,
    Birds,
    Bridge,
    Cat,
    Cup,
    Face,
    Fish,
    Fruit,
}

impl Kind {
    /// Things that stand on the ground, or are what the picture is of, drawn from far to near.
    pub fn stands(self) -> bool {
        use Kind::*;
        matches!(self, House | Castle | Lighthouse | Tree | Pine | Poplar | Bush | Flowers | Boat)
            || matches!(self, Bridge | Cat | Cup | Face | Fish | Fruit)
    }

    /// Things behind the ground.
    pub fn in_sky(self) -> bool {
        use Kind::*;
        matches!(self, Stars | Rainbow | Sun | Moon | Cloud | Mountains)
    }
}

/// One thing in a scene.
#[derive(Debug, Clone, Copy)]
pub struct Thing {
    pub kind: Kind,
    /// The middle, across the picture.
    pub x: f32,
    /// The foot for what stands, the middle for what floats.
    pub y: f32,
    /// Height for what stands, diameter for what floats.
    pub size: f32,
    pub colour: Named,
    /// The second colour: a roof, a stripe.
    pub accent: Named,
    /// Decides the details.
    pub seed: u64,
}

/// A whole scene.
#[derive(Debug, Clone)]
pub struct Scene {
    pub hour: Hour,
    pub land: Land,
    /// Height of the horizon, 0 at the top.
    pub horizon: f32,
    /// Where the shore begins, for a sea with land in front.
    pub shore: Option<f32>,
    /// From far to near.
    pub things: Vec<Thing>,
    pub style: Style,
    pub seed: u64,
}

impl Scene {
    /// The scene of a seed, the same one everywhere and always: a landscape or something seen from close
    /// by, in one of all styles; gouache is the commonest, since it is what a prompt without a style gets.
    pub fn random(seed: u64) -> Scene {
        let rng = &mut Rng::new(seed ^ 0x57_1E);
        let style = if rng.chance(0.2) { Style::Gouache } else { rng.pick(&STYLES[1..]) };
        let scene = if rng.chance(0.3) { close::close_by(seed) } else { compose::compose(seed) };
        Scene { style, ..scene }
    }

    /// The light on everything, from the side of the sun or moon.
    pub fn light(&self) -> Light {
        let lamp = self.things.iter().find(|t| matches!(t.kind, Kind::Sun | Kind::Moon));
        Light::of(self.hour, lamp.map_or((self.seed % 2) as f32, |t| t.x))
    }

    /// The things of one kind.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(move |t| t.kind == kind)
    }
}
