//! Quantised latents as few bytes: what a preview's payload is.
//!
//! As in Weinberger, Seroussi and Sapiro, "The LOCO-I lossless image compression algorithm" (JPEG-LS), 2000: each
//! value is guessed from its neighbours by the median edge detector, and what is off is told by how far guesses like it were off.
//! Told as the difference to a preview that the other end has, the guess is the median of that one, of what
//! was there before and of that moved as the neighbours moved: good where the picture stands, and where it does not.
//! Only the upper bits travel. Six are 50 dB, where the colour that a browser makes of latents is within some 30 dB of the
//! decoded picture; four are 38 dB.

use range::{Coder, Decoder, Encoder, Shares};
use std::sync::LazyLock;

/// Bits of a value that travel, as a rule.
pub const FINE: u8 = 6;
/// Bits of a value that travel where the link has no room for more.
pub const COARSE: u8 = 4;

/// Codes planes of `width` columns, one after the other, rows from the top; the first byte says how many `bits` of a
/// value travel. `base` is what the other end has, if this is to be the difference to it: told with as many bits or more.
///
/// # Panics
/// If `width` is 0, `planes` are not whole rows of whole planes, `base` is of another size or `bits` are not [`FINE`] or [`COARSE`].
pub fn encode(planes: &[u8], base: Option<&[u8]>, width: usize, height: usize, bits: u8) -> Vec<u8> {
    assert_eq!(planes.len() % (width * height), 0, "whole planes");
    assert!(base.is_none_or(|base| base.len() == planes.len()), "a base of another size");
    let depth = Depth::new(bits).expect("so many bits are never told");
    let mut coder = Encoder::default();
    pass(&mut coder, depth, Some(planes), base, planes.len(), (width, height));
    let mut out = vec![bits];
    out.extend(coder.finish());
    out
}

/// Whether planes are likely to be shorter as the difference to `base` than whole: by how far they are from it, and each
/// value from its left neighbour. Of a thousand previews of the shipped model it chose as well as trying both, to a
/// thousandth of the bytes.
pub fn are_near(planes: &[u8], base: &[u8]) -> bool {
    let off = |others: &[u8]| -> u64 {
        planes.iter().zip(others).map(|(value, other)| u64::from(value.abs_diff(*other))).sum()
    };
    10 * off(base) < 13 * off(planes.get(1..).unwrap_or_default())
}

/// The planes again, each value in the middle of those that are told alike; none if `coded` ends too early or is of
/// another kind, or `base`, what it was told as the difference to, of another size.
pub fn decode(
    coded: &[u8],
    base: Option<&[u8]>,
    channels: usize,
    width: usize,
    height: usize,
) -> Option<Vec<u8>> {
    let (bits, rest) = coded.split_first()?;
    let depth = Depth::new(*bits)?;
    let count = channels * width * height;
    if base.is_some_and(|base| base.len() != count) {
        return None;
    }
    let mut coder = Decoder::new(rest);
    let planes = pass(&mut coder, depth, None, base, count, (width, height));
    let is_whole = !Coder::is_past_end(&coder);
    is_whole.then(|| planes.into_iter().map(|value| depth.whole(value)).collect())
}

/// Tells `count` values of planes, or hears them; both ways it gives the bits that travel.
fn pass(
    coder: &mut impl Coder,
    depth: Depth,
    told: Option<&[u8]>,
    base: Option<&[u8]>,
    count: usize,
    (width, height): (usize, usize),
) -> Vec<u8> {
    let all_shares = depth.shares();
    let mut spreads: [Spread; CLASSES] = std::array::from_fn(Spread::at_first);
    // How far guesses were off: of this plane up to here, of the one before from here on.
    let mut off = vec![0; width * height];
    let mut planes = vec![0; count];
    for (n, done) in planes.chunks_exact_mut(width * height).enumerate() {
        let plane = n * width * height..(n + 1) * width * height;
        let (told, base) = (told.map(|told| &told[plane.clone()]), base.map(|base| &base[plane]));
        for y in 0..height {
            for x in 0..width {
                let at = y * width + x;
                let (guess, uneven) = Around { done, base, width, x, at }.guess(depth);
                let left = if x > 0 { off[at - 1] } else { 0 };
                let above = if y > 0 { off[at - width] } else { 0 };
                let spread = &mut spreads[class(uneven + left + above + off[at] + off[at] / 2)];
                let wanted = told.map_or(0, |told| depth.near(i32::from(depth.cut(told[at])) - guess));
                let heard = unfold(coder.symbol(&all_shares[spread.scale()], fold(wanted)));
                off[at] = heard.abs();
                spread.learn(heard.unsigned_abs());
                done[at] = depth.within(guess + heard) as u8;
            }
        }
        if coder.is_past_end() {
            break;
        }
    }
    planes
}

