//! Where an arrow key leads among pictures that lie in rows, in a row or in a column.

/// Where one lies on the screen, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// Halfway between its left and its right side.
    pub middle: f64,
    pub top: f64,
    pub bottom: f64,
}

/// Whether this key leads from one to another.
pub fn leads(key: &str) -> bool {
    key.starts_with("Arrow") || key == "Home" || key == "End"
}

/// The one that `key` leads to from the one at `at`, if there is one.
pub fn neighbour(spots: &[Spot], at: usize, key: &str) -> Option<usize> {
    let here = spots.get(at)?;
    let found = match key {
        "ArrowLeft" => at.checked_sub(1),
        "ArrowRight" => Some(at + 1),
        "ArrowUp" => nearest(spots, here, |spot| here.top - spot.bottom),
        "ArrowDown" => nearest(spots, here, |spot| spot.top - here.bottom),
        "Home" => Some(0),
        "End" => spots.len().checked_sub(1),
        _ => None,
    };
    found.filter(|found| *found < spots.len() && *found != at)
}

/// Of the next row that way, the one that is most nearly above or below.
fn nearest(spots: &[Spot], here: &Spot, gap: impl Fn(&Spot) -> f64) -> Option<usize> {
    let ahead = || spots.iter().enumerate().filter(|(_, spot)| gap(spot) > -1.0);
    let row = ahead().map(|(_, spot)| gap(spot)).min_by(f64::total_cmp)?;
    let aside = |spot: &Spot| (spot.middle - here.middle).abs();
    let beside = ahead().filter(|(_, spot)| gap(spot) < row + 1.0);
    beside.min_by(|a, b| aside(a.1).total_cmp(&aside(b.1))).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(middle: f64, top: f64) -> Spot {
        Spot { middle, top, bottom: top + 100.0 }
    }

    #[test]
    fn arrows_lead_along_rows_and_to_what_lies_above_and_below() {
        // Three in the first row, two wider ones in the second, one in the last.
        let rows = [
            spot(50.0, 0.0),
            spot(160.0, 0.0),
            spot(270.0, 0.0),
            spot(80.0, 112.0),
            spot(240.0, 112.0),
            spot(50.0, 224.0),
        ];
        let from = |at, key| neighbour(&rows, at, key);
        assert_eq!(from(1, "ArrowLeft"), Some(0));
        assert_eq!(from(2, "ArrowRight"), Some(3), "on in the next row");
        assert_eq!(from(2, "ArrowDown"), Some(4));
        assert_eq!(from(0, "ArrowDown"), Some(3));
        assert_eq!(from(4, "ArrowDown"), Some(5));
        assert_eq!(from(5, "ArrowUp"), Some(3));
        assert_eq!(from(4, "ArrowUp"), Some(2));
        assert_eq!((from(3, "Home"), from(3, "End")), (Some(0), Some(5)));
        for (at, key) in [
            (0, "ArrowLeft"),
            (0, "ArrowUp"),
            (5, "ArrowRight"),
            (5, "ArrowDown"),
            (0, "Home"),
            (0, "a"),
            (9, "Home"),
        ] {
            assert_eq!(from(at, key), None, "{at} {key}");
        }
        assert_eq!(neighbour(&[], 0, "End"), None);
    }

    #[test]
    fn in_a_column_up_and_down_do_too() {
        let column = [spot(40.0, 0.0), spot(40.0, 108.0), spot(40.0, 210.0)];
        assert_eq!(neighbour(&column, 1, "ArrowDown"), Some(2), "closer to what it was made together with");
        assert_eq!(neighbour(&column, 2, "ArrowUp"), Some(1));
        assert_eq!(neighbour(&column, 0, "ArrowRight"), Some(1));
    }
}
