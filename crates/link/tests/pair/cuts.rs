//! The same story with the connection cut at every single point of it.

use crate::{fallback::settle, world::World};
use link::{LinkState, Transport, client::Event};
use wire::{ClientMessage, Digest, Manifest, Spec};

pub fn canvas(side: u32) -> ClientMessage {
    let tiles = vec![Digest([side as u8; 16]); ((side / 64) * (side / 64)) as usize];
    ClientMessage::Canvas { manifest: Manifest::new(side, side, tiles).expect("a square of tiles") }
}

pub fn generate(request: u32) -> ClientMessage {
    ClientMessage::Generate { request, canvas: Digest([64; 16]), spec: Spec::default() }
}

#[derive(Clone, Copy, PartialEq)]
enum Mishap {
    None,
    Cut,
    SilentCut,
    Restart,
    NetworkGone,
}

/// Draw, generate, look away and back, generate again; the mishap strikes after `point` happenings.
fn story(preference: Transport, mishap: Mishap, point: u64) -> World {
    let mut world = World::new(preference, point);
    world.tell(Event::Start);
    let script = [
        (300, Event::Say(canvas(64))),
        (500, Event::Say(generate(1))),
        (700, Event::Hidden),
        (900, Event::Visible),
        (1_000, Event::Say(canvas(128))),
        (1_001, Event::Say(generate(2))),
        (1_400, Event::Timer),
    ];
    let mut struck = false;
    for (at, event) in script {
        while world.step_before(1_000 + at) {
            if !struck && world.acts_done >= point {
                struck = true;
                strike(&mut world, mishap);
            }
        }
        world.now = 1_000 + at;
        world.tell(event);
    }
    world.run(2_000);
    world.network = true;
    world.run(3_000);
    // A quiet job from here on: only time has to pass, until a dead socket is noticed.
    world.ticking = false;
    world.run(70_000);
    world
}

fn strike(world: &mut World, mishap: Mishap) {
    match mishap {
        Mishap::None => {}
        Mishap::Cut => world.cut(),
        Mishap::SilentCut => world.cut_silently(),
        Mishap::Restart => world.restart_server(),
        Mishap::NetworkGone => {
            world.network = false;
            world.cut();
        }
    }
}

#[test]
fn wherever_the_connection_ends_nothing_is_lost_and_nothing_is_done_twice() {
    let length = story(Transport::Automatic, Mishap::None, u64::MAX).acts_done.min(250);
    for preference in [Transport::Automatic, Transport::Polling] {
        for mishap in [Mishap::Cut, Mishap::SilentCut, Mishap::Restart, Mishap::NetworkGone] {
            for point in 1..length {
                let mut world = story(preference, mishap, point);
                let expected = match preference {
                    Transport::Polling => LinkState::Polling,
                    _ => LinkState::Socket,
                };
                assert_eq!(world.state(), expected, "back after a mishap at {point}");
                assert_eq!(world.server.jobs.len(), 2, "each click is one job, mishap at {point}");
                assert!(world.accepted.keys().copied().eq([1, 2]), "and is answered, mishap at {point}");
                settle(&mut world);
                assert_eq!(world.drawn, world.server.newest_frame, "the newest wins, mishap at {point}");
                assert_eq!(world.server.canvases.last(), Some(&128), "the newest canvas is known");
            }
        }
    }
}
