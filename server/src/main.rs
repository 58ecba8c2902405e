//! Starts the studio.

use clap::Parser;
use server::config::{Config, Flags};
use server::models::Models;
use server::studio::Studio;
use server::web;
use server::worker::{Engine, Loaded, Wanted};
use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// What is left to do when asked to end takes less than this, or is left for the next start.
const END_WITHIN: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    sampler::process::suit();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    match start(Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Pentimento cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(flags: Flags) -> Result<(), Box<dyn Error>> {
    let config = Config::read(flags)?;
    let Config { model, folders, budget, device, threads, live, .. } = config.clone();
    let loaded = Loaded::load(move || {
        tch::set_num_threads(threads as i32);
        let models = &Arc::new(Models::new(folders, &model, device));
        Engine::load(&Wanted { model: &model, models, budget, device, live })
    })?;
    let runtime = tokio::runtime::Runtime::new()?;
    let served = runtime.block_on(serve(&config, loaded));
    runtime.shutdown_timeout(END_WITHIN);
    served
}

async fn serve(config: &Config, loaded: Loaded) -> Result<(), Box<dyn Error>> {
    let model = loaded.about.info.name.clone();
    let device = loaded.about.info.device.clone();
    let live = loaded.about.info.live;
    let studio = Studio::open(config, loaded)?;
    let address = (config.host, config.port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!(
            "host and port: cannot listen on {}:{}: {error}; choose another with --port",
            config.host, config.port
        )
    })?;
    let local = listener.local_addr()?;
    tracing::info!("{model} on {device}");
    if let Some(live) = live {
        tracing::info!("a live picture takes {:.0} ms", live.picture_ms);
    }
    println!("Pentimento is at http://{local}");
    let router = web::router(studio.clone(), &config.site);
    let asked = studio.clone();
    let serving = web::serve(listener, router, async move {
        asked_to_end().await;
        asked.close().await;
    });
    tokio::select! {
        served = serving => served?,
        () = async { studio.closing().await; tokio::time::sleep(END_WITHIN).await } => {}
    }
    Ok(())
}

async fn asked_to_end() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
