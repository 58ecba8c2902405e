//! How well the link does, in numbers, and which way it goes.

use super::{Choice, place_of};
use crate::{
    desk::Desk,
    studio::{Event, Measured, words},
};
use leptos::prelude::*;
use link::Transport;

/// Ways to the server, and what the person calls them.
const WAYS: [(Transport, &str); 3] = [
    (Transport::Automatic, "Whatever works"),
    (Transport::Socket, "Only a socket"),
    (Transport::Polling, "Only polling"),
];

#[component]
pub fn LinkPanel() -> impl IntoView {
    let desk = Desk::here();
    let other_way = desk.memo(words::other_way);
    // Nothing is said, and nothing computed, while nobody looks.
    let measured = desk.memo(|studio| studio.is_measuring().then(|| studio.measured()));
    let row = move |label: &'static str, say: fn(&Measured) -> String| {
        view! {
            <dt>{label}</dt>
            <dd class="number">{move || measured.with(|measured| measured.as_ref().map(say))}</dd>
        }
    };
    view! {
        <section
            class="measured"
            data-testid="measured"
            aria-label="How well the link does"
            hidden=move || measured.with(Option::is_none)
        >
            <dl>
                {row("Round trip", |m| words::milliseconds(m.round_trip_ms))}
                {row("Up", |m| words::rate(m.up_per_s))}
                {row("Down", |m| words::rate(m.down_per_s))}
                {row("Click to first step", |m| words::milliseconds(m.first_step_ms))}
                {row("Preview age", |m| words::milliseconds(m.age_ms))}
                {row("Previews", |m| format!("{} shown, {} skipped", m.shown, m.conflated))}
                {row("Drawing", |m| words::tiles(m.sent_tiles, m.saved_tiles))}
                {row("On its way", |m| words::uploads(&m.uploads))}
                {row("At the server", |m| {
                    format!("{} made, {}\u{a0}decoded, {}\u{a0}JPEG", m.made, m.decoded, m.encoded)
                })}
            </dl>
            <Choice
                label="Connect by"
                choices=WAYS.map(|(_, name)| name).to_vec()
                value=|studio| place_of(&studio.settings.transport, WAYS.map(|(way, _)| way))
                set=|at| Event::Transport(WAYS[at].0)
            />
            <p class="advice" role="status" hidden=move || other_way.get().is_none()>
                {move || other_way.get()}
            </p>
        </section>
    }
}
