//! Pictures as small as a strip of many shows them. They are made when they are asked for: every browser keeps those that it has.

use super::png::{ReadError, decode_picture};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use jpeg_encoder::{ColorType, Encoder};

/// The shorter side of one, in pixels: sharp where pictures are spread over a page.
const SIDE: u32 = 192;
const QUALITY: u8 = 80;

/// Why a file does not become a small picture.
#[derive(Debug, thiserror::Error)]
pub enum ThumbError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("cannot resize it: {0}")]
    Resize(#[from] fast_image_resize::ResizeError),
    #[error("cannot resize it: {0}")]
    Pixels(#[from] fast_image_resize::ImageBufferError),
    #[error("cannot write it as JPEG: {0}")]
    Write(#[from] jpeg_encoder::EncodingError),
}

/// The picture of a PNG file as a JPEG of a few kilobytes, all of it in its own shape; one that is small enough keeps its size.
///
/// # Errors
/// If the file holds no RGB picture.
pub fn thumb(png: &[u8]) -> Result<Vec<u8>, ThumbError> {
    let (size, rgb) = decode_picture(png)?;
    let to = small(size);
    let whole = ImageRef::new(size.0, size.1, &rgb, PixelType::U8x3)?;
    let mut picture = Image::new(to.0, to.1, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&whole, &mut picture, &options)?;
    let mut file = Vec::new();
    Encoder::new(&mut file, QUALITY).encode(picture.buffer(), to.0 as u16, to.1 as u16, ColorType::Rgb)?;
    Ok(file)
}

fn small((width, height): (u32, u32)) -> (u32, u32) {
    let shorter = width.min(height).max(1);
    let to = |side: u32| (side * SIDE.min(shorter) + shorter / 2) / shorter;
    (to(width), to(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_its_shape_and_is_never_larger() {
        assert_eq!(small((1024, 1024)), (192, 192));
        assert_eq!(small((832, 1216)), (192, 281));
        assert_eq!(small((768, 512)), (288, 192));
        assert_eq!(small((64, 128)), (64, 128));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(matches!(thumb(b"GIF89a"), Err(ThumbError::Read(_))));
    }
}
