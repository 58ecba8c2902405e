//! Numbers as they are printed.

use serde_json::{Value, json};
use std::time::Duration;

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The middle of the values, or the mean of the two in the middle; not a number if there is none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

/// The value that so large a share of the values does not exceed; not a number if there is none.
pub fn share(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().max(1) - 1) as f64 * share;
    sorted.get(at.round() as usize).copied().unwrap_or(f64::NAN)
}

/// A number with as many decimals as mean something.
pub fn rounded(value: f64, decimals: i32) -> Value {
    let factor = 10f64.powi(decimals);
    json!((value * factor).round() / factor)
}

/// What every program takes. `--json` keeps remarks out of the standard error too.
#[derive(Debug, clap::Parser)]
pub struct Options {
    /// Print one line of JSON and nothing else.
    #[arg(long)]
    pub json: bool,
}

impl Options {
    pub fn remark(&self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }
}
