//! Whole numbers by how far they are likely to be from zero: asymmetric numeral systems with fixed distributions.
//!
//! The range variant (Duda, "Asymmetric numeral systems: entropy coding combining speed of Huffman coding with compression
//! rate of arithmetic coding", 2013), in words of 16 bits and with lanes side by side (Giesen, "Interleaved entropy coders",
//! 2014). The encoder goes from the last number to the first, the decoder from the first to the last, and ends where the
//! encoder began.
//!
//! Numbers of one spread are taken to be distributed as Student's t with five degrees of freedom: what guesses of
//! photographs are off has such tails. The frequencies are reckoned by sums, products and quotients alone, which IEEE 754 makes the
//! same to the bit on every machine.

use std::sync::LazyLock;

/// How many spreads there are.
const SPREADS: usize = 24;
/// The scale of the narrowest, and what each next one is wider.
const NARROWEST: f64 = 0.64;
const WIDER: f64 = 1.23;
/// Numbers that can be told: -128 to 127.
const NUMBERS: usize = 256;
/// Bits of a frequency.
const SCALE: u32 = 16;
/// A state never falls below this between two numbers; it is where the encoder begins.
const LEAST: u32 = 1 << 16;
/// Number n goes by state n % LANES, so that none waits for the one before.
pub const LANES: usize = 3;

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::new);

/// What a number does to the state of an encoder, with the division as a product (Alverson, "Integer division using
/// reciprocals", 1991).
#[derive(Clone, Copy, Default)]
struct EncoderSymbol {
    /// A state from here on gives up a word first.
    full: u32,
    reciprocal: u32,
    bias: u32,
    /// The frequencies of all others together.
    complement: u16,
    shift: u16,
}

struct Tables {
    /// By [`symbol`].
    symbols: [EncoderSymbol; SPREADS * NUMBERS],
    /// Cumulative frequencies of each spread, in the order of [`unfold`]; the last is their sum.
    cumulative: [[u32; NUMBERS + 1]; SPREADS],
    /// Of each 256 slots, the number that the first belongs to.
    first: [[u8; 256]; SPREADS],
}

impl Tables {
    fn new() -> Self {
        let mut tables =
            Self { symbols: [EncoderSymbol::default(); _], cumulative: [[0; _]; _], first: [[0; _]; _] };
        for (spread, scale) in scales().enumerate() {
            let frequencies = frequencies(scale);
            let cumulative = &mut tables.cumulative[spread];
            for (n, frequency) in frequencies.into_iter().enumerate() {
                tables.symbols[symbol(spread as u8, unfold(n as u8)) as usize] =
                    EncoderSymbol::new(cumulative[n], frequency);
                cumulative[n + 1] = cumulative[n] + frequency;
            }
            for (n, first) in (0..).zip(&mut tables.first[spread]) {
                *first = (cumulative.partition_point(|start| *start <= n << 8) - 1) as u8;
            }
        }
        tables
    }
}

impl EncoderSymbol {
    fn new(start: u32, frequency: u32) -> Self {
        let (full, complement) = (frequency << 16, ((1 << SCALE) - frequency) as u16);
        if frequency == 1 {
            let bias = start + (1 << SCALE) - 1;
            return Self { full, reciprocal: u32::MAX, bias, complement, shift: 0 };
        }
        let bits = frequency.next_power_of_two().ilog2();
        let reciprocal = (1_u64 << (bits + 31)).div_ceil(frequency.into()) as u32;
        Self { full, reciprocal, bias: start, complement, shift: bits as u16 - 1 }
    }

    /// A state that is not full, with the number in it.
    fn push(self, state: u32) -> u32 {
        let quotient = (u64::from(state) * u64::from(self.reciprocal) >> 32) as u32 >> self.shift;
        state + self.bias + quotient * u32::from(self.complement)
    }
}

fn scales() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(NARROWEST), |scale| Some(scale * WIDER)).take(SPREADS)
}

/// The spread whose scale is the next one to `scale`, by their ratio.
pub fn spread(scale: f64) -> u8 {
    scales().take_while(|own| own * own * WIDER < scale * scale).count().min(SPREADS - 1) as u8
}

/// The frequencies of all numbers, in the order of [`unfold`]; together 1 << [`SCALE`], none of them nothing.
fn frequencies(scale: f64) -> [u32; NUMBERS] {
    let weight = |number: i8| {
        let t = f64::from(number) / scale;
        let density = 1.0 + t * t;
        1.0 / (density * density * density)
    };
    let sum: f64 = (0..=u8::MAX).map(|n| weight(unfold(n))).sum();
    let free = f64::from((1 << SCALE) - NUMBERS as u32);
    let mut frequencies = std::array::from_fn(|n| 1 + (weight(unfold(n as u8)) / sum * free) as u32);
    frequencies[0] += (1 << SCALE) - frequencies.iter().sum::<u32>();
    frequencies
}

/// 0, -1, 1, -2, 2 and so on: what is likely comes first.
fn unfold(n: u8) -> i8 {
    (n >> 1) as i8 ^ -((n & 1) as i8)
}

/// A number and the spread that it is told by.
pub fn symbol(spread: u8, number: i8) -> u16 {
    u16::from(spread) << 8 | u16::from(number as u8)
}

