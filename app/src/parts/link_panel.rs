//! How well the link does, in numbers, and which way it goes.

use crate::{
    desk::Desk,
    studio::{Event, Measured, words},
};
use leptos::prelude::*;
use link::Transport;

/// Ways to the server, and what the person calls them.
const WAYS: [(Transport, &str, &str); 3] = [
    (Transport::Automatic, "automatic", "Whatever works"),
    (Transport::Socket, "socket", "Only a socket"),
    (Transport::Polling, "polling", "Only polling"),
];

#[component]
pub fn LinkPanel() -> impl IntoView {
    let desk = Desk::here();
    let row = move |label: &'static str, say: fn(&Measured) -> String| {
        let said = desk.memo(move |studio| say(&studio.measured()));
        view! {
            <dt>{label}</dt>
            <dd class="number">{said}</dd>
        }
    };
    view! {
        <section class="measured" data-testid="measured" aria-label="How well the link does">
            <dl>
                {row("Round trip", |m| words::milliseconds(m.round_trip_ms))}
                {row("Up", |m| words::rate(m.up_per_s))}
                {row("Down", |m| words::rate(m.down_per_s))}
                {row("Click to first step", |m| words::milliseconds(m.first_step_ms))}
                {row("Preview age", |m| words::milliseconds(m.age_ms))}
                {row("Previews", |m| format!("{} shown, {} skipped", m.shown, m.conflated))}
                {row("Drawing", |m| words::tiles(m.sent_tiles, m.saved_tiles))}
                {row("At the server", |m| format!("{} made, {} as JPEG", m.made, m.encoded))}
            </dl>
            <Way />
        </section>
    }
}

#[component]
fn Way() -> impl IntoView {
    let desk = Desk::here();
    let way = desk.memo(|studio| studio.settings.transport);
    let choose = move |name: String| {
        if let Some((way, ..)) = WAYS.iter().find(|(_, theirs, _)| *theirs == name) {
            desk.send(Event::Transport(*way));
        }
    };
    let option = move |(this, name, said): (Transport, &'static str, &'static str)| {
        view! {
            <option value=name selected=move || way.get() == this>
                {said}
            </option>
        }
    };
    view! {
        <label class="field">
            <span>"Connect by"</span>
            <select on:change=move |event| choose(event_target_value(&event))>
                {WAYS.map(option).collect_view()}
            </select>
        </label>
    }
}
