//! How well the link does, for whoever opens its panel.

use super::{Effect, Studio};
use link::{Progress, Time, client, upload};
use std::collections::VecDeque;

/// Between two measurements while somebody looks, in milliseconds.
const EVERY_MS: Time = 1_000;
/// Readings of the server's clock that are remembered: that of the quickest answer is the most exact.
const READINGS: usize = 16;

/// What the panel says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Until the server answers, in milliseconds.
    pub round_trip_ms: Option<Time>,
    /// Bytes a second.
    pub up_per_s: Option<u64>,
    pub down_per_s: Option<u64>,
    /// Tiles sent, and those that strokes told in their place.
    pub sent_tiles: u32,
    pub saved_tiles: u32,
    /// Previews painted, and those that gave way to newer ones.
    pub shown: u64,
    pub conflated: u64,
    /// From the end of the step to the paint, of the last one, in milliseconds.
    pub age_ms: Option<Time>,
    /// From the last click on Generate to the end of its first step, in milliseconds.
    pub first_step_ms: Option<Time>,
    /// Previews that the server made, JPEGs that it encoded and latents that it decoded for them, for everybody.
    pub made: u64,
    pub encoded: u64,
    pub decoded: u64,
    /// The drawing's way to the server.
    pub uploads: Progress,
}

#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Somebody looks.
    open: bool,
    up: Carried,
    down: Carried,
    /// When the question without an answer was asked.
    asked: Option<Time>,
    /// How long the way was, and how far the server's clock was ahead of this page's, in milliseconds.
    readings: VecDeque<(Time, f64)>,
    /// Frames that this page left out, and that the server did.
    dropped: u64,
    /// Which request a click made last, and when, until its first step.
    clicked: Option<(u32, Time)>,
    /// The shortest round trip of this connection, in milliseconds: longer ones had to wait somewhere.
    pub way_ms: Option<Time>,
    /// How often it was asked for.
    pub ways_asked: u8,
    measured: Measured,
}

/// Bytes that went one way.
#[derive(Debug, Default)]
struct Carried {
    total: u64,
    /// When they were looked at last, and how many there were.
    before: Option<(Time, u64)>,
}

impl Carried {
    /// Bytes a second since this was asked last.
    fn rate(&mut self, now: Time) -> Option<u64> {
        let (then, total) = self.before.replace((now, self.total))?;
        (now > then).then(|| (self.total - total) * 1_000 / (now - then))
    }
}

impl Meter {
    pub fn sent(&mut self, bytes: usize) {
        self.up.total += bytes as u64;
    }

    /// What came by this event.
    pub fn heard(&mut self, event: &client::Event) {
        self.down.total += match event {
            client::Event::SocketText(text) => text.len() as u64,
            client::Event::SocketFrame(bytes) => bytes.len() as u64,
            client::Event::PollAnswered(answer) => {
                let texts = answer.texts.iter().map(String::len);
                texts.chain(answer.frames.iter().map(|frame| frame.bytes().len())).sum::<usize>() as u64
            }
            _ => 0,
        };
    }

    /// So many tiles did not have to be sent.
    pub fn saved(&mut self, tiles: usize) {
        self.measured.saved_tiles += tiles as u32;
    }

    pub fn clicked(&mut self, request: u32, now: Time) {
        self.clicked = Some((request, now));
    }

    /// A step of the job is done that was clicked for so, if it was.
    pub fn stepped(&mut self, request: Option<u32>, now: Time) {
        if let Some((_, clicked)) = self.clicked.take_if(|(clicked, _)| Some(*clicked) == request) {
            self.measured.first_step_ms = Some(now.saturating_sub(clicked));
        }
    }

    /// A frame is on the screen whose step was done at `made_us` by the server's clock.
    pub fn painted(&mut self, made_us: u64, now: Time) {
        self.measured.shown += 1;
        let quickest = self.readings.iter().min_by_key(|(way, _)| *way);
        self.measured.age_ms = quickest.map(|(_, ahead)| {
            let age = now as f64 + ahead - made_us as f64 / 1_000.0;
            age.max(0.0).round() as Time
        });
    }

    pub fn dropped(&mut self) {
        self.dropped += 1;
    }
}

impl Studio {
    /// What the panel says now.
    pub fn measured(&self) -> Measured {
        let conflated = self.meter.measured.conflated + self.meter.dropped;
        let uploads = self.progress;
        Measured { sent_tiles: self.sent_tiles, conflated, uploads, ..self.meter.measured.clone() }
    }

    /// Whether somebody looks at the panel.
    pub fn is_measuring(&self) -> bool {
        self.meter.open
    }

    pub(super) fn open_meter(&mut self, open: bool, now: Time, out: &mut Vec<Effect>) {
        if self.meter.open != open {
            self.meter.open = open;
            // Rates begin with what is carried from now on.
            (self.meter.up.before, self.meter.down.before) = (None, None);
            (self.meter.measured.up_per_s, self.meter.measured.down_per_s) = (None, None);
            self.measure(now, out);
        }
    }

    /// Takes the rates and asks the server, as long as somebody looks.
    pub(super) fn measure(&mut self, now: Time, out: &mut Vec<Effect>) {
        if !(self.meter.open && self.visible) {
            return;
        }
        let connected = self.is_connected();
        let meter = &mut self.meter;
        // Nobody answers: it takes this long at least.
        let waited = meter.asked.map(|asked| now.saturating_sub(asked));
        meter.measured.round_trip_ms = waited.or(meter.measured.round_trip_ms);
        if !connected {
            (meter.measured.round_trip_ms, meter.asked) = (None, None);
            // Of a link that was there before.
            (meter.measured.age_ms, meter.measured.first_step_ms) = (None, None);
        } else if meter.asked.is_none() {
            meter.asked = Some(now);
        }
        meter.measured.up_per_s = meter.up.rate(now);
        meter.measured.down_per_s = meter.down.rate(now);
        self.tell(client::Event::Ping, now, out);
        out.push(Effect::MeterTimer(now + EVERY_MS));
    }

    /// The server answered what was asked at `sent`, at this time by its clock.
    pub(super) fn ponged(&mut self, sent: Time, clock_us: u64, now: Time, out: &mut Vec<Effect>) {
        let meter = &mut self.meter;
        meter.asked = None;
        let way = now.saturating_sub(sent);
        meter.measured.round_trip_ms = Some(way);
        meter.way_ms = Some(meter.way_ms.map_or(way, |before| before.min(way)));
        let ahead = clock_us as f64 / 1_000.0 - (sent as f64 + way as f64 / 2.0);
        // A clock that was set: what was read before is of another time.
        let fits = |(theirs, before): &(Time, f64)| (ahead - before).abs() <= (way + theirs + 1) as f64 / 2.0;
        if !meter.readings.iter().all(fits) {
            meter.readings.clear();
        }
        meter.readings.push_back((way, ahead));
        if meter.readings.len() > READINGS {
            meter.readings.pop_front();
        }
        let shortest = meter.way_ms.unwrap_or(way);
        self.upload(upload::Event::RoundTrip(shortest), now, out);
        self.measure_way(now, out);
    }

    /// What the server counted.
    pub(super) fn counted(&mut self, conflated: u64, [made, encoded, decoded]: [u64; 3]) {
        let measured = &mut self.meter.measured;
        (measured.conflated, measured.made) = (conflated, made);
        (measured.encoded, measured.decoded) = (encoded, decoded);
    }
}
