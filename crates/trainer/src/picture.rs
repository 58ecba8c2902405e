//! Pictures that a model makes of sketches, with the settings that suit it.

use sampler::{Model, Picture, Request, Run, SampleError};

/// A request of the model's own settings for one picture, or for `few` steps of its distilled UNet; `sketch`
/// is RGB rows of its size.
pub fn request(model: &Model, prompt: &str, sketch: &[u8], seed: u64, few: Option<u32>) -> Request {
    let defaults = &model.card().defaults;
    let (width, height) = (defaults.width, defaults.height);
    Request {
        prompt: prompt.into(),
        steps: few.unwrap_or(defaults.steps),
        guidance: defaults.guidance,
        distilled: few.is_some(),
        strength: defaults.strength,
        seeds: vec![seed],
        scheduler: defaults.scheduler,
        width,
        height,
        canvas: Some(Picture { width, height, rgb: sketch.to_vec() }),
        ..Request::default()
    }
}

/// A run that has taken all its steps.
///
/// # Errors
/// If a setting does not suit the model, or the arithmetic fails.
pub fn run<'m>(model: &'m Model, request: &Request) -> Result<Run<'m>, SampleError> {
    let mut run = model.start(request)?;
    while run.done() < run.total() {
        run.step(&|| true)?;
    }
    Ok(run)
}