/// Tells symbols; so many at a time as there are lanes.
///
/// # Panics
/// If a symbol has a spread that is none.
pub fn encode(symbols: &[[u16; LANES]]) -> Vec<u8> {
    let tables = &*TABLES;
    let mut states = [LEAST; LANES];
    // From the end to the front, for the decoder goes the other way. No number takes more than a word.
    let mut words = vec![0; symbols.len() * LANES + 1];
    let mut at = words.len() - 1;
    for symbols in symbols.iter().rev() {
        for (state, symbol) in states.iter_mut().zip(symbols).rev() {
            let encoder_symbol = &tables.symbols[usize::from(*symbol)];
            // Written in any case: whether a word is full is anyone's guess, a processor's too.
            words[at] = *state as u16;
            let full = *state >= encoder_symbol.full;
            at -= usize::from(full);
            *state = encoder_symbol.push(*state >> (u32::from(full) * 16));
        }
    }
    let states = states.iter().flat_map(|state| state.to_le_bytes());
    states.chain(words[at + 1..].iter().flat_map(|word| word.to_le_bytes())).collect()
}

/// Hears the numbers again.
pub struct Decoder<'a> {
    tables: &'static Tables,
    states: [u32; LANES],
    words: &'a [[u8; 2]],
    is_broken: bool,
}

impl<'a> Decoder<'a> {
    /// None if there are not even states, or half a word.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (words, []) = bytes.as_chunks() else { return None };
        let (states, words) = words.split_at_checked(2 * LANES)?;
        let states = std::array::from_fn(|lane| {
            let [low, high] = [2 * lane, 2 * lane + 1].map(|at| u32::from(u16::from_le_bytes(states[at])));
            high << 16 | low
        });
        Some(Self { tables: &TABLES, states, words, is_broken: false })
    }

    /// The next number of a lane.
    ///
    /// # Panics
    /// If the spread is none.
    pub fn number(&mut self, lane: usize, spread: u8) -> i8 {
        let state = &mut self.states[lane];
        let slot = *state & ((1 << SCALE) - 1);
        let cumulative = &self.tables.cumulative[usize::from(spread)];
        let mut n = usize::from(self.tables.first[usize::from(spread)][(slot >> 8) as usize]);
        while cumulative[n + 1] <= slot {
            n += 1;
        }
        *state = (cumulative[n + 1] - cumulative[n]) * (*state >> SCALE) + slot - cumulative[n];
        if *state < LEAST {
            let word = self.words.split_off_first();
            self.is_broken |= word.is_none();
            *state = *state << 16 | word.map_or(0, |word| u32::from(u16::from_le_bytes(*word)));
        }
        unfold(n as u8)
    }

    /// Whether that was all, and what an encoder told.
    pub fn is_exhausted(&self) -> bool {
        !self.is_broken && self.words.is_empty() && self.states == [LEAST; LANES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Symbols of every spread, the same for every caller.
    fn symbols(count: usize) -> Vec<[u16; LANES]> {
        let mut seed = 1_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (spread, number) = ((seed >> 8) as usize % SPREADS, (seed >> 16) as i8);
            symbol(spread as u8, if spread < SPREADS / 2 { number >> 5 } else { number })
        };
        (0..count).map(|_| std::array::from_fn(|_| next())).collect()
    }

    #[test]
    fn what_went_in_comes_out() {
        for count in [0, 1, 2, 4096] {
            let symbols = symbols(count);
            let bytes = encode(&symbols);
            let mut decoder = Decoder::new(&bytes).expect("there are states");
            for (lane, symbol_) in symbols.iter().flat_map(|symbols| symbols.iter().enumerate()) {
                let spread = (symbol_ >> 8) as u8;
                assert_eq!(symbol(spread, decoder.number(lane, spread)), *symbol_);
            }
            assert!(decoder.is_exhausted());
        }
    }

    #[test]
    fn every_number_of_every_spread_has_a_frequency() {
        for (spread, scale) in (0..).zip(scales()) {
            let frequencies = frequencies(scale);
            assert_eq!(frequencies.iter().sum::<u32>(), 1 << SCALE);
            assert!(frequencies.iter().all(|frequency| *frequency > 0));
            assert_eq!(self::spread(scale), spread);
            // Every quotient is what a division gives, at both ends of what a state can be.
            for (start, frequency) in [(0, frequencies[0]), (9, frequencies[7]), (65_535, 1)] {
                let encoder_symbol = EncoderSymbol::new(start, frequency);
                for state in [frequency, (frequency << 16) - 1, LEAST.min((frequency << 16) - 1)] {
                    let (whole, rest) = (u64::from(state / frequency), u64::from(state % frequency));
                    assert_eq!(
                        u64::from(encoder_symbol.push(state)),
                        (whole << 16) + rest + u64::from(start),
                        "{state} by {frequency}"
                    );
                }
            }
        }
        assert_eq!((spread(0.0), spread(1e9)), (0, SPREADS as u8 - 1));
    }

    #[test]
    fn what_is_likely_is_short() {
        let zeros = vec![[symbol(0, 0); LANES]; 1000];
        assert!(encode(&zeros).len() < 3000 / 8);
        let wide = vec![[symbol(0, 100); LANES]; 1000];
        assert!(encode(&wide).len() > 5000);
    }

    #[test]
    fn bytes_that_end_early_or_go_on_are_broken() {
        let symbols = symbols(50);
        let bytes = encode(&symbols);
        let hears = |bytes: &[u8]| {
            let Some(mut decoder) = Decoder::new(bytes) else { return false };
            for (lane, symbol) in symbols.iter().flat_map(|symbols| symbols.iter().enumerate()) {
                decoder.number(lane, (symbol >> 8) as u8);
            }
            decoder.is_exhausted()
        };
        assert!(hears(&bytes));
        assert!((0..bytes.len()).all(|end| !hears(&bytes[..end])));
        assert!(!hears(&[&bytes[..], &[0, 0]].concat()));
        assert!(!hears(&[0; 400]) && !hears(&[255; 400]));
    }
}
