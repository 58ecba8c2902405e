//! What the page says, in short, concrete and kind words.

use super::{Kept, Looked, Phase, Studio, Sync};
use link::{LinkState, Progress, Time, Transport};
use wire::{ModelInfo, Spec};

/// "3 pieces", "1 piece".
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// A number with so many digits behind the point; what is none is 0. Rust's own writing of fractions weighs 5 kB.
pub fn decimal(value: impl Into<f64>, digits: u32) -> String {
    let (value, scale) = (value.into(), 10_u64.pow(digits));
    let parts = (value.abs() * scale as f64).round() as u64;
    let sign = if value < 0.0 && parts > 0 { "-" } else { "" };
    let (whole, rest) = (parts / scale, parts % scale);
    match digits as usize {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{rest:0digits$}"),
    }
}

/// A share of 1: "37 %".
pub fn percent(share: f32) -> String {
    format!("{} %", decimal(100.0 * share, 0))
}

/// What stands in the strip for a job: how far it is, unless it is in sight.
pub fn run(studio: &Studio, number: u32) -> String {
    let Some(run) = studio.run(number) else { return String::new() };
    let in_sight = studio.watched() == Some(number);
    match run.phase {
        _ if waits(studio, number) => "waits".into(),
        Phase::Loading { .. } | Phase::Running { .. } if !in_sight => percent(run.share()),
        Phase::Finished { .. } => "all".into(),
        Phase::Live => "live".into(),
        _ => "now".into(),
    }
}

/// Whether it says that a job waits.
pub fn waits(studio: &Studio, number: u32) -> bool {
    let in_sight = studio.watched() == Some(number);
    studio.run(number).is_some_and(|run| match run.phase {
        Phase::Waiting { ahead, .. } => ahead > 0 || !in_sight,
        _ => run.phase.waits() && !in_sight,
    })
}

/// The same in more words.
pub fn run_in_full(studio: &Studio, number: u32) -> String {
    let Some(run) = studio.run(number) else { return String::new() };
    let title = title(&run.spec);
    match run.phase {
        Phase::Asked | Phase::Waiting { .. } => format!("Waits · {title}"),
        Phase::Finished { .. } => "What was made together".into(),
        Phase::Live => "What follows your drawing".into(),
        _ => format!("Is being made · {title}"),
    }
}

/// A time as one says it: "0.8 s", "12 s", "2 min 5 s".
pub fn duration(ms: f32) -> String {
    let seconds = ms / 1000.0;
    if seconds < 9.95 {
        return format!("{} s", decimal(seconds, 1));
    }
    let seconds = seconds.round() as u32;
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {} s", seconds / 60, seconds % 60) }
}

/// "Step 7 of 20 · 3 s left". The time left is rounded up to whole seconds, so that it does
/// not flicker. After the last step the picture is decoded, and how many steps there are is known with the first.
pub fn progress(step: u16, total: u16, step_ms: f32) -> String {
    if step == 0 {
        return "Starting".into();
    }
    if step >= total {
        return format!("Step {step} of {total} · finishing");
    }
    if step_ms <= 0.0 {
        return format!("Step {step} of {total}");
    }
    let left_ms = f32::from(total - step) * step_ms;
    let seconds = (left_ms / 1000.0).ceil() as u32;
    let left = if seconds < 60 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) };
    format!("Step {step} of {total} · {left} left")
}

/// Why a job has not started.
pub fn waiting(ahead: u32, tiles: u32) -> String {
    if tiles > 0 {
        return format!("Still sending {} of your drawing", count(tiles as usize, "piece", "pieces"));
    }
    match ahead {
        0 => "About to start".into(),
        n => format!("{n} before this one"),
    }
}

/// How much of a model is read: "Loading the model · 1.2 of 4.3 GB".
pub fn loading(read: u64, bytes: u64) -> String {
    let (unit, name, digits) = if bytes < 1_000_000_000 { (1e6, "MB", 0) } else { (1e9, "GB", 1) };
    let [read, bytes] = [read, bytes].map(|count| decimal(count as f64 / unit, digits));
    format!("Loading the model · {read} of {bytes} {name}")
}

