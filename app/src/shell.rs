//! The document around the page.

use crate::App;
use crate::studio::{Settings, Shape, follows};
use leptos::prelude::*;
use wire::LiveInfo;

/// Where the built files are, relative to the studio's address, so that they are found below a
/// proxy's sub-path too: `pkg/pentimento.js` and the like.
#[derive(Debug, Clone)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    /// The styles themselves: the paper is on the screen with the first answer.
    pub css: String,
}

impl Default for Assets {
    fn default() -> Self {
        Self { js: "pkg/pentimento.js".into(), wasm: "pkg/pentimento.wasm".into(), css: String::new() }
    }
}

const DESCRIPTION: &str = "Sketch something, say what it should become, and watch the picture form.";

/// Relative addresses need the slash that some proxies leave out.
const SLASH: &str = "if(!location.pathname.endsWith('/'))location.pathname+='/'";

/// Puts the chosen theme on before the first paint, the shape of the paper, and the room for a picture that follows the pen.
const CHOSEN: &str = "try{const s=JSON.parse(localStorage['pentimento.settings']),\
    d=document.documentElement.dataset;d.theme=s.theme;d.shape=sessionStorage['pentimento.shape']??s.shape;\
    if(d.along!='never'&&s.live!=null)d.along=s.live?'on':'off'}catch{}";

/// Takes what the hand does before the program has come.
fn early() -> String {
    let sizes = Shape::ALL.map(|shape| {
        let (width, height) = shape.paper();
        format!("{}:[{width},{height}]", shape.name())
    });
    let sizes = format!("{{{}}}", sizes.join(","));
    lines(include_str!("early.js")).replace("CHOSEN", &Settings::default().to_text()).replace("SIZES", &sizes)
}

/// Starts the program.
fn wake(assets: &Assets) -> String {
    lines(include_str!("wake.js")).replace("JS", &assets.js).replace("WASM", &assets.wasm)
}

/// A script of the page's own, without the comments and the indentation, which everybody would load.
fn lines(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The whole document. The body holds [`App`] and nothing else, since hydration starts there;
/// the public files (`icon.svg`, `manifest.webmanifest`, `worker.js`) lie beside `pkg/`. `live` is whether
/// the studio can draw along, and how fast.
pub fn shell(assets: Assets, live: Option<LiveInfo>) -> impl IntoView {
    let wake = wake(&assets);
    let Assets { js, wasm, css } = assets;
    let entry = js.clone();
    let along = match live {
        None => "never",
        Some(live) if follows(live) => "on",
        Some(_) => "off",
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" data-js=entry data-along=along>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content" />
                <meta name="description" content=DESCRIPTION />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#f4efe5" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#1d1c1a" media="(prefers-color-scheme: dark)" />
                <title>"Pentimento"</title>
                <link rel="icon" href="icon.svg" type="image/svg+xml" />
                <link rel="apple-touch-icon" href="icon-180.png" />
                <link rel="manifest" href="manifest.webmanifest" />
                <style inner_html=css></style>
                <link rel="modulepreload" href=js />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <script inner_html=SLASH></script>
                <script inner_html=CHOSEN></script>
                <script inner_html=early()></script>
                <script type="module" inner_html=wake></script>
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
