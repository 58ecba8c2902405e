//! Rough sketches as people make them: few pens, shaky lines, missing parts, white paper.

use crate::board::{Board, Drawing};
use crate::colour::{Colour, PENS, WHITE, rgb};
use crate::paint::{backdrop, earth};
use crate::rng::Rng;
use crate::scene::{Hour, Kind, Land, Scene};
use crate::sheet::{Point, Sheet};
use crate::things::{Part, parts};

/// How closed shapes are put down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Outline,
    Blob,
    Both,
    Scribble,
}

/// Where colours come from.
#[derive(Debug, Clone, Copy)]
enum Pens {
    /// One pen for everything, outlines only.
    One(Colour),
    Near,
    Exact,
}

/// A hand, its mood and its pens.
struct Hand {
    manner: Manner,
    colours: Pens,
    width: f32,
    wobble: f32,
    drift: f32,
    details: f32,
    company: f32,
    scenery: f32,
    wrong: f32,
}

impl Hand {
    fn random(rng: &mut Rng) -> Hand {
        let one = rng.chance(0.24);
        let manner = match one {
            true => Manner::Outline,
            false => rng.weighted(&[
                (Manner::Outline, 0.34),
                (Manner::Blob, 0.30),
                (Manner::Both, 0.16),
                (Manner::Scribble, 0.20),
            ]),
        };
        let pen = if rng.chance(0.7) { PENS[0] } else { rng.pick(&PENS) };
        let colours =
            if one { Pens::One(pen) } else { rng.weighted(&[(Pens::Near, 0.8), (Pens::Exact, 0.2)]) };
        Hand {
            manner,
            colours,
            width: rng.log_range(0.007, 0.045),
            wobble: rng.log_range(0.001, 0.014),
            drift: rng.log_range(0.002, 0.035),
            details: rng.pick(&[0.0, 0.5, 0.9, 1.0]),
            company: rng.pick(&[0.3, 0.8, 1.0]),
            scenery: rng.pick(&[0.0, 0.3, 0.8, 1.0]),
            wrong: rng.pick(&[0.0, 0.0, 0.0, 0.15]),
        }
    }

    fn pen(&self, colour: Colour, rng: &mut Rng) -> Colour {
        if rng.chance(self.wrong) {
            return rng.pick(&PENS);
        }
        match self.colours {
            Pens::One(pen) => pen,
            Pens::Exact => colour,
            Pens::Near => nearest(colour),
        }
    }
}

fn nearest(colour: Colour) -> Colour {
    PENS.into_iter().min_by(|a, b| a.distance(colour).total_cmp(&b.distance(colour))).unwrap_or(colour)
}

/// Sketch number `which` of `scene` as `size` x `size` RGB rows.
pub fn sketch(scene: &Scene, which: u64, size: u32) -> Vec<u8> {
    let (rng, hand, scene) = &mut begin(scene, which);
    let paper = match rng.unit() {
        share if share < 0.05 => rgb(0.97, 0.94, 0.86),
        share if share < 0.10 => rng.pick(&PENS).mix(WHITE, rng.range(0.3, 0.8)),
        _ => WHITE,
    };
    let mut sheet = Sheet::new(size, paper);
    put_down(scene, hand, &mut sheet, rng);
    sheet.rgb()
}

/// The same hand with the studio's own brush, on its white canvas.
pub fn drawn_in_the_studio(scene: &Scene, which: u64, size: u32) -> Vec<u8> {
    let mut drawing = Drawing::new();
    drawn_on(&mut drawing, scene, which);
    drawing.rgb(size)
}

/// The same hand on another board.
pub fn drawn_on(board: &mut dyn Board, scene: &Scene, which: u64) {
    let (rng, hand, scene) = &mut begin(scene, which);
    put_down(scene, hand, board, rng);
}

fn begin(scene: &Scene, which: u64) -> (Rng, Hand, Scene) {
    let mut rng = Rng::new(scene.seed.wrapping_mul(31).wrapping_add(which + 1));
    let hand = Hand::random(&mut rng);
    let scene = in_mind(scene, &mut rng);
    (rng, hand, scene)
}

fn put_down(scene: &Scene, hand: &Hand, board: &mut dyn Board, rng: &mut Rng) {
    background(scene, hand, board, rng);
    let main = main_thing(scene);
    for (index, thing) in scene.things.iter().enumerate() {
        let kept = match thing.kind {
            _ if Some(index) == main => 0.99,
            Kind::Sun | Kind::Moon | Kind::Boat | Kind::Balloon => 0.93,
            Kind::Mountains | Kind::Stars | Kind::Cloud => hand.scenery.max(0.25),
            _ => hand.company,
        };
        if rng.chance(kept) {
            let moved = Moved::random(hand, [thing.x, thing.y], rng);
            for part in parts(thing, scene) {
                if !part.detail || rng.chance(hand.details) {
                    draw(&part, hand, &moved, board, rng);
                }
            }
        }
    }
}