/// Where the shown job stands.
pub fn job(studio: &Studio) -> String {
    if says_removed(studio) {
        return "Removed".into();
    }
    match studio.looking_at {
        Some(Looked::One(digest)) => {
            let title = studio.kept.find(digest).map(|kept| title(&kept.job.spec)).unwrap_or_default();
            return match studio.unseen().len() {
                0 => title,
                1 => format!("Another is done · {title}"),
                n => format!("{n} others are done · {title}"),
            };
        }
        Some(Looked::All(job)) => return several(studio.kept.of(job).len()),
        None => {}
    }
    let stopping = studio.job.stopping;
    let is_away = is_away(studio);
    match &studio.job.phase {
        phase if stopping && is_away && phase.is_active() => "Offline; stopped once you are back".into(),
        Phase::Running { .. } if stopping => "Stopping after this step".into(),
        phase if stopping && phase.is_active() => "Taking it back".into(),
        Phase::Idle => String::new(),
        Phase::Live if studio.draws_along() => "Follows your drawing".into(),
        Phase::Live => "A quick picture; Generate makes it in earnest".into(),
        Phase::Asked if is_away => "Offline; asked for once you are back".into(),
        Phase::Running { step, total, .. } if is_away || studio.is_silent() => {
            format!("Step {step} of {total} when last heard of")
        }
        Phase::Asked => "Asking".into(),
        Phase::Waiting { ahead: ahead @ 1.., tiles: 0 } => {
            format!("{} · {}", waiting(*ahead, 0), title(&studio.job.spec))
        }
        Phase::Waiting { ahead, tiles } => waiting(*ahead, *tiles),
        Phase::Loading { read, bytes } => loading(*read, *bytes) + &others(studio),
        Phase::Running { step, total, step_ms } => progress(*step, *total, *step_ms) + &others(studio),
        Phase::Finished { pictures, took_ms } if pictures.len() > 1 => {
            format!("{} · {}", several(pictures.len()), duration(*took_ms))
        }
        Phase::Finished { .. } if studio.job.spec.quick => "Kept".into(),
        Phase::Finished { took_ms, .. } => format!("Done in {}", duration(*took_ms)),
        Phase::Cancelled { step: 0 } => "Cancelled before it began".into(),
        Phase::Cancelled { step } => format!("Cancelled after {}", count((*step).into(), "step", "steps")),
        Phase::Failed(_) => "No picture this time".into(),
    }
}

/// How many jobs wait behind the one in the frame.
fn others(studio: &Studio) -> String {
    match studio.waiting() {
        0 => String::new(),
        1 => " · 1 waits".into(),
        n => format!(" · {n} wait"),
    }
}

/// Whether the page says that something was removed, in place of what is to be seen.
fn says_removed(studio: &Studio) -> bool {
    let is_quiet = match studio.looking_at {
        Some(looked) => matches!(looked, Looked::One(_)),
        None => studio.job.phase == Phase::Idle,
    };
    is_quiet && studio.can_bring_back()
}

/// What brings back the picture that was removed.
pub fn bring_back(studio: &Studio) -> &'static str {
    if says_removed(studio) { "Undo" } else { "Undo removal" }
}

/// Of so many pictures side by side.
fn several(pictures: usize) -> String {
    format!("Pick one of {pictures}")
}

const LOST: &str = "The picture is made, but it could not be fetched. Click it in the strip to try again.";

/// What went wrong last; what the server refused, in its words.
pub fn trouble(studio: &Studio) -> Option<String> {
    let failed = match &studio.job.phase {
        Phase::Failed(problem) => Some(problem),
        _ => None,
    };
    if studio.lost.is_some_and(|lost| studio.hanging().contains(&lost)) {
        return Some(LOST.into());
    }
    studio.refused.as_ref().or(failed).map(|problem| problem.message.clone())
}

/// A picture by its prompt.
pub fn title(spec: &Spec) -> String {
    if spec.prompt.is_empty() { "Without words".into() } else { spec.prompt.clone() }
}

