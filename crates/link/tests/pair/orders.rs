//! Everything that can happen, in every order.

use crate::{
    cuts::{canvas, generate},
    fallback::settle,
    world::World,
};
use link::{LinkState, Transport, client::Event};

/// What can happen, one after the other; two that undo each other stand beside each other.
const HAPPENINGS: [fn(&mut World, u32); 10] = [
    |world, click| {
        world.say(canvas(64));
        world.say(generate(click));
    },
    |world, _| world.tell(Event::Hidden),
    |world, _| world.tell(Event::Visible),
    |world, _| world.tell(Event::PageHide),
    |world, _| world.tell(Event::PageShow),
    |world, _| world.cut(),
    |world, _| world.cut_silently(),
    |world, _| world.restart_server(),
    |world, _| {
        world.network = false;
        world.cut();
        world.tell(Event::Offline);
    },
    |world, _| {
        world.network = true;
        world.tell(Event::Online);
    },
];
/// Four cover a pair that undo each other, and what comes between and after.
const DEPTH: u32 = 4;

/// So long after each: less than one way, and more than a round trip.
const WAITS: [u64; 2] = [20, 90];

#[test]
fn in_whatever_order_it_happens_nothing_is_lost() {
    let orders = (HAPPENINGS.len() as u32).pow(DEPTH);
    for (order, wait) in (0..orders).flat_map(|order| WAITS.map(|wait| (order, wait))) {
        let mut world = World::new(Transport::Automatic, u64::from(order));
        world.tell(Event::Start);
        world.run(if wait == WAITS[0] { 300 } else { wait });
        let mut clicks = 0;
        for place in 0..DEPTH {
            let happening = (order / 10_u32.pow(place) % 10) as usize;
            clicks += u32::from(happening == 0);
            HAPPENINGS[happening](&mut world, clicks);
            world.run(wait);
        }
        world.network = true;
        world.tell(Event::PageShow);
        world.tell(Event::Visible);
        world.run(1_000);
        // A quiet job from here on: only time has to pass, until a dead socket is noticed.
        settle(&mut world);
        world.run(30_000);
        assert_eq!(world.state(), LinkState::Socket, "order {order:04}, {wait} ms");
        assert_eq!(world.server.jobs.len() as u32, clicks, "order {order:04}, {wait} ms");
        assert_eq!(world.accepted.len() as u32, clicks, "order {order:04}, {wait} ms");
        assert_eq!(world.server.frames_while_hidden, 0, "order {order:04}, {wait} ms");
        assert_eq!(world.drawn, world.server.newest_frame, "order {order:04}, {wait} ms");
    }
}
