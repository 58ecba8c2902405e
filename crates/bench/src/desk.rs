//! A drawing and its way to the studio as in a browser: strokes, and tiles for what strokes cannot tell.

use crate::viewer::{Listener, Viewer};
use anyhow::Result;
use canvas::{Brush, Canvas, Deed, Mark, Sample, codec, digest, stream::Writer};
use link::{
    Random, Uploads,
    upload::{Effect, Event},
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::{mpsc, watch};
use wire::{Attention, ClientMessage, Digest, Fact, Manifest, PersonToken, Spec, TilesAnswer};

/// Side of the drawing in pixels, as in the studio's page.
pub const SIDE: u32 = 512;

/// A page with a drawing on it.
#[derive(Debug)]
pub struct Desk {
    pub viewer: Viewer,
    pub canvas: Canvas,
    /// What was done since the last time it was told.
    deeds: Vec<Deed>,
    /// None until the studio has the canvas that strokes begin with.
    writer: Option<Writer>,
    tiles: Vec<Digest>,
    said: Digest,
    known: Arc<Mutex<HashMap<Digest, Vec<Digest>>>>,
    uploads: mpsc::UnboundedSender<Event>,
    synced: watch::Receiver<bool>,
}

impl Desk {
    /// A blank drawing, of which the studio has everything when this returns.
    ///
    /// # Errors
    /// If there is no studio at `address`.
    pub async fn open(address: SocketAddr, person: PersonToken, attention: Attention) -> Result<Self> {
        let (uploads, events) = mpsc::unbounded_channel();
        let known = Arc::new(Mutex::new(HashMap::<Digest, Vec<Digest>>::new()));
        let listener = listener(known.clone(), uploads.clone());
        let viewer = Viewer::connect(address, person, attention, listener).await?;
        let (synced_now, synced) = watch::channel(true);
        tokio::spawn(upload(address, uploads.clone(), events, synced_now));
        let canvas = Canvas::new(SIDE, SIDE);
        let tiles = vec![Digest([0; 16]); canvas.tiles() as usize];
        let (deeds, writer, said) = (Vec::new(), None, Digest([0; 16]));
        let mut desk = Self { viewer, canvas, deeds, writer, tiles, said, known, uploads, synced };
        desk.sync()?;
        desk.settled().await?;
        desk.writer = Some(Writer::default());
        Ok(desk)
    }

    /// What happens at the end of a stroke: it is told, or at first the canvas is said and its tiles are sent.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn sync(&mut self) -> Result<()> {
        let mut changed = Vec::new();
        for index in self.canvas.take_changed_tiles() {
            let tile = self.canvas.tile(index);
            let name = Digest(digest(&tile));
            self.tiles[index as usize] = name;
            if self.writer.is_none() {
                changed.push((name, codec::encode(&tile).into()));
            }
        }
        let deeds = std::mem::take(&mut self.deeds);
        if let Some(writer) = &mut self.writer {
            self.viewer.tell(writer.write(&deeds))?;
        } else {
            self.synced.mark_unchanged();
            self.uploads.send(Event::Changed(changed))?;
        }
        let manifest = Manifest::new(SIDE, SIDE, self.tiles.clone())?;
        self.said = Digest(digest(&manifest.canonical()));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(self.said, self.tiles.clone());
        drop(known);
        if self.writer.is_some() { Ok(()) } else { self.viewer.say(ClientMessage::Canvas { manifest }) }
    }

    /// Waits until the studio says that it has the whole canvas.
    ///
    /// # Errors
    /// If the connection is gone.
    pub async fn settled(&mut self) -> Result<()> {
        // The answer to what was said last may still name tiles that are under way: ask again.
        loop {
            let wanted = self.said;
            let whole = move |fact: &Fact| match fact {
                Fact::Canvas { canvas, missing } if *canvas == wanted => Some(missing.is_empty()),
                _ => None,
            };
            if self.viewer.until(whole).await?.1 {
                return Ok(());
            }
            self.synced.wait_for(|synced| *synced).await?;
            self.viewer
                .say(ClientMessage::Canvas { manifest: Manifest::new(SIDE, SIDE, self.tiles.clone())? })?;
        }
    }

    /// Draws one stroke: forty points of a curve, somewhere, in some colour.
    pub fn stroke(&mut self, random: &mut Random) {
        self.carry_out(Deed::Mark(mark(random)));
    }

    /// A small change: a dot somewhere.
    pub fn dot(&mut self, random: &mut Random) {
        let mut place = || random.up_to(u64::from(SIDE)) as f32;
        let brush = Brush { size: 10.0, colour: [40, 90, 160], eraser: false };
        let dot = Mark::of(brush, &[Sample { x: place(), y: place(), pressure: 0.5 }]);
        self.carry_out(Deed::Mark(dot.expect("a dot is a mark")));
    }

    /// Blank paper again.
    pub fn clear(&mut self) {
        self.carry_out(Deed::Clear);
    }

    fn carry_out(&mut self, deed: Deed) {
        self.canvas.carry_out(&deed);
        self.deeds.push(deed);
    }

    /// Asks for a quick picture of what was said last.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn live(&self, spec: Spec) -> Result<()> {
        self.viewer.say(ClientMessage::Live { canvas: self.said, spec })
    }

    /// The hand rests: what a click would need may be made ahead.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn prepare(&self, spec: Spec) -> Result<()> {
        let Spec { model, prompt, negative, guidance, width, height, .. } = spec;
        let spec = Spec { model, prompt, negative, guidance, width, height, ..Spec::default() };
        self.viewer.say(ClientMessage::Prepare { canvas: None, spec })
    }

    /// The click: what it says is all that is sent for it.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn generate(&mut self, spec: Spec) -> Result<()> {
        let request = self.viewer.request();
        self.viewer.say(ClientMessage::Generate { request, canvas: self.said, spec })
    }
}

