//! What a viewer promises, one promise a test; then every short history of one, against the rules.

use link::{Attached, Outgoing, Preview, Viewer, viewer::VIEWER_KEPT_MS};
use std::sync::Arc;
use wire::{
    Attention, Fact, Frame, FrameFormat, FrameHeader, Hello, JobId, Numbered, PROTOCOL, PersonToken,
    PreviewFormat, Seen, ViewerId,
    latents::{COARSE, FINE},
    limits::{FACTS_KEPT, FRAMES_IN_FLIGHT},
};

const JOB: JobId = JobId([1; 8]);
const HIDDEN: Attention =
    Attention { visible: false, background: false, every: 1, format: PreviewFormat::Latent };

fn step_fact(step: u16) -> Arc<str> {
    Fact::Step { job: JOB, step, total: 9_999, step_ms: 1.0 }.to_text().into()
}

fn welcome() -> Arc<str> {
    Fact::Welcome { stream: 1, fresh: true, snapshot: None }.to_text().into()
}

fn frame(job: JobId, picture: u16, sequence: u64) -> Preview {
    let format = FrameFormat::Latent;
    let (step, total) = (sequence as u16, 9_999);
    let header = FrameHeader {
        format,
        channels: 1,
        picture,
        step,
        total,
        width: 1,
        height: 1,
        base: 0,
        sequence,
        job,
        made_us: 0,
    };
    Preview::latents(header, vec![0]).expect("one value for one position")
}

/// A picture that a page asked for: no step is left.
fn picture(sequence: u64) -> Preview {
    let header = *frame(JOB, 0, sequence).header();
    let header = FrameHeader { step: header.total, format: FrameFormat::Jpeg, ..header };
    Frame::new(header, &[0]).expect("one byte is small").into()
}

/// A page that counts by this stream and has seen so many facts of it.
fn hello(stream: u32, last: u64) -> Hello {
    let attention = Attention::default();
    Hello {
        protocol: PROTOCOL,
        person: PersonToken([1; 16]),
        viewer: ViewerId([1; 8]),
        stream,
        last,
        attention,
    }
}

/// Its stream is 1.
fn attached() -> Viewer {
    let mut viewer = Viewer::new();
    assert_eq!(viewer.attach(&hello(0, 0), 1), Attached::Fresh);
    viewer.welcome(welcome());
    assert_eq!(number(viewer.next(0)), 0, "the welcome stands outside the numbering");
    viewer
}

fn number(outgoing: Option<Outgoing>) -> u64 {
    let Some(Outgoing::Text(text)) = outgoing else { panic!("{outgoing:?} is no fact") };
    Numbered::parse(&text).expect("a numbered fact").n
}

fn pong(sent: u64) -> Arc<str> {
    Fact::Pong { sent, clock_us: 0, conflated: 0, made: 0, encoded: 0, decoded: 0 }.to_text().into()
}

#[test]
fn a_ping_is_answered_before_all_else_and_once() {
    let mut viewer = attached();
    viewer.fact(step_fact(1));
    viewer.pong(pong(1));
    viewer.pong(pong(2));
    let Some(Outgoing::Text(text)) = viewer.next(0) else { panic!("no answer") };
    assert!(matches!(Numbered::parse(&text), Ok(Numbered { n: 0, fact: Fact::Pong { sent: 2, .. } })));
    assert_eq!(number(viewer.next(0)), 1);
    viewer.pong(pong(3));
    viewer.attach(&hello(1, 1), 2);
    viewer.welcome(welcome());
    assert_eq!(number(viewer.next(0)), 0);
    assert!(viewer.next(0).is_none(), "on another connection it tells nothing");
}

