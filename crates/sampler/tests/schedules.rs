//! Every plan of every scheduler against the reference, with a stand-in for the network.

mod common;

use sampler::SchedulerKind;
use sampler::scheduler::{SchedulerConfig, plan};
use serde::Deserialize;
use tch::Tensor;

#[derive(Deserialize)]
struct Case {
    kind: SchedulerKind,
    config: SchedulerConfig,
    steps: usize,
    timesteps: Vec<f32>,
    end: Vec<f32>,
}

#[test]
fn every_plan_is_the_references() {
    let cases: Vec<Case> = sampler::config::read(&common::folder("schedules.json")).unwrap();
    assert!(cases.len() > 500);
    for case in &cases {
        let what = format!("{:?}, {} steps, {:?}", case.kind, case.steps, case.config);
        let mut schedule = plan(case.kind, &case.config, case.steps);
        assert_eq!(schedule.timesteps().len(), case.timesteps.len(), "{what}");
        for (found, wanted) in schedule.timesteps().iter().zip(&case.timesteps) {
            assert!((found - wanted).abs() < 1e-3, "{what}: timestep {found}, not {wanted}");
        }
        let mut sample = schedule.pure(&Tensor::from_slice(&[-1.5f32, -0.2, 0.4, 2.0]));
        // Every step rounds to the largest value that it handles, as the reference's does.
        let rounding = 4.0 * f64::from(f32::EPSILON) * sample.abs().max().double_value(&[]);
        let mut fresh = common::fresh(&[4]);
        for index in 0..case.timesteps.len() {
            let given = schedule.model_input(&sample, index);
            let time = f64::from(schedule.timesteps()[index]);
            sample = schedule.advance(&(given * 0.5 + time / 2000.0), &sample, index, &mut fresh).next;
        }
        let end = Tensor::from_slice(&case.end);
        let allowed = rounding + 2e-5 * end.abs().max().double_value(&[]);
        let off = (&sample - &end).abs().max().double_value(&[]);
        assert!(off <= allowed, "{what}: {off} off; {sample}, not {end}");
    }
}

#[test]
fn noise_and_prediction_cancel_out() {
    let config = SchedulerConfig { clip_sample: Some(false), ..SchedulerConfig::default() };
    for kind in SchedulerKind::ALL.into_iter().filter(|kind| *kind != SchedulerKind::Lcm) {
        let mut schedule = plan(kind, &config, 10);
        let (clean, noise) = (Tensor::from_slice(&[0.5f32, -1.0]), Tensor::from_slice(&[1.0f32, 0.3]));
        let noisy = schedule.noisy(&clean, &noise, 4);
        let found = schedule.advance(&noise, &noisy, 4, &mut || noise.zeros_like()).clean;
        assert!((found - clean).abs().max().double_value(&[]) < 1e-4, "{kind:?}");
    }
}
