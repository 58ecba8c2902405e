//! The manners in which a scene can be painted. One file a manner; each begins from the gouache that
//! [`crate::paint`] makes, and from nothing but the scene's seed.

mod cut;
mod field;
mod ink;
mod neon;
mod oil;
mod pastel;
mod pencil;
mod pixel;
mod watercolour;

use crate::scene::Hour;
use field::Field;

/// How a picture is made. Prompts name it by the words in [`Style::words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Gouache,
    Watercolour,
    Oil,
    Ink,
    Pastel,
    Pixel,
    PaperCut,
    Neon,
    Pencil,
}

/// Every style, in the order of their numbers.
pub const STYLES: [Style; 9] = [
    Style::Gouache,
    Style::Watercolour,
    Style::Oil,
    Style::Ink,
    Style::Pastel,
    Style::Pixel,
    Style::PaperCut,
    Style::Neon,
    Style::Pencil,
];

impl Style {
    /// What people call it: a noun for "a ... of", and what follows a comma.
    pub fn words(self) -> [&'static str; 3] {
        match self {
            Style::Gouache => ["gouache painting", "gouache", "storybook illustration"],
            Style::Watercolour => ["watercolour", "watercolour", "watercolor"],
            Style::Oil => ["oil painting", "oil painting", "oil on canvas"],
            Style::Ink => ["ink drawing", "ink", "black ink drawing"],
            Style::Pastel => ["pastel drawing", "pastel", "chalk pastel"],
            Style::Pixel => ["pixel art picture", "pixel art", "8 bit pixel art"],
            Style::PaperCut => ["paper cut", "paper cut", "paper collage"],
            Style::Neon => ["neon picture", "night neon", "neon lights"],
            Style::Pencil => ["pencil drawing", "pencil", "graphite pencil sketch"],
        }
    }

    /// Whether shapes are cut from flat paper while they are laid down.
    pub(crate) fn is_cut(self) -> bool {
        self == Style::PaperCut
    }

    /// The hour whose light the gouache is painted in. Lines and lamps are found by contrast, of which a
    /// night has too little.
    pub(crate) fn lit_by(self, hour: Hour) -> Hour {
        match (self, hour) {
            (Style::Ink | Style::Pencil, Hour::Night) => Hour::Storm,
            (Style::Neon, Hour::Night) => Hour::Day,
            _ => hour,
        }
    }

    /// Turns gouache, `size` x `size` RGB rows, into this style.
    pub(crate) fn finish(self, rgb: Vec<u8>, size: u32, seed: u64) -> Vec<u8> {
        if self == Style::Gouache {
            return rgb;
        }
        let field = Field::of(&rgb, size as usize);
        let made = match self {
            Style::Gouache => field,
            Style::Watercolour => watercolour::make(&field, seed),
            Style::Oil => oil::make(&field, seed),
            Style::Ink => ink::make(&field, seed),
            Style::Pastel => pastel::make(&field, seed),
            Style::Pixel => pixel::make(&field),
            Style::PaperCut => cut::make(&field, seed),
            Style::Neon => neon::make(&field, seed),
            Style::Pencil => pencil::make(&field, seed),
        };
        made.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::paint;
    use crate::scene::Scene;

    #[test]
    fn every_style_looks_like_itself_and_always_the_same() {
        let painted = STYLES.map(|style| paint(&Scene { style, ..Scene::random(5) }, 64));
        for (n, picture) in painted.iter().enumerate() {
            assert_eq!(picture.len(), 64 * 64 * 3);
            let again = paint(&Scene { style: STYLES[n], ..Scene::random(5) }, 64);
            assert!(*picture == again, "{:?}", STYLES[n]);
            let twins = painted.iter().filter(|other| *other == picture).count();
            assert_eq!(twins, 1, "{:?} looks like another", STYLES[n]);
        }
    }
}