/// 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
fn fold(off: i32) -> usize {
    if off < 0 { (-2 * off - 1) as usize } else { (2 * off) as usize }
}

fn unfold(folded: usize) -> i32 {
    let half = (folded / 2) as i32;
    if folded % 2 == 1 { -half - 1 } else { half }
}

/// How many of a value's bits are told.
#[derive(Debug, Clone, Copy)]
struct Depth(u32);

impl Depth {
    fn new(bits: u8) -> Option<Self> {
        [FINE, COARSE].contains(&bits).then_some(Self(bits.into()))
    }

    fn levels(self) -> i32 {
        1 << self.0
    }

    fn cut(self, value: u8) -> u8 {
        value >> (8 - self.0)
    }

    /// What a cut value stands for.
    fn whole(self, cut: u8) -> u8 {
        cut << (8 - self.0) | 1 << (7 - self.0)
    }

    /// The number that is nearest to 0, modulo the levels.
    fn near(self, off: i32) -> i32 {
        let half = self.levels() / 2;
        self.within(off + half) - half
    }

    /// Modulo the levels.
    fn within(self, value: i32) -> i32 {
        value & (self.levels() - 1)
    }

    /// How likely each folded number is, by the scale of those before.
    fn shares(self) -> &'static [Shares; SCALES] {
        static OF_DEPTHS: LazyLock<[[Shares; SCALES]; 2]> =
            LazyLock::new(|| [FINE, COARSE].map(|bits| RATIOS.map(|ratio| geometric(ratio, 1 << bits))));
        let [fine, coarse] = &*OF_DEPTHS;
        if self.0 == u32::from(FINE) { fine } else { coarse }
    }
}

/// What is known around a value.
struct Around<'a> {
    /// Its plane, in the bits that travel, of which all before it are there.
    done: &'a [u8],
    /// The same plane as it was.
    base: Option<&'a [u8]>,
    width: usize,
    /// Its column, and its place in the plane.
    x: usize,
    at: usize,
}

impl Around<'_> {
    /// Its likely value, and how uneven it is there.
    fn guess(&self, depth: Depth) -> (i32, i32) {
        let &Self { done, width, x, at, .. } = self;
        let there = |at: usize| i32::from(done[at]);
        let inside = x > 0 && at >= width;
        let corners = inside.then(|| (there(at - 1), there(at - width), there(at - width - 1)));
        let edge = corners.map(|(left, above, corner)| {
            let edge = (left + above - corner).clamp(left.min(above), left.max(above));
            (edge, (left - corner).abs() + (above - corner).abs())
        });
        let Some(base) = self.base else {
            let beside = match x {
                0 => at.checked_sub(width).map(there),
                _ => Some(there(at - 1)),
            };
            return edge.unwrap_or((beside.unwrap_or(depth.levels() / 2), 0));
        };
        let before = |at: usize| i32::from(depth.cut(base[at]));
        let was = before(at);
        let left = if x > 0 { there(at - 1) - before(at - 1) } else { 0 };
        let above = if at >= width { there(at - width) - before(at - width) } else { 0 };
        let edge = edge.map_or(was, |(edge, _)| edge);
        let moved = was + (left + above) / 2;
        let middle = edge.clamp(was.min(moved), was.max(moved));
        (middle, left.abs() + above.abs() + (edge - was).abs())
    }
}

