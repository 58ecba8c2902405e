//! Symbols of which it is known how often each comes.

/// Most symbols of one alphabet.
const SYMBOLS: usize = 64;
/// Bits of a share: all of them together are 1.
pub(crate) const SCALE: u32 = 15;

/// How likely each of up to 64 symbols is.
#[derive(Debug, Clone)]
pub struct Shares {
    /// The shares of all symbols before one.
    before: [u16; SYMBOLS + 1],
}

impl Shares {
    /// As likely as these weights say, and none impossible.
    ///
    /// # Panics
    /// If there are none or more than 64 weights, or only zeros.
    pub fn of(weights: &[u32]) -> Self {
        assert!((1..=SYMBOLS).contains(&weights.len()), "{} symbols", weights.len());
        let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        // Each has two for itself.
        let room = (1 << SCALE) - 2 * weights.len() as u64;
        let mut before = [1 << SCALE; SYMBOLS + 1];
        let mut so_far = 0;
        for ((n, before), weight) in (0..).zip(&mut before).zip(weights) {
            *before = (2 * n + so_far * room / sum) as u16;
            so_far += u64::from(*weight);
        }
        Self { before }
    }

    /// Where a symbol's share begins and ends.
    #[inline]
    pub(crate) fn part(&self, symbol: usize) -> (u32, u32) {
        (self.before[symbol].into(), self.before[symbol + 1].into())
    }

    /// The symbol whose share holds this place.
    #[inline]
    pub(crate) fn at(&self, place: u32) -> usize {
        let ends = self.before[1..SYMBOLS].iter();
        ends.take_while(|end| u32::from(**end) <= place).count()
    }
}
