//! What ends while one looks elsewhere is told.

use super::{Page, picture};
use crate::studio::{Effect, Event, Looked, words};
use wire::{Code, Digest, Fact, JobId, Problem};

/// A page that shows the picture of job 1.
fn page() -> Page {
    let mut page = Page::open();
    page.generate(1);
    page.start(1);
    page.finish(1);
    page.happen(Event::Hung(vec![Digest([1; 16])]));
    page
}

fn step(page: &mut Page, job: u8, step: u16) {
    page.fact(&Fact::Step { job: JobId([job; 8]), step, total: 12, step_ms: 9.0 });
}

#[test]
fn a_picture_that_is_made_while_another_is_looked_at_is_marked_until_it_is_seen() {
    let mut page = page();
    assert!(page.studio.unseen().is_empty());
    page.generate(2);
    page.start(2);
    page.happen(Event::Look(Some(Looked::One(Digest([1; 16])))));
    page.finish(2);
    assert_eq!(page.studio.unseen(), [picture(2).digest]);
    assert_eq!(words::job(&page.studio), "Another is done · Without words");
    page.happen(Event::Look(Some(Looked::One(Digest([2; 16])))));
    page.happen(Event::Look(Some(Looked::One(Digest([1; 16])))));
    assert_eq!(page.studio.unseen().len(), 1, "it had not come yet");
    page.happen(Event::Look(Some(Looked::One(Digest([2; 16])))));
    page.happen(Event::Hung(vec![Digest([2; 16])]));
    page.happen(Event::Look(Some(Looked::One(Digest([1; 16])))));
    assert!(page.studio.unseen().is_empty());
}

#[test]
fn the_tab_says_how_it_stands_while_nobody_sees_the_page() {
    let mut page = page();
    page.generate(2);
    page.start(2);
    step(&mut page, 2, 3);
    assert_eq!(page.studio.tab(), "Pentimento");
    page.happen(Event::Visible(false));
    assert_eq!(page.studio.tab(), "25 % · Pentimento");
    step(&mut page, 2, 6);
    assert_eq!(page.studio.tab(), "50 % · Pentimento");
    page.finish(2);
    assert_eq!(page.studio.tab(), "Done · Pentimento");
    page.happen(Event::Visible(true));
    assert_eq!(page.studio.tab(), "Pentimento");
    // It is no news any more.
    page.happen(Event::Visible(false));
    assert_eq!(page.studio.tab(), "Pentimento");
}

#[test]
fn what_goes_wrong_while_nobody_sees_the_page_is_told_too() {
    let mut page = page();
    page.generate(2);
    page.start(2);
    page.happen(Event::Visible(false));
    let problem = Problem::new(Code::Internal, "out of memory");
    page.fact(&Fact::Failed { job: JobId([2; 8]), problem });
    assert_eq!(page.studio.tab(), "No picture · Pentimento");
}

#[test]
fn only_what_was_there_before_is_shown_small_until_it_has_come() {
    let glimpses = |page: &mut Page| page.take(|effect| (*effect == Effect::Glimpse).then_some(())).len();
    let mut page = page();
    assert_eq!(glimpses(&mut page), 0, "its preview is on the screen");
    page.generate(2);
    page.happen(Event::Look(Some(Looked::One(Digest([1; 16])))));
    assert_eq!(glimpses(&mut page), 1);
    page.happen(Event::Look(None));
    assert_eq!(glimpses(&mut page), 0, "nothing is made yet");
}
