//! Whole numbers for the range coder: mostly small, sometimes not.
//!
//! The number of bits in unary, each adaptive by what is expected; the sign; then the bits below the first
//! (Elias gamma with adaptive bits, as video coders do).

use super::range::{Bit, Decoder, Encoder};

/// Bits of the greatest number.
const BITS: usize = 15;

/// A number's memory of numbers like it.
#[derive(Debug, Clone)]
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

    /// # Panics
    /// If it has more than 15 bits.
    pub fn encode(&mut self, value: i32, coder: &mut Encoder) {
        let size = value.unsigned_abs();
        let length = (u32::BITS - size.leading_zeros()) as usize;
        assert!(length <= BITS, "{value} is beyond the grid");
        for (n, bit) in self.lengths.iter_mut().enumerate().take(length + 1) {
            coder.bit(bit, n < length);
        }
        if length == 0 {
            return;
        }
        coder.bit(&mut self.signs[self.sign], value < 0);
        self.sign = 1 + usize::from(value < 0);
        if length >= 2 {
            coder.bit(&mut self.seconds[length - 1], size >> (length - 2) & 1 == 1);
            coder.bits(size, length as u32 - 2);
        }
    }

    pub fn decode(&mut self, coder: &mut Decoder) -> i32 {
        let mut length = 0;
        while length < BITS && coder.bit(&mut self.lengths[length]) {
            length += 1;
        }
        if length == 0 {
            return 0;
        }
        let minus = coder.bit(&mut self.signs[self.sign]);
        self.sign = 1 + usize::from(minus);
        let mut size = 1;
        if length >= 2 {
            size = size << 1 | u32::from(coder.bit(&mut self.seconds[length - 1]));
            let low = length as u32 - 2;
            size = size << low | coder.bits(low);
        }
        if minus { -(size as i32) } else { size as i32 }
    }
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

    #[test]
    fn what_went_in_comes_out() {
        let values = [0, 1, -1, 2, -3, 7, 8, -100, 4095, -32767, 32767, 0, 0, 5];
        let (mut number, mut encoder) = (Number::about(3), Encoder::default());
        values.iter().for_each(|value| number.encode(*value, &mut encoder));
        let bytes = encoder.finish();
        let (mut number, mut decoder) = (Number::about(3), Decoder::new(&bytes));
        assert!(values.iter().all(|value| number.decode(&mut decoder) == *value));
        assert!(!decoder.is_past_end());
    }
}
