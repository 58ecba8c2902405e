//! Quantised latents as few bytes: what a preview's payload is.
//!
//! As in Weinberger, Seroussi and Sapiro, "The LOCO-I lossless image compression algorithm" (JPEG-LS), 2000: each
//! value is guessed from its neighbours by the median edge detector, and what is off is told by an adaptive
//! Golomb-Rice code. Told as the difference to a preview that the other end has, the guess is the median of that one, of what
//! was there before and of that moved as the neighbours moved: good where the picture stands, and where it does not.
//! Only the upper bits travel. Six are 50 dB, where the colour that a browser makes of latents is within some 30 dB of the
//! decoded picture; four are 38 dB.

/// Bits of a value that travel, as a rule.
pub const FINE: u8 = 6;
/// Bits of a value that travel where the link has no room for more.
pub const COARSE: u8 = 4;
/// As many ones in a row say that a value follows as it is.
const ONES_MAX: u32 = 12;
/// What was seen is halved at so many, so that the old counts less.
const REMEMBERED: u32 = 24;

/// Codes planes of `width` columns, one after the other, rows from the top; the first byte says how many `bits` of a
/// value travel. `base` is what the other end has, if this is to be the difference to it: told with as many bits or more.
///
/// # Panics
/// If `width` is 0, `planes` are not whole rows of whole planes, `base` is of another size or `bits` are not [`FINE`] or [`COARSE`].
pub fn encode(planes: &[u8], base: Option<&[u8]>, width: usize, height: usize, bits: u8) -> Vec<u8> {
    assert_eq!(planes.len() % (width * height), 0, "whole planes");
    assert!(base.is_none_or(|base| base.len() == planes.len()), "a base of another size");
    let depth = Depth::new(bits).expect("so many bits are never told");
    let mut out = Writer::default();
    out.put(8, bits.into());
    let mut spreads = [Spread::default(); CLASSES];
    let mut done = Vec::with_capacity(width * height);
    for (at, plane) in planes.chunks_exact(width * height).enumerate() {
        let before = base.map(|base| &base[at * plane.len()..]);
        done.clear();
        for value in plane {
            let (guess, class) = depth.guess(&done, before, width);
            let value = depth.cut(*value);
            spreads[class].encode(value - guess, depth, &mut out);
            done.push(value);
        }
    }
    out.finish()
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
    let area = width * height;
    if base.is_some_and(|base| base.len() != channels * area) {
        return None;
    }
    let mut bits = Reader { bytes: rest, at: 0 };
    let mut spreads = [Spread::default(); CLASSES];
    let mut planes = Vec::with_capacity(channels * area);
    let mut done = Vec::with_capacity(area);
    for at in 0..channels {
        let before = base.map(|base| &base[at * area..]);
        done.clear();
        for _ in 0..area {
            let (guess, class) = depth.guess(&done, before, width);
            done.push((guess + spreads[class].decode(depth, &mut bits)?).rem_euclid(depth.levels()));
        }
        planes.extend(done.iter().map(|value| depth.whole(*value)));
    }
    Some(planes)
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

    fn cut(self, value: u8) -> i32 {
        i32::from(value >> (8 - self.0))
    }

    /// What a cut value stands for.
    fn whole(self, cut: i32) -> u8 {
        (cut as u8) << (8 - self.0) | 1 << (7 - self.0)
    }

    /// The guess for the next value behind `done`, and its class. `before` is the same plane as it was.
    fn guess(self, done: &[i32], before: Option<&[u8]>, width: usize) -> (i32, usize) {
        let at = done.len();
        let inside = !at.is_multiple_of(width) && at >= width;
        let Some(before) = before else {
            return match (at % width, inside) {
                (_, true) => (edge(done, width), class(uneven(done, width))),
                (0, _) if at == 0 => (self.levels() / 2, 0),
                (0, _) => (done[at - width], 0),
                _ => (done[at - 1], 0),
            };
        };
        let was = self.cut(before[at]);
        let moved = |at: usize| done[at] - self.cut(before[at]);
        let left = if at.is_multiple_of(width) { 0 } else { moved(at - 1) };
        let above = if at < width { 0 } else { moved(at - width) };
        let around = if inside { edge(done, width) } else { was };
        let along = was + (left + above) / 2;
        let middle = around.clamp(was.min(along), was.max(along));
        (middle, class(left.abs() + above.abs() + (around - was).abs()))
    }
}

