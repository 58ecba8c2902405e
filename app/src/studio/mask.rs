//! The part that is to be painted anew, as it is marked by hand: on a sheet of its own over the drawing.

use super::SIDE;
use wire::Mask;

/// What marks are painted in on their sheet: the colour of what is about to be made.
pub const MARK: [u8; 3] = [0xe2, 0x55, 0x3a];
/// Blue below this is marked: half way from the paper's white.
const MARKED: u32 = (255 + MARK[2] as u32) / 2;

/// The mask of a sheet of opaque RGBA: a cell counts where at least half of it is marked.
pub fn mask_of(sheet: &[u8]) -> Option<Mask> {
    let (side, cells) = (SIDE as usize, Mask::SIDE);
    let each = side / cells;
    let is_marked = |cell: usize| {
        let (left, top) = (cell % cells * each, cell / cells * each);
        let blue = |n: usize| u32::from(sheet[((top + n / each) * side + left + n % each) * 4 + 2]);
        (0..each * each).map(blue).sum::<u32>() <= MARKED * (each * each) as u32
    };
    Mask::new((0..cells * cells).map(is_marked).collect())
}

/// A sheet of opaque RGBA with this mask on it, which has the same mask again.
pub fn sheet_of(mask: Option<&Mask>) -> Vec<u8> {
    let side = SIDE as usize;
    let coverage = mask.map_or_else(|| vec![0; side * side], |mask| mask.coverage(side, side));
    let pixel = |covered: u8| {
        let [r, g, b] = MARK.map(|colour| 255 - ((255 - u32::from(colour)) * u32::from(covered) / 255) as u8);
        [r, g, b, 255]
    };
    coverage.into_iter().flat_map(pixel).collect()
}
