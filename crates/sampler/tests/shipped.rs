//! The model in the repository is one of the kind that everybody's is, and sees the canvas and the words.

use sampler::{Model, Picture, Request};
use std::path::Path;
use tch::Device;

fn mean(picture: &Picture) -> [f64; 3] {
    let count = f64::from(picture.width * picture.height);
    [0, 1, 2].map(|c| picture.rgb.iter().skip(c).step_by(3).map(|&v| f64::from(v)).sum::<f64>() / count)
}

#[test]
fn the_shipped_model_follows_canvas_and_words() {
    // The libtorch of a test spins at its barriers, and other tests want the other cores.
    tch::set_num_threads(1);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/pentimento");
    let model = Model::load(&folder, &sampler::Reading::exact(Device::Cpu)).unwrap();
    let defaults = &model.card().defaults;
    assert!(model.card().sketch_conditioned);
    let (width, height) = (defaults.width, defaults.height);
    let make = |prompt: &str, colour: [u8; 3]| {
        let canvas = Picture { width, height, rgb: colour.repeat((width * height) as usize) };
        let request = Request {
            prompt: prompt.into(),
            steps: 4,
            guidance: defaults.guidance,
            strength: defaults.strength,
            seeds: vec![1],
            scheduler: defaults.scheduler,
            width,
            height,
            canvas: Some(canvas),
            ..Request::default()
        };
        let mut run = model.start(&request).unwrap();
        while run.done() < run.total() {
            run.step(&|| true).unwrap();
        }
        run.finish().unwrap().remove(0)
    };
    let blue = make("a blue sky", [70, 130, 230]);
    let green = make("a blue sky", [60, 160, 60]);
    assert_eq!((blue.width, blue.height, blue.rgb.len()), (width, height, (width * height * 3) as usize));
    assert!(mean(&blue)[2] > mean(&green)[2], "{:?} {:?}", mean(&blue), mean(&green));
    let night = make("night", [70, 130, 230]);
    assert_ne!(blue.rgb, night.rgb);
    assert_eq!(blue, make("a blue sky", [70, 130, 230]));
}
