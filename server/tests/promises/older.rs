//! All that somebody made is theirs to see, however long ago.

use crate::http;
use crate::page::{Page, steps};
use crate::studio::{Drawing, Place};
use wire::limits::SNAPSHOT_JOBS;
use wire::{ClientMessage, Digest, Fact, JobId, JobState, JobView, Older, Problem};

const MINE: (&str, &str) = ("authorization", "Bearer 01010101010101010101010101010101");
const THEIRS: (&str, &str) = ("authorization", "Bearer 02020202020202020202020202020202");

async fn asked(place: &Place, until: &str, who: &[(&str, &str)]) -> http::Answer {
    http::get(place.address, &format!("/api/older?until={until}"), who).await
}

async fn older(place: &Place, until: u64, who: (&str, &str)) -> Older {
    let answer = asked(place, &until.to_string(), &[who]).await;
    assert_eq!(answer.status, 200);
    Older::parse(str::from_utf8(&answer.body).expect("JSON")).expect("jobs")
}

fn ids(jobs: &[JobView]) -> Vec<JobId> {
    jobs.iter().map(|view| view.job.id).collect()
}

#[tokio::test]
async fn finished_jobs_from_before_the_snapshot_are_told_of_piece_by_piece() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    place.gate.open();
    let drawing = Drawing::of(&[7]);
    let mut page = place.drawn(&drawing).await;
    let unsent = Drawing::of(&[8]);
    page.show(&unsent).await;
    let waiting = page.generate(&unsent, steps(1)).await.id;
    let mut made = Vec::new();
    for _ in 0..2 * SNAPSHOT_JOBS + 5 {
        made.insert(0, page.generate(&drawing, steps(1)).await.id);
        page.until_finished().await;
    }
    let mut snapshot = Page::open(place.address).await.snapshot().jobs.clone();
    let oldest = snapshot.pop().map(|view| view.job.id);
    assert_eq!(oldest, Some(waiting), "what has not ended is told of however many came after it");
    assert_eq!(snapshot.len(), SNAPSHOT_JOBS);

    let (mut found, mut until, mut asked) =
        (ids(&snapshot), snapshot.last().map(|view| view.job.created_ms), 0);
    while let Some(from) = until {
        let piece = older(&place, from, MINE).await;
        assert!(piece.jobs.len() <= SNAPSHOT_JOBS && asked < 4);
        found.extend(ids(&piece.jobs));
        (until, asked) = (piece.until, asked + 1);
    }
    // Of those of one millisecond any may come first, and again.
    let in_order = |mut ids: Vec<JobId>| {
        ids.sort_by_key(|id| id.0);
        ids.dedup();
        ids
    };
    assert_eq!(in_order(found), in_order(made));

    // What was removed is not among them, nor what is somebody else's.
    let oldest = older(&place, u64::MAX, MINE).await.jobs.pop().expect("as many as fit");
    let JobState::Finished { pictures, .. } = &oldest.state else { panic!("{oldest:?}") };
    let picture: Digest = pictures[0].digest;
    page.say(&ClientMessage::Remove { picture }).await;
    page.until(|fact| *fact == Fact::Removed { picture }).await;
    assert!(!ids(&older(&place, oldest.job.created_ms, MINE).await.jobs).contains(&oldest.job.id));
    assert_eq!(older(&place, u64::MAX, THEIRS).await, Older::default());
}

#[tokio::test]
async fn who_does_not_say_who_or_when_is_told_so() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    for (until, who, status) in [
        ("7", &[][..], 403),
        ("-1", &[MINE], 400),
        ("", &[MINE], 400),
        ("18446744073709551616", &[MINE], 400),
    ] {
        let answer = asked(&place, until, who).await;
        assert_eq!(answer.status, status, "{until}");
        assert!(Problem::parse(str::from_utf8(&answer.body).unwrap()).is_ok());
    }
}
