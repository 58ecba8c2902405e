//! What a plain adaptive coder would need: the peer of the studio's own.

use std::collections::HashMap;

/// Bits that a stream of symbols costs at the frequencies seen so far, each symbol as if it had been seen
/// half a time before (Krichevsky and Trofimov, "The performance of universal encoding", 1981), out of
/// `alphabet` that are possible.
pub struct AdaptiveOrder0 {
    seen: HashMap<i32, f64>,
    total: f64,
    alphabet: f64,
    pub bits: f64,
}

impl AdaptiveOrder0 {
    pub fn new(alphabet: u32) -> Self {
        Self { seen: HashMap::new(), total: 0.0, alphabet: f64::from(alphabet), bits: 0.0 }
    }

    pub fn add(&mut self, symbol: i32) {
        let count = self.seen.entry(symbol).or_default();
        self.bits -= ((*count + 0.5) / (self.total + 0.5 * self.alphabet)).log2();
        *count += 1.0;
        self.total += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_coins_cost_a_bit_and_sure_ones_nearly_none() {
        let (mut even, mut sure) = (AdaptiveOrder0::new(2), AdaptiveOrder0::new(2));
        for n in 0..1000 {
            even.add(n % 2);
            sure.add(1);
        }
        assert!((even.bits - 1000.0).abs() < 12.0, "{}", even.bits);
        assert!(sure.bits < 8.0, "{}", sure.bits);
    }
}
