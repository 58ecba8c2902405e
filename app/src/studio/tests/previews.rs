//! Previews of the shown job are painted; every one that is not is acknowledged at once.

use super::{Page, frame, picture};
use crate::studio::{Effect, Event, Looked};
use link::{Latents, client};
use wire::{ClientMessage, Frame, FrameFormat, FrameHeader, PreviewFormat};

fn painted(page: &mut Page) -> Vec<u16> {
    page.take(|effect| match effect {
        Effect::Paint(frame, _) => Some(frame.header.step),
        _ => None,
    })
}

fn acknowledged(page: &Page) -> Vec<u64> {
    let acks = page.said.iter().filter_map(|said| match said {
        // 0 acknowledges the welcome.
        ClientMessage::Ack { sequence } if *sequence > 0 => Some(*sequence),
        _ => None,
    });
    acks.collect()
}

fn running(job: u8) -> Page {
    let mut page = Page::open();
    page.generate(job);
    page.start(job);
    page
}

#[test]
fn previews_of_the_shown_job_are_painted_and_then_acknowledged() {
    let mut page = running(5);
    page.preview(5, 1, 1);
    assert_eq!(painted(&mut page), [1]);
    assert!(acknowledged(&page).is_empty());
    page.happen(Event::Painted(frame(5, 1, 1).header));
    assert_eq!(acknowledged(&page), [1]);
    assert_eq!((page.studio.job.painted_step, page.studio.job.frames), (1, 1));
}

#[test]
fn a_preview_of_the_last_job_is_not_seen_in_the_next() {
    let mut page = running(5);
    page.preview(5, 11, 1);
    painted(&mut page);
    page.finish(5);
    page.generate(6);
    page.start(6);
    assert_eq!(page.studio.job.painted_step, 0);
    page.preview(5, 11, 2);
    assert!(painted(&mut page).is_empty());
    assert_eq!(acknowledged(&page), [2]);
    page.preview(6, 1, 3);
    assert_eq!(painted(&mut page), [1]);
}

#[test]
fn an_older_step_than_what_is_shown_is_left_out() {
    let mut page = running(5);
    page.preview(5, 4, 1);
    page.preview(5, 4, 2);
    page.preview(5, 3, 3);
    assert_eq!(painted(&mut page), [4]);
    assert_eq!(acknowledged(&page), [2, 3]);
}

#[test]
fn no_preview_covers_a_finished_picture() {
    let mut page = running(5);
    page.finish(5);
    page.preview(5, 11, 1);
    assert!(painted(&mut page).is_empty());
    assert_eq!(acknowledged(&page), [1]);
}

#[test]
fn while_a_kept_picture_is_looked_at_previews_wait_behind_it() {
    let mut page = running(4);
    page.finish(4);
    page.generate(5);
    page.start(5);
    page.happen(Event::Look(Some(Looked::One(picture(4).digest))));
    page.preview(5, 2, 1);
    assert!(painted(&mut page).is_empty());
    assert_eq!(acknowledged(&page), [1]);
    page.happen(Event::Look(None));
    assert_eq!(painted(&mut page), [2], "back at the newest one");
}

#[test]
fn sharp_previews_are_asked_for_and_shown_as_the_others_are() {
    let mut page = running(5);
    page.happen(Event::Sharp(true));
    let asked = page.said.iter().rev().find_map(|said| match said {
        ClientMessage::Attention(attention) => Some(attention.format),
        _ => None,
    });
    assert_eq!(asked, Some(PreviewFormat::Jpeg));
    let shown = |page: &mut Page| {
        page.take(|effect| match effect {
            Effect::Picture(frame) => Some(frame.header.step),
            _ => None,
        })
    };
    let come = |page: &mut Page, job: u8, step: u16, sequence: u64| {
        let header = FrameHeader { format: FrameFormat::Jpeg, ..frame(job, step, sequence).header };
        let bytes = Frame::new(header, &[1, 2, 3]).unwrap().bytes().clone();
        page.happen(Event::Link(client::Event::SocketFrame(bytes)));
        shown(page)
    };
    assert_eq!(come(&mut page, 5, 3, 1), [3]);
    assert!(come(&mut page, 5, 2, 2).is_empty(), "older than what is shown");
    assert!(come(&mut page, 4, 9, 3).is_empty(), "of another job");
    assert_eq!(acknowledged(&page), [2, 3], "the first one once it is painted");
    page.happen(Event::Look(None));
    assert_eq!(shown(&mut page), [3], "back at it");
}

#[test]
fn what_the_viewer_wants_to_see_is_said_when_it_changes() {
    let mut page = Page::open();
    let attentions = |page: &Page| {
        let wanted = page.said.iter().filter_map(|said| match said {
            ClientMessage::Attention(attention) => Some(attention.wants_previews()),
            _ => None,
        });
        wanted.collect::<Vec<_>>()
    };
    page.happen(Event::Visible(false));
    page.happen(Event::Background(true));
    page.happen(Event::Every(0));
    assert_eq!(attentions(&page), [false, true, false]);
}

fn latents() -> Latents {
    Latents { header: frame(1, 1, 1).header, values: [2, 66, 130, 254].into() }
}

#[test]
fn latents_become_colour_by_the_affine_map() {
    let mut map = super::grey_map();
    map.matrix[1] = vec![2.0];
    map.offset = [0.4, -10.0, 300.0];
    let rgba = crate::studio::latent_to_rgba(&latents(), &map).unwrap();
    assert_eq!(rgba, [2, 0, 255, 255, 66, 122, 255, 255, 130, 250, 255, 255, 254, 255, 255, 255]);
}

#[test]
fn a_map_for_other_channels_makes_no_picture() {
    let mut map = super::grey_map();
    map.matrix[2].push(1.0);
    assert_eq!(crate::studio::latent_to_rgba(&latents(), &map), None);
}

#[test]
fn a_job_that_begins_again_after_a_restart_shows_its_previews_from_the_first() {
    let mut page = Page::open();
    page.generate(5);
    page.start(5);
    page.preview(5, 9, 1);
    page.done.clear();
    page.start(5);
    page.preview(5, 1, 2);
    let painted = page.take(|effect| match effect {
        Effect::Paint(frame, _) => Some(frame.header.step),
        _ => None,
    });
    assert_eq!(painted, [1]);
}
