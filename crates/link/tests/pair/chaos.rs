//! Anything at any time.

use crate::{
    cuts::{canvas, generate},
    fallback::settle,
    world::World,
};
use link::{LinkState, Transport, client::Event};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Happening {
    Tell(Event),
    Click,
    Cut,
    CutSilently,
    Restart,
    Network(bool),
    Sockets(bool),
    Delay(u64),
    Jitter(u64),
    Repeat,
    Draws(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    let events = [
        Event::Online,
        Event::Offline,
        Event::Visible,
        Event::Hidden,
        Event::Doubt,
        Event::PageHide,
        Event::PageShow,
        Event::Timer,
        Event::Preference(Transport::Automatic),
        Event::Preference(Transport::Socket),
        Event::Preference(Transport::Polling),
    ];
    prop_oneof![
        6 => prop::sample::select(events.to_vec()).prop_map(Happening::Tell),
        3 => Just(Happening::Click),
        2 => Just(Happening::Cut),
        1 => Just(Happening::CutSilently),
        1 => Just(Happening::Restart),
        2 => any::<bool>().prop_map(Happening::Network),
        2 => any::<bool>().prop_map(Happening::Sockets),
        1 => (1..400u64).prop_map(Happening::Delay),
        1 => (0..1_500u64).prop_map(Happening::Jitter),
        1 => Just(Happening::Repeat),
        1 => any::<bool>().prop_map(Happening::Draws),
    ]
}

fn happen(world: &mut World, happening: Happening, clicks: &mut u32) {
    match happening {
        Happening::Tell(event) => world.tell(event),
        Happening::Click => {
            *clicks += 1;
            world.say(canvas(64));
            world.say(generate(*clicks));
        }
        Happening::Cut => world.cut(),
        Happening::CutSilently => world.cut_silently(),
        Happening::Restart => world.restart_server(),
        Happening::Network(up) => {
            world.network = up;
            if !up {
                world.cut();
            }
        }
        Happening::Sockets(allowed) => world.sockets_allowed = allowed,
        Happening::Delay(delay) => world.delay = delay,
        Happening::Jitter(jitter) => world.jitter = jitter,
        Happening::Repeat => world.repeats = true,
        Happening::Draws(draws) => world.draws = draws,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn whatever_happens_the_page_ends_up_with_everything(
        script in prop::collection::vec((0..3_000u64, happening()), 1..40),
        seed: u64,
    ) {
        let mut world = World::new(Transport::Automatic, seed);
        world.tell(Event::Start);
        let mut clicks = 0;
        for (wait, happening) in script {
            world.run(wait);
            happen(&mut world, happening, &mut clicks);
        }
        // Then all is well again.
        world.network = true;
        world.sockets_allowed = true;
        world.draws = true;
        world.repeats = false;
        world.tell(Event::Preference(Transport::Automatic));
        world.tell(Event::PageShow);
        world.tell(Event::Visible);
        if let Some((sequence, _)) = world.drawn {
            world.tell(Event::Drawn { sequence });
        }
        world.run(120_000);
        prop_assert_eq!(world.state(), LinkState::Socket);
        prop_assert_eq!(world.server.jobs.len() as u32, clicks);
        prop_assert_eq!(world.accepted.len() as u32, clicks);
        prop_assert_eq!(world.server.frames_while_hidden, 0);
        settle(&mut world);
        prop_assert_eq!(world.drawn, world.server.newest_frame);
    }
}
