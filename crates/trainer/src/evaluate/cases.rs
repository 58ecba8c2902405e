//! Held-out cases: scenes that training never saw, said in words and drawn with the studio's own brush.

use crate::caption::{PER_SCENE, caption, tells};
use crate::cores::on_all_cores;
use crate::paint::paint;
use crate::scene::{Hour, Scene};
use crate::sketch::drawn_in_the_studio;
use crate::styles::{STYLES, Style};
use std::collections::HashSet;

/// Scenes from here on were never rendered for training.
pub const HELD_OUT: u64 = 1 << 40;
/// Seeds between one case and the next: enough to find its hour in.
const STRIDE: u64 = 1_000;
/// Scenes below this seed may have been rendered for training, others not.
pub const TRAINED: u64 = 1 << 15;
/// Ways to say a scene that are tried before another scene is.
const TRIES: u64 = 40;

/// What training was told, whatever the order of the words: those of a case are new in their combination.
pub struct Said(HashSet<Vec<String>>);

impl Said {
    pub fn in_training() -> Self {
        let told = |seed| {
            let scene = Scene::random(seed);
            (0..PER_SCENE).map(|which| words(&caption(&scene, which))).collect::<Vec<_>>()
        };
        Self(on_all_cores(0..TRAINED, told).into_iter().flatten().collect())
    }

    fn contains(&self, prompt: &str) -> bool {
        self.0.contains(&words(prompt))
    }
}

pub struct Case {
    pub scene: Scene,
    pub prompt: String,
    /// RGB rows.
    pub sketch: Vec<u8>,
    pub truth: Vec<u8>,
}

/// The words of a caption, in the order of the alphabet.
fn words(caption: &str) -> Vec<String> {
    let words = caption.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort_unstable();
    words
}

/// Hours, each as often as the others.
pub const HOURS: [Hour; 5] = [Hour::Day, Hour::Dawn, Hour::Sunset, Hour::Night, Hour::Storm];

/// Number of an hour that a picture can be told by; none inside, and none in styles without colours.
pub fn hour_of(scene: &Scene) -> Option<i64> {
    let colourless = matches!(scene.style, Style::Ink | Style::Pencil | Style::Neon);
    let at = HOURS.iter().position(|hour| *hour == scene.hour)?;
    (!scene.land.is_inside() && !colourless).then_some(at as i64)
}

/// Number of a style.
pub fn style_of(scene: &Scene) -> i64 {
    STYLES.iter().position(|style| *style == scene.style).expect("it is one of them") as i64
}

/// Case `n` at `size` pixels: styles and hours come by turns, and the prompt tells the hour, in words that
/// were not `said` together.
pub fn case(n: u64, size: u32, said: &Said) -> Case {
    let style = STYLES[(n % STYLES.len() as u64) as usize];
    let hour = HOURS[(n / STYLES.len() as u64 % HOURS.len() as u64) as usize];
    let seeds = HELD_OUT + n * STRIDE..HELD_OUT + (n + 1) * STRIDE;
    // As often as in training: a rare hour is looked for long, and must not find a room instead.
    let inside = n % 4 == 3;
    let fits = |scene: &Scene| scene.land.is_inside() == inside && (inside || scene.hour == hour);
    let fitting = |text: &String| (inside || tells(text, hour)) && !said.contains(text);
    let say = |scene: Scene| {
        let scene = Scene { style, ..scene };
        let prompt = (0..TRIES).map(|which| caption(&scene, which)).find(fitting)?;
        Some((scene, prompt))
    };
    let (scene, prompt) = seeds
        .map(Scene::random)
        .filter(fits)
        .find_map(say)
        .expect("every hour comes within a thousand scenes, and words for it");
    let (sketch, truth) = (drawn_in_the_studio(&scene, n, size), paint(&scene, size));
    Case { scene, prompt, sketch, truth }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_have_all_styles_and_say_their_hour() {
        let said = Said::in_training();
        let cases = on_all_cores(0..135, |n| case(n, 32, &said));
        for (n, case) in cases.iter().enumerate() {
            assert_eq!(style_of(&case.scene), n as i64 % 9);
            assert!(!said.contains(&case.prompt), "{}", case.prompt);
            assert!(case.scene.land.is_inside() || tells(&case.prompt, case.scene.hour), "{}", case.prompt);
        }
        assert!(
            cases
                .iter()
                .filter_map(|case| hour_of(&case.scene))
                .collect::<std::collections::HashSet<_>>()
                .len()
                == 5
        );
    }
}
