//! A range coder, of decisions that it learns of and of symbols that it is told of: what is likely costs a fraction of a bit.
//!
//! Martin, "Range encoding: an algorithm for removing redundancy from a digitised message", 1979, with the
//! carry of LZMA's. A message ends with the fewest bytes that say enough; what follows them is read as zeros.

mod number;
mod shares;

pub use number::{Number, class};
pub use shares::Shares;

/// Bits of a probability.
const SCALE: u32 = 16;
/// The range never falls below this, so that every probability has room in it.
const LEAST: u32 = 1 << 24;

/// How likely a 0 is, by what came before: the mean of a quick and a slow memory, which are the same at first.
#[derive(Debug, Clone, Copy)]
pub struct Bit {
    quick: u16,
    slow: u16,
    /// Bits seen, as far as they are counted.
    seen: u8,
}

/// A memory that has seen `n` bits takes this share of the next, in 65,536ths. The first of them weigh most.
static SHARES: [u16; 256] = {
    let mut shares = [0; 256];
    let mut seen = 0;
    while seen < shares.len() {
        shares[seen] = (65_536 / (seen + 6)) as u16;
        seen += 1;
    }
    shares
};
/// The least share that a quick memory and a slow one take.
const QUICK: u16 = SHARES[18];
const SLOW: u16 = SHARES[122];

impl Bit {
    /// Begins with a probability of 0 in 256ths.
    pub const fn new(zero: u8) -> Self {
        let share = (zero as u16) << 8;
        Self { quick: share, slow: share, seen: 0 }
    }

    #[inline]
    fn zero(self) -> u32 {
        u32::midpoint(self.quick.into(), self.slow.into()).clamp(64, (1 << SCALE) - 64)
    }

    #[inline]
    fn learn(&mut self, bit: bool) {
        let share = SHARES[usize::from(self.seen)];
        let step = |memory: &mut u16, share: u16| {
            let part = |whole: u16| ((u32::from(whole) * u32::from(share)) >> 16) as u16;
            if bit {
                *memory -= part(*memory);
            } else {
                *memory += part(u16::MAX - *memory);
            }
        };
        step(&mut self.quick, share.max(QUICK));
        step(&mut self.slow, share.max(SLOW));
        self.seen = self.seen.saturating_add(1);
    }
}

/// One way through the same decisions: an encoder takes each value as it is, a decoder gives it.
pub trait Coder {
    fn bit(&mut self, model: &mut Bit, value: bool) -> bool;
    /// By the mean of what two memories expect.
    fn both(&mut self, models: (&mut Bit, &mut Bit), value: bool) -> bool;
    /// One symbol of so many.
    fn symbol(&mut self, shares: &Shares, value: usize) -> usize;
    /// The low `count` bits, which are as likely one way as the other.
    fn bits(&mut self, count: u32, value: u32) -> u32;
    /// Whether it has read further beyond the end than any message has to.
    fn is_past_end(&self) -> bool;
}

/// What has a range, which each decision narrows.
trait Narrow {
    fn range(&mut self) -> &mut u32;
    /// Takes the lower part of this size for a 0, the rest for a 1: for `value`, or for what is heard.
    fn decide(&mut self, zero: u32, value: bool) -> bool;
    /// The symbol, `value` or what is heard, when a share of 1 is so much of the range.
    fn find(&self, shares: &Shares, one: u32, value: usize) -> usize;
    /// What lies below the part that is decided on.
    fn pass_over(&mut self, below: u32);
    /// One byte further.
    fn shift(&mut self);
    fn is_past_end(&self) -> bool;

    /// To the part that is decided on.
    fn narrow(&mut self, zero: u32, value: bool) -> bool {
        let bit = self.decide(zero, value);
        let range = *self.range();
        if bit {
            self.pass_over(zero);
        }
        self.narrow_to(if bit { range - zero } else { zero });
        bit
    }

    fn narrow_to(&mut self, size: u32) {
        *self.range() = size;
        while *self.range() < LEAST {
            *self.range() <<= 8;
            self.shift();
        }
    }
}

impl<T: Narrow> Coder for T {
    fn bit(&mut self, model: &mut Bit, value: bool) -> bool {
        let zero = (*self.range() >> SCALE) * model.zero();
        let bit = self.narrow(zero, value);
        model.learn(bit);
        bit
    }

    fn both(&mut self, (one, other): (&mut Bit, &mut Bit), value: bool) -> bool {
        let zero = (*self.range() >> SCALE) * u32::midpoint(one.zero(), other.zero());
        let bit = self.narrow(zero, value);
        one.learn(bit);
        other.learn(bit);
        bit
    }

    fn symbol(&mut self, shares: &Shares, value: usize) -> usize {
        let one = *self.range() >> shares::SCALE;
        let symbol = self.find(shares, one, value);
        let (from, to) = shares.part(symbol);
        self.pass_over(one * from);
        self.narrow_to(one * (to - from));
        symbol
    }

    fn bits(&mut self, count: u32, value: u32) -> u32 {
        let bit = |heard, place: u32| {
            let zero = *self.range() >> 1;
            heard << 1 | u32::from(self.narrow(zero, value >> place & 1 == 1))
        };
        (0..count).rev().fold(0, bit)
    }

    fn is_past_end(&self) -> bool {
        Narrow::is_past_end(self)
    }
}

/// Makes the bytes of a message.
#[derive(Debug)]
pub struct Encoder {
    low: u64,
    range: u32,
    bytes: Vec<u8>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { low: 0, range: u32::MAX, bytes: Vec::new() }
    }
}

impl Narrow for Encoder {
    #[inline]
    fn range(&mut self) -> &mut u32 {
        &mut self.range
    }

