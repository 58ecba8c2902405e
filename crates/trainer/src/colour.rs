//! Colours, their names, and the light that falls on them.

use crate::scene::Hour;

/// sRGB with straight alpha, each in 0..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour {
    pub r: f32,
    pub g: f32,
    pub b: f32,
    pub a: f32,
}

/// An opaque colour.
pub const fn rgb(r: f32, g: f32, b: f32) -> Colour {
    Colour { r, g, b, a: 1.0 }
}

pub const WHITE: Colour = rgb(1.0, 1.0, 1.0);

impl Colour {
    /// The way from this colour (`t` = 0) to `other` (1).
    pub fn mix(self, other: Colour, t: f32) -> Colour {
        let way = |from: f32, to: f32| from + (to - from) * t;
        Colour {
            r: way(self.r, other.r),
            g: way(self.g, other.g),
            b: way(self.b, other.b),
            a: way(self.a, other.a),
        }
    }

    /// Multiplied channel by channel, as light falls through a filter.
    pub fn times(self, other: Colour) -> Colour {
        Colour { r: self.r * other.r, g: self.g * other.g, b: self.b * other.b, a: self.a }
    }

    /// The same colour at another opacity.
    pub fn alpha(self, a: f32) -> Colour {
        Colour { a, ..self }
    }

    /// Squared distance, opacity ignored.
    pub fn distance(self, other: Colour) -> f32 {
        (self.r - other.r).powi(2) + (self.g - other.g).powi(2) + (self.b - other.b).powi(2)
    }
}

/// A colour that a prompt can name: as the painter mixes it, and as a felt-tip has it.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    pub name: &'static str,
    pub paint: Colour,
    pub felt: Colour,
}

const fn named(name: &'static str, paint: Colour, felt: Colour) -> Named {
    Named { name, paint, felt }
}

pub const RED: Named = named("red", rgb(0.80, 0.26, 0.21), rgb(0.88, 0.16, 0.14));
pub const ORANGE: Named = named("orange", rgb(0.91, 0.53, 0.22), rgb(0.97, 0.53, 0.10));
pub const YELLOW: Named = named("yellow", rgb(0.96, 0.80, 0.34), rgb(0.99, 0.83, 0.12));
pub const GREEN: Named = named("green", rgb(0.36, 0.56, 0.28), rgb(0.18, 0.62, 0.25));
pub const BLUE: Named = named("blue", rgb(0.27, 0.47, 0.74), rgb(0.14, 0.39, 0.82));
pub const PURPLE: Named = named("purple", rgb(0.53, 0.38, 0.64), rgb(0.49, 0.24, 0.66));
pub const PINK: Named = named("pink", rgb(0.93, 0.62, 0.67), rgb(0.96, 0.48, 0.64));
pub const BROWN: Named = named("brown", rgb(0.52, 0.35, 0.24), rgb(0.48, 0.30, 0.16));
pub const CREAM: Named = named("white", rgb(0.96, 0.92, 0.84), rgb(0.94, 0.92, 0.86));
pub const BLACK: Named = named("black", rgb(0.19, 0.18, 0.20), rgb(0.10, 0.10, 0.11));
pub const GREY: Named = named("grey", rgb(0.60, 0.61, 0.63), rgb(0.55, 0.56, 0.58));

/// The pens of the box, and so the colours that sketches are made of.
pub const PENS: [Colour; 14] = [
    rgb(0.10, 0.10, 0.11),
    RED.felt,
    ORANGE.felt,
    YELLOW.felt,
    GREEN.felt,
    BLUE.felt,
    PURPLE.felt,
    PINK.felt,
    BROWN.felt,
    GREY.felt,
    rgb(0.45, 0.76, 0.95),
    rgb(0.55, 0.80, 0.33),
    rgb(0.93, 0.86, 0.70),
    rgb(0.10, 0.16, 0.38),
];

/// What an hour does to colours, and where its light comes from.
#[derive(Debug, Clone, Copy)]
pub struct Light {
    /// The light's own colour: lit surfaces are multiplied by it.
    pub key: Colour,
    /// What shadows are multiplied by, on top of `key`.
    pub shade: Colour,
    /// What far things fade into.
    pub haze: Colour,
    /// -1 from the left, 1 from the right.
    pub side: f32,
    /// Lamps are lit.
    pub dark: bool,
}

impl Light {
    /// The light of `hour` from a sun or moon at `x` (0..1 across the picture).
    pub fn of(hour: Hour, x: f32) -> Light {
        let (key, shade, haze) = match hour {
            Hour::Day => (WHITE, rgb(0.62, 0.62, 0.76), rgb(0.77, 0.88, 0.94)),
            Hour::Dawn => (rgb(1.0, 0.93, 0.89), rgb(0.66, 0.60, 0.74), rgb(0.97, 0.84, 0.79)),
            Hour::Sunset => (rgb(0.96, 0.78, 0.68), rgb(0.58, 0.48, 0.66), rgb(0.95, 0.66, 0.48)),
            Hour::Night => (rgb(0.36, 0.43, 0.62), rgb(0.60, 0.62, 0.76), rgb(0.18, 0.24, 0.42)),
            Hour::Storm => (rgb(0.78, 0.81, 0.84), rgb(0.64, 0.66, 0.72), rgb(0.62, 0.66, 0.69)),
        };
        Light { key, shade, haze, side: if x < 0.5 { -1.0 } else { 1.0 }, dark: hour == Hour::Night }
    }

    /// `colour` as it looks in this light: `amount` 1 faces it, -1 is turned away.
    pub fn on(&self, colour: Colour, amount: f32) -> Colour {
        let lit = colour.times(self.key);
        if amount >= 0.0 {
            lit.mix(rgb(1.0, 0.97, 0.86).times(self.key), amount * 0.45)
        } else {
            lit.mix(lit.times(self.shade), -amount)
        }
    }

    /// `colour` at a distance: 0 near, 1 lost in the haze.
    pub fn far(&self, colour: Colour, distance: f32) -> Colour {
        self.on(colour, 0.0).mix(self.haze, distance)
    }
}
