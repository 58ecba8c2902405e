//! Rendered pairs on disk: finished pictures, rough sketches of them, captions.

use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use tch::{Kind, Tensor};

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct About {
    count: usize,
    /// Side of every picture in pixels.
    size: usize,
    /// Sketches of each picture.
    sketches: usize,
}

/// `about.json`, `captions.json` and raw RGB rows in `pictures.u8` and `sketches.u8`.
pub struct Pairs {
    about: About,
    pictures: File,
    sketches: File,
    /// One caption for each picture.
    pub captions: Vec<String>,
}

impl Pairs {
    /// # Errors
    /// If a file is missing or no pairs were finished there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            about: serde_json::from_slice(&fs::read(folder.join("about.json"))?)?,
            captions: serde_json::from_slice(&fs::read(folder.join("captions.json"))?)?,
            pictures: File::open(folder.join("pictures.u8"))?,
            sketches: File::open(folder.join("sketches.u8"))?,
        })
    }

    pub fn len(&self) -> usize {
        self.about.count
    }

    pub fn is_empty(&self) -> bool {
        self.about.count == 0
    }

    pub fn size(&self) -> usize {
        self.about.size
    }

    /// Sketches of each picture.
    pub fn sketches(&self) -> usize {
        self.about.sketches
    }

    fn bytes(&self) -> usize {
        self.about.size * self.about.size * 3
    }

    /// RGB rows of picture `index`.
    pub fn picture(&self, index: usize) -> io::Result<Vec<u8>> {
        self.picture_rows(index, 0..self.size())
    }

    /// Some of them, whole.
    pub fn picture_rows(&self, index: usize, rows: Range<usize>) -> io::Result<Vec<u8>> {
        self.read(&self.pictures, index, rows)
    }

    /// RGB rows of sketch `which` of picture `index`.
    pub fn sketch(&self, index: usize, which: usize) -> io::Result<Vec<u8>> {
        self.sketch_rows(index, which, 0..self.size())
    }

    /// Some of them, whole.
    pub fn sketch_rows(&self, index: usize, which: usize, rows: Range<usize>) -> io::Result<Vec<u8>> {
        self.read(&self.sketches, index * self.about.sketches + which, rows)
    }

    fn read(&self, file: &File, at: usize, rows: Range<usize>) -> io::Result<Vec<u8>> {
        let row = self.about.size * 3;
        let mut rgb = vec![0; rows.len() * row];
        file.read_exact_at(&mut rgb, (at * self.bytes() + rows.start * row) as u64)?;
        Ok(rgb)
    }
}

/// RGB rows to a tensor [3, size, size] in -1..1.
pub fn to_tensor(rgb: &[u8], size: usize) -> Tensor {
    colours(&Tensor::from_slice(rgb).view([size as i64, size as i64, 3]))
}

/// Bytes [..., H, W, 3] to [..., 3, H, W] in -1..1.
pub fn colours(rgb: &Tensor) -> Tensor {
    rgb.movedim_int(-1, -3).to_kind(Kind::Float) / 127.5 - 1.0
}

/// Writes pairs in order; `finish` makes them readable.
pub struct Writer {
    about: About,
    pictures: BufWriter<File>,
    sketches: BufWriter<File>,
    captions: Vec<String>,
}

impl Writer {
    pub fn create(folder: &Path, size: usize, sketches: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            about: About { count: 0, size, sketches },
            pictures: BufWriter::new(File::create(folder.join("pictures.u8"))?),
            sketches: BufWriter::new(File::create(folder.join("sketches.u8"))?),
            captions: Vec::new(),
        })
    }

    /// `picture` and each of `sketches` as RGB rows of the size given at the start.
    pub fn add(&mut self, picture: &[u8], sketches: &[Vec<u8>], caption: String) -> io::Result<()> {
        self.pictures.write_all(picture)?;
        sketches.iter().try_for_each(|sketch| self.sketches.write_all(sketch))?;
        self.captions.push(caption);
        self.about.count += 1;
        Ok(())
    }

    pub fn finish(mut self, folder: &Path) -> io::Result<()> {
        self.pictures.flush()?;
        self.sketches.flush()?;
        fs::write(folder.join("captions.json"), serde_json::to_vec(&self.captions)?)?;
        fs::write(folder.join("about.json"), serde_json::to_vec(&self.about)?)
    }
}
