//! What comes out of the drawer is what went in, or nothing.

use crate::studio::{Command, Easel, Pointer, Settings, code_tiles, decode_tile};
use wire::TileBatch;

#[test]
fn a_kept_tile_is_read_back_and_a_damaged_one_is_not() {
    let pixels: Vec<u8> = (0..canvas::TILE_BYTES).map(|i| (i / 97) as u8 | 1).collect();
    let (digest, coded) = TileBatch::parse(code_tiles(&pixels)).unwrap().0.remove(0);
    assert_eq!(decode_tile(digest, &coded).unwrap()[..], pixels[..]);
    let mut damaged = coded.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(decode_tile(digest, &damaged).is_none_or(|tile| tile[..] == pixels[..]));
    let mut other = digest;
    other.0[0] ^= 1;
    assert!(decode_tile(other, &coded).is_none());
    assert!(decode_tile(digest, &[]).is_none());
}

fn at(x: f32, y: f32) -> Pointer {
    Pointer { x, y, pressure: 0.0, pen: false }
}

#[test]
fn one_pointer_draws_at_a_time() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    assert!(easel.press(1, at(0.5, 0.5), settings.hand(false)).is_some());
    assert!(easel.press(2, at(0.1, 0.1), settings.hand(false)).is_none());
    assert!(easel.drag(2, &[at(0.2, 0.2)], false).is_none());
    assert!(easel.drag(1, &[at(0.6, 0.5)], false).is_some());
    assert!(easel.lift(2).is_none());
    assert!(easel.lift(1).is_some());
    assert!(easel.press(2, at(0.1, 0.1), settings.hand(false)).is_some());
}

#[test]
fn a_lost_pointer_takes_its_stroke_back() {
    let (mut easel, settings) = (Easel::default(), Settings::default());
    let blank = easel.canvas().pixels().to_vec();
    easel.press(1, at(0.5, 0.5), settings.hand(false));
    easel.drag(1, &[at(0.9, 0.5)], false);
    assert_ne!(easel.canvas().pixels(), blank);
    easel.lose(1);
    assert_eq!(easel.canvas().pixels(), blank);
    assert!(!easel.canvas().can_undo());
    assert!(easel.run(Command::Undo).damage.is_empty());
}