/// A kept picture by its prompt, and by which it is of several that were made together.
pub fn kept(kept: &Kept) -> String {
    let (title, spec) = (title(&kept.job.spec), &kept.job.spec);
    match kept.picture.seed.0.wrapping_sub(spec.seed.0) {
        n if spec.pictures > 1 => format!("{title} · {} of {}", n.wrapping_add(1), spec.pictures),
        _ => title,
    }
}

/// "Pentimento small · CPU, 2 threads".
pub fn model(model: &ModelInfo) -> String {
    format!("{} · {}", model.name, model.device)
}

/// What is to be known of the size that was chosen.
pub fn size(studio: &Studio) -> Option<String> {
    let own = &studio.model.as_ref()?.defaults;
    let asked = studio.spec();
    let side = own.width.min(own.height);
    asked
        .is_much_larger(own)
        .then(|| format!("This model is made for {side} px: larger pictures may fall apart"))
}

/// What drawing along would mean here.
pub fn live(studio: &Studio) -> String {
    let live = studio.model.as_ref().and_then(|model| model.live);
    match live {
        Some(live) if !super::follows(live) => {
            format!("The picture follows your drawing; one takes {} here", duration(live.picture_ms))
        }
        _ => "The picture follows your drawing".into(),
    }
}

/// The connection by the name of its state.
pub fn link(state: &str) -> &'static str {
    match state {
        "socket" => "Connected",
        "polling" => "Connected, polling",
        "offline" => "Offline; trying again",
        _ => "Connecting",
    }
}

fn is_away(studio: &Studio) -> bool {
    matches!(studio.link, LinkState::Offline { .. })
}

/// What to do where no connection can be had, if there is something.
pub fn other_way(studio: &Studio) -> Option<&'static str> {
    let only_socket = studio.settings.transport == Transport::Socket;
    (is_away(studio) && only_socket)
        .then_some("Some networks let no socket through. “Whatever works” does without.")
}

/// The drawing's way to the server. `share` is how much of what is under way has arrived.
pub fn sync(sync: Sync, share: Option<f32>) -> String {
    match (sync, share) {
        (Sync::Synced, _) => "Your drawing is at the server".into(),
        (Sync::Failed(1), _) => "A piece did not arrive; trying again".into(),
        (Sync::Failed(n), _) => format!("{n} pieces did not arrive; trying again"),
        (Sync::Refused(n), _) => {
            format!("The server does not take {}; draw over them", count(n, "piece", "pieces"))
        }
        (Sync::Sending(n), Some(share)) if n > 3 => {
            format!("Sending {} · {}", count(n, "piece", "pieces"), percent(share))
        }
        (Sync::Sending(n), _) if n > 0 => format!("Sending {}", count(n, "piece", "pieces")),
        (Sync::Sending(_), _) => "Your drawing is kept here".into(),
    }
}

/// A span of time; a dash while it is not known.
pub fn milliseconds(span: Option<Time>) -> String {
    match span {
        None => "–".into(),
        Some(0) => "under 1 ms".into(),
        Some(ms) if ms < 10_000 => format!("{ms} ms"),
        Some(ms) => format!("{} s", decimal(ms as f64 / 1_000.0, 0)),
    }
}

/// Bytes a second; a dash while they are not known.
pub fn rate(bytes: Option<u64>) -> String {
    match bytes {
        None => "–".into(),
        Some(bytes) if bytes < 1_000 => format!("{bytes} B/s"),
        Some(bytes) if bytes < 1_000_000 => format!("{} kB/s", decimal(bytes as f64 / 1e3, 1)),
        Some(bytes) => format!("{} MB/s", decimal(bytes as f64 / 1e6, 1)),
    }
}

/// Pieces of the drawing that are not at the server.
pub fn uploads(Progress { queued, in_flight, failed, .. }: &Progress) -> String {
    let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{in_flight} sending, {queued} queued{failed}")
}

/// How the drawing went up: tiles sent, and those that strokes told.
pub fn tiles(sent: u32, saved: u32) -> String {
    format!("{}, {saved} saved", count(sent as usize, "tile", "tiles"))
}
