//! Line icons on a grid of 24.

use crate::{desk::Desk, studio::Studio};
use leptos::prelude::*;

#[component]
pub fn Icon(
    /// One of the names below.
    name: &'static str,
) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" inner_html=lines(name)></svg> }
}

/// One that changes with the studio.
#[component]
pub fn Shifting(
    /// One of the names below.
    name: fn(&Studio) -> &'static str,
) -> impl IntoView {
    let name = Desk::here().memo(name);
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" inner_html=move || lines(name.get())></svg> }
}

fn lines(name: &str) -> &'static str {
    match name {
        "brush" => {
            r#"<path d="M20.5 3.5c-1-1-7.3 4.3-10 8l2.5 2.5c3.7-2.7 8.5-9.5 7.5-10.5z"/><path d="M8.8 12.7c-2.3 0-3.6 1.5-3.8 3.8-.1 1.3-.7 2.2-1.7 2.7 3.6 1.3 8 .5 8-3.3"/>"#
        }
        "eraser" => {
            r#"<path d="M13.5 4.5l6 6-8 8.5H7.8L4 15.2a1.5 1.5 0 0 1 0-2.1z"/><path d="M8.7 9.3l6 6M7.8 19H20"/>"#
        }
        "fill" => {
            r#"<path d="M10.5 4.5l8 8-7 6.5a2 2 0 0 1-2.8 0l-4.6-4.7a2 2 0 0 1 0-2.8z"/><path d="M3.8 12.5h14.7M8 2.5l2.5 2"/><path d="M20.5 15.5c1 1.6 1.5 2.4 1.5 3.2a1.5 1.5 0 0 1-3 0c0-.8.5-1.6 1.5-3.2z"/>"#
        }
        "pick" => {
            r#"<path d="M13.5 6.5l4 4M15 8l2.8-2.8a1.9 1.9 0 0 1 2.7 0l.3.3a1.9 1.9 0 0 1 0 2.7L18 11"/><path d="M14.2 7.2L5.5 16l-1 3.5L8 18.5l8.8-8.7"/>"#
        }
        "undo" => r#"<path d="M9 5L4.5 9.5 9 14"/><path d="M5 9.5h9a5 5 0 0 1 0 10h-3"/>"#,
        "redo" => r#"<path d="M15 5l4.5 4.5L15 14"/><path d="M19 9.5h-9a5 5 0 0 0 0 10h3"/>"#,
        "clear" => {
            r#"<path d="M6 3.5h8.5L18.5 7.5v13H6z"/><path d="M14.5 3.5v4h4M9.8 11.8l4.8 4.8M14.6 11.8l-4.8 4.8"/>"#
        }
        "import" => {
            r#"<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><circle cx="9" cy="9.5" r="1.6"/><path d="M4 16.5l4.8-4 3.7 3 3.5-3.5 4.5 4.5"/>"#
        }
        "download" => r#"<path d="M12 4v11M7.5 10.8L12 15.3l4.5-4.5M5 19.5h14"/>"#,
        "remove" => {
            r#"<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.9 12.5h9.2L17.5 7M10.2 10.5v5.5M13.8 10.5v5.5"/>"#
        }
        "dice" => {
            r#"<rect x="4.5" y="4.5" width="15" height="15" rx="3"/><path class="pip" d="M9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01"/>"#
        }
        "lock" => {
            r#"<rect x="5.5" y="11" width="13" height="9" rx="2"/><path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>"#
        }
        "unlock" => {
            r#"<rect x="5.5" y="11" width="13" height="9" rx="2"/><path d="M8.5 11V8a3.5 3.5 0 0 1 6.7-1.4"/>"#
        }
        "light" => {
            r#"<circle cx="12" cy="12" r="3.8"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4"/>"#
        }
        "dark" => r#"<path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z"/>"#,
        "system" => {
            r#"<circle cx="12" cy="12" r="8"/><path d="M12 4v16a8 8 0 0 0 0-16z" fill="currentColor"/>"#
        }
        "square" => r#"<rect x="5" y="5" width="14" height="14" rx="1.5"/>"#,
        "portrait" => r#"<rect x="6.5" y="3.8" width="11" height="16.5" rx="1.5"/>"#,
        "landscape" => r#"<rect x="3.8" y="6.5" width="16.5" height="11" rx="1.5"/>"#,
        "take-up" => {
            r#"<path d="M13 4.5H6a2 2 0 0 0-2 2V18a2 2 0 0 0 2 2h11.5a2 2 0 0 0 2-2v-7"/><path d="M18.8 3.6l1.6 1.6-8 8-2.4.8.8-2.4z"/>"#
        }
        "spread" => {
            r#"<rect x="4.5" y="4.5" width="6" height="6" rx="1"/><rect x="13.5" y="4.5" width="6" height="6" rx="1"/><rect x="4.5" y="13.5" width="6" height="6" rx="1"/><rect x="13.5" y="13.5" width="6" height="6" rx="1"/>"#
        }
        "close" => r#"<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>"#,
        "draw-again" => {
            r#"<path d="M6 3.5h8.5L18.5 7.5v13H6z"/><path d="M14.5 3.5v4h4M8.8 16.8c.9-3.4 2-4.4 2.6-3.4.6 1.1-.5 3 .4 3.2 1 .2 1.3-2.4 3.8-2.6"/>"#
        }
        "restore" => {
            r#"<path d="M5 7.5h9.5M18 7.5h1M5 16.5h1M9.5 16.5H19"/><circle cx="16.2" cy="7.5" r="1.9"/><circle cx="7.8" cy="16.5" r="1.9"/>"#
        }
        _ => "",
    }
}