#[test]
fn only_what_a_looking_page_missed_counts_as_conflated() {
    let mut viewer = attached();
    for sequence in 1..=4 {
        viewer.preview(frame(JOB, 0, sequence), 0);
        viewer.next(0);
    }
    // Two are in flight, and the fourth took the place of the third.
    assert_eq!(viewer.conflated(), 1);
    viewer.set_attention(HIDDEN);
    (5..=9).for_each(|sequence| viewer.preview(frame(JOB, 0, sequence), 0));
    viewer.detach();
    viewer.attach(&hello(1, 0), 2);
    assert_eq!(viewer.conflated(), 1);
}

fn sequence(outgoing: Option<Outgoing>) -> u64 {
    let Some(Outgoing::Frame(frame)) = outgoing else { panic!("{outgoing:?} is no frame") };
    frame.header().sequence
}

#[test]
fn facts_go_before_frames_and_are_numbered_without_gaps() {
    let mut viewer = attached();
    viewer.preview(frame(JOB, 0, 1), 0);
    viewer.fact(step_fact(1));
    viewer.fact(step_fact(2));
    assert_eq!([number(viewer.next(0)), number(viewer.next(0))], [1, 2]);
    assert_eq!(sequence(viewer.next(0)), 1);
    assert!(viewer.next(0).is_none());
}

#[test]
fn of_one_picture_only_the_newest_frame_is_sent_and_an_older_one_never_replaces_it() {
    let mut viewer = attached();
    for made in [3, 9, 4] {
        viewer.preview(frame(JOB, 0, made), 0);
    }
    viewer.preview(frame(JOB, 1, 5), 0);
    assert_eq!(
        [sequence(viewer.next(0)), sequence(viewer.next(0))],
        [9, 5],
        "in the place of what was there"
    );
}

#[test]
fn where_a_link_carries_half_of_a_jobs_pictures_each_has_its_turn() {
    let mut viewer = attached();
    let mut shown = [0; 4];
    for step in 0..8 {
        for picture in 0..4 {
            viewer.preview(frame(JOB, picture, 1 + 4 * step + u64::from(picture)), 0);
        }
        for _ in 0..FRAMES_IN_FLIGHT {
            let Some(Outgoing::Frame(telling)) = viewer.next(0) else { panic!("no frame") };
            assert_eq!((telling.header().sequence - 1) / 4, step, "the newest");
            shown[usize::from(telling.header().picture)] += 1;
            viewer.ack(telling.header().sequence, 0);
        }
    }
    assert_eq!(shown, [4; 4]);
}

#[test]
fn two_frames_may_be_under_way_and_an_acknowledgement_makes_room() {
    let mut viewer = attached();
    for made in 1..=5 {
        viewer.preview(frame(JOB, made as u16, made), 0);
    }
    assert_eq!([sequence(viewer.next(0)), sequence(viewer.next(0))], [1, 2]);
    assert!(viewer.next(0).is_none());
    viewer.ack(1, 0);
    assert_eq!(sequence(viewer.next(0)), 3);
    assert!(viewer.next(0).is_none());
    viewer.ack(3, 0);
    assert_eq!([sequence(viewer.next(0)), sequence(viewer.next(0))], [4, 5]);
}

#[test]
fn while_one_is_under_way_a_frame_that_is_about_to_be_replaced_waits_for_that() {
    let mut viewer = attached();
    for step in 1..=4 {
        viewer.preview(frame(JOB, 0, step), 100 * step);
        viewer.next(100 * step);
    }
    // The first two are under way; the fourth has waited for long when there is room.
    viewer.ack(1, 480);
    assert!(viewer.next(480).is_none() && viewer.is_holding());
    viewer.preview(frame(JOB, 0, 5), 500);
    assert_eq!(sequence(viewer.next(500)), 5);
    viewer.preview(frame(JOB, 0, 6), 600);
    viewer.ack(2, 620);
    assert_eq!(sequence(viewer.next(620)), 6, "the next is far");
    viewer.preview(frame(JOB, 0, 7), 700);
    viewer.ack(6, 790);
    assert_eq!(sequence(viewer.next(790)), 7, "none is under way, so the page has nothing else to show");
}

