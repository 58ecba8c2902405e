//! What uploads promise.

use bytes::Bytes;
use link::{
    Uploads,
    backoff::{FIRST_MS, LONGEST_MS},
    upload::{Effect, Event, IN_FLIGHT_MAX, KEPT_MAX, STROKE_TILES_MAX},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use wire::{
    Code, Digest, Problem, TileBatch, TilesAnswer,
    limits::{BATCH_BYTES_MAX, BATCH_TILES_MAX},
};

fn digest(i: u32) -> Digest {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&i.to_le_bytes());
    Digest(bytes)
}

fn tiles(range: std::ops::Range<u32>, size: usize) -> Event {
    Event::Changed(range.map(|i| (digest(i), Bytes::from(vec![0; size]))).collect())
}

fn posts(effects: &[Effect]) -> Vec<(u32, Vec<Digest>)> {
    let post = |effect: &Effect| match effect {
        Effect::Post { batch, tiles } => Some((*batch, tiles.0.iter().map(|(digest, _)| *digest).collect())),
        _ => None,
    };
    effects.iter().filter_map(post).collect()
}

fn stored(batch: u32) -> Event {
    Event::Answered { batch, answer: TilesAnswer { stored: 1, refused: vec![] } }
}

fn refused(batch: u32, digest: Digest, code: Code) -> Event {
    let refused = vec![(digest, Problem::new(code, "no"))];
    Event::Answered { batch, answer: TilesAnswer { stored: 0, refused } }
}

#[test]
fn what_the_server_has_is_never_sent_again_unless_it_asks() {
    let mut uploads = Uploads::new(1);
    let sent = posts(&uploads.handle(tiles(0..4, 100), 0));
    assert_eq!(sent.len(), 1);
    uploads.handle(stored(sent[0].0), 10);
    assert_eq!(posts(&uploads.handle(tiles(0..4, 100), 20)), [], "an undo sends nothing");
    let sent = posts(&uploads.handle(Event::Missing(vec![digest(2)]), 30));
    assert_eq!(sent[0].1, [digest(2)]);
    assert_eq!(posts(&uploads.handle(Event::Missing(vec![digest(2)]), 40)), [], "it is under way");
}

#[test]
fn a_tile_that_the_page_has_no_more_is_coded_again() {
    let mut uploads = Uploads::new(1);
    let effects = uploads.handle(Event::Missing(vec![digest(1), digest(1)]), 0);
    assert_eq!(effects, [Effect::Recode(vec![digest(1)])]);
    assert_eq!(posts(&uploads.handle(tiles(1..2, 100), 1)).len(), 1);
}

#[test]
fn what_is_not_wanted_any_more_does_not_go_be_it_queued_or_to_be_tried_again() {
    let mut uploads = Uploads::new(1);
    let photo = posts(&uploads.handle(tiles(0..200, 40_000), 0));
    uploads.handle(Event::Failed { batch: photo[0].0 }, 10);
    let wanted = vec![digest(500), digest(199), photo[0].1[0]];
    uploads.handle(Event::Wanted(wanted.clone()), 20);
    let mut sent = posts(&uploads.handle(stored(photo[1].0), 30));
    sent.extend(posts(&uploads.handle(Event::Online, 40)));
    let mut sent: Vec<Digest> = sent.into_iter().flat_map(|(_, tiles)| tiles).collect();
    sent.sort_unstable();
    let mut expected = wanted[1..].to_vec();
    expected.sort_unstable();
    assert_eq!(sent, expected);
    let again = posts(&uploads.handle(Event::Missing(vec![digest(150)]), 50));
    assert_eq!(again[0].1, [digest(150)], "the page has it still");
}

#[test]
fn a_stroke_overtakes_a_photo_and_three_are_under_way_at_most() {
    let mut uploads = Uploads::new(1);
    let photo = posts(&uploads.handle(tiles(0..1_000, 8_000), 0));
    assert_eq!(photo.len(), IN_FLIGHT_MAX - 1, "a photo leaves room");
    let stroke = posts(&uploads.handle(tiles(5_000..5_003, 500), 1));
    assert_eq!(stroke[0].1, [digest(5_000), digest(5_001), digest(5_002)]);
    assert_eq!(posts(&uploads.handle(tiles(6_000..6_001, 500), 2)), [], "three are under way");
    let next = posts(&uploads.handle(stored(photo[0].0), 3));
    assert_eq!(next[0].1, [digest(6_000)], "the second stroke goes before the rest of the photo");
}

