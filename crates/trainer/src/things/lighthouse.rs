//! The lighthouse: a striped tower with a lamp.

use super::{Part, quad};
use crate::colour::{Light, YELLOW, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

fn at(tower: &Thing, dx: f32, height: f32) -> Point {
    [tower.x + dx * tower.size, tower.y - height * tower.size]
}

/// A ring of the tower from one height to another.
fn band(tower: &Thing, low: f32, high: f32) -> Vec<Point> {
    let half = |height: f32| 0.16 - 0.08 * height;
    vec![
        at(tower, -half(low), low),
        at(tower, -half(high), high),
        at(tower, half(high), high),
        at(tower, half(low), low),
    ]
}

pub(super) fn paint(tower: &Thing, light: &Light, sheet: &mut Sheet) {
    let (h, shadow) = (tower.size, rgb(0.05, 0.10, 0.20));
    let foot = at(tower, -0.1 * light.side, 0.0);
    sheet.ellipse(foot, h * 0.35, h * 0.05, Ink::Round(foot, h * 0.35, shadow.alpha(0.4), shadow.alpha(0.0)));
    let across = |colour| {
        let half = 0.16 * light.side;
        Ink::Ramp(at(tower, half, 0.0), at(tower, -half, 0.0), light.on(colour, 0.3), light.on(colour, -0.9))
    };
    for ring in 0..5 {
        let colour = if ring % 2 == 0 { tower.colour.paint } else { tower.accent.paint };
        let low = ring as f32 * 0.15;
        sheet.polygon(&band(tower, low, low + 0.151), across(colour));
    }
    let lamp = at(tower, 0.0, 0.81);
    let glow = rgb(1.0, 0.92, 0.6);
    if light.dark {
        sheet.ellipse(lamp, h * 0.5, h * 0.3, Ink::Round(lamp, h * 0.4, glow.alpha(0.55), glow.alpha(0.0)));
    }
    let glass = if light.dark { glow } else { light.on(rgb(0.98, 0.90, 0.60), 0.0) };
    sheet.rectangle(at(tower, -0.07, 0.87), at(tower, 0.07, 0.75), Ink::Flat(glass));
    let dark = light.on(rgb(0.28, 0.28, 0.32), 0.0);
    sheet.rectangle(at(tower, -0.125, 0.76), at(tower, 0.125, 0.735), Ink::Flat(dark));
    sheet.polygon(&cap(tower), across(tower.accent.paint));
    sheet.rectangle(at(tower, -0.03, 0.1), at(tower, 0.03, 0.0), Ink::Flat(dark));
}

fn cap(tower: &Thing) -> Vec<Point> {
    vec![at(tower, -0.10, 0.87), at(tower, 0.0, 1.0), at(tower, 0.10, 0.87)]
}

pub(super) fn parts(tower: &Thing) -> Vec<Part> {
    let (white, stripe) = (tower.colour.felt, tower.accent.felt);
    vec![
        Part::shape(band(tower, 0.0, 0.75), white),
        Part::shape(cap(tower), stripe),
        Part::shape(band(tower, 0.15, 0.30), stripe),
        Part::shape(band(tower, 0.45, 0.60), stripe),
        Part::shape(quad(at(tower, -0.07, 0.87), at(tower, 0.07, 0.75)), YELLOW.felt).as_detail(),
    ]
}
