//! Pictures as numbers: colours between pixels, edges, blur and noise.

use crate::colour::{Colour, rgb};

/// A square of colours.
#[derive(Clone)]
pub struct Field {
    pub size: usize,
    pub colours: Vec<Colour>,
}

impl Field {
    pub fn of(bytes: &[u8], size: usize) -> Self {
        let unit = |v: u8| f32::from(v) / 255.0;
        let colours = bytes.as_chunks::<3>().0.iter().map(|[r, g, b]| rgb(unit(*r), unit(*g), unit(*b)));
        Self { size, colours: colours.collect() }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
        self.colours.iter().flat_map(|c| [byte(c.r), byte(c.g), byte(c.b)]).collect()
    }

    /// Pixels in one 256th of the side: what a stroke's width is measured in.
    pub fn unit(&self) -> f32 {
        self.size as f32 / 256.0
    }

    /// The pixel at a place; beyond the rim, the rim's.
    pub fn at(&self, x: isize, y: isize) -> Colour {
        let clamp = |v: isize| v.clamp(0, self.size as isize - 1) as usize;
        self.colours[clamp(y) * self.size + clamp(x)]
    }

    /// The colour between pixels.
    pub fn between(&self, x: f32, y: f32) -> Colour {
        let (left, top) = (x.floor(), y.floor());
        let at = |dx: isize, dy: isize| self.at(left as isize + dx, top as isize + dy);
        let (s, t) = (x - left, y - top);
        at(0, 0).mix(at(1, 0), s).mix(at(0, 1).mix(at(1, 1), s), t)
    }

    /// A picture of the same size, each pixel from its place.
    pub fn map(&self, make: impl Fn(usize, usize) -> Colour) -> Field {
        let places = (0..self.size).flat_map(|y| (0..self.size).map(move |x| (x, y)));
        Field { size: self.size, colours: places.map(|(x, y)| make(x, y)).collect() }
    }

    /// Each pixel the mean of those around it, `radius` pixels to every side, done twice for softness.
    pub fn blurred(&self, radius: usize) -> Field {
        let once = self.averaged(radius, 1, self.size).averaged(radius, self.size, 1);
        once.averaged(radius, 1, self.size).averaged(radius, self.size, 1)
    }

    /// Running means along lines whose pixels are `step` apart and which begin `next` apart.
    fn averaged(&self, radius: usize, step: usize, next: usize) -> Field {
        let mut out = self.clone();
        let (n, r) = (self.size as isize, radius as isize);
        let share = 1.0 / (2 * r + 1) as f32;
        for line in 0..self.size {
            let at = |i: isize| self.colours[line * next + i.clamp(0, n - 1) as usize * step];
            let mut sum = [0.0; 3];
            let mut add = |c: Colour, sign: f32| {
                sum = [sum[0] + sign * c.r, sum[1] + sign * c.g, sum[2] + sign * c.b];
                sum
            };
            (-r..=r).for_each(|i| {
                add(at(i), 1.0);
            });
            for i in 0..n {
                let [red, green, blue] = add(at(i), 0.0).map(|v| v * share);
                out.colours[line * next + i as usize * step] = rgb(red, green, blue);
                add(at(i + r + 1), 1.0);
                add(at(i - r), -1.0);
            }
        }
        out
    }

    /// How steeply the brightness rises at a pixel, along x and y.
    pub fn slope(&self, x: usize, y: usize) -> (f32, f32) {
        let (x, y) = (x as isize, y as isize);
        let at = |dx: isize, dy: isize| light(self.at(x + dx, y + dy));
        let along = |a: [f32; 3], b: [f32; 3]| (b[0] + 2.0 * b[1] + b[2] - a[0] - 2.0 * a[1] - a[2]) / 4.0;
        let dx = along([at(-1, -1), at(-1, 0), at(-1, 1)], [at(1, -1), at(1, 0), at(1, 1)]);
        let dy = along([at(-1, -1), at(0, -1), at(1, -1)], [at(-1, 1), at(0, 1), at(1, 1)]);
        (dx, dy)
    }

    /// How much the colour changes at a pixel, 0 to about 1.
    pub fn edge(&self, x: usize, y: usize) -> f32 {
        let (x, y) = (x as isize, y as isize);
        let across = self.at(x + 1, y).distance(self.at(x - 1, y));
        let down = self.at(x, y + 1).distance(self.at(x, y - 1));
        (across + down).sqrt()
    }
}

/// Brightness as the eye weighs it, 0..1.
pub fn light(colour: Colour) -> f32 {
    0.30 * colour.r + 0.59 * colour.g + 0.11 * colour.b
}

/// A smooth step from 0 at `low` to 1 at `high`.
pub fn ramp(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A random number in 0..1 for a place on a grid.
pub fn grain(x: i32, y: i32, seed: u64) -> f32 {
    let mut bits = seed ^ (x as u32 as u64) << 32 ^ y as u32 as u64;
    bits = (bits ^ bits >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ bits >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    ((bits ^ bits >> 33) >> 40) as f32 / (1u64 << 24) as f32
}

/// Smooth noise in 0..1 with features of the size 1 (value noise).
pub fn noise(x: f32, y: f32, seed: u64) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let at = |dx: i32, dy: i32| grain(left as i32 + dx, top as i32 + dy, seed);
    let (s, t) = (ramp(0.0, 1.0, x - left), ramp(0.0, 1.0, y - top));
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    mix(mix(at(0, 0), at(1, 0), s), mix(at(0, 1), at(1, 1), s), t)
}

/// Noise with features of many sizes, the largest of the size 1.
pub fn clouds(x: f32, y: f32, seed: u64) -> f32 {
    let octave = |n: u32| {
        let scale = (1 << n) as f32;
        noise(x * scale, y * scale, seed.wrapping_add(u64::from(n))) / scale
    };
    (octave(0) + octave(1) + octave(2)) / 1.75
}
