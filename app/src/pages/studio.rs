//! The studio: the drawing, the picture, and what is between them.

use crate::parts::{
    Ask, Drawing, Kept, LinkBadge, MaskBar, Picture, PictureBar, Settings, ShapePicker, SyncBadge,
    ThemeButton, Toolbar, WholeButton,
};
use leptos::prelude::*;

#[component]
pub fn StudioPage() -> impl IntoView {
    view! {
        <header class="top">
            <h1 class="name">"Pentimento"</h1>
            <LinkBadge />
            <ThemeButton />
        </header>
        <main class="studio">
            <section class="easel">
                <div class="board" id="board">
                    <Drawing />
                </div>
                <div class="under">
                    <ShapePicker />
                    <SyncBadge />
                    <WholeButton />
                    <MaskBar />
                </div>
            </section>
            <Toolbar />
            <section class="result">
                <Picture />
                <PictureBar />
            </section>
            <Kept />
            <Ask />
            <Settings />
        </main>
    }
}