#[test]
fn a_photo_tells_how_far_it_is_and_begins_again_at_nothing() {
    let mut uploads = Uploads::new(1);
    let photo = 0..STROKE_TILES_MAX as u32 * 4;
    let mut under_way = posts(&uploads.handle(tiles(photo.clone(), 4_000), 0));
    let total = u64::from(photo.end) * 4_000;
    let mut before = uploads.progress();
    assert_eq!((before.sent_bytes, before.total_bytes), (0, total));
    while let Some((batch, _)) = under_way.pop() {
        under_way.extend(posts(&uploads.handle(stored(batch), 1)));
        let progress = uploads.progress();
        assert!(progress.sent_bytes > before.sent_bytes && progress.total_bytes == total);
        before = progress;
    }
    assert!(before.is_synced() && before.sent_bytes == total);
    uploads.handle(tiles(9_000..9_001, 10), 2);
    assert_eq!((uploads.progress().sent_bytes, uploads.progress().total_bytes), (0, 10));
}

#[test]
fn a_failed_upload_waits_and_is_tried_for_ever() {
    let mut uploads = Uploads::new(1);
    let mut now = 0;
    let mut sent = posts(&uploads.handle(tiles(0..2, 100), now));
    for _ in 0..50 {
        let effects = uploads.handle(Event::Failed { batch: sent[0].0 }, now);
        sent = posts(&effects);
        if sent.is_empty() {
            let timer = effects.iter().find_map(|effect| match effect {
                Effect::Timer { at } => Some(*at),
                _ => None,
            });
            assert_eq!(uploads.progress().failed, 2);
            now = timer.expect("it says when it tries again");
            sent = posts(&uploads.handle(Event::Timer, now));
        }
        assert_eq!(sent[0].1, [digest(0), digest(1)]);
    }
    assert!(now > 60_000, "with pauses that grow");
}

#[test]
fn an_upload_that_fails_holds_up_none_of_the_others_and_is_tried_soon_after_one_that_arrives() {
    let mut uploads = Uploads::new(1);
    let mut photo = posts(&uploads.handle(tiles(0..100, 8_000), 0));
    let mut lost = photo.remove(0);
    let mut now = 0;
    for _ in 0..6 {
        // Its pause gets longer and longer.
        assert_eq!(posts(&uploads.handle(Event::Failed { batch: lost.0 }, now)), []);
        now += LONGEST_MS;
        lost = posts(&uploads.handle(Event::Timer, now)).remove(0);
    }
    uploads.handle(Event::Failed { batch: lost.0 }, now);
    assert_eq!(posts(&uploads.handle(Event::Timer, now + FIRST_MS)), [], "it would be long");
    let mut arrived = HashSet::new();
    while let Some((batch, tiles)) = photo.pop() {
        arrived.extend(tiles);
        photo.extend(posts(&uploads.handle(stored(batch), now)));
    }
    let progress = uploads.progress();
    assert_eq!((progress.queued, progress.in_flight, progress.failed), (0, 0, lost.1.len()));
    assert!(lost.1.iter().all(|tile| !arrived.contains(tile)) && arrived.len() + lost.1.len() == 100);
    let again = posts(&uploads.handle(Event::Timer, now + FIRST_MS));
    assert_eq!(again[0].1, lost.1[..again[0].1.len()]);
}

#[test]
fn a_stroke_takes_a_tile_along_that_failed_among_others() {
    let mut uploads = Uploads::new(1);
    let photo = posts(&uploads.handle(tiles(0..100, 8_000), 0));
    for (batch, _) in photo {
        uploads.handle(Event::Failed { batch }, 0);
    }
    let failed = uploads.progress().failed;
    assert_eq!(posts(&uploads.handle(Event::Missing(vec![digest(1)]), 0))[0].1, [digest(1)]);
    assert_eq!(uploads.progress().failed, failed - 1);
}