#[test]
fn of_several_pictures_each_waits_for_itself_alone() {
    let mut viewer = attached();
    for step in 1..=2 {
        (0..4).for_each(|picture| {
            viewer.preview(frame(JOB, picture, 4 * step + u64::from(picture)), 100 * step)
        });
    }
    assert_eq!([sequence(viewer.next(200)), sequence(viewer.next(200))], [8, 9]);
    viewer.ack(8, 280);
    assert_eq!(sequence(viewer.next(280)), 10, "none of the third is under way");
}

#[test]
fn what_was_sent_behind_an_acknowledged_frame_is_still_under_way() {
    let mut viewer = attached();
    viewer.picture(picture(20));
    assert_eq!(sequence(viewer.next(0)), 20);
    viewer.fact(step_fact(1));
    assert_eq!(number(viewer.next(0)), 1);
    // Of another job, and made before.
    viewer.preview(frame(JobId([2; 8]), 0, 15), 0);
    assert_eq!(sequence(viewer.next(0)), 15);
    viewer.ack(20, 5);
    assert_eq!(viewer.attach(&hello(0, 0), 2), Attached::Fresh);
    assert_eq!(
        number({
            viewer.welcome(welcome());
            viewer.next(0)
        }),
        0
    );
    assert_eq!(sequence(viewer.next(0)), 15, "it is sent again");
}

#[test]
fn a_hidden_page_gets_its_newest_frame_when_it_is_seen_again() {
    let mut viewer = attached();
    viewer.set_attention(HIDDEN);
    viewer.preview(frame(JOB, 0, 1), 0);
    viewer.preview(frame(JOB, 0, 2), 0);
    assert!(!viewer.wants_step(3, 9));
    assert!(viewer.next(0).is_none());
    viewer.set_attention(Attention::default());
    assert!(viewer.wants_step(3, 9));
    assert_eq!(sequence(viewer.next(0)), 2);
}

#[test]
fn a_picture_that_was_asked_for_comes_whatever_the_interval() {
    let mut viewer = attached();
    viewer.set_attention(Attention { every: 0, ..Attention::default() });
    viewer.picture(picture(1));
    assert_eq!(sequence(viewer.next(0)), 1);
    viewer.set_attention(Attention { every: 0, ..HIDDEN });
    viewer.picture(picture(2));
    assert!(!viewer.is_looking() && viewer.next(0).is_none(), "a hidden page is sent none");
    viewer.picture(picture(3));
    viewer.set_attention(Attention::default());
    assert_eq!(sequence(viewer.next(0)), 3, "and sees the newest when it comes back");
}

#[test]
fn frames_made_for_others_are_not_sent() {
    let mut viewer = attached();
    viewer.set_attention(Attention { every: 5, ..Attention::default() });
    viewer.preview(frame(JOB, 0, 4), 0);
    assert!(viewer.next(0).is_none(), "it asked for every fifth step");
    viewer.set_attention(Attention { format: PreviewFormat::Jpeg, ..Attention::default() });
    viewer.preview(frame(JOB, 0, 5), 0);
    assert!(viewer.next(0).is_none(), "it asked for pictures");
    viewer.set_attention(Attention { every: 0, ..Attention::default() });
    viewer.preview(frame(JOB, 0, 6), 0);
    assert!(viewer.next(0).is_none(), "it asked for none");
}

#[test]
fn a_job_that_ended_sends_no_more_previews() {
    let mut viewer = attached();
    viewer.preview(frame(JOB, 0, 1), 0);
    viewer.preview(frame(JobId([2; 8]), 0, 2), 0);
    viewer.forget_job(JOB);
    assert_eq!(sequence(viewer.next(0)), 2);
}