/// How uneven it is around a value, and how far guesses near it were off, decides by what its kind was off so far.
const CLASSES: usize = 6;

fn class(uneven: i32) -> usize {
    match uneven {
        0 => 0,
        1..=2 => 1,
        3..=4 => 2,
        5..=9 => 3,
        10..=16 => 4,
        _ => 5,
    }
}

/// What was seen is halved at so many, so that the old counts less.
const REMEMBERED: u32 = 32;

/// How far guesses of one class were off.
#[derive(Debug, Clone, Copy)]
struct Spread {
    sum: u32,
    count: u32,
}

impl Spread {
    fn at_first(class: usize) -> Self {
        Self { sum: class as u32 + 1, count: 2 }
    }

    /// Which of [`RATIOS`] they follow: four for each doubling of what they were off in the mean, from an eighth on.
    fn scale(self) -> usize {
        let mean = (32 * self.sum / self.count).max(4);
        let doublings = mean.ilog2() - 2;
        (4 * doublings + (mean >> doublings & 3)) as usize
    }

    fn learn(&mut self, off: u32) {
        self.sum += off;
        self.count += 1;
        if self.count == REMEMBERED {
            (self.sum, self.count) = (self.sum.div_ceil(2), self.count / 2);
        }
    }
}

const SCALES: usize = 33;
/// How much less likely it is to be off by one more, in 65,536ths, for numbers that are off by `m` in the mean:
/// `(sqrt(1 + m * m) - 1) / m` (Golomb's numbers, to both sides), `m` in the middle of its scale.
const RATIOS: [u16; SCALES] = [
    4_585, 5_591, 6_589, 7_577, 9_041, 10_950, 12_804, 14_598, 17_167, 20_355, 23_268, 25_916, 29_430,
    33_373, 36_621, 39_322, 42_590, 45_903, 48_403, 50_350, 52_571, 54_695, 56_225, 57_378, 58_658, 59_848,
    60_688, 61_312, 61_996, 62_625, 63_064, 63_388, 63_741,
];

