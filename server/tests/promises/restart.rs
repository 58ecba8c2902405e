//! An accepted job outlives its server.

use crate::page::{Page, steps};
use crate::studio::{Drawing, Place};
use std::collections::HashSet;
use std::path::Path;
use wire::{Attention, Fact, JobState};

/// The first start: one job runs, one waits, and then the server is gone.
async fn killed(data: &Path, politely: bool) -> [wire::JobId; 2] {
    let place = Place::open(data).await;
    let drawing = Drawing::of(&[7]);
    let mut page = place.drawn(&drawing).await;
    let first = page.generate(&drawing, steps(3)).await;
    place.gate.allow(1);
    page.until_step(1).await;
    let second = page.generate(&drawing, steps(2)).await;
    let kept = data.join("canvases").join(format!("{}.tiles", drawing.digest));
    while !kept.exists() {
        tokio::task::yield_now().await;
    }
    if politely {
        place.studio.close().await;
    }
    [first.id, second.id]
}

async fn runs_again(politely: bool) {
    let data = tempfile::tempdir().unwrap();
    let jobs = killed(data.path(), politely).await;
    let place = Place::open(data.path()).await;
    place.gate.open();
    let mut page = Page::open(place.address).await;
    // One that is just being written down is finished in the snapshot, and told of after it.
    let ended = page.snapshot().jobs.iter().filter(|view| matches!(view.state, JobState::Finished { .. }));
    let mut ended: HashSet<_> = ended.map(|view| view.job.id).collect();
    while ended.len() < 2 {
        if let Fact::Finished { job, .. } = page.until(|fact| matches!(fact, Fact::Finished { .. })).await {
            ended.insert(job);
        }
    }
    let again = Page::open(place.address).await;
    let finished: Vec<_> = again.snapshot().jobs.iter().map(|view| view.job.id).collect();
    assert_eq!(finished.len(), 2);
    assert!(jobs.iter().all(|job| finished.contains(job)));
    for view in &again.snapshot().jobs {
        let JobState::Finished { pictures, .. } = &view.state else { panic!("{:?}", view.state) };
        let path = format!("/pictures/{}.png", pictures[0].digest);
        assert_eq!(crate::http::get(place.address, &path, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn a_job_whose_tiles_went_with_the_server_asks_its_page_for_them() {
    let data = tempfile::tempdir().unwrap();
    let drawing = Drawing::of(&[1, 2]);
    let viewer = {
        let place = Place::open(data.path()).await;
        let mut page = Page::open(place.address).await;
        page.show(&drawing).await;
        place.post_tiles(&drawing.tiles[..1]).await;
        page.generate(&drawing, steps(1)).await;
        page.viewer
    };
    let place = Place::open(data.path()).await;
    place.gate.open();
    let mut page = Page::silent(place.address, crate::page::person(1)).await;
    page.viewer = viewer;
    page.greet((4711, 12), Attention::default()).await;
    // The page may have drawn on since, and says nothing of that canvas by itself.
    let asked = page.until(|fact| matches!(fact, Fact::Canvas { .. })).await;
    assert_eq!(asked, Fact::Canvas { canvas: drawing.digest, missing: vec![0, 1] });
    place.upload(&drawing).await;
    page.until_finished().await;
}

#[tokio::test]
async fn accepted_jobs_of_a_killed_server_run_again() {
    runs_again(false).await;
}

#[tokio::test]
async fn accepted_jobs_of_a_closed_server_run_again() {
    runs_again(true).await;
}

#[tokio::test]
async fn the_same_request_after_a_restart_is_still_one_job() {
    let data = tempfile::tempdir().unwrap();
    let drawing = Drawing::of(&[7]);
    let (viewer, job) = {
        let place = Place::open(data.path()).await;
        place.gate.open();
        let mut page = place.drawn(&drawing).await;
        let job = page.generate(&drawing, steps(1)).await;
        page.until_finished().await;
        (page.viewer, job)
    };
    let place = Place::open(data.path()).await;
    let mut page = Page::silent(place.address, crate::page::person(1)).await;
    page.viewer = viewer;
    page.greet((4711, 12), Attention::default()).await;
    let again = page.generate(&drawing, steps(1)).await;
    assert_eq!(again.id, job.id);
    assert_eq!(place.studio.stats.counted().jobs_started, 0);
}