#[test]
fn a_page_that_comes_back_gets_what_it_missed_and_the_newest_frame() {
    let mut viewer = attached();
    (1..=3).for_each(|step| viewer.fact(step_fact(step)));
    viewer.preview(frame(JOB, 0, 1), 0);
    while viewer.next(0).is_some() {}
    viewer.detach();
    assert!(!viewer.wants_step(1, 9), "nobody looks");
    viewer.fact(step_fact(4));
    assert_eq!(viewer.attach(&hello(1, 2), 2), Attached::Resumed);
    viewer.welcome(welcome());
    let facts: Vec<_> = (0..3).map(|_| number(viewer.next(0))).collect();
    assert_eq!(facts, [0, 3, 4], "the welcome stands outside, then what is new to it");
    assert_eq!(sequence(viewer.next(0)), 1, "nobody knows whether it arrived");
}

#[test]
fn an_acknowledged_frame_tells_that_the_facts_before_it_have_arrived() {
    let acknowledged = || {
        let mut viewer = attached();
        (1..=3).for_each(|step| viewer.fact(step_fact(step)));
        viewer.preview(frame(JOB, 0, 1), 0);
        while viewer.next(0).is_some() {}
        viewer.fact(step_fact(4));
        viewer.ack(1, 0);
        viewer
    };
    // Kept no longer, so a page that claims to have missed them is told all anew.
    assert_eq!(acknowledged().attach(&hello(1, 2), 2), Attached::Fresh);

    let mut viewer = acknowledged();
    assert_eq!(viewer.attach(&hello(1, 3), 2), Attached::Resumed);
    viewer.welcome(welcome());
    assert_eq!([number(viewer.next(0)), number(viewer.next(0))], [0, 4]);
}

#[test]
fn a_page_that_was_away_for_too_many_facts_starts_afresh() {
    let mut viewer = attached();
    (0..FACTS_KEPT as u16 + 2).for_each(|step| viewer.fact(step_fact(step)));
    assert!(viewer.has_overrun(), "the connection is too far behind");
    assert!(viewer.next(0).is_none());
    assert!(viewer.poll(facts(1), 0).is_none());
    assert_eq!(viewer.attach(&hello(1, 1), 2), Attached::Fresh);
    assert!(!viewer.has_overrun());
}

#[test]
fn a_fresh_welcome_that_gets_lost_is_not_taken_for_seen() {
    // The page has seen 5 facts of a server that was started again since, and says so each time.
    let mut viewer = Viewer::new();
    for next in 7..10 {
        assert_eq!(viewer.attach(&hello(3, 5), next), Attached::Fresh);
        (0..9).for_each(|step| viewer.fact(step_fact(step)));
    }
    assert_eq!(viewer.attach(&hello(9, 5), 10), Attached::Resumed, "now it counts by this stream");
}

#[test]
fn a_poll_of_the_stream_before_is_answered_from_the_start_whatever_the_numbers() {
    // The page has seen 9 facts of the stream before, and the answer to its first poll of this one gets lost.
    let mut viewer = Viewer::new();
    viewer.attach(&hello(3, 9), 4);
    viewer.welcome(welcome());
    (0..9).for_each(|step| viewer.fact(step_fact(step)));
    let before = Seen { stream: 3, ..facts(9) };
    let lost = viewer.poll(before, 0).expect("it is answered, to nobody");
    assert_eq!((lost.texts.len(), lost.seen), (10, Seen { stream: 4, ..facts(9) }));
    let next = viewer.poll(before, 0).expect("it is answered from the start").answer();
    assert_eq!(next.texts.len(), 9, "without its welcome, by which the page knows that it has to say hello");
    assert_eq!(viewer.attach(&hello(3, 9), 5), Attached::Fresh);
}

#[test]
fn an_absurd_place_to_resume_from_is_a_fresh_start() {
    let mut viewer = Viewer::new();
    for next in 1..4 {
        assert_eq!(viewer.attach(&hello(next - 1, u64::MAX), next), Attached::Fresh);
    }
    viewer.fact(step_fact(1));
    assert!(viewer.poll(Seen { stream: 3, ..facts(u64::MAX) }, 0).is_none());
}