#[test]
fn a_link_that_is_gone_is_tried_by_three_and_not_by_all_that_waits() {
    let mut uploads = Uploads::new(1);
    let mut sent = posts(&uploads.handle(tiles(0..1_000, 8_000), 0));
    sent.extend(posts(&uploads.handle(tiles(5_000..5_003, 500), 0)));
    for (batch, _) in sent {
        assert_eq!(posts(&uploads.handle(Event::Failed { batch }, 0)), []);
    }
    assert!(posts(&uploads.handle(Event::Online, 0)).len() == IN_FLIGHT_MAX);
}

#[test]
fn what_a_narrow_link_did_not_carry_in_time_is_tried_in_smaller_pieces() {
    let mut uploads = Uploads::new(1);
    let mut now = 0;
    let mut sent = posts(&uploads.handle(tiles(0..16, 4_000), now));
    let whole = sent[0].1.len();
    for _ in 0..4 {
        now += 40_000;
        let failed = sent.remove(0).0;
        uploads.handle(Event::Failed { batch: failed }, now);
        now += 30_000;
        sent = posts(&uploads.handle(Event::Timer, now));
    }
    assert!(whole == 16 && sent[0].1.len() == 4, "{whole}, then {}", sent[0].1.len());
}

#[test]
fn what_fails_at_once_or_takes_time_for_another_reason_makes_no_upload_smaller() {
    let mut uploads = Uploads::new(1);
    uploads.handle(Event::RoundTrip(1), 0);
    let mut sent = posts(&uploads.handle(tiles(0..400, 4_000), 0));
    let whole = sent[0].1.len();
    for (batch, _) in std::mem::take(&mut sent) {
        uploads.handle(Event::Failed { batch }, 5);
    }
    sent = posts(&uploads.handle(Event::Online, 10));
    assert_eq!(sent[0].1.len(), whole, "the server was started again");
    // A server that takes 150 ms for each.
    let mut now = 10;
    while let Some((batch, tiles)) = sent.pop() {
        let rest = uploads.progress().queued;
        assert!(tiles.len() >= whole.min(rest + tiles.len()), "{}", tiles.len());
        now += 75;
        sent.splice(0..0, posts(&uploads.handle(stored(batch), now)));
    }
    assert!(uploads.progress().is_synced());
}

/// A link that carries what is posted one after the other, so many bytes a millisecond, with `round_trip` until the answer.
/// Returns how much of the time it carried something, and the mean size of a post of the later half.
fn carry(round_trip: u64, bytes_per_ms: usize) -> (f64, usize) {
    let mut uploads = Uploads::new(1);
    uploads.handle(Event::RoundTrip(round_trip), 0);
    let (mut now, mut free_at, mut busy) = (0, 0, 0);
    let mut answers = std::collections::VecDeque::new();
    let mut sizes = Vec::new();
    let mut effects = uploads.handle(tiles(0..500, 4_000), now);
    loop {
        for effect in effects {
            let Effect::Post { batch, tiles } = effect else { continue };
            let bytes: usize = tiles.0.iter().map(|(_, tile)| tile.len()).sum();
            let takes = (bytes / bytes_per_ms) as u64;
            free_at = now.max(free_at) + takes;
            busy += takes;
            answers.push_back((batch, free_at + round_trip));
            sizes.push(bytes);
        }
        let Some((batch, at)) = answers.pop_front() else { break };
        now = at;
        effects = uploads.handle(stored(batch), now);
    }
    let later = &sizes[sizes.len() / 2..];
    (busy as f64 / now as f64, later.iter().sum::<usize>() / later.len())
}

#[test]
fn an_upload_is_as_large_as_what_the_link_carries_in_a_round_trip() {
    for (round_trip, bytes_per_ms) in [(50, 250), (200, 62), (200, 250), (100, 1_250)] {
        let (busy, size) = carry(round_trip, bytes_per_ms);
        let one = round_trip as usize * bytes_per_ms;
        assert!(size >= one * 8 / 10 && size <= one * 2, "{size} where {one} fit");
        assert!(busy > 0.8, "{busy}: {round_trip} ms, {bytes_per_ms} bytes a ms");
    }
    let (_, size) = carry(1, 50_000);
    assert!(size > 200_000, "{size}: near by, requests cost more than the way");
}

