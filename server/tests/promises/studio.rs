//! A studio for one test, on a port of the system's choice.

use crate::double::{Gate, engine};
use crate::http;
use crate::page::Page;
use server::config::{Config, Flags};
use server::studio::Studio;
use server::worker::{Engine, Loaded};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use wire::{Digest, Manifest, TileBatch, TilesAnswer};

pub struct Place {
    pub address: SocketAddr,
    pub gate: Gate,
    pub studio: Arc<Studio>,
}

impl Place {
    /// A studio whose double of a sampler waits to be let go.
    pub async fn open(data: &Path) -> Self {
        let gate = Gate::default();
        let theirs = gate.clone();
        Self::open_with(data, gate, move || engine(theirs)).await
    }

    pub async fn open_with(data: &Path, gate: Gate, load: impl FnOnce() -> Engine + Send + 'static) -> Self {
        let flags = Flags { data: Some(data.to_owned()), device: Some("cpu".into()), ..Flags::default() };
        let config = Config::read(flags).expect("the defaults are in range");
        let loaded = Loaded::load(move || Ok::<_, String>(load())).expect("the model loads");
        let studio = Studio::open(&config, loaded).expect("the data folder is ours");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let router = server::web::router(studio.clone(), &data.join("no-site"));
        tokio::spawn(server::web::serve(listener, router, std::future::pending()));
        Self { address, gate, studio }
    }

    pub async fn post_tiles(&self, tiles: &[(Digest, Vec<u8>)]) -> http::Answer {
        let batch = TileBatch(tiles.iter().map(|(digest, coded)| (*digest, coded.clone().into())).collect());
        http::post(self.address, "/api/tiles", &[], &batch.encode()).await
    }

    pub async fn upload(&self, drawing: &Drawing) -> TilesAnswer {
        self.post_tiles(&drawing.tiles).await.json()
    }

    /// A page whose drawing the server has.
    pub async fn drawn(&self, drawing: &Drawing) -> Page {
        let mut page = Page::open(self.address).await;
        page.show(drawing).await;
        self.upload(drawing).await;
        page
    }
}

/// A canvas with the coded tiles that it is made of.
pub struct Drawing {
    pub manifest: Manifest,
    pub digest: Digest,
    pub tiles: Vec<(Digest, Vec<u8>)>,
}

impl Drawing {
    /// One tile for each of these colours, in a row.
    pub fn of(colours: &[u8]) -> Self {
        let tile = |colour: &u8| {
            let pixels: canvas::Tile = std::array::from_fn(|i| if i % 4 == 3 { 255 } else { *colour });
            (Digest(canvas::digest(&pixels)), canvas::codec::encode(&pixels))
        };
        let tiles: Vec<_> = colours.iter().map(tile).collect();
        let digests = tiles.iter().map(|(digest, _)| *digest).collect();
        let manifest = Manifest::new(64 * colours.len() as u32, 64, digests).expect("a row of tiles");
        let digest = Digest(canvas::digest(&manifest.canonical()));
        Self { manifest, digest, tiles }
    }
}