#[test]
fn polls_over_a_starved_link_are_answered_with_coarse_latents() {
    let size_after = |took: u64| {
        let mut viewer = Viewer::new();
        viewer.attach(&hello(0, 0), 1);
        let (mut now, mut last) = (0, 0);
        for step in 1..12 {
            viewer.preview(still(0, step), now);
            let seen = Seen { frame: u64::from(step) - 1, ..facts(0) };
            let answer = viewer.poll(seen, now).expect("it is known").answer();
            last = answer.frames[0].bytes().len();
            // The first one says how far it is.
            now += if step == 1 { 20 } else { took };
        }
        last
    };
    let (well, starved) = (size_after(25), size_after(400));
    assert!(starved * 10 < well * 8, "{starved} of {well}");
}

#[test]
fn polls_carry_the_same_and_acknowledge_by_themselves() {
    let mut viewer = Viewer::new();
    viewer.attach(&hello(0, 0), 1);
    viewer.welcome(welcome());
    viewer.fact(step_fact(1));
    (1..=4).for_each(|made| viewer.preview(frame(JOB, made as u16, made), 0));
    let mut poll = |fact, frame| {
        let polled = viewer.poll(Seen { frame, ..facts(fact) }, 0).expect("it is known");
        let (seen, answer) = (polled.seen, polled.answer());
        (
            answer.texts.len(),
            answer.frames.iter().map(|frame| frame.header.sequence).collect::<Vec<_>>(),
            seen,
        )
    };
    assert_eq!(poll(0, 0), (2, vec![1, 2], Seen { frame: 2, ..facts(1) }));
    // It got lost.
    assert_eq!(poll(0, 0), (1, vec![3, 4], Seen { frame: 4, ..facts(1) }));
    assert_eq!(poll(1, 4), (0, vec![1, 2], Seen { frame: 2, ..facts(1) }));
    assert_eq!(poll(1, 2), (0, vec![], Seen { frame: 2, ..facts(1) }));
}

#[test]
fn a_viewer_is_forgotten_when_it_has_been_away_for_long() {
    let mut viewer = attached();
    viewer.heard(1_000);
    assert!(!viewer.is_expired(1_000 + VIEWER_KEPT_MS), "it is connected");
    viewer.detach();
    assert!(!viewer.is_expired(999 + VIEWER_KEPT_MS));
    assert!(viewer.is_expired(1_000 + VIEWER_KEPT_MS));
    assert_eq!(viewer.silent_for(0), 0, "a clock that goes back does no harm");
}

/// A page that has seen so many facts of stream 1, and no frame.
fn facts(fact: u64) -> Seen {
    Seen { stream: 1, fact, frame: 0 }
}

