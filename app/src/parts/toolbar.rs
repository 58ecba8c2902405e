//! What is in the hand: a tool, its size and colour, and the way back.

use super::{Icon, slid_to};
use crate::{
    desk::Desk,
    studio::{BRUSH_MAX, BRUSH_MIN, Command, Event, Studio, Tool, palette, words::decimal},
};
use leptos::prelude::*;

#[component]
pub fn Toolbar() -> impl IntoView {
    view! {
        <div class="tools" role="toolbar" aria-label="Tools">
            <div class="pair hands">
                <ToolButton
                    name="Brush"
                    icon="brush"
                    title="Brush (B); with Shift a straight line"
                    held=|studio| holds(studio, Tool::Brush)
                    event=|_| Event::Tool(Tool::Brush)
                />
                <ToolButton
                    name="Eraser"
                    icon="eraser"
                    title="Eraser (E)"
                    held=|studio| holds(studio, Tool::Eraser)
                    event=|_| Event::Tool(Tool::Eraser)
                />
                <ToolButton
                    name="Fill"
                    icon="fill"
                    title="Fill up to the lines around (F)"
                    held=|studio| holds(studio, Tool::Fill)
                    event=|_| Event::Tool(Tool::Fill)
                />
                // What was in the hand stays there.
                <ToolButton
                    name="Take a colour"
                    icon="pick"
                    title="Take a colour from the paper or the picture (I, or hold Alt)"
                    held=|studio| studio.settings.picking.to_string()
                    event=|_| Event::Picking
                />
            </div>
            <SizeSlider />
            <Palette />
            <History />
        </div>
    }
}

/// Whether that is what a pointer does next.
fn holds(studio: &Studio, tool: Tool) -> String {
    (studio.settings.tool == tool && !studio.settings.picking).to_string()
}

#[component]
fn ToolButton(
    name: &'static str,
    icon: &'static str,
    title: &'static str,
    held: fn(&Studio) -> String,
    event: fn(&Studio) -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let held = desk.see(held);
    view! {
        <button
            type="button"
            class="tool"
            aria-label=name
            title=title
            aria-pressed=held
            on:click=desk.tell(event)
        >
            <Icon name=icon />
        </button>
    }
}

/// Small sizes need fine steps: the slider moves along the square root.
#[component]
fn SizeSlider() -> impl IntoView {
    let desk = Desk::here();
    let size = desk.see(|studio| decimal(studio.settings.size(), 0));
    let idle = desk.see(|studio| studio.settings.tool == Tool::Fill);
    view! {
        <label class="size" title="Brush size ([ and ])">
            <span class="sr">"Brush size"</span>
            <input
                type="range"
                min=decimal(BRUSH_MIN, 0)
                max=decimal(BRUSH_MAX, 0)
                step="1"
                disabled=idle
                prop:value=size
                on:input=move |event| desk.send(Event::Size(slid_to(&event)))
            />
            <output class="number" aria-hidden="true">
                {size}
            </output>
        </label>
    }
}

#[component]
fn Palette() -> impl IntoView {
    let desk = Desk::here();
    let colour = desk.see(|studio| studio.settings.colour);
    let none = desk.see(|studio| studio.settings.own_colour.is_none());
    let hex = desk.see(|studio| palette::to_hex(studio.settings.colour));
    let your_hex = desk.see(|studio| palette::to_hex(your_colour(studio)));
    let your_held =
        desk.see(|studio| (Some(studio.settings.colour) == studio.settings.own_colour).to_string());
    let well = move |(name, own): (&'static str, [u8; 3])| {
        view! {
            <button
                type="button"
                class="swatch"
                aria-label=name
                title=name
                style:--swatch=palette::to_hex(own)
                aria-pressed=move || (colour() == own).to_string()
                on:click=move |_| desk.send(Event::Colour(own))
            ></button>
        }
    };
    view! {
        <div class="palette" role="group" aria-label="Palette">
            {palette::COLOURS.into_iter().map(well).collect_view()}
            <input
                type="color"
                class="swatch own"
                aria-label="Colour"
                title="Any other"
                prop:value=hex
                style:--swatch=hex
                on:input=move |event| {
                    if let Some(colour) = palette::from_hex(&event_target_value(&event)) {
                        desk.send(Event::Colour(colour));
                    }
                }
            />
            <button
                type="button"
                class="swatch"
                class:gone=none
                aria-label="Your last other colour"
                title="Your last other colour"
                style:--swatch=your_hex
                aria-pressed=your_held
                on:click=desk.tell(|studio| Event::Colour(your_colour(studio)))
            ></button>
        </div>
    }
}

fn your_colour(studio: &Studio) -> [u8; 3] {
    studio.settings.own_colour.unwrap_or_default()
}

#[component]
fn History() -> impl IntoView {
    let desk = Desk::here();
    let undone = desk.see(|studio| !studio.steps().0);
    let redone = desk.see(|studio| !studio.steps().1);
    let blank = desk.see(|studio| studio.is_clear());
    let clear = desk
        .see(|studio| if studio.settings.masking { "Mark nothing" } else { "A clean sheet, without marks" });
    view! {
        <div class="pair back">
            <button type="button" class="tool" aria-label="Undo" title="Undo (Ctrl+Z)"
                disabled=undone on:click=desk.tell(|_| Event::Canvas(Command::Undo))>
                <Icon name="undo" />
            </button>
            <button type="button" class="tool" aria-label="Redo" title="Redo (Ctrl+Shift+Z)"
                disabled=redone on:click=desk.tell(|_| Event::Canvas(Command::Redo))>
                <Icon name="redo" />
            </button>
        </div>
        <div class="pair sheet">
            <button type="button" class="tool" aria-label="Clear" title=clear
                disabled=blank on:click=desk.tell(|_| Event::Canvas(Command::Clear))>
                <Icon name="clear" />
            </button>
            <button type="button" id="import" class="tool" aria-label="Import"
                title="Take a picture onto the paper; you can drop or paste one, too">
                <Icon name="import" />
            </button>
            <input type="file" id="file" accept="image/*" hidden tabindex="-1" aria-hidden="true" />
        </div>
    }
}
