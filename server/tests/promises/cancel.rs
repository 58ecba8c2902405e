//! Cancel takes effect within one step, and only one's own job.

use crate::double::{SLOW_END, SLOW_START};
use crate::page::{Page, person, steps};
use crate::studio::{Drawing, Place};
use wire::{Attention, ClientMessage, Code, Fact, JobId, JobState, Spec};

#[tokio::test]
async fn a_running_job_stops_within_its_step() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let job = page.generate(&drawing, steps(9)).await;
    place.gate.allow(2);
    page.until_step(2).await;
    page.say(&ClientMessage::Cancel { job: job.id }).await;
    // No further step is let go: it ends inside the third one.
    page.until(|fact| matches!(fact, Fact::Cancelled { step: 2, .. })).await;
    page.say(&ClientMessage::Cancel { job: job.id }).await;
    place.gate.open();
    page.generate(&drawing, steps(1)).await;
    page.until_finished().await;
    assert!(page.facts.iter().all(|told| !matches!(told.fact, Fact::Refused { .. })), "twice is no error");
    let again = Page::open(place.address).await;
    assert!(again.snapshot().jobs.iter().any(|view| view.state == JobState::Cancelled { step: 2 }));
}

#[tokio::test]
async fn a_job_stops_while_its_drawing_is_read_and_while_its_picture_is_decoded() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    for (prompt, taken) in [(SLOW_START, 0), (SLOW_END, 2)] {
        let job = page.generate(&drawing, Spec { prompt: prompt.into(), ..steps(2) }).await;
        page.until(|fact| matches!(fact, Fact::Started { job: started, .. } if *started == job.id)).await;
        place.gate.let_through(taken).await;
        page.say(&ClientMessage::Cancel { job: job.id }).await;
        let cancelled = page.until(|fact| matches!(fact, Fact::Cancelled { .. })).await;
        assert_eq!(cancelled, Fact::Cancelled { job: job.id, step: taken as u16 }, "{prompt}");
    }
    place.gate.open();
    page.generate(&drawing, steps(1)).await;
    page.until_finished().await;
}

#[tokio::test]
async fn a_waiting_job_never_starts() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    page.generate(&drawing, steps(1)).await;
    page.until(|fact| matches!(fact, Fact::Started { .. })).await;
    let waiting = page.generate(&drawing, steps(1)).await;
    page.until(|fact| matches!(fact, Fact::Waiting { ahead: 1, .. })).await;
    page.say(&ClientMessage::Cancel { job: waiting.id }).await;
    page.until(|fact| matches!(fact, Fact::Cancelled { step: 0, .. })).await;
    place.gate.open();
    page.until_finished().await;
    assert_eq!(place.studio.stats.counted().jobs_started, 1);
}

#[tokio::test]
async fn nobody_cancels_what_is_somebody_elses() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let job = page.generate(&drawing, steps(1)).await;
    let mut other = Page::open_as(place.address, person(2), Attention::default()).await;
    other.say(&ClientMessage::Cancel { job: job.id }).await;
    assert_eq!(other.refused().await.code, Code::Forbidden);
    other.say(&ClientMessage::Cancel { job: JobId([1; 8]) }).await;
    assert_eq!(other.refused().await.code, Code::NotFound);
    place.gate.open();
    page.until_finished().await;
}

#[tokio::test]
async fn a_closed_page_cancels_nothing() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let drawing = Drawing::of(&[1]);
    let mut page = place.drawn(&drawing).await;
    let job = page.generate(&drawing, steps(2)).await;
    drop(page);
    place.gate.allow(1);
    let mut reloaded = Page::open(place.address).await;
    assert_eq!(reloaded.snapshot().jobs[0].job.id, job.id);
    place.gate.open();
    reloaded.until_finished().await;
}