/// The median edge detector: what the left, upper and upper left neighbours of the next value make likely.
fn edge(done: &[i32], width: usize) -> i32 {
    let (left, above, corner) = neighbours(done, width);
    (left + above - corner).clamp(left.min(above), left.max(above))
}

fn uneven(done: &[i32], width: usize) -> i32 {
    let (left, above, corner) = neighbours(done, width);
    (left - corner).abs() + (above - corner).abs()
}

fn neighbours(done: &[i32], width: usize) -> (i32, i32, i32) {
    let at = done.len();
    (done[at - 1], done[at - width], done[at - width - 1])
}

/// How uneven it is around a value decides by what its kind was off so far.
const CLASSES: usize = 4;

fn class(uneven: i32) -> usize {
    match uneven {
        0..=1 => 0,
        2..=4 => 1,
        5..=9 => 2,
        _ => 3,
    }
}

/// How far guesses of one class were off.
#[derive(Debug, Clone, Copy)]
struct Spread {
    sum: u32,
    count: u32,
}

impl Default for Spread {
    fn default() -> Self {
        Self { sum: 4, count: 1 }
    }
}

impl Spread {
    /// Low bits that are told as they are.
    fn low(self, depth: Depth) -> u32 {
        (0..depth.0).find(|low| self.count << low >= self.sum).unwrap_or(depth.0)
    }

    fn learn(&mut self, folded: u32) {
        self.sum += folded;
        self.count += 1;
        if self.count == REMEMBERED {
            (self.sum, self.count) = (self.sum / 2, self.count / 2);
        }
    }

    fn encode(&mut self, off: i32, depth: Depth, bits: &mut Writer) {
        // Modulo the levels it is nearest to 0; then 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
        let half = depth.levels() / 2;
        let off = (off + half).rem_euclid(depth.levels()) - half;
        let folded = if off < 0 { (-2 * off - 1) as u32 } else { (2 * off) as u32 };
        let low = self.low(depth);
        let ones = folded >> low;
        if ones < ONES_MAX {
            bits.put(ones + 1, (1 << (ones + 1)) - 2);
            bits.put(low, folded & ((1 << low) - 1));
        } else {
            bits.put(ONES_MAX, (1 << ONES_MAX) - 1);
            bits.put(depth.0, folded);
        }
        self.learn(folded);
    }

    fn decode(&mut self, depth: Depth, bits: &mut Reader<'_>) -> Option<i32> {
        let low = self.low(depth);
        let mut ones = 0;
        while ones < ONES_MAX && bits.get(1)? == 1 {
            ones += 1;
        }
        let folded = match ones {
            ONES_MAX => bits.get(depth.0)?,
            _ => ones << low | bits.get(low)?,
        };
        self.learn(folded);
        let half = (folded / 2) as i32;
        Some(if folded % 2 == 1 { -half - 1 } else { half })
    }
}

/// Bits from the high end of each byte on.
#[derive(Debug, Default)]
struct Writer {
    bytes: Vec<u8>,
    waiting: u64,
    count: u32,
}

impl Writer {
    fn put(&mut self, count: u32, value: u32) {
        self.waiting = self.waiting << count | u64::from(value);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.waiting >> self.count) as u8);
        }
    }

    /// The last byte is filled with zeros.
    fn finish(mut self) -> Vec<u8> {
        self.put((8 - self.count) % 8, 0);
        self.bytes
    }
}

#[derive(Debug)]
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn get(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_and_heard(planes: &[u8], channels: usize, width: usize, height: usize) -> usize {
        let coded = encode(planes, None, width, height, FINE);
        let heard = decode(&coded, None, channels, width, height).expect("all of it is there");
        assert_eq!(heard.len(), planes.len());
        assert!(heard.iter().zip(planes).all(|(heard, told)| heard.abs_diff(*told) <= 2));
        assert_eq!(decode(&coded[..coded.len() - 1], None, channels, width, height), None);
        coded.len()
    }

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
