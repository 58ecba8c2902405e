//! Deeds as bytes: each message is coded by all that its stream has told before.
//!
//! Both ends begin with the same expectations and learn the same way, so messages have to be read in the
//! order in which they were written, and all of them.

mod ahead;

use crate::{
    Fill, SIDE_MAX,
    brush::{Brush, Sample},
    mark::{Deed, KNOTS_MAX, Knot, Mark, PIXELS_MAX},
};
use ahead::ahead;
use range::{Bit, Coder, Decoder, Encoder, Number, class};

/// So many knots of a stroke that is not done are worth a message of their own: some forty bytes.
pub const WORTH_TELLING: usize = 16;
/// Most deeds of one message.
pub const DEEDS_MAX: usize = 64;
/// As much work as so many of the largest marks is the most for one message.
const MARKS_MAX: u64 = 3;
/// Bits of a whole pixel's place on the largest paper.
const PLACE_BITS: u32 = (SIDE_MAX - 1).ilog2() + 1;
/// Colours that are told by their place in a list, the last used first.
const COLOURS: usize = 8;

/// Why a message could not be read. Its stream is lost with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the strokes end in the middle")]
    Short,
    #[error("there are more strokes than allowed, or one is longer or wider")]
    Large,
}

/// One end's writing half.
#[derive(Debug, Clone, Default)]
pub struct Writer(Told);

/// One end's reading half.
#[derive(Debug, Clone, Default)]
pub struct Reader(Told);

/// What was told so far, and what is therefore expected.
#[derive(Debug, Clone)]
struct Told {
    brush: Brush,
    colours: [[u8; 3]; COLOURS],
    /// The last sample of the last mark, in steps.
    last: [i32; 3],
    /// Knots of the stroke that was told last if it is under way: in steps, and whether it has a corner there.
    begun: Vec<([i32; 3], bool)>,
    /// How many of its last knots are others when it is told again.
    others: Number,
    another: Bit,
    is_mark: Bit,
    is_fill: Bit,
    under_way: Bit,
    same_brush: Bit,
    eraser: [Bit; 2],
    same_size: Bit,
    known_colour: Bit,
    pressed: [Bit; 2],
    goes_on: [Bit; 4],
    /// After a smooth knot, and after a corner.
    corner: [Bit; 2],
    begins: [Number; 2],
    first: [Number; 2],
    across: [Number; 5],
    down: [Number; 5],
    pressure: Number,
    was_pressed: bool,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            brush: Brush::of_size_steps(24, [0; 3], false),
            colours: [[0; 3]; COLOURS],
            last: [512, 512, 8],
            begun: Vec::new(),
            others: Number::about(3),
            another: Bit::new(230),
            is_mark: Bit::new(20),
            is_fill: Bit::new(128),
            under_way: Bit::new(230),
            same_brush: Bit::new(60),
            eraser: [Bit::new(240), Bit::new(40)],
            same_size: Bit::new(80),
            known_colour: Bit::new(100),
            pressed: [Bit::new(240), Bit::new(16)],
            goes_on: [Bit::new(20), Bit::new(60), Bit::new(60), Bit::new(40)],
            corner: [Bit::new(200), Bit::new(120)],
            begins: [const { Number::about(8) }; 2],
            first: [const { Number::about(5) }; 2],
            across: [const { Number::about(4) }; 5],
            down: [const { Number::about(4) }; 5],
            pressure: Number::about(1),
            was_pressed: false,
        }
    }
}

impl Writer {
    /// Deeds as one message, [`DEEDS_MAX`] at most.
    pub fn write(&mut self, deeds: &[Deed]) -> Vec<u8> {
        let mut coder = Encoder::default();
        for (n, deed) in deeds.iter().enumerate() {
            self.0.deed(&mut coder, Some(deed));
            coder.bit(&mut self.0.another, n + 1 < deeds.len());
        }
        coder.finish()
    }
}

