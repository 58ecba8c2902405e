//! Where pictures lie that hang in one frame.

/// A picture within the frame, in shares of the frame's side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// What is between two pictures.
const GAP: f64 = 1.0 / 128.0;

impl Place {
    /// Of picture `n` of `of`, 1 to 4, all of this width and height: as large as fits, alone or two in a row, in the middle of
    /// the frame. Two that are wider than high lie one above the other.
    pub fn of(n: u16, of: u16, (width, height): (u32, u32)) -> Self {
        let [width, height] = [width, height].map(|side| f64::from(side.max(1)));
        let columns = if of < 2 || (of == 2 && width > height) { 1 } else { 2 };
        let rows = of.max(1).div_ceil(columns);
        let room = |places: u16| (1.0 - GAP * f64::from(places - 1)) / f64::from(places);
        let scale = (room(columns) / width).min(room(rows) / height);
        let [width, height] = [width, height].map(|side| side * scale);
        let at = |place: u16, places: u16, each: f64| {
            let all = f64::from(places) * (each + GAP) - GAP;
            (1.0 - all) / 2.0 + f64::from(place) * (each + GAP)
        };
        let (row, column) = (n / columns, n % columns);
        // A row with room to spare is in the middle.
        let in_row = of.max(1).saturating_sub(row * columns).clamp(1, columns);
        Self { left: at(column, in_row, width), top: at(row, rows, height), width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(u32, u32); 3] = [(256, 256), (256, 384), (1216, 832)];

    #[test]
    fn pictures_lie_in_the_frame_and_not_on_each_other() {
        for (of, size) in (1..=4).flat_map(|of| SIZES.map(|size| (of, size))) {
            let places: Vec<_> = (0..of).map(|n| Place::of(n, of, size)).collect();
            for (n, a) in places.iter().enumerate() {
                let ends = [a.left, a.top, 1.0 - a.left - a.width, 1.0 - a.top - a.height];
                assert!(ends.iter().all(|end| *end > -1e-9), "{a:?} {of} of {size:?}");
                assert!((a.width * f64::from(size.1) - a.height * f64::from(size.0)).abs() < 1e-9);
                for b in &places[n + 1..] {
                    let across = (a.left - b.left).abs() - a.width;
                    let down = (a.top - b.top).abs() - a.height;
                    assert!(across.max(down) >= GAP / 2.0, "{a:?} {b:?} of {of} {size:?}");
                }
            }
        }
    }

    #[test]
    fn pictures_are_as_large_as_fits() {
        let place = |of, size| Place::of(0, of, size);
        assert_eq!(place(1, (256, 256)), Place { left: 0.0, top: 0.0, width: 1.0, height: 1.0 });
        assert_eq!((place(1, (256, 512)).left, place(1, (256, 512)).height), (0.25, 1.0));
        for size in [(256, 384), (384, 256)] {
            let two = place(2, size);
            assert!(two.width.max(two.height) > 0.74, "{two:?}");
        }
        // The last of three is in the middle.
        let last = Place::of(2, 3, (384, 256));
        assert!((last.left + last.width / 2.0 - 0.5).abs() < 1e-9);
    }
}