#[test]
fn online_does_not_wait() {
    let mut uploads = Uploads::new(4);
    let sent = posts(&uploads.handle(tiles(0..1, 100), 0));
    assert_eq!(posts(&uploads.handle(Event::Failed { batch: sent[0].0 }, 0)), []);
    assert_eq!(posts(&uploads.handle(Event::Online, 0)).len(), 1);
}

#[test]
fn a_tile_with_a_wrong_hash_is_coded_once_more_and_then_given_up() {
    let mut uploads = Uploads::new(1);
    let sent = posts(&uploads.handle(tiles(0..1, 100), 0));
    let effects = uploads.handle(refused(sent[0].0, digest(0), Code::WrongHash), 1);
    assert!(effects.contains(&Effect::Recode(vec![digest(0)])));
    let sent = posts(&uploads.handle(tiles(0..1, 100), 2));
    let effects = uploads.handle(refused(sent[0].0, digest(0), Code::WrongHash), 3);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Recode(_))));
    assert_eq!((uploads.progress().failed, uploads.progress().refused), (0, 1), "and the page says so");
    assert_eq!(posts(&uploads.handle(tiles(0..1, 100), 4)), []);
}

#[test]
fn a_server_that_is_full_is_asked_again_later() {
    let mut uploads = Uploads::new(1);
    let sent = posts(&uploads.handle(tiles(0..2, 100), 0));
    let effects = uploads.handle(refused(sent[0].0, digest(1), Code::Busy), 0);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Timer { .. })));
    let again = posts(&uploads.handle(Event::Timer, 30_000));
    assert_eq!(again[0].1, [digest(1)], "only the one that it refused");
}

#[test]
fn a_server_that_stays_full_is_asked_less_and_less_often() {
    let mut uploads = Uploads::new(1);
    let (mut now, mut longest) = (0, 0);
    let mut sent = posts(&uploads.handle(tiles(0..1, 100), now));
    for _ in 0..12 {
        let effects = uploads.handle(refused(sent[0].0, digest(0), Code::Busy), now);
        let wait = effects.iter().find_map(|effect| match effect {
            Effect::Timer { at } => Some(at - now),
            _ => None,
        });
        longest = longest.max(wait.expect("it waits"));
        now += wait.unwrap_or_default();
        sent = posts(&uploads.handle(Event::Timer, now));
    }
    assert!(longest > 2_000, "{longest} ms at most");
}

#[test]
fn answers_to_nothing_are_ignored() {
    let mut uploads = Uploads::new(1);
    assert_eq!(uploads.handle(stored(77), 0), []);
    assert_eq!(uploads.handle(Event::Failed { batch: 77 }, 0), []);
    let sent = posts(&uploads.handle(tiles(0..1, 100), 0));
    uploads.handle(refused(sent[0].0, digest(99), Code::WrongHash), 0);
    assert!(uploads.progress().is_synced());
}

#[derive(Debug, Clone)]
enum Happening {
    Draw(u32, u32, usize),
    Land,
    Lose,
    LoseTheAnswer,
    Refuse,
    ServerForgets,
    Ask,
    Online,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (0..200u32, 1..60u32, 1..16_000usize).prop_map(|(from, n, size)| Happening::Draw(from, n, size)),
        6 => Just(Happening::Land),
        1 => Just(Happening::Lose),
        1 => Just(Happening::LoseTheAnswer),
        1 => Just(Happening::Refuse),
        1 => Just(Happening::ServerForgets),
        2 => Just(Happening::Ask),
        1 => Just(Happening::Online),
    ]
}

/// Uploads, and a server that stores what lands.
struct Pair {
    uploads: Uploads,
    now: u64,
    timer: Option<u64>,
    drawn: HashMap<Digest, Bytes>,
    stored: HashSet<Digest>,
    under_way: BTreeMap<u32, TileBatch>,
}

