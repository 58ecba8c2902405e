//! Quantised latents as few bytes: what a preview's payload is.
//!
//! As in Weinberger, Seroussi and Sapiro, "The LOCO-I lossless image compression algorithm" (JPEG-LS), 2000: each
//! value is guessed from its neighbours by the median edge detector, and what is off is told by an adaptive
//! Golomb-Rice code. Only the upper six of eight bits travel: 50 dB, where the colour that a browser makes of
//! latents is within some 30 dB of the decoded picture.

/// Values that travel: 0 to 63.
const LEVELS: i32 = 64;
/// Low bits that do not.
const DROPPED: u32 = 2;
/// As many ones in a row say that a value follows as it is, in [`PLAIN_BITS`].
const ONES_MAX: u32 = 12;
const PLAIN_BITS: u32 = 6;
/// What was seen is halved at so many, so that the old counts less.
const REMEMBERED: u32 = 24;

/// Codes planes of `width` columns, one after the other, rows from the top.
///
/// # Panics
/// If `width` is 0 or `planes` are not whole rows of whole planes.
pub fn encode(planes: &[u8], width: usize, height: usize) -> Vec<u8> {
    assert_eq!(planes.len() % (width * height), 0, "whole planes");
    let mut bits = Writer::default();
    let mut spreads = [Spread::default(); CLASSES];
    let mut done = Vec::with_capacity(width * height);
    for plane in planes.chunks_exact(width * height) {
        done.clear();
        for value in plane {
            let value = i32::from(value >> DROPPED);
            let (guess, class) = around(&done, width);
            spreads[class].encode(value - guess, &mut bits);
            done.push(value);
        }
    }
    bits.finish()
}

/// The planes again, each value within 2 of what it was; none if `coded` ends too early.
pub fn decode(coded: &[u8], channels: usize, width: usize, height: usize) -> Option<Vec<u8>> {
    let mut bits = Reader { bytes: coded, at: 0 };
    let mut spreads = [Spread::default(); CLASSES];
    let mut planes = Vec::with_capacity(channels * width * height);
    let mut done = Vec::with_capacity(width * height);
    for _ in 0..channels {
        done.clear();
        for _ in 0..width * height {
            let (guess, class) = around(&done, width);
            done.push((guess + spreads[class].decode(&mut bits)?).rem_euclid(LEVELS));
        }
        planes.extend(done.iter().map(|value| (*value as u8) << DROPPED | 1 << (DROPPED - 1)));
    }
    Some(planes)
}

/// How uneven it is around a value decides by what its kind was off so far.
const CLASSES: usize = 4;

/// The guess for the next value behind `done`, and its class.
fn around(done: &[i32], width: usize) -> (i32, usize) {
    let at = done.len();
    match (at.is_multiple_of(width), at < width) {
        (true, true) => (LEVELS / 2, 0),
        (true, false) => (done[at - width], 0),
        (false, true) => (done[at - 1], 0),
        (false, false) => {
            let (left, above, corner) = (done[at - 1], done[at - width], done[at - width - 1]);
            let guess = (left + above - corner).clamp(left.min(above), left.max(above));
            let uneven = (left - corner).abs() + (above - corner).abs();
            (
                guess,
                match uneven {
                    0..=1 => 0,
                    2..=4 => 1,
                    5..=9 => 2,
                    _ => 3,
                },
            )
        }
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
    fn low(self) -> u32 {
        (0..PLAIN_BITS).find(|low| self.count << low >= self.sum).unwrap_or(PLAIN_BITS)
    }

    fn learn(&mut self, folded: u32) {
        self.sum += folded;
        self.count += 1;
        if self.count == REMEMBERED {
            (self.sum, self.count) = (self.sum / 2, self.count / 2);
        }
    }

    fn encode(&mut self, off: i32, bits: &mut Writer) {
        // Modulo the levels it is nearest to 0; then 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
        let off = (off + LEVELS / 2).rem_euclid(LEVELS) - LEVELS / 2;
        let folded = if off < 0 { (-2 * off - 1) as u32 } else { (2 * off) as u32 };
        let low = self.low();
        let ones = folded >> low;
        if ones < ONES_MAX {
            bits.put(ones + 1, (1 << (ones + 1)) - 2);
            bits.put(low, folded & ((1 << low) - 1));
        } else {
            bits.put(ONES_MAX, (1 << ONES_MAX) - 1);
            bits.put(PLAIN_BITS, folded);
        }
        self.learn(folded);
    }

    fn decode(&mut self, bits: &mut Reader<'_>) -> Option<i32> {
        let low = self.low();
        let mut ones = 0;
        while ones < ONES_MAX && bits.get(1)? == 1 {
            ones += 1;
        }
        let folded = match ones {
            ONES_MAX => bits.get(PLAIN_BITS)?,
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
        let coded = encode(planes, width, height);
        let heard = decode(&coded, channels, width, height).expect("all of it is there");
        assert_eq!(heard.len(), planes.len());
        assert!(heard.iter().zip(planes).all(|(heard, told)| heard.abs_diff(*told) <= 2));
        assert_eq!(decode(&coded[..coded.len() - 1], channels, width, height), None);
        coded.len()
    }

    #[test]
    fn what_is_smooth_costs_little_and_noise_no_more_than_it_is() {
        let smooth: Vec<u8> = (0..4096).map(|n| (60 + n % 32 * 3 + n / 32 % 32) as u8).collect();
        assert!(told_and_heard(&smooth, 4, 32, 32) < 1_000);
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let noise: Vec<u8> = (0..4096).map(|_| noise()).collect();
        assert!(told_and_heard(&noise, 4, 32, 32) < 4_000);
        told_and_heard(&noise[..15], 1, 5, 3);
        told_and_heard(&[0, 255, 0, 255, 255, 0], 3, 2, 1);
    }

    #[test]
    fn what_is_no_code_is_heard_as_nothing_or_something_of_the_right_size() {
        for byte in 0..=255 {
            let heard = decode(&[byte; 600], 4, 16, 16);
            assert!(heard.is_none_or(|planes| planes.len() == 1024));
        }
        assert_eq!(decode(&[], 4, 32, 32), None);
    }
}
