//! Held-out cases: scenes that training never saw, said in words and drawn with the studio's own brush.

use crate::caption::{caption, tells};
use crate::paint::paint;
use crate::scene::{Hour, Scene};
use crate::sketch::drawn_in_the_studio;
use crate::styles::{STYLES, Style};

/// Scenes from here on were never rendered for training.
pub const HELD_OUT: u64 = 1 << 40;
/// Seeds between one case and the next: enough to find its hour in.
const STRIDE: u64 = 1_000;

pub struct Case {
    pub scene: Scene,
    pub prompt: String,
    /// RGB rows.
    pub sketch: Vec<u8>,
    pub truth: Vec<u8>,
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

/// Case `n` at `size` pixels: styles and hours come by turns, and the prompt tells the hour.
pub fn case(n: u64, size: u32) -> Case {
    let style = STYLES[(n % STYLES.len() as u64) as usize];
    let hour = HOURS[(n / STYLES.len() as u64 % HOURS.len() as u64) as usize];
    let seeds = HELD_OUT + n * STRIDE..HELD_OUT + (n + 1) * STRIDE;
    // As often as in training: a rare hour is looked for long, and must not find a room instead.
    let inside = n % 4 == 3;
    let fits = |scene: &Scene| scene.land.is_inside() == inside && (inside || scene.hour == hour);
    let scene = seeds.map(Scene::random).find(fits).expect("every hour comes within a thousand scenes");
    let scene = Scene { style, ..scene };
    let told = |text: &String| scene.land.is_inside() || tells(text, hour);
    let prompt =
        (0..).map(|which| caption(&scene, which)).find(told).expect("captions tell the hour at times");
    let (sketch, truth) = (drawn_in_the_studio(&scene, n, size), paint(&scene, size));
    Case { scene, prompt, sketch, truth }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cores::on_all_cores;

    #[test]
    fn cases_have_all_styles_and_say_their_hour() {
        let cases = on_all_cores(0..135, |n| case(n, 32));
        for (n, case) in cases.iter().enumerate() {
            assert_eq!(style_of(&case.scene), n as i64 % 9);
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
