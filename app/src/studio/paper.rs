//! The paper that is drawn on, in pixels.

use super::shape::{SHORT, Shape};
use canvas::FACTOR_MAX;
use wire::limits::TILE;

/// Shorter side of the finest paper.
const SHORT_MAX: u32 = 1024;

/// As many pixels as the eye sees of strokes, as a rule; as many as the picture has where one lies on it that would lose by
/// less: one that a large model made, or is to paint a part of anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    width: u32,
    height: u32,
}

impl Default for Paper {
    fn default() -> Self {
        Self::usual(Shape::default())
    }
}

impl Paper {
    /// Tiles of the largest.
    pub const TILES_MAX: u32 = (SHORT_MAX / TILE) * (SHORT_MAX / TILE) * 3 / 2;

    pub fn usual(shape: Shape) -> Self {
        let (width, height) = shape.paper();
        Self { width, height }
    }

    /// Paper for a picture of this size: as large if it has one of the shapes of paper.
    pub fn of(width: u32, height: u32) -> Self {
        let (shape, short) = (Shape::of(width, height), width.min(height));
        let is_known = (SHORT..=SHORT_MAX).contains(&short) && short.is_multiple_of(TILE);
        let is_shaped = is_known && shape.sheet(short) == (width, height);
        if is_shaped { Self { width, height } } else { Self::usual(shape) }
    }

    /// Paper for a picture that may come back from it with all of its pixels: a small one lies larger by a whole factor.
    pub fn beneath(width: u32, height: u32) -> Self {
        let factor = SHORT.div_ceil(width.min(height).max(1)).min(FACTOR_MAX);
        Self::of(width * factor, height * factor)
    }

    /// Paper for a photograph of this size, of which a picture is to be made whose shorter side has so many pixels: of its shape,
    /// unless there is something on `known` paper, which stays at least as fine then.
    pub fn under(photograph: (u32, u32), known: Option<Self>, side: u32) -> Self {
        let (width, height) = photograph;
        let shape = known.map_or_else(|| Shape::of(width, height), Self::shape);
        // More pixels than it has are no gain.
        let most = width.min(height).next_multiple_of(TILE);
        let (across, down) = shape.picture(side.min(most));
        let wanted = Self::of(across, down);
        known.filter(|known| known.width >= wanted.width).unwrap_or(wanted)
    }

    /// Width and height of the middle of a photograph that fills this paper, unless more than a fifth of it would be lost: then
    /// those of all of it.
    pub fn filled_by(self, (width, height): (u32, u32)) -> (u32, u32) {
        let [w, h, across, down] = [width, height, self.width, self.height].map(u64::from);
        let part = match w * down > h * across {
            true => (h * across / down, h),
            false => (w, w * down / across),
        };
        let is_enough = part.0 * part.1 * 5 >= w * h * 4;
        if is_enough { (part.0 as u32, part.1 as u32) } else { (width, height) }
    }

    /// What is about as wide and as high as this paper.
    pub fn shape(self) -> Shape {
        Shape::of(self.width, self.height)
    }

