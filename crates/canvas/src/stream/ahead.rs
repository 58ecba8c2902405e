//! Where a stroke goes on, guessed from where it came.

type Place = [i32; 2];

/// Guesses that are held against each other.
const GUESSES: usize = 5;
/// Samples of the past that a guess is judged by.
const PAST: usize = 3;

/// Where the next sample is expected: by whichever guess would have been nearest lately.
pub fn ahead(path: &[[i32; 3]]) -> Place {
    let now = guesses(path);
    let mut off = [0_i32; GUESSES];
    for back in 1..=PAST.min(path.len().saturating_sub(2)) {
        let (before, [x, y, _]) = (&path[..path.len() - back], path[path.len() - back]);
        for (off, guess) in off.iter_mut().zip(guesses(before)) {
            *off += ((guess[0] - x).abs() + (guess[1] - y).abs()) / back as i32;
        }
    }
    let best = (0..GUESSES).min_by_key(|n| off[*n]).unwrap_or(0);
    now[best]
}

/// Straight on; turning as it last turned; and to and fro as one fills an area: as the chord two, three or four
/// before went. What the path is too short for goes straight on.
fn guesses(path: &[[i32; 3]]) -> [Place; GUESSES] {
    let Some(&[x, y, _]) = path.last() else { return [[0; 2]; GUESSES] };
    let chord = |back: usize| {
        let (a, b) = (path[path.len() - 1 - back], path[path.len() - back]);
        [b[0] - a[0], b[1] - a[1]]
    };
    let on = |[dx, dy]: Place| [x + dx, y + dy];
    let straight = if path.len() > 1 { on(chord(1)) } else { [x, y] };
    let again = |back: usize| if path.len() > back { on(chord(back)) } else { straight };
    let turning = if path.len() > 2 { turned(chord(2), chord(1)).map_or(straight, on) } else { straight };
    [straight, turning, again(2), again(3), again(4)]
}

/// `now` turned by as much as it is turned from `before`.
fn turned(before: Place, now: Place) -> Option<Place> {
    let (before, now) = (before.map(|v| v as f32), now.map(|v| v as f32));
    let size = ((before[0] * before[0] + before[1] * before[1]) * (now[0] * now[0] + now[1] * now[1])).sqrt();
    // The turn as a complex number of length 1.
    let turn =
        [(now[0] * before[0] + now[1] * before[1]) / size, (now[1] * before[0] - now[0] * before[1]) / size];
    let next = [now[0] * turn[0] - now[1] * turn[1], now[0] * turn[1] + now[1] * turn[0]];
    (size >= 0.5).then(|| next.map(|v| v.round() as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(places: &[Place]) -> Vec<[i32; 3]> {
        places.iter().map(|[x, y]| [*x, *y, 8]).collect()
    }

    #[test]
    fn lines_arcs_and_zigzags_go_on_as_they_went() {
        assert_eq!(ahead(&path(&[[0, 0], [5, 1]])), [10, 2]);
        assert_eq!(ahead(&path(&[[0, 0], [100, 0], [100, 100], [0, 100]])), [0, 0]);
        let zigzag = [[0, 0], [90, 3], [0, 10], [90, 13], [0, 20], [90, 23]];
        assert_eq!(ahead(&path(&zigzag)), [0, 30]);
    }
}
