//! How paper and pictures lie.

use serde::{Deserialize, Serialize};

/// The sides of paper and picture are 1 to 1, or 2 to 3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    #[default]
    Square,
    Portrait,
    Landscape,
}

/// Shorter side of usual paper in pixels. The longer one has 768: what is added to square paper is whole tiles on both sides.
pub(super) const SHORT: u32 = 512;
/// Shorter side of the largest picture that is not square: one of as many pixels as the largest square one, which the largest
/// models are made for.
const PICTURE_SHORT_MAX: u32 = 832;

impl Shape {
    pub const ALL: [Self; 3] = [Self::Square, Self::Portrait, Self::Landscape];

    /// What is about as wide and as high as this.
    pub fn of(width: u32, height: u32) -> Self {
        match (5 * width < 4 * height, 5 * height < 4 * width) {
            (true, _) => Self::Portrait,
            (_, true) => Self::Landscape,
            _ => Self::Square,
        }
    }

    /// What has this name, or is square.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|shape| shape.name() == name).unwrap_or_default()
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Square => "square",
            Self::Portrait => "portrait",
            Self::Landscape => "landscape",
        }
    }

    /// The name that people know it by.
    pub fn title(self) -> &'static str {
        match self {
            Self::Square => "Square",
            Self::Portrait => "Portrait",
            Self::Landscape => "Landscape",
        }
    }

    /// Width and height of usual paper in pixels.
    pub fn paper(self) -> (u32, u32) {
        self.sheet(SHORT)
    }

    /// Width and height of paper whose shorter side has so many pixels, in multiples of 64.
    pub fn sheet(self, short: u32) -> (u32, u32) {
        self.sides(short, short * 3 / 128 * 64)
    }

    /// Width and height of a picture whose shorter side has so many pixels, in multiples of 64 as models want them.
    pub fn picture(self, short: u32) -> (u32, u32) {
        self.sheet(if self == Self::Square { short } else { short.min(PICTURE_SHORT_MAX) })
    }

    fn sides(self, short: u32, long: u32) -> (u32, u32) {
        match self {
            Self::Square => (short, short),
            Self::Portrait => (short, long),
            Self::Landscape => (long, short),
        }
    }
}
