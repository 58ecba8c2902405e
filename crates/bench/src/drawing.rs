//! Recorded drawings: pointer places, stroke by stroke, as `trainer drawings` takes them down.

use anyhow::{Context, Result};
use canvas::{Brush, Mark, Sample};
use std::fs;
use std::path::Path;

/// One stroke as it was reported.
pub struct Recorded {
    pub brush: Brush,
    pub samples: Vec<Sample>,
}

impl Recorded {
    /// The stroke as the studio keeps it.
    pub fn mark(&self) -> Option<Mark> {
        Mark::of(self.brush, &self.samples)
    }

    /// `#rrggbb SIZE X,Y X,Y,PRESSURE ...`
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let [_, r, g, b] = u32::from_str_radix(words.next()?.strip_prefix('#')?, 16).ok()?.to_be_bytes();
        let brush = Brush { size: words.next()?.parse().ok()?, colour: [r, g, b], eraser: false };
        let sample = |word: &str| {
            let mut values = word.split(',').map(str::parse);
            let (x, y) = (values.next()?.ok()?, values.next()?.ok()?);
            let pressure = values.next().map_or(Ok(0.5), |pressure| pressure).ok()?;
            Some(Sample { x, y, pressure })
        };
        Some(Self { brush, samples: words.map(sample).collect::<Option<_>>()? })
    }
}

/// All drawings of the repository, by name.
///
/// # Errors
/// If one is missing or cannot be read.
pub fn all() -> Result<Vec<(String, Vec<Recorded>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("drawings");
    let mut files: Vec<_> = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(file)?;
        let strokes = text.lines().map(Recorded::parse).collect::<Option<_>>();
        Ok((name, strokes.with_context(|| format!("{}: a line is no stroke", file.display()))?))
    };
    files.iter().map(read).collect()
}
