//! The pages. There is one.

mod studio;

use crate::desk::Desk;
use leptos::prelude::*;

/// Everything in the body.
#[component]
pub fn App() -> impl IntoView {
    let desk = Desk::provide();
    #[cfg(feature = "hydrate")]
    {
        Effect::new(move |_| crate::browser::start(desk.studio()));
        let along = desk.memo(|studio| studio.model.is_some().then(|| studio.draws_along()));
        Effect::new(move |_| along.get().into_iter().for_each(crate::browser::set_along));
        let tab = desk.memo(crate::studio::Studio::tab);
        Effect::new(move |_| tab.with(|title| crate::browser::set_title(title)));
        let shape = desk.memo(|studio| studio.settings.shape);
        Effect::new(move |_| crate::browser::set_shape(shape.get().name()));
    }
    let _ = desk;
    view! { <studio::StudioPage /> }
}