impl Pair {
    fn tell(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in self.uploads.handle(event, self.now) {
                match effect {
                    Effect::Post { batch, tiles } => self.post(batch, tiles),
                    Effect::Timer { at } => self.timer = Some(at),
                    Effect::Recode(again) => {
                        let coded = again.iter().map(|tile| (*tile, self.drawn[tile].clone())).collect();
                        events.push(Event::Changed(coded));
                    }
                    Effect::Progress(_) => {}
                }
            }
        }
    }

    fn post(&mut self, batch: u32, tiles: TileBatch) {
        assert!(!tiles.0.is_empty() && tiles.0.len() <= BATCH_TILES_MAX);
        assert!(tiles.0.iter().map(|(_, tile)| tile.len()).sum::<usize>() <= BATCH_BYTES_MAX);
        let others: HashSet<_> = self.under_way.values().flat_map(|b| &b.0).map(|(tile, _)| *tile).collect();
        assert!(tiles.0.iter().all(|(tile, _)| !others.contains(tile)), "no tile travels twice at a time");
        self.under_way.insert(batch, tiles);
        assert!(self.under_way.len() <= IN_FLIGHT_MAX);
    }

    fn land(&mut self, answered: bool) {
        let Some((batch, tiles)) = self.under_way.pop_first() else { return };
        self.stored.extend(tiles.0.iter().map(|(tile, _)| *tile));
        self.tell(if answered { stored(batch) } else { Event::Failed { batch } });
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Draw(from, count, size) => {
                let tile = |i| {
                    let size = self.drawn.get(&digest(i)).map_or(size, Bytes::len);
                    (digest(i), Bytes::from(vec![0; size]))
                };
                let tiles: Vec<_> = (from..from + count).map(tile).collect();
                self.drawn.extend(tiles.iter().cloned());
                self.tell(Event::Changed(tiles));
            }
            Happening::Land => self.land(true),
            Happening::LoseTheAnswer => self.land(false),
            Happening::Lose => {
                if let Some((batch, _)) = self.under_way.pop_first() {
                    self.tell(Event::Failed { batch });
                }
            }
            Happening::Refuse => {
                if let Some((batch, tiles)) = self.under_way.pop_first() {
                    self.stored.extend(tiles.0[1..].iter().map(|(tile, _)| *tile));
                    self.tell(refused(batch, tiles.0[0].0, Code::Busy));
                }
            }
            Happening::ServerForgets => self.stored.clear(),
            Happening::Ask => {
                let missing = self.drawn.keys().filter(|tile| !self.stored.contains(*tile)).copied();
                let missing = missing.collect();
                self.tell(Event::Missing(missing));
            }
            Happening::Online => self.tell(Event::Online),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn whatever_fails_everything_drawn_gets_there(script in prop::collection::vec(happening(), 1..60)) {
        let uploads = Uploads::new(9);
        let mut pair = Pair {
            uploads, now: 0, timer: None,
            drawn: HashMap::new(), stored: HashSet::new(), under_way: BTreeMap::new(),
        };
        for happening in script {
            pair.now += 50;
            if pair.timer.is_some_and(|at| pair.now >= at) {
                pair.timer = None;
                pair.tell(Event::Timer);
            }
            pair.happen(happening);
        }
        pair.happen(Happening::Ask);
        while !pair.uploads.progress().is_synced() {
            prop_assert!(!pair.under_way.is_empty() || pair.timer.is_some(), "stuck");
            pair.land(true);
            if let Some(at) = pair.timer.take() {
                pair.now = pair.now.max(at);
                pair.tell(Event::Timer);
            }
        }
        prop_assert!(pair.drawn.keys().all(|tile| pair.stored.contains(tile)));
    }
}

#[test]
fn more_tiles_than_a_page_can_keep_are_coded_again_when_asked_for() {
    let mut uploads = Uploads::new(1);
    let count = (KEPT_MAX / 16_000) as u32 + 10;
    let effects = uploads.handle(tiles(0..count, 16_000), 0);
    let recoded: usize =
        effects.iter().map(|effect| if let Effect::Recode(tiles) = effect { tiles.len() } else { 0 }).sum();
    assert!(recoded >= 9, "what did not fit is asked for again: {recoded}");
}
