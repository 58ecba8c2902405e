//! Whole numbers for the range coder: mostly small, sometimes not.
//!
//! The number of bits in unary, each adaptive by what is expected; the sign; then the bits below the first
//! (Elias gamma with adaptive bits, as video coders do).

use super::{Bit, Coder};

/// Bits of the greatest number.
const BITS: usize = 15;

/// A number's memory of numbers like it.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    lengths: [Bit; BITS],
    signs: [Bit; 3],
    seconds: [Bit; BITS],
    /// The sign of the last one that had one: 1 for plus, 2 for minus.
    sign: usize,
}

impl Number {
    /// For numbers of about so many bits.
    pub const fn about(bits: usize) -> Self {
        let mut lengths = [Bit::new(128); BITS];
        let mut n = 0;
        while n < BITS {
            // A 1 goes on to a greater length.
            lengths[n] = Bit::new(if n + 1 < bits {
                40
            } else if n < bits + 1 {
                128
            } else {
                200
            });
            n += 1;
        }
        Self { lengths, signs: [Bit::new(128); 3], seconds: [Bit::new(144); BITS], sign: 0 }
    }

    /// Tells `value`, or hears one.
    ///
    /// # Panics
    /// If it has more than 15 bits.
    pub fn pass(&mut self, coder: &mut impl Coder, value: i32) -> i32 {
        let sign = self.sign;
        let Self { lengths, signs, seconds, .. } = self;
        let decide = |coder: &mut _, decision, bit| {
            let model = match decision {
                Decision::Longer(n) => &mut lengths[n],
                Decision::Minus => &mut signs[sign],
                Decision::Second(length) => &mut seconds[length - 1],
            };
            Coder::bit(coder, model, bit)
        };
        let value = pass(coder, value, decide);
        self.remember(value);
        value
    }

    /// The same, by the mean of what this one and another expect.
    pub fn pass_with(&mut self, other: &mut Self, coder: &mut impl Coder, value: i32) -> i32 {
        let value = pass(coder, value, |coder, decision, bit| {
            let models = match decision {
                Decision::Longer(n) => (&mut self.lengths[n], &mut other.lengths[n]),
                Decision::Minus => (&mut self.signs[self.sign], &mut other.signs[other.sign]),
                Decision::Second(length) => (&mut self.seconds[length - 1], &mut other.seconds[length - 1]),
            };
            coder.both(models, bit)
        });
        self.remember(value);
        other.remember(value);
        value
    }

    fn remember(&mut self, value: i32) {
        if value != 0 {
            self.sign = 1 + usize::from(value < 0);
        }
    }
}

/// What is told of a number, one after the other.
#[derive(Clone, Copy)]
enum Decision {
    /// Whether it has more bits than these.
    Longer(usize),
    Minus,
    /// The second bit of one that has so many.
    Second(usize),
}

fn pass<C: Coder>(coder: &mut C, value: i32, mut decide: impl FnMut(&mut C, Decision, bool) -> bool) -> i32 {
    let size = value.unsigned_abs();
    let told = (u32::BITS - size.leading_zeros()) as usize;
    assert!(told <= BITS, "{value} is beyond the grid");
    let mut length = 0;
    while length < BITS && decide(coder, Decision::Longer(length), length < told) {
        length += 1;
    }
    if length == 0 {
        return 0;
    }
    let minus = decide(coder, Decision::Minus, value < 0);
    let mut heard = 1;
    if length >= 2 {
        let second = decide(coder, Decision::Second(length), told >= 2 && size >> (told - 2) & 1 == 1);
        heard = heard << 1 | u32::from(second);
        let low = length as u32 - 2;
        heard = heard << low | coder.bits(low, size & ((1 << low) - 1));
    }
    if minus { -(heard as i32) } else { heard as i32 }
}

/// How great a number was, in few classes.
pub fn class(value: i32) -> usize {
    match value.unsigned_abs() {
        0 => 0,
        1..=2 => 1,
        3..=6 => 2,
        7..=15 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decoder, Encoder};

    #[test]
    fn what_went_in_comes_out() {
        let values = [0, 1, -1, 2, -3, 7, 8, -100, 4095, -32767, 32767, 0, 0, 5];
        let (mut number, mut encoder) = (Number::about(3), Encoder::default());
        values.iter().for_each(|value| _ = number.pass(&mut encoder, *value));
        let bytes = encoder.finish();
        let (mut number, mut decoder) = (Number::about(3), Decoder::new(&bytes));
        assert!(values.iter().all(|value| number.pass(&mut decoder, 0) == *value));
        assert!(!decoder.is_past_end());
    }
}
