//! Pictures as bytes, and as the tensors that the autoencoder takes.

use tch::{Device, Kind, Tensor};

/// Rows of RGB bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Picture({}x{}, {} bytes)", self.width, self.height, self.rgb.len())
    }
}

impl Picture {
    /// [1, 3, H, W] in -1..1. The byte count must fit the size.
    pub(crate) fn to_tensor(&self, device: Device, kind: Kind) -> Tensor {
        Tensor::from_slice(&self.rgb)
            .view([1, i64::from(self.height), i64::from(self.width), 3])
            .permute([0, 3, 1, 2])
            .to_device(device)
            .to_kind(kind)
            .contiguous()
            / 255.0
            * 2.0
            - 1.0
    }

    /// [1, 3, H, W] in 0..1: what was drawn in white on black, whatever its colour and that of the paper, as networks
    /// for scribbles and lines expect it. The paper is the colour of most of the rim. Of what is wider than strokes are, as an
    /// area of one colour, the outline is drawn, and where it meets another.
    pub(crate) fn to_lines(&self, device: Device, kind: Kind) -> Tensor {
        let picture = self.to_tensor(device, Kind::Float);
        let size = picture.size();
        let rims = [(2, 0), (2, size[2] - 1), (3, 0), (3, size[3] - 1)];
        let rims: Vec<Tensor> =
            rims.iter().map(|(dim, at)| picture.select(*dim, *at).reshape([3, -1])).collect();
        let (paper, _) = Tensor::cat(&rims, 1).median_dim(1, false);
        let apart = (&picture - paper.view([1, 3, 1, 1])).abs().amax([1], true);
        // Half of the way from white to black is a line; less is its soft edge.
        let lines = |apart: Tensor| (apart * 2.0).clamp(0.0, 1.0);
        let drawn = lines(apart);
        let stroke = (size[2].min(size[3]) / STROKES).max(2);
        let inside = most(&least(&drawn, stroke), stroke / 2);
        let edges = lines((most(&picture, 1) - least(&picture, 1)).amax([1], true));
        let lines: Tensor = (1.0 - &inside) * drawn + inside * edges;
        lines.expand([1, 3, size[2], size[3]], false).contiguous().to_kind(kind)
    }

    /// From one picture [3, H, W] in -1..1; what lies outside is clamped. `None` when a value is no number.
    pub(crate) fn from_tensor(picture: &Tensor) -> Option<Self> {
        let picture = picture.to_kind(Kind::Float);
        if picture.isfinite().all().int64_value(&[]) == 0 {
            return None;
        }
        let bytes = (picture / 2.0 + 0.5).clamp(0.0, 1.0) * 255.0;
        let bytes = bytes.round().permute([1, 2, 0]).to_kind(Kind::Uint8).to_device(Device::Cpu).contiguous();
        let size = bytes.size();
        let mut rgb = vec![0; bytes.numel()];
        let count = rgb.len();
        bytes.copy_data(&mut rgb, count);
        Some(Self { width: size[1] as u32, height: size[0] as u32, rgb })
    }
}

/// Half of the width of a wide stroke goes so often into the shorter side of a picture.
const STROKES: i64 = 64;

/// The most of all values of [B, C, H, W] that are within `reach` of each place, both ways.
fn most(x: &Tensor, reach: i64) -> Tensor {
    let along = |x: &Tensor, kernel: [i64; 2], padding: [i64; 2]| {
        x.max_pool2d(kernel, [1, 1], padding, [1, 1], false)
    };
    let side = 2 * reach + 1;
    along(&along(x, [side, 1], [reach, 0]), [1, side], [0, reach])
}

/// The least of them.
fn least(x: &Tensor, reach: i64) -> Tensor {
    -most(&-x, reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: u32 = 256;

    /// White paper with a thin stroke, and two areas beside each other, the second at the rim.
    fn drawing() -> Picture {
        let colour = |x: u32, y: u32| match (x, y) {
            (16..20, 20..240) => [0, 0, 0],
            (60..160, 60..200) => [200, 30, 30],
            (160..256, 60..200) => [30, 30, 200],
            _ => [255, 255, 255],
        };
        let rgb = (0..SIDE * SIDE).flat_map(|n| colour(n % SIDE, n / SIDE)).collect();
        Picture { width: SIDE, height: SIDE, rgb }
    }

    #[test]
    fn strokes_are_lines_and_areas_are_outlines() {
        let lines = drawing().to_lines(Device::Cpu, Kind::Float);
        let at = |x: i64, y: i64| lines.double_value(&[0, 0, y, x]);
        assert!(
            [18, 61, 159, 160].iter().all(|&x| at(x, 120) == 1.0),
            "a stroke, an outline, where two areas meet"
        );
        assert!(
            [4, 40, 110, 200, 255].iter().all(|&x| at(x, 120) == 0.0),
            "paper, within areas, and at the rim"
        );
        assert!(at(110, 61) == 1.0 && at(110, 198) == 1.0 && at(110, 220) == 0.0);
    }

    #[test]
    fn a_blank_sheet_of_any_colour_has_no_lines() {
        for paper in [255, 0, 90] {
            let blank = Picture { width: 64, height: 64, rgb: vec![paper; 64 * 64 * 3] };
            assert_eq!(blank.to_lines(Device::Cpu, Kind::Float).max().double_value(&[]), 0.0);
        }
    }
}