/// The scene as its sketcher sees it: many draw a sun and a blue sky, and leave the hour to their words.
fn in_mind(scene: &Scene, rng: &mut Rng) -> Scene {
    let hours = [Hour::Day, Hour::Day, Hour::Sunset, Hour::Night, Hour::Storm];
    let share = if scene.hour == Hour::Day { 0.08 } else { 0.40 };
    if scene.land.is_inside() || !rng.chance(share) {
        return scene.clone();
    }
    let hour = rng.pick(&hours);
    let lamp = if hour == Hour::Night { Kind::Moon } else { Kind::Sun };
    let mut things = scene.things.clone();
    things.retain(|thing| thing.kind != Kind::Stars || hour == Hour::Night);
    for thing in things.iter_mut().filter(|thing| matches!(thing.kind, Kind::Sun | Kind::Moon)) {
        thing.kind = lamp;
    }
    Scene { hour, things, ..scene.clone() }
}

/// The largest thing that stands or sails: what the picture is of.
fn main_thing(scene: &Scene) -> Option<usize> {
    let standing = scene.things.iter().enumerate().filter(|(_, t)| t.kind.stands());
    standing.max_by(|a, b| a.1.size.total_cmp(&b.1.size)).map(|(index, _)| index)
}

fn background(scene: &Scene, hand: &Hand, board: &mut dyn Board, rng: &mut Rng) {
    let coloured = !matches!(hand.colours, Pens::One(_));
    let horizon = scene.horizon + rng.range(-0.04, 0.04);
    let sky = backdrop(scene);
    let ground = match scene.land {
        Land::Snow => rgb(0.80, 0.88, 0.97),
        land => earth(land),
    };
    let full = [[-0.1, -0.1], [1.1, -0.1], [1.1, horizon], [-0.1, horizon]];
    if coloured && rng.chance(0.16) {
        let part = Part::shape(full.to_vec(), sky);
        fill_background(&part, hand, board, rng);
    }
    let below =
        vec![[-0.1, horizon], [0.3, horizon], [0.7, horizon], [1.1, horizon], [1.1, 1.1], [-0.1, 1.1]];
    if coloured && rng.chance(0.30) {
        fill_background(&Part::shape(below, ground), hand, board, rng);
    } else if rng.chance(0.25) {
        let line =
            shake(&[[-0.05, horizon], [0.3, horizon], [0.65, horizon], [1.05, horizon]], hand.wobble, rng);
        board.curve(&line, hand.width, hand.pen(ground, rng));
    }
    if let (Some(shore), true) = (scene.shore, coloured && rng.chance(0.4)) {
        let beach = vec![[-0.1, shore], [1.1, shore], [1.1, 1.1], [-0.1, 1.1]];
        fill_background(&Part::shape(beach, earth(Land::Sand)), hand, board, rng);
    }
}

fn fill_background(part: &Part, hand: &Hand, board: &mut dyn Board, rng: &mut Rng) {
    let colour = hand.pen(part.colour, rng);
    if hand.manner == Manner::Scribble {
        scribble(&part.points, hand.width, colour, board, rng);
    } else {
        board.fill(&shake(&part.points, hand.wobble, rng), false, colour);
    }
}

/// How a thing is misplaced as a whole.
struct Moved {
    centre: Point,
    by: Point,
    scale: Point,
}

impl Moved {
    fn random(hand: &Hand, centre: Point, rng: &mut Rng) -> Moved {
        let by = [rng.range(-1.0, 1.0) * hand.drift, rng.range(-1.0, 1.0) * hand.drift];
        let spread = 1.0 + hand.drift * 5.0;
        let scale = rng.log_range(1.0 / spread, spread);
        let squeeze = 1.0 + hand.drift * 2.0;
        Moved { centre, by, scale: [scale * rng.log_range(1.0 / squeeze, squeeze), scale] }
    }

    fn apply(&self, point: &Point) -> Point {
        [0, 1].map(|k| self.centre[k] + (point[k] - self.centre[k]) * self.scale[k] + self.by[k])
    }
}

