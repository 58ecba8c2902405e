//! Every kind of thing knows how it looks painted and how people scribble it.

mod balloon;
mod birds;
mod boat;
mod bridge;
mod castle;
mod cat;
mod cup;
mod face;
mod fish;
mod flora;
pub(crate) mod fruit;
mod house;
mod lighthouse;
mod sky;
mod terrain;

use crate::colour::{Colour, Light};
use crate::rng::Rng;
use crate::scene::{Kind, Scene, Thing};
use crate::sheet::{Point, Sheet};

/// A piece of a rough drawing: an outline that can be filled, or a line that cannot.
#[derive(Debug, Clone)]
pub struct Part {
    pub points: Vec<Point>,
    pub closed: bool,
    pub colour: Colour,
    /// What one leaves out when in a hurry.
    pub detail: bool,
}

impl Part {
    pub fn shape(points: Vec<Point>, colour: Colour) -> Part {
        Part { points, closed: true, colour, detail: false }
    }

    pub fn line(points: Vec<Point>, colour: Colour) -> Part {
        Part { points, closed: false, colour, detail: false }
    }

    pub fn as_detail(self) -> Part {
        Part { detail: true, ..self }
    }
}

/// Paints `thing` in `light`.
pub fn paint(thing: &Thing, scene: &Scene, light: &Light, sheet: &mut Sheet) {
    let rng = &mut Rng::new(thing.seed);
    match thing.kind {
        Kind::Stars => sky::stars(scene, sheet, rng),
        Kind::Rainbow => sky::rainbow(thing, sheet),
        Kind::Sun => sky::sun(thing, scene, sheet),
        Kind::Moon => sky::moon(thing, sheet, rng),
        Kind::Cloud => sky::cloud(thing, scene, light, sheet, rng),
        Kind::Mountains => terrain::mountains(thing, scene, light, sheet, rng),
        Kind::Lake => terrain::lake(thing, scene, light, sheet),
        Kind::Road => terrain::road(thing, scene, light, sheet, rng),
        Kind::House => house::paint(thing, light, sheet, rng),
        Kind::Castle => castle::paint(thing, light, sheet),
        Kind::Lighthouse => lighthouse::paint(thing, light, sheet),
        Kind::Tree => flora::tree(thing, light, sheet, rng),
        Kind::Pine => flora::pine(thing, scene, light, sheet, rng),
        Kind::Poplar => flora::poplar(thing, light, sheet, rng),
        Kind::Bush => flora::bush(thing, light, sheet, rng),
        Kind::Flowers => flora::flowers(thing, light, sheet, rng),
        Kind::Boat => boat::paint(thing, light, sheet),
        Kind::Balloon => balloon::paint(thing, light, sheet),
        Kind::Birds => birds::paint(thing, light, sheet, rng),
        Kind::Bridge => bridge::paint(thing, crate::paint::earth(scene.land), light, sheet),
        Kind::Cat => cat::paint(thing, light, sheet),
        Kind::Cup => cup::paint(thing, light, sheet),
        Kind::Face => face::paint(thing, light, sheet, rng),
        Kind::Fish => fish::paint(thing, light, sheet),
        Kind::Fruit => fruit::paint(thing, light, sheet),
    }
}

/// The parts of a rough drawing of `thing`, the most important first.
pub fn parts(thing: &Thing, scene: &Scene) -> Vec<Part> {
    let rng = &mut Rng::new(thing.seed);
    match thing.kind {
        Kind::Stars => sky::star_parts(scene, rng),
        Kind::Rainbow => sky::rainbow_parts(thing),
        Kind::Sun => sky::sun_parts(thing),
        Kind::Moon => sky::moon_parts(thing, rng),
        Kind::Cloud => sky::cloud_parts(thing, rng),
        Kind::Mountains => terrain::mountain_parts(thing, scene, rng),
        Kind::Lake => terrain::lake_parts(thing),
        Kind::Road => terrain::road_parts(thing, scene, rng),
        Kind::House => house::parts(thing, rng),
        Kind::Castle => castle::parts(thing),
        Kind::Lighthouse => lighthouse::parts(thing),
        Kind::Tree => flora::tree_parts(thing),
        Kind::Pine => flora::pine_parts(thing),
        Kind::Poplar => flora::poplar_parts(thing),
        Kind::Bush => flora::bush_parts(thing),
        Kind::Flowers => flora::flower_parts(thing, rng),
        Kind::Boat => boat::parts(thing),
        Kind::Balloon => balloon::parts(thing),
        Kind::Birds => birds::parts(thing, rng),
        Kind::Bridge => bridge::parts(thing),
        Kind::Cat => cat::parts(thing),
        Kind::Cup => cup::parts(thing),
        Kind::Face => face::parts(thing, rng),
        Kind::Fish => fish::parts(thing),
        Kind::Fruit => fruit::parts(thing),
    }
}

/// Points around an ellipse.
fn ring([x, y]: Point, rx: f32, ry: f32, count: usize) -> Vec<Point> {
    (0..count)
        .map(|i| {
            let angle = i as f32 / count as f32 * std::f32::consts::TAU;
            [x + rx * angle.cos(), y + ry * angle.sin()]
        })
        .collect()
}

/// The corners of a box, clockwise.
fn quad([x0, y0]: Point, [x1, y1]: Point) -> Vec<Point> {
    vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
}