/// One stroke of a hand: forty points of a curve, somewhere, in some colour.
pub fn mark(random: &mut Random) -> Mark {
    let mut unit = || random.up_to(10_000) as f32 / 10_000.0;
    let side = SIDE as f32;
    let colour = [unit(), unit(), unit()].map(|channel| (channel * 255.0) as u8);
    let brush = Brush { size: 4.0 + unit() * 16.0, colour, eraser: false };
    let (from, to) = ([unit() * side, unit() * side], [unit() * side, unit() * side]);
    let bend = (unit() - 0.5) * 120.0;
    let at = |i: u32| {
        let t = i as f32 / 39.0;
        let arc = bend * 4.0 * t * (1.0 - t);
        Sample {
            x: from[0] + (to[0] - from[0]) * t + arc,
            y: from[1] + (to[1] - from[1]) * t - arc,
            pressure: 0.3 + 0.4 * t,
        }
    };
    Mark::of(brush, &(0..40).map(at).collect::<Vec<_>>()).expect("a stroke of usual size")
}

fn listener(
    known: Arc<Mutex<HashMap<Digest, Vec<Digest>>>>,
    uploads: mpsc::UnboundedSender<Event>,
) -> Listener {
    Box::new(move |fact| {
        if let Fact::Canvas { canvas, missing } = fact
            && let Some(tiles) = known.lock().unwrap_or_else(PoisonError::into_inner).get(canvas)
        {
            let missing = missing.iter().filter_map(|&index| tiles.get(index as usize)).copied().collect();
            let _ = uploads.send(Event::Missing(missing));
        }
    })
}

/// Carries out what the uploads ask for, until the desk is gone.
async fn upload(
    address: SocketAddr,
    back: mpsc::UnboundedSender<Event>,
    mut events: mpsc::UnboundedReceiver<Event>,
    synced: watch::Sender<bool>,
) {
    let mut uploads = Uploads::new(1);
    let http = reqwest::Client::new();
    let begin = Instant::now();
    while let Some(event) = events.recv().await {
        let now = begin.elapsed().as_millis() as u64;
        for effect in uploads.handle(event, now) {
            match effect {
                Effect::Post { batch, tiles } => {
                    let post = http.post(format!("http://{address}/api/tiles")).body(tiles.encode());
                    let back = back.clone();
                    tokio::spawn(async move { back.send(posted(batch, post).await) });
                }
                Effect::Timer { at } => {
                    let back = back.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep_until((begin + std::time::Duration::from_millis(at)).into()).await;
                        back.send(Event::Timer)
                    });
                }
                // All that is drawn here fits what uploads keep.
                Effect::Recode(_) | Effect::Progress(_) => {}
            }
        }
        let _ = synced.send(uploads.progress().is_synced());
    }
}

async fn posted(batch: u32, post: reqwest::RequestBuilder) -> Event {
    let answer = async { post.send().await?.error_for_status()?.json::<TilesAnswer>().await };
    match answer.await {
        Ok(answer) => Event::Answered { batch, answer },
        Err(_) => Event::Failed { batch },
    }
}