fn draw(part: &Part, hand: &Hand, moved: &Moved, board: &mut dyn Board, rng: &mut Rng) {
    let placed: Vec<Point> = part.points.iter().map(|p| moved.apply(p)).collect();
    let colour = hand.pen(part.colour, rng);
    // Thick pens cannot draw small details: people press less.
    let width = if part.detail { hand.width * 0.7 } else { hand.width };
    if !part.closed {
        board.curve(&shake(&placed, hand.wobble, rng), width, colour);
        return;
    }
    let outline = shake(&placed, hand.wobble, rng);
    match hand.manner {
        Manner::Outline => loop_line(&outline, width, colour, board, rng),
        Manner::Blob => {
            fill(&outline, colour, board);
            loop_line(&outline, width * 0.6, colour, board, rng);
        }
        Manner::Both => {
            fill(&outline, colour, board);
            let ink = if rng.chance(0.6) { PENS[0] } else { colour };
            loop_line(&shake(&placed, hand.wobble, rng), (width * 0.6).min(0.016), ink, board, rng);
        }
        Manner::Scribble => {
            scribble(&outline, width, colour, board, rng);
            if rng.chance(0.7) {
                loop_line(&outline, width, colour, board, rng);
            }
        }
    }
}

fn closed(points: &[Point]) -> Vec<Point> {
    points.iter().chain(points.first()).copied().collect()
}

/// A loop that rarely meets itself exactly: it stops short or runs over.
fn loop_line(points: &[Point], width: f32, colour: Colour, board: &mut dyn Board, rng: &mut Rng) {
    let mut line = closed(points);
    if let (Some(end), Some(first)) = (line.last_mut(), points.first()) {
        *end = [first[0] + rng.range(-0.4, 0.4) * width, first[1] + rng.range(-0.4, 0.4) * width];
    }
    if round(points) {
        board.curve(&line, width, colour);
    } else {
        board.line(&line, width, colour);
    }
}

fn fill(points: &[Point], colour: Colour, board: &mut dyn Board) {
    board.fill(points, round(points), colour);
}

/// Many short pieces are meant as a curve, few long ones as corners.
fn round(points: &[Point]) -> bool {
    let longest = points.windows(2).map(|p| (p[1][0] - p[0][0]).powi(2) + (p[1][1] - p[0][1]).powi(2));
    let (left, right) =
        points.iter().fold((f32::MAX, f32::MIN), |(low, high), p| (low.min(p[0]), high.max(p[0])));
    points.len() >= 9 && longest.fold(0.0, f32::max).sqrt() < (right - left) * 0.42
}

/// Points between the points, each a little off.
fn shake(points: &[Point], wobble: f32, rng: &mut Rng) -> Vec<Point> {
    let mut shaken = Vec::with_capacity(points.len() * 3);
    let mut off = |p: Point| [p[0] + rng.range(-wobble, wobble), p[1] + rng.range(-wobble, wobble)];
    for (i, point) in points.iter().enumerate() {
        shaken.push(off(*point));
        if let Some(next) = points.get(i + 1) {
            let length = ((next[0] - point[0]).powi(2) + (next[1] - point[1]).powi(2)).sqrt();
            let pieces = (length / 0.12) as usize;
            for piece in 1..=pieces {
                let t = piece as f32 / (pieces + 1) as f32;
                shaken.push(off([point[0] + (next[0] - point[0]) * t, point[1] + (next[1] - point[1]) * t]));
            }
        }
    }
    shaken
}

/// One zigzag that fills a shape row by row, as a felt-tip does.
fn scribble(points: &[Point], width: f32, colour: Colour, board: &mut dyn Board, rng: &mut Rng) {
    let low = points.iter().map(|p| p[1]).fold(f32::MAX, f32::min);
    let high = points.iter().map(|p| p[1]).fold(f32::MIN, f32::max);
    let gap = width * rng.range(0.9, 2.2);
    let slant = rng.range(-0.6, 0.6) * gap;
    let (mut line, mut y, mut right) = (Vec::new(), low + gap * 0.3, false);
    while y < high && line.len() < 400 {
        if let Some((from, to)) = span(points, y) {
            let ends = if right { [from, to] } else { [to, from] };
            line.push([ends[0] + rng.range(-0.3, 0.3) * width, y]);
            line.push([ends[1] + rng.range(-0.3, 0.3) * width, y + slant]);
            right = !right;
        }
        y += gap;
    }
    if !line.is_empty() {
        board.line(&line, width, colour);
    }
}

/// The outermost crossings of a polygon with a horizontal line.
pub(crate) fn span(points: &[Point], y: f32) -> Option<(f32, f32)> {
    let mut ends: Option<(f32, f32)> = None;
    for (i, a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        if (a[1] <= y) != (b[1] <= y) {
            let x = a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]);
            ends = Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))));
        }
    }
    ends
}
