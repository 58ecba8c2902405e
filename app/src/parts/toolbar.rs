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
                    event=|| Event::Tool(Tool::Brush)
                />
                <ToolButton
                    name="Eraser"
                    icon="eraser"
                    title="Eraser (E)"
                    held=|studio| holds(studio, Tool::Eraser)
                    event=|| Event::Tool(Tool::Eraser)
                />
                <ToolButton
                    name="Fill"
                    icon="fill"
                    title="Fill up to the lines around (F)"
                    held=|studio| holds(studio, Tool::Fill)
                    event=|| Event::Tool(Tool::Fill)
                />
                // What was in the hand stays there.
                <ToolButton
                    name="Take a colour"
                    icon="pick"
                    title="Take a colour from the paper (I, or hold Alt)"
                    held=|studio| studio.settings.picking
                    event=|| Event::Picking
                />
            </div>
            <SizeSlider />
            <Palette />
            <History />
        </div>
    }
}

/// Whether that is what a pointer does next.
fn holds(studio: &Studio, tool: Tool) -> bool {
    studio.settings.tool == tool && !studio.settings.picking
}

#[component]
fn ToolButton(
    name: &'static str,
    icon: &'static str,
    title: &'static str,
    held: fn(&Studio) -> bool,
    event: fn() -> Event,
) -> impl IntoView {
    let desk = Desk::here();
    let held = desk.see(held);
    view! {
        <button
            type="button"
            class="tool"
            aria-label=name
            title=title
            aria-pressed=move || held().to_string()
            on:click=move |_| desk.send(event())
        >
            <Icon name=icon />
        </button>
    }
}

/// Small sizes need fine steps: the slider moves along the square root.
#[component]
fn SizeSlider() -> impl IntoView {
    let desk = Desk::here();
    let size = desk.see(|studio| studio.settings.size());
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
                prop:value=move || decimal(size(), 0)
                on:input=move |event| desk.send(Event::Size(slid_to(&event)))
            />
            <output class="number" aria-hidden="true">
                {move || decimal(size(), 0)}
            </output>
        </label>
    }
}

#[component]
fn Palette() -> impl IntoView {
    let desk = Desk::here();
    let colour = desk.see(|studio| studio.settings.colour);
    let yours = desk.see(|studio| studio.settings.own_colour);
    let hex = move || palette::to_hex(yours().unwrap_or_default());
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
                prop:value=move || palette::to_hex(colour())
                style:--swatch=move || palette::to_hex(colour())
                on:input=move |event| {
                    if let Some(colour) = palette::from_hex(&event_target_value(&event)) {
                        desk.send(Event::Colour(colour));
                    }
                }
            />
            <button
                type="button"
                class="swatch"
                class:gone=move || yours().is_none()
                aria-label="Your last other colour"
                title="Your last other colour"
                style:--swatch=hex
                aria-pressed=move || (Some(colour()) == yours()).to_string()
                on:click=move |_| desk.send(Event::Colour(yours().unwrap_or_default()))
            ></button>
        </div>
    }
}

#[component]
fn History() -> impl IntoView {
    let desk = Desk::here();
    let can_undo = desk.see(|studio| studio.steps().0);
    let can_redo = desk.see(|studio| studio.steps().1);
    let blank = desk.see(|studio| studio.is_clear());
    let clear = desk
        .see(|studio| if studio.settings.masking { "Mark nothing" } else { "A clean sheet, without marks" });
    let run = move |command| move |_| desk.send(Event::Canvas(command));
    view! {
        <div class="pair back">
            <button type="button" class="tool" aria-label="Undo" title="Undo (Ctrl+Z)"
                disabled=move || !can_undo() on:click=run(Command::Undo)>
                <Icon name="undo" />
            </button>
            <button type="button" class="tool" aria-label="Redo" title="Redo (Ctrl+Shift+Z)"
                disabled=move || !can_redo() on:click=run(Command::Redo)>
                <Icon name="redo" />
            </button>
        </div>
        <div class="pair sheet">
            <button type="button" class="tool" aria-label="Clear" title=clear
                disabled=blank on:click=run(Command::Clear)>
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
