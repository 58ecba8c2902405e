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
    /// for scribbles and lines expect it. The paper is the colour of most of the rim.
    pub(crate) fn to_lines(&self, device: Device, kind: Kind) -> Tensor {
        let picture = self.to_tensor(device, Kind::Float);
        let size = picture.size();
        let rims = [(2, 0), (2, size[2] - 1), (3, 0), (3, size[3] - 1)];
        let rims: Vec<Tensor> =
            rims.iter().map(|(dim, at)| picture.select(*dim, *at).reshape([3, -1])).collect();
        let (paper, _) = Tensor::cat(&rims, 1).median_dim(1, false);
        let apart = (picture - paper.view([1, 3, 1, 1])).abs().amax([1], true);
        // Half of the way from white to black is a line; less is its soft edge.
        (apart * 2.0).clamp(0.0, 1.0).expand([1, 3, size[2], size[3]], false).contiguous().to_kind(kind)
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
