//! The part that is to be painted anew, as it is marked by hand: on a sheet of its own over the drawing.

use super::{Effect, Shape, Studio};
use canvas::Canvas;
use wire::Mask;

/// What marks are painted in on their sheet: the colour of what is about to be made.
pub const MARK: [u8; 3] = [0xe2, 0x55, 0x3a];
/// Blue below this is marked: half way from the paper's white.
const MARKED: u32 = (255 + MARK[2] as u32) / 2;

impl Studio {
    /// A step was drawn.
    pub(super) fn drew(&mut self) {
        self.unmasked = None;
        self.cleared = self.cleared.take().filter(|(_, told)| !told).map(|(mask, _)| (mask, true));
        self.stepped_since_removal(1);
    }

    /// With the drawing that is about to come back onto a cleared sheet, its marks do.
    pub(super) fn mark_with_sheet(&mut self, out: &mut Vec<Effect>) {
        let marks = self.cleared.take().filter(|_| !self.settings.masking);
        out.extend(marks.map(|(mask, _)| Effect::Mask(Some(mask))));
    }
}

/// The mask of a sheet: a cell counts where at least half of it is marked.
pub fn mask_of(sheet: &Canvas) -> Option<Mask> {
    let (width, cells) = (sheet.width() as usize, Mask::SIDE);
    let [across, down] = [width, sheet.height() as usize].map(|side| side / cells);
    let is_marked = |cell: usize| {
        let (left, top) = (cell % cells * across, cell / cells * down);
        let at = |n: usize| (top + n / across) * width + left + n % across;
        let blue = |n: usize| u32::from(sheet.pixels()[at(n) * 4 + 2]);
        (0..across * down).map(blue).sum::<u32>() <= MARKED * (across * down) as u32
    };
    Mask::new((0..cells * cells).map(is_marked).collect())
}

/// The mask on paper of one shape as it is on paper of another.
pub fn cut_mask(mask: Option<&Mask>, from: Shape, to: Shape) -> Option<Mask> {
    let ((width, height), (across, down)) = (from.paper(), to.paper());
    let mut sheet = Canvas::of_pixels(width, height, &sheet_of(mask, width, height), 0);
    sheet.cut(across, down);
    mask_of(&sheet)
}

/// A sheet of this size with this mask on it, in opaque RGBA; it has the same mask again.
pub fn sheet_of(mask: Option<&Mask>, width: u32, height: u32) -> Vec<u8> {
    let [width, height] = [width, height].map(|side| side as usize);
    let coverage = mask.map_or_else(|| vec![0; width * height], |mask| mask.coverage(width, height));
    let pixel = |covered: u8| {
        let [r, g, b] = MARK.map(|colour| 255 - ((255 - u32::from(colour)) * u32::from(covered) / 255) as u8);
        [r, g, b, 255]
    };
    coverage.into_iter().flat_map(pixel).collect()
}
