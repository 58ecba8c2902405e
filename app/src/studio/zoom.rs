//! How near the paper is seen.

/// Nearer than this one sees nothing but pixels.
const SCALE_MAX: f32 = 8.0;

/// A place or a way on the screen, or a size: across and down, in pixels.
pub type Pixels = (f32, f32);

/// What is seen of the paper, which lies in a frame that cuts it off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zoom {
    /// How many times as wide as its frame the paper is, from 1 on.
    pub scale: f32,
    /// Where its corner lies, in shares of the frame's width and height: never inside of the frame.
    pub left: f32,
    pub top: f32,
}

impl Default for Zoom {
    fn default() -> Self {
        Self { scale: 1.0, left: 0.0, top: 0.0 }
    }
}

impl Zoom {
    /// Whether all of the paper is seen.
    pub fn is_whole(self) -> bool {
        self.scale == 1.0
    }

    /// What is seen once two fingers went from some places to others, in a frame of this size: what was under them still is.
    pub fn pinched(self, frame: Pixels, from: [Pixels; 2], to: [Pixels; 2]) -> Self {
        let middle = |[a, b]: [Pixels; 2]| ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
        // Two fingers have some width themselves.
        let apart = |[a, b]: [Pixels; 2]| ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt().max(8.0);
        self.moved(frame, middle(from), middle(to), apart(to) / apart(from))
    }

    /// The same so many times nearer, with what is at this place where it is.
    pub fn nearer(self, frame: Pixels, at: Pixels, times: f32) -> Self {
        self.moved(frame, at, at, times)
    }

    /// The paper pushed this way.
    pub fn pushed(self, frame: Pixels, way: Pixels) -> Self {
        self.moved(frame, (0.0, 0.0), way, 1.0)
    }

    fn moved(self, frame: Pixels, from: Pixels, to: Pixels, times: f32) -> Self {
        let scale = (self.scale * times).clamp(1.0, SCALE_MAX);
        let times = scale / self.scale;
        let corner = |corner: f32, from: f32, to: f32, side: f32| {
            // Rust's clamp would bring along what writes fractions, for what it says where its bounds are none.
            (to / side - (from / side - corner) * times).max(1.0 - scale).min(0.0)
        };
        Self {
            scale,
            left: corner(self.left, from.0, to.0, frame.0),
            top: corner(self.top, from.1, to.1, frame.1),
        }
    }
}