impl Reader {
    /// The deeds of the next message.
    ///
    /// # Errors
    /// If it is no message, or one that nobody should have to carry out.
    pub fn read(&mut self, message: &[u8]) -> Result<Vec<Deed>, Unreadable> {
        let mut coder = Decoder::new(message);
        let (mut deeds, mut pixels) = (Vec::new(), 0);
        loop {
            let deed = self.0.deed(&mut coder, None);
            if coder.is_past_end() {
                return Err(Unreadable::Short);
            }
            let deed = deed.ok_or(Unreadable::Large)?;
            pixels += deed.pixels();
            if deeds.len() == DEEDS_MAX || pixels > MARKS_MAX * PIXELS_MAX {
                return Err(Unreadable::Large);
            }
            deeds.push(deed);
            if !coder.bit(&mut self.0.another, false) {
                return Ok(deeds);
            }
        }
    }
}

impl Told {
    /// Tells `deed`, or hears one. None if what was heard is too large.
    fn deed(&mut self, coder: &mut impl Coder, deed: Option<&Deed>) -> Option<Deed> {
        let mark = match deed {
            Some(Deed::Mark(mark) | Deed::UnderWay(mark)) => Some(mark),
            _ => None,
        };
        if coder.bit(&mut self.is_mark, mark.is_some()) {
            let under_way = matches!(deed, Some(Deed::UnderWay(_)));
            let under_way = coder.bit(&mut self.under_way, under_way);
            let mark = self.mark(coder, mark)?;
            if !under_way {
                return Some(Deed::Mark(mark));
            }
            self.begun = knots(&mark).collect();
            return Some(Deed::UnderWay(mark));
        }
        self.begun.clear();
        let fill = match deed {
            Some(Deed::Fill(fill)) => Some(*fill),
            _ => None,
        };
        if coder.bit(&mut self.is_fill, fill.is_some()) {
            return Some(Deed::Fill(self.fill(coder, fill)));
        }
        let kinds = [Deed::Undo, Deed::Redo, Deed::Clear, Deed::Abort];
        let which = deed.and_then(|deed| kinds.iter().position(|kind| kind == deed)).unwrap_or(0);
        Some(kinds[coder.bits(2, which as u32) as usize].clone())
    }

    fn mark(&mut self, coder: &mut impl Coder, mark: Option<&Mark>) -> Option<Mark> {
        let wanted: Option<Vec<_>> = mark.map(|mark| knots(mark).collect());
        let brush = mark.map_or(self.brush, Mark::brush);
        let (mut heard, mut corners) = self.same(coder, brush, wanted.as_deref());
        let same = heard.len();
        let brush = if same == 0 { self.brush(coder, brush) } else { self.brush };
        let pressed = wanted.as_ref().is_some_and(|knots| knots.iter().any(|(step, _)| step[2] != MIDDLE));
        let pressed = coder.bit(&mut self.pressed[usize::from(self.was_pressed)], pressed);
        self.was_pressed = pressed;
        // Residuals of the sample before.
        let mut before = [0; 2];
        loop {
            let n = heard.len();
            let last = wanted.as_ref().is_some_and(|knots| knots.len() == n);
            if n > 0 && !coder.bit(&mut self.goes_on[(n - 1).min(3)], !last) {
                break;
            }
            if n == KNOTS_MAX {
                return None;
            }
            // The first is none, and it is known of those that are the same.
            if n > same.max(1) {
                let corner = wanted.as_ref().is_some_and(|knots| knots[n - 1].1);
                corners[n - 1] = coder.bit(&mut self.corner[usize::from(corners[n - 2])], corner);
            }
            let place = wanted.as_ref().map_or([0; 3], |knots| knots[n].0);
            heard.push(self.sample(coder, &heard, place, pressed, &mut before));
            corners.push(false);
        }
        // The last is none.
        *corners.last_mut()? = false;
        self.last = *heard.last()?;
        let knot = |(steps, corner)| Knot { sample: Sample::of_steps(steps, brush), corner };
        Mark::new(brush, heard.into_iter().zip(corners).map(knot).collect())
    }