    #[inline]
    fn decide(&mut self, _: u32, value: bool) -> bool {
        value
    }

    #[inline]
    fn find(&self, _: &Shares, _: u32, value: usize) -> usize {
        value
    }

    #[inline]
    fn pass_over(&mut self, below: u32) {
        self.low += u64::from(below);
    }

    #[inline]
    fn shift(&mut self) {
        self.settle_carry();
        self.bytes.push((self.low >> 24) as u8);
        self.low = (self.low & 0x00FF_FFFF) << 8;
    }

    fn is_past_end(&self) -> bool {
        false
    }
}

impl Encoder {
    /// What has run over goes into the bytes that were written.
    fn settle_carry(&mut self) {
        if self.low >> 32 == 0 {
            return;
        }
        self.low &= 0xFFFF_FFFF;
        for byte in self.bytes.iter_mut().rev() {
            let (sum, over) = byte.overflowing_add(1);
            *byte = sum;
            if !over {
                return;
            }
        }
    }

    /// The message.
    pub fn finish(mut self) -> Vec<u8> {
        // The value within the range that ends with the most zeros.
        let last = self.low + u64::from(self.range) - 1;
        let shortest = (0..=32).rev().map(|zeros| last >> zeros << zeros).find(|value| *value >= self.low);
        self.low = shortest.unwrap_or(self.low);
        let sure = self.bytes.len();
        for _ in 0..4 {
            self.shift();
        }
        // Only these: zeros before them say how long the message is.
        while self.bytes.len() > sure && self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

/// Reads a message, and zeros behind it.
#[derive(Debug)]
pub struct Decoder<'a> {
    bytes: &'a [u8],
    /// Bytes read, those beyond the end included.
    read: usize,
    range: u32,
    code: u32,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { bytes, read: 0, range: u32::MAX, code: 0 };
        (0..4).for_each(|_| decoder.shift());
        decoder
    }

    /// Whether it has read all, and no further than a message has to.
    pub fn is_exhausted(&self) -> bool {
        self.read >= self.bytes.len() && !Narrow::is_past_end(self)
    }
}

impl Narrow for Decoder<'_> {
    #[inline]
    fn range(&mut self) -> &mut u32 {
        &mut self.range
    }

    #[inline]
    fn decide(&mut self, zero: u32, _: bool) -> bool {
        self.code >= zero
    }

    #[inline]
    fn find(&self, shares: &Shares, one: u32, _: usize) -> usize {
        // Beyond all shares there is a little left, where only nonsense leads.
        shares.at((self.code / one).min((1 << shares::SCALE) - 1))
    }

    #[inline]
    fn pass_over(&mut self, below: u32) {
        self.code -= below;
    }

    #[inline]
    fn shift(&mut self) {
        let byte = self.bytes.get(self.read).copied().unwrap_or(0);
        self.code = self.code << 8 | u32::from(byte);
        self.read += 1;
    }

    fn is_past_end(&self) -> bool {
        self.read > self.bytes.len() + 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many bits, one in `rarity` of them a 1, the same for every caller.
    fn bits(count: u32, rarity: u32) -> Vec<bool> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8).is_multiple_of(rarity)
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn what_went_in_comes_out() {
        for (count, rarity) in [(0, 2), (1, 2), (7, 1), (1000, 2), (1000, 50), (4000, 1), (4000, 3)] {
            let bits = bits(count, rarity);
            let (mut encoder, mut model) = (Encoder::default(), Bit::new(128));
            let mut other = Bit::new(9);
            let shares = Shares::of(&[900, 90, 9, 0, 1]);
            for (n, bit) in (0..).zip(&bits) {
                encoder.symbol(&shares, n as usize % 5);
                encoder.bit(&mut model, *bit);
                encoder.both((&mut model, &mut other), !*bit);
                encoder.bits(n % 9, n * 7);
            }
            let bytes = encoder.finish();
            let (mut decoder, mut model) = (Decoder::new(&bytes), Bit::new(128));
            let mut other = Bit::new(9);
            for (n, bit) in (0..).zip(&bits) {
                assert_eq!(decoder.symbol(&shares, 0), n as usize % 5);
                assert_eq!(decoder.bit(&mut model, false), *bit, "bit {n} of {count}");
                assert_eq!(decoder.both((&mut model, &mut other), false), !*bit);
                assert_eq!(decoder.bits(n % 9, 0), (n * 7) & ((1 << (n % 9)) - 1));
            }
            assert!(decoder.is_exhausted());
        }
    }

    #[test]
    fn what_is_likely_is_short() {
        let (mut encoder, mut model) = (Encoder::default(), Bit::new(128));
        bits(8000, 64).into_iter().for_each(|bit| _ = encoder.bit(&mut model, bit));
        // The entropy of one in 64 is 0.116 bits.
        assert!(encoder.finish().len() < 8000 / 8 * 15 / 100);
        assert_eq!(Encoder::default().finish(), []);
    }

    #[test]
    fn symbols_cost_what_their_shares_say() {
        let shares = Shares::of(&[60, 30, 10]);
        let mut encoder = Encoder::default();
        (0..10_000).for_each(|n| _ = encoder.symbol(&shares, [0, 0, 0, 1, 0, 1, 2, 0, 1, 0][n % 10]));
        // 1.295 bits each.
        let bytes = encoder.finish().len();
        assert!((1_619..1_627).contains(&bytes), "{bytes}");
    }

    #[test]
    fn the_end_is_seen() {
        let (mut decoder, mut model) = (Decoder::new(&[]), Bit::new(1));
        while !Coder::is_past_end(&decoder) {
            decoder.bit(&mut model, false);
            decoder.bits(8, 0);
            decoder.symbol(&Shares::of(&[1; 64]), 0);
        }
    }
}