/// Latents that stand still but for one value.
fn still(picture: u16, step: u16) -> Preview {
    let header = FrameHeader {
        channels: 4,
        width: 16,
        height: 16,
        step,
        sequence: step.into(),
        ..*frame(JOB, picture, 1).header()
    };
    let mut values: Vec<u8> = (0..1024_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    values[0] = step as u8;
    Preview::latents(header, values).expect("as many values as positions")
}

/// The next frame, which has the base, and its length.
fn told(viewer: &mut Viewer, now: u64) -> (u16, usize) {
    let Some(Outgoing::Frame(telling)) = viewer.next(now) else { panic!("no frame") };
    let frame = telling.frame();
    viewer.ack(frame.header.sequence, now + 20);
    (frame.header.base, frame.payload().len())
}

#[test]
fn a_frame_tells_the_difference_to_the_one_that_this_connection_carried_before() {
    let mut viewer = attached();
    let mut show = |picture, step| {
        viewer.preview(still(picture, step), 0);
        told(&mut viewer, 0)
    };
    let (base, whole) = show(0, 1);
    assert_eq!(base, 0);
    let (base, difference) = show(0, 4);
    assert_eq!(base, 1, "whatever steps others saw in between");
    assert!(difference * 5 < whole, "{difference} of {whole}");
    assert_eq!(show(1, 5).0, 0, "each picture for itself");
    assert_eq!(show(0, 6).0, 4);
    assert_eq!(show(1, 7).0, 5);
    viewer.attach(&hello(1, 0), 2);
    viewer.preview(still(0, 8), 0);
    assert_eq!(told(&mut viewer, 0).0, 0, "nobody knows what arrived before the cut");
    let polled = viewer.poll(facts(0), 0).expect("it is known").answer();
    assert_eq!(polled.frames.len(), 0);
    viewer.preview(still(0, 9), 0);
    assert_eq!(
        viewer.poll(facts(0), 0).expect("it is known").answer().frames[0].header.base,
        0,
        "an answer may get lost"
    );
}

#[test]
fn frames_of_another_job_begin_anew_and_pictures_are_told_as_they_are() {
    let mut viewer = attached();
    viewer.preview(still(0, 1), 0);
    told(&mut viewer, 0);
    viewer.picture(picture(2));
    assert_eq!(told(&mut viewer, 0), (0, 1));
    viewer.preview(still(0, 3), 0);
    assert_eq!(told(&mut viewer, 0).0, 1);
    viewer.preview(frame(JobId([2; 8]), 0, 4), 0);
    assert_eq!(told(&mut viewer, 0).0, 0);
    viewer.preview(still(0, 5), 0);
    assert_eq!(told(&mut viewer, 0).0, 0);
    viewer.forget_job(JOB);
    viewer.preview(still(0, 6), 0);
    assert_eq!(told(&mut viewer, 0).0, 0);
}

#[test]
fn a_viewer_that_has_the_same_is_told_in_the_same_bytes() {
    let [mut one, mut other] = [attached(), attached()];
    for step in 1..=2 {
        let preview = still(0, step);
        let frames = [&mut one, &mut other].map(|viewer| {
            viewer.preview(preview.clone(), 0);
            let Some(Outgoing::Frame(telling)) = viewer.next(0) else { panic!("no frame") };
            telling.frame().bytes().as_ptr()
        });
        assert_eq!(frames[0], frames[1], "coded once");
    }
}

#[test]
fn where_frames_wait_in_the_link_they_are_told_in_fewer_bits_until_it_is_better() {
    let bits = |frame: &Frame| frame.payload()[0];
    let mut viewer = attached();
    let mut now = 0;
    // The bits and the base of frames that each take so long.
    let mut show = |took: u64, times: u16| {
        let frames = (0..times).map(|_| {
            now += 1_000;
            viewer.preview(still(0, (now / 1_000) as u16), 0);
            let Some(Outgoing::Frame(telling)) = viewer.next(now) else { panic!("no frame") };
            let frame = telling.frame();
            viewer.ack(frame.header.sequence, now + took);
            frame
        });
        frames.collect::<Vec<_>>()
    };
    assert!(show(50, 5).iter().all(|frame| bits(frame) == FINE), "far is not narrow");
    assert!(show(250, 1).iter().chain(&show(50, 9)).all(|frame| bits(frame) == FINE), "one was late");
    let late = show(250, 9);
    assert_eq!((bits(&late[0]), bits(&late[8])), (FINE, COARSE));
    assert!(late[1..].iter().all(|frame| frame.header.base > 0), "of a finer one the difference can be told");
    let well = show(55, 20);
    assert_eq!((bits(&well[0]), bits(&well[19])), (COARSE, FINE));
    let first = well.iter().find(|frame| bits(frame) == FINE).expect("it was told finely again");
    assert_eq!(first.header.base, 0, "of a coarser one it cannot");
}

/// What can happen to a viewer, as small as it gets.
#[derive(Debug, Clone, Copy)]
enum Move {
    Fact,
    Frame(u16),
    Next,
    AckNewest,
    Hide,
    Show,
    CutAndResume,
    Forget,
}

const MOVES: [Move; 9] = [
    Move::Fact,
    Move::Frame(0),
    Move::Frame(1),
    Move::Next,
    Move::AckNewest,
    Move::Hide,
    Move::Show,
    Move::CutAndResume,
    Move::Forget,
];

/// A viewer together with the page at the other end of a perfect wire.
struct Pair {
    viewer: Viewer,
    made: u64,
    told: u64,
    seen: u64,
    unacknowledged: Vec<u64>,
    last_sent: u64,
    sent_of: [u64; 2],
    newest_of: [u64; 2],
}

impl Pair {
    fn new() -> Self {
        let viewer = attached();
        let (made, told, seen, last_sent) = (0, 0, 0, 0);
        let unacknowledged = Vec::new();
        Self { viewer, made, told, seen, last_sent, unacknowledged, sent_of: [0; 2], newest_of: [0; 2] }
    }

    fn make(&mut self, it: Move) {
        match it {
            Move::Fact => {
                self.told += 1;
                self.viewer.fact(step_fact(0));
            }
            Move::Frame(picture) => {
                self.made += 1;
                self.newest_of[usize::from(picture)] = self.made;
                self.viewer.preview(frame(JOB, picture, self.made), 0);
            }
            Move::Next => _ = self.next(),
            Move::AckNewest => {
                self.viewer.ack(self.last_sent, 0);
                self.unacknowledged.clear();
            }
            Move::Hide => self.viewer.set_attention(HIDDEN),
            Move::Show => self.viewer.set_attention(Attention::default()),
            Move::CutAndResume => {
                let attention = self.viewer.attention();
                self.viewer.detach();
                assert!(self.viewer.next(0).is_none(), "nothing is sent to nobody");
                let attached = self.viewer.attach(&Hello { attention, ..hello(1, self.seen) }, 2);
                assert_eq!(attached, Attached::Resumed);
                self.unacknowledged.clear();
                (self.last_sent, self.sent_of) = (0, [0; 2]);
            }
            Move::Forget => {
                self.newest_of = [0; 2];
                self.viewer.forget_job(JOB);
            }
        }
    }

    fn next(&mut self) -> bool {
        match self.viewer.next(0) {
            None => return false,
            Some(Outgoing::Text(text)) => {
                self.seen += 1;
                assert_eq!(Numbered::parse(&text).expect("a numbered fact").n, self.seen);
            }
            Some(Outgoing::Frame(frame)) => {
                let header = *frame.header();
                assert_eq!(self.seen, self.told, "a fact waits behind a picture");
                assert!(self.viewer.attention().wants_previews());
                let picture = usize::from(header.picture);
                assert!(header.sequence > self.sent_of[picture], "those of a picture are sent in order");
                assert_eq!(header.sequence, self.newest_of[picture], "only the newest");
                (self.last_sent, self.sent_of[picture]) = (header.sequence, header.sequence);
                self.unacknowledged.push(header.sequence);
                assert!(self.unacknowledged.len() <= FRAMES_IN_FLIGHT);
            }
        }
        true
    }

    /// A page that looks and acknowledges ends up with everything.
    fn finish(mut self) {
        self.make(Move::Show);
        self.make(Move::CutAndResume);
        while self.next() {
            self.make(Move::AckNewest);
        }
        assert_eq!(self.seen, self.told);
    }
}

#[test]
fn every_history_of_six_moves_keeps_the_rules() {
    const DEPTH: u32 = 6;
    for history in 0..MOVES.len().pow(DEPTH) {
        let mut pair = Pair::new();
        let mut rest = history;
        for _ in 0..DEPTH {
            pair.make(MOVES[rest % MOVES.len()]);
            rest /= MOVES.len();
        }
        pair.finish();
    }
}