    /// The first knots of a stroke with that brush, as far as they are those of the stroke under way: places, and where
    /// there are corners.
    fn same(
        &mut self,
        coder: &mut impl Coder,
        brush: Brush,
        wanted: Option<&[([i32; 3], bool)]>,
    ) -> (Vec<[i32; 3]>, Vec<bool>) {
        let mut begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            let wanted = wanted.filter(|_| brush == self.brush).unwrap_or_default();
            let same = begun.iter().zip(wanted).take_while(|(begun, wanted)| begun == wanted).count();
            let others = self.others.pass(coder, (begun.len() - same) as i32);
            begun.truncate(begun.len().saturating_sub(others.unsigned_abs() as usize));
        }
        begun.into_iter().unzip()
    }

    /// One sample behind those before it: where they lead, and what is off.
    fn sample(
        &mut self,
        coder: &mut impl Coder,
        before: &[[i32; 3]],
        wanted: [i32; 3],
        pressed: bool,
        off: &mut [i32; 2],
    ) -> [i32; 3] {
        let (guess, across, down) = match *before {
            [] => {
                let [x, y] = &mut self.begins;
                (self.last, x, Err(y))
            }
            [only] => {
                let [x, y] = &mut self.first;
                (only, x, Err(y))
            }
            [.., b] => {
                let [x, y] = ahead(before);
                ([x, y, b[2]], &mut self.across[class(off[0].abs().max(off[1].abs()))], Ok(&mut self.down))
            }
        };
        let x = across.pass(coder, within(wanted[0] - guess[0]));
        let down = match down {
            Ok(by_class) => &mut by_class[class(x)],
            Err(one) => one,
        };
        let y = down.pass(coder, within(wanted[1] - guess[1]));
        *off = [x, y];
        let pressure = match pressed {
            true => guess[2] + self.pressure.pass(coder, wanted[2] - guess[2]),
            false => MIDDLE,
        };
        [bound(guess[0] + x), bound(guess[1] + y), pressure.clamp(0, 2 * MIDDLE)]
    }

    fn brush(&mut self, coder: &mut impl Coder, wanted: Brush) -> Brush {
        if coder.bit(&mut self.same_brush, wanted == self.brush) {
            return self.brush;
        }
        let eraser = coder.bit(&mut self.eraser[usize::from(self.brush.eraser)], wanted.eraser);
        let (own, size) = (self.brush.size_steps(), wanted.size_steps());
        let size = if coder.bit(&mut self.same_size, size == own) { own } else { coder.bits(12, size) };
        let colour = self.colour(coder, wanted.colour);
        self.brush = Brush::of_size_steps(size, colour, eraser);
        self.brush
    }

    fn fill(&mut self, coder: &mut impl Coder, fill: Option<Fill>) -> Fill {
        let wanted = fill.unwrap_or(Fill { x: 0, y: 0, colour: self.colours[0] });
        let (x, y) = (coder.bits(PLACE_BITS, wanted.x.into()), coder.bits(PLACE_BITS, wanted.y.into()));
        Fill { x: x as u16, y: y as u16, colour: self.colour(coder, wanted.colour) }
    }

    fn colour(&mut self, coder: &mut impl Coder, wanted: [u8; 3]) -> [u8; 3] {
        let place = self.colours.iter().position(|colour| *colour == wanted);
        let place = if coder.bit(&mut self.known_colour, place.is_some()) {
            coder.bits(3, place.unwrap_or(0) as u32) as usize
        } else {
            let [_, r, g, b] = coder.bits(24, u32::from_be_bytes(packed(wanted))).to_be_bytes();
            self.colours[COLOURS - 1] = [r, g, b];
            COLOURS - 1
        };
        self.colours[..=place].rotate_right(1);
        self.colours[0]
    }
}

/// Steps of a pressure that nobody reports.
const MIDDLE: i32 = 8;

/// The knots of a stroke in steps of its grid, and where it has corners.
fn knots(mark: &Mark) -> impl Iterator<Item = ([i32; 3], bool)> + '_ {
    mark.steps().zip(mark.knots().iter().map(|knot| knot.corner))
}

fn packed([r, g, b]: [u8; 3]) -> [u8; 4] {
    [0, r, g, b]
}

/// What a number can tell; only a decoder's placeholder is ever beyond.
fn within(value: i32) -> i32 {
    value.clamp(-32_767, 32_767)
}

/// The grid's own bounds, which a hostile sum could leave.
fn bound(value: i32) -> i32 {
    value.clamp(-8_192, 8_192)
}