/// The shares of so many folded numbers.
fn geometric(ratio: u16, levels: usize) -> Shares {
    let less = |weight: &u32| Some(((u64::from(*weight) * u64::from(ratio)) >> 16) as u32);
    let weights: Vec<u32> = std::iter::successors(Some(1 << 16), less).take(levels / 2 + 1).collect();
    let folded: Vec<u32> = (0..levels).map(|n| weights[n.div_ceil(2)]).collect();
    Shares::of(&folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_and_heard(planes: &[u8], channels: usize, width: usize, height: usize) -> usize {
        let coded = encode(planes, None, width, height, FINE);
        let heard = decode(&coded, None, channels, width, height).expect("all of it is there");
        assert_eq!(heard.len(), planes.len());
        assert!(heard.iter().zip(planes).all(|(heard, told)| heard.abs_diff(*told) <= 2));
        if coded.len() > 20 {
            assert_eq!(decode(&coded[..coded.len() / 2], None, channels, width, height), None);
        }
        coded.len()
    }

    const WHOLE: [u8; 41] = [
        6, 255, 252, 153, 195, 166, 169, 175, 13, 124, 20, 82, 166, 137, 126, 108, 208, 110, 162, 238, 48,
        232, 183, 191, 230, 65, 32, 94, 110, 253, 252, 171, 188, 87, 30, 222, 231, 155, 154, 180, 72,
    ];
    const DIFFERENCE: [u8; 15] = [6, 85, 23, 0, 237, 115, 93, 19, 250, 1, 45, 168, 248, 214, 139];
    const SHORT: [u8; 28] = [
        4, 255, 249, 153, 166, 25, 126, 59, 67, 17, 189, 33, 218, 192, 185, 84, 112, 60, 55, 245, 228, 241,
        242, 9, 101, 150, 64, 120,
    ];

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(|_| byte()).collect()
    }

    #[test]
    fn what_is_smooth_costs_little_and_noise_no_more_than_it_is() {
        let smooth: Vec<u8> = (0..4096).map(|n| (60 + n % 32 * 3 + n / 32 % 32) as u8).collect();
        assert!(told_and_heard(&smooth, 4, 32, 32) < 1_000);
        let noise = noise(4096);
        assert!(told_and_heard(&noise, 4, 32, 32) < 4_000);
        told_and_heard(&noise[..15], 1, 5, 3);
        told_and_heard(&[0, 255, 0, 255, 255, 0], 3, 2, 1);
    }

    #[test]
    fn other_clients_are_told_what_is_told_here() {
        let planes: Vec<u8> = (0..48).map(|n: u8| n.wrapping_mul(n).wrapping_mul(3) ^ (n << 2)).collect();
        let base: Vec<u8> = planes.iter().map(|value| value.wrapping_add(value % 7)).collect();
        assert_eq!(encode(&planes, None, 6, 4, FINE), WHOLE);
        assert_eq!(encode(&planes, Some(&base), 6, 4, FINE), DIFFERENCE);
        assert_eq!(encode(&planes, None, 6, 4, COARSE), SHORT);
        let prose: String = include_str!("../PROTOCOL.md").split_whitespace().collect();
        let ratios = RATIOS.map(|ratio| ratio.to_string()).join(",");
        assert!(prose.contains(&ratios), "PROTOCOL.md has other ratios");
    }

    #[test]
    fn a_difference_to_what_the_other_end_has_costs_what_changed() {
        let was = noise(4096);
        // A quarter of each plane moves by a little, the rest stands.
        let now: Vec<u8> = (0..4096)
            .map(|n| if n % 32 < 8 { was[n].saturating_add(9 + (n % 3) as u8 * 4) } else { was[n] })
            .collect();
        let whole = encode(&now, None, 32, 32, FINE);
        for bits in [FINE, COARSE] {
            let had = decode(&encode(&was, None, 32, 32, FINE), None, 4, 32, 32).expect("whole");
            let coded = encode(&now, Some(&was), 32, 32, bits);
            assert!(coded.len() * 5 < whole.len() * 2, "{} of {}", coded.len(), whole.len());
            let smooth: Vec<u8> = (0..4096).map(|n| (n / 16) as u8).collect();
            assert!(are_near(&now, &was) && !are_near(&smooth, &was));
            let plain = decode(&encode(&now, None, 32, 32, bits), None, 4, 32, 32);
            assert_eq!(decode(&coded, Some(&had), 4, 32, 32), plain, "told either way it is the same");
            assert_eq!(decode(&coded, Some(&had[1..]), 4, 32, 32), None);
        }
    }

    #[test]
    fn four_bits_cost_less_than_six_and_are_within_eight() {
        let smooth: Vec<u8> =
            noise(4096).iter().enumerate().map(|(n, off)| (n % 32 * 6) as u8 + off / 6).collect();
        let coded = encode(&smooth, None, 32, 32, COARSE);
        assert!(coded.len() * 3 < encode(&smooth, None, 32, 32, FINE).len() * 2);
        let heard = decode(&coded, None, 4, 32, 32).expect("all of it is there");
        assert!(heard.iter().zip(&smooth).all(|(heard, told)| heard.abs_diff(*told) <= 8));
    }

    #[test]
    fn what_is_no_code_is_heard_as_nothing_or_something_of_the_right_size() {
        for byte in 0..=255 {
            for bits in 0..=255 {
                let mut coded = [byte; 600];
                coded[0] = bits;
                let heard = decode(&coded, Some(&[200; 1024]), 4, 16, 16);
                assert!(heard.is_none_or(|planes| planes.len() == 1024));
                assert!([FINE, COARSE].contains(&bits) || decode(&coded, None, 4, 16, 16).is_none());
            }
        }
        assert_eq!(decode(&[], None, 4, 32, 32), None);
    }
}
