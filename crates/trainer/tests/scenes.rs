//! A seed is a scene, and scenes are what the model is for.

use trainer::paint::paint;
use trainer::scene::{Kind, Scene};
use trainer::sketch::sketch;

#[test]
fn a_seed_gives_the_same_picture_and_sketches_every_time() {
    for seed in 0..20 {
        let (scene, again) = (Scene::random(seed), Scene::random(seed));
        assert_eq!(paint(&scene, 64), paint(&again, 64));
        assert_eq!(sketch(&scene, 1, 64), sketch(&again, 1, 64));
        assert_ne!(sketch(&scene, 0, 256), sketch(&scene, 1, 256), "two sketches of scene {seed} are one");
    }
    assert_ne!(paint(&Scene::random(0), 64), paint(&Scene::random(1), 64));
}

#[test]
fn houses_are_common_and_stand_in_the_picture() {
    let scenes: Vec<Scene> = (0..1000).map(Scene::random).collect();
    let with_house = scenes.iter().filter(|scene| scene.all(Kind::House).next().is_some()).count();
    assert!((300..600).contains(&with_house), "{with_house} of 1000");
    for thing in scenes.iter().flat_map(|scene| &scene.things) {
        assert!((-0.3..1.3).contains(&thing.x) && (0.0..1.2).contains(&thing.y), "{thing:?}");
        assert!(thing.size.is_finite() && thing.size > 0.0, "{thing:?}");
    }
}

#[test]
fn most_sketches_leave_the_paper_white() {
    let white = |seed| {
        let rgb = sketch(&Scene::random(seed), 0, 64);
        let pixels = rgb.as_chunks::<3>().0;
        pixels.iter().filter(|pixel| **pixel == [255; 3]).count() * 2 > pixels.len()
    };
    let mostly = (0..300).filter(|&seed| white(seed)).count();
    assert!(mostly > 180, "{mostly} of 300");
}
