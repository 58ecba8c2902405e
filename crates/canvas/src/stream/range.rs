//! An adaptive binary range coder: what is likely costs a fraction of a bit.
//!
//! Martin, "Range encoding: an algorithm for removing redundancy from a digitised message", 1979, with the
//! carry of LZMA's. A message ends with the fewest bytes that say enough; what follows them is read as zeros.

/// Bits of a probability.
const SCALE: u32 = 16;
/// The range never falls below this, so that every probability has room in it.
const LEAST: u32 = 1 << 24;

/// How likely a 0 is, by what came before: the mean of a quick and a slow memory.
#[derive(Debug, Clone, Copy)]
pub struct Bit {
    quick: u16,
    slow: u16,
}

impl Bit {
    /// Begins with a probability of 0 in 256ths.
    pub const fn new(zero: u8) -> Self {
        let share = (zero as u16) << 8;
        Self { quick: share, slow: share }
    }

    fn zero(self) -> u32 {
        ((u32::from(self.quick) + u32::from(self.slow)) / 2).clamp(64, (1 << SCALE) - 64)
    }

    fn learn(&mut self, bit: bool) {
        let step = |memory: &mut u16, rate: u32| {
            if bit {
                *memory -= *memory >> rate;
            } else {
                *memory += (u16::MAX - *memory) >> rate;
            }
        };
        step(&mut self.quick, 4);
        step(&mut self.slow, 6);
    }
}

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

impl Encoder {
    pub fn bit(&mut self, model: &mut Bit, bit: bool) {
        let zero = (self.range >> SCALE) * model.zero();
        self.narrow(zero, bit);
        model.learn(bit);
    }

    /// The low `count` bits of `value`, which are as likely one way as the other.
    pub fn bits(&mut self, value: u32, count: u32) {
        for place in (0..count).rev() {
            self.narrow(self.range >> 1, value >> place & 1 == 1);
        }
    }

    fn narrow(&mut self, zero: u32, bit: bool) {
        if bit {
            self.low += u64::from(zero);
            self.range -= zero;
        } else {
            self.range = zero;
        }
        while self.range < LEAST {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        self.settle_carry();
        self.bytes.push((self.low >> 24) as u8);
        self.low = (self.low & 0x00FF_FFFF) << 8;
    }

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

    pub fn bit(&mut self, model: &mut Bit) -> bool {
        let zero = (self.range >> SCALE) * model.zero();
        let bit = self.narrow(zero);
        model.learn(bit);
        bit
    }

    pub fn bits(&mut self, count: u32) -> u32 {
        (0..count).fold(0, |value, _| value << 1 | u32::from(self.narrow(self.range >> 1)))
    }

    fn narrow(&mut self, zero: u32) -> bool {
        let bit = self.code >= zero;
        if bit {
            self.code -= zero;
            self.range -= zero;
        } else {
            self.range = zero;
        }
        while self.range < LEAST {
            self.range <<= 8;
            self.shift();
        }
        bit
    }

    fn shift(&mut self) {
        let byte = self.bytes.get(self.read).copied().unwrap_or(0);
        self.code = self.code << 8 | u32::from(byte);
        self.read += 1;
    }

    /// Whether it has read further beyond the end than any message has to.
    pub fn is_past_end(&self) -> bool {
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
            for (n, bit) in (0..).zip(&bits) {
                encoder.bit(&mut model, *bit);
                encoder.bits(n * 7, n % 9);
            }
            let bytes = encoder.finish();
            let (mut decoder, mut model) = (Decoder::new(&bytes), Bit::new(128));
            for (n, bit) in (0..).zip(&bits) {
                assert_eq!(decoder.bit(&mut model), *bit, "bit {n} of {count}");
                assert_eq!(decoder.bits(n % 9), (n * 7) & ((1 << (n % 9)) - 1));
            }
            assert!(!decoder.is_past_end());
        }
    }

    #[test]
    fn what_is_likely_is_short() {
        let (mut encoder, mut model) = (Encoder::default(), Bit::new(128));
        bits(8000, 64).into_iter().for_each(|bit| encoder.bit(&mut model, bit));
        // The entropy of one in 64 is 0.116 bits.
        assert!(encoder.finish().len() < 8000 / 8 * 15 / 100);
        assert_eq!(Encoder::default().finish(), []);
    }

    #[test]
    fn the_end_is_seen() {
        let (mut decoder, mut model) = (Decoder::new(&[]), Bit::new(1));
        while !decoder.is_past_end() {
            decoder.bit(&mut model);
            decoder.bits(8);
        }
    }
}