    /// Width and height in pixels.
    pub fn size(self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// As fine as this, in another shape.
    pub fn cut_to(self, shape: Shape) -> Self {
        let (width, height) = shape.sheet(self.width.min(self.height));
        if shape == self.shape() { self } else { Self { width, height } }
    }

    /// How many of its pixels are as long as one of usual paper, which is what a hand measures by.
    pub fn scale(self) -> f32 {
        self.width.min(self.height) as f32 / Self::default().width as f32
    }

    pub fn tiles(self) -> usize {
        ((self.width / TILE) * (self.height / TILE)) as usize
    }

    /// For where it is kept between visits: "832x1216".
    pub fn to_text(self) -> String {
        format!("{}x{}", self.width, self.height)
    }

    /// What was kept so, or is usual for a shape of this name.
    pub fn from_text(text: &str) -> Self {
        let side = |text: &str| text.parse::<u16>().ok().map(u32::from);
        let sides = text.split_once('x').and_then(|(across, down)| Some((side(across)?, side(down)?)));
        sides.map_or_else(|| Self::usual(Shape::named(text)), |(width, height)| Self::of(width, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_picture_has_paper_of_its_own_size() {
        for size in [(1024, 1024), (768, 768), (832, 1216), (1216, 832), (640, 960), (1536, 1024)] {
            assert_eq!(Paper::of(size.0, size.1).size(), size);
        }
    }

    #[test]
    fn any_other_has_the_usual() {
        for (size, shape) in [
            ((0, 0), Shape::Square),
            ((256, 256), Shape::Square),
            ((512, 512), Shape::Square),
            ((700, 700), Shape::Square),
            ((2048, 2048), Shape::Square),
            ((256, 384), Shape::Portrait),
            ((384, 1024), Shape::Portrait),
            ((1920, 1088), Shape::Landscape),
            ((1024, 896), Shape::Square),
            ((896, 1152), Shape::Portrait),
        ] {
            assert_eq!(Paper::of(size.0, size.1), Paper::usual(shape), "{size:?}");
        }
    }

    #[test]
    fn a_small_picture_lies_larger_by_a_whole_factor() {
        for (size, paper) in [
            ((256, 256), (512, 512)),
            ((256, 384), (512, 768)),
            ((192, 192), (576, 576)),
            ((576, 384), (1152, 768)),
            ((448, 448), (896, 896)),
            ((512, 512), (512, 512)),
            ((1024, 1024), (1024, 1024)),
            ((320, 448), (512, 768)),
            ((1, 1), (512, 512)),
            ((0, 0), (512, 512)),
        ] {
            assert_eq!(Paper::beneath(size.0, size.1).size(), paper, "{size:?}");
        }
    }

    #[test]
    fn a_photograph_is_laid_as_fine_as_the_picture_will_be() {
        let large = (4000, 3000);
        assert_eq!(Paper::under(large, None, 256), Paper::usual(Shape::Landscape));
        assert_eq!(Paper::under(large, None, 768).size(), (1152, 768));
        assert_eq!(Paper::under((500, 500), None, 1024), Paper::default(), "it has no more pixels");
        assert_eq!(Paper::under((630, 630), None, 1024).size(), (640, 640), "nor has this one");
        let drawn = Some(Paper::default());
        assert_eq!(Paper::under(large, drawn, 1024).size(), (1024, 1024), "what is drawn keeps its shape");
        let fine = Some(Paper::of(1024, 1024));
        assert_eq!(Paper::under(large, fine, 256), Paper::of(1024, 1024), "and its pixels");
    }

    #[test]
    fn a_photograph_fills_its_paper_unless_much_of_it_would_be_lost() {
        let filled = |size: (u32, u32)| Paper::under(size, None, 256).filled_by(size);
        assert_eq!(filled((3000, 4000)), (2666, 4000));
        assert_eq!(filled((1920, 1080)), (1620, 1080));
        assert_eq!(filled((1080, 1350)), (1080, 1080));
        assert_eq!(filled((600, 400)), (600, 400));
        assert_eq!(filled((4000, 1000)), (4000, 1000), "a panorama is seen whole");
        assert_eq!(filled((1, 1)), (1, 1));
    }

    #[test]
    fn a_cut_keeps_how_fine_it_is_and_another_one_back_brings_the_same() {
        let fine = Paper::of(832, 1216);
        assert_eq!(fine.cut_to(Shape::Portrait), fine);
        assert_eq!(fine.cut_to(Shape::Landscape).size(), (1216, 832));
        assert_eq!(fine.cut_to(Shape::Landscape).cut_to(Shape::Portrait), fine);
        let square = Paper::of(1024, 1024);
        assert_eq!(square.cut_to(Shape::Portrait).size(), (1024, 1536));
        assert_eq!(square.cut_to(Shape::Portrait).cut_to(Shape::Square), square);
        assert_eq!(Paper::default().cut_to(Shape::Portrait), Paper::usual(Shape::Portrait));
        assert_eq!((Paper::default().scale(), Paper::of(1024, 1024).scale()), (1.0, 2.0));
    }

    #[test]
    fn it_is_kept_as_a_text_and_so_was_its_shape() {
        for paper in [Paper::default(), Paper::of(832, 1216), Paper::usual(Shape::Landscape)] {
            assert_eq!(Paper::from_text(&paper.to_text()), paper);
        }
        assert_eq!(Paper::from_text("portrait"), Paper::usual(Shape::Portrait));
        for text in ["", "0x0", "1x", "64x64x64", "1024x", "-1x64", "4294967295x4294967295"] {
            assert_eq!(Paper::from_text(text), Paper::default(), "{text}");
        }
    }
}
