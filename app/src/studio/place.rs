//! Where pictures lie that hang in one frame.

/// A square within the frame, in shares of its side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub left: f64,
    pub top: f64,
    pub side: f64,
}

/// What is between two pictures.
const GAP: f64 = 1.0 / 128.0;

impl Place {
    /// Of picture `n` of `of`, 1 to 4: alone, or two in a row.
    pub fn of(n: u16, of: u16) -> Self {
        if of < 2 {
            return Self { left: 0.0, top: 0.0, side: 1.0 };
        }
        let side = (1.0 - GAP) / 2.0;
        // A row with room to spare is in the middle.
        let middle = (1.0 - side) / 2.0;
        let along = |place: u16| f64::from(place) * (side + GAP);
        let left = if n + 1 == of && n.is_multiple_of(2) { middle } else { along(n % 2) };
        Self { left, top: if of == 2 { middle } else { along(n / 2) }, side }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_lie_in_the_frame_and_not_on_each_other() {
        for of in 1..=4 {
            let places: Vec<_> = (0..of).map(|n| Place::of(n, of)).collect();
            for (n, a) in places.iter().enumerate() {
                assert!(a.left >= 0.0 && a.top >= 0.0 && a.left + a.side <= 1.0 && a.top + a.side <= 1.0);
                for b in &places[n + 1..] {
                    let apart = (a.left - b.left).abs().max((a.top - b.top).abs());
                    assert!(apart >= a.side + GAP / 2.0, "{a:?} {b:?} of {of}");
                }
            }
        }
        assert_eq!(Place::of(0, 1).side, 1.0);
    }
}
