//! The layers that every network here is made of. All of them keep autograd intact.

use crate::LoadError;
use crate::kernel::Kernel;
use crate::memory;
use crate::weights::{Init, Weights};
use shim::packed::Then;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tch::{Device, Kind, Tensor};

/// A two-dimensional convolution with a square kernel. Input [B, in, H, W].
pub struct Conv2d {
    kernel: Kernel,
    bias: Option<Tensor>,
}

/// The shape of a convolution.
#[derive(Clone, Copy)]
pub struct ConvShape {
    pub input: i64,
    pub output: i64,
    pub kernel: i64,
    pub stride: i64,
    pub padding: i64,
    pub bias: bool,
}

impl ConvShape {
    /// 3x3 that keeps the size.
    pub fn same(input: i64, output: i64) -> Self {
        Self { input, output, kernel: 3, stride: 1, padding: 1, bias: true }
    }

    /// 1x1.
    pub fn point(input: i64, output: i64) -> Self {
        Self { input, output, kernel: 1, stride: 1, padding: 0, bias: true }
    }
}

impl Conv2d {
    pub fn new(weights: &Weights, shape: ConvShape) -> Result<Self, LoadError> {
        let ConvShape { output, bias, .. } = shape;
        let init = Init::FanIn(shape.input * shape.kernel * shape.kernel);
        let kernel = weights.kernel("weight", shape, init)?;
        let bias = if bias { Some(weights.tensor("bias", &[output], init)?) } else { None };
        Ok(Self { kernel, bias })
    }

    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.kernel.convolve(x, self.bias.as_ref(), Then::Nothing)
    }

    /// With negative values made zero.
    pub fn forward_relu(&self, x: &Tensor) -> Tensor {
        self.kernel.convolve(x, self.bias.as_ref(), Then::Relu)
    }
}

/// y = x Wᵀ + b over the last dimension.
pub struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    pub fn new(weights: &Weights, input: i64, output: i64) -> Result<Self, LoadError> {
        let bias = weights.tensor("bias", &[output], Init::FanIn(input))?;
        Ok(Self { bias: Some(bias), ..Self::without_bias(weights, input, output)? })
    }

    pub fn without_bias(weights: &Weights, input: i64, output: i64) -> Result<Self, LoadError> {
        Ok(Self { weight: weights.tensor("weight", &[output, input], Init::FanIn(input))?, bias: None })
    }

    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, self.bias.as_ref())
    }
}

/// Group normalisation over [B, C, ...].
pub struct GroupNorm {
    weight: Tensor,
    bias: Tensor,
    groups: i64,
    eps: f64,
}

impl GroupNorm {
    pub fn new(weights: &Weights, groups: i64, channels: i64, eps: f64) -> Result<Self, LoadError> {
        if groups < 1 || channels % groups != 0 {
            let why = format!("is {groups}, which does not divide {channels} channels");
            return Err(LoadError::config("config.json", "norm_num_groups", why));
        }
        let weight = weights.tensor("weight", &[channels], Init::Ones)?;
        Ok(Self { weight, bias: weights.tensor("bias", &[channels], Init::Zeros)?, groups, eps })
    }

    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.then(x, false)
    }

    /// With SiLU after it.
    pub fn forward_silu(&self, x: &Tensor) -> Tensor {
        self.then(x, true)
    }

    fn then(&self, x: &Tensor, silu: bool) -> Tensor {
        let then = |made: Tensor| if silu { made.silu() } else { made };
        let grows = || [x, &self.weight, &self.bias].into_iter().any(Tensor::requires_grad);
        if !has_channels_last(x) || grows() {
            return then(self.planes(x));
        }
        if is_tensor_core(x) {
            return then(self.channels_last(x));
        }
        let suits = x.device() == Device::Cpu && x.size()[1] % shim::norm::LANES == 0;
        match suits
            .then(|| shim::norm::group_norm(x, self.groups, (&self.weight, &self.bias), self.eps, silu))
        {
            Some(Ok(made)) => made,
            _ => then(self.planes(x)),
        }
    }

    fn planes(&self, x: &Tensor) -> Tensor {
        x.group_norm(self.groups, Some(&self.weight), Some(&self.bias), self.eps, true)
    }

    /// The same with channels innermost, where libtorch's own would bring them to the front and leave them there.
    fn channels_last(&self, x: &Tensor) -> Tensor {
        let (batch, channels, height, width) = x.size4().expect("a batch of pictures");
        let each = channels / self.groups;
        let x = x.permute([0, 2, 3, 1]).view([batch, height * width, self.groups, each]);
        // The deviation, since a variance may leave the range of half precision.
        let (deviation, mean) = x.std_mean_correction([1, 3].as_slice(), 0, true);
        let [deviation, mean, weight, bias] =
            [&deviation, &mean, &self.weight, &self.bias].map(|tensor| tensor.to_kind(Kind::Float));
        let scale = weight.view([1, 1, self.groups, each]) * (deviation.square() + self.eps).rsqrt();
        let shift = bias.view([1, 1, self.groups, each]) - mean * &scale;
        let made = shift.to_kind(x.kind()).addcmul(&x, &scale.to_kind(x.kind()));
        made.view([batch, height, width, channels]).permute([0, 3, 1, 2])
    }
}

/// Whether convolutions run on a GPU's matrix units, which read channels innermost: all others are brought to that
/// order and back.
pub(crate) fn is_tensor_core(x: &Tensor) -> bool {
    x.device().is_cuda() && matches!(x.kind(), Kind::Half | Kind::BFloat16) && !x.requires_grad()
}

/// The same values with channels innermost in memory.
pub fn channels_last(x: &Tensor) -> Tensor {
    x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
}

fn has_channels_last(x: &Tensor) -> bool {
    x.dim() == 4 && x.size()[1] > 1 && x.permute([0, 2, 3, 1]).is_contiguous()
}

/// Layer normalisation over the last dimension.
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    size: i64,
    eps: f64,
}

impl LayerNorm {
    pub fn new(weights: &Weights, size: i64, eps: f64) -> Result<Self, LoadError> {
        let weight = weights.tensor("weight", &[size], Init::Ones)?;
        Ok(Self { weight, bias: weights.tensor("bias", &[size], Init::Zeros)?, size, eps })
    }

    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.layer_norm([self.size], Some(&self.weight), Some(&self.bias), self.eps, true)
    }
}

/// Multi-head attention of [B, N, C] queries over [B, M, C] keys and values, without a mask.
pub fn attend(query: &Tensor, key: &Tensor, value: &Tensor, heads: i64, causal: bool) -> Tensor {
    let is_plain = |x: &Tensor| x.device() == Device::Cpu && !x.requires_grad();
    if !causal
        && [query, key, value].into_iter().all(is_plain)
        && let Some(mixed) = attend_by_kernels(query, key, value, heads)
    {
        return mixed;
    }
    let split = |x: &Tensor| {
        let (batch, tokens, channels) = x.size3().expect("queries, keys and values are [B, N, C]");
        x.view([batch, tokens, heads, channels / heads]).transpose(1, 2)
    };
    let mixed = Tensor::scaled_dot_product_attention(
        &split(query),
        &split(key),
        &split(value),
        None::<&Tensor>,
        0.0,
        causal,
        None,
        false,
    );
    mixed.transpose(1, 2).reshape(query.size())
}

/// Attention by oneDNN's kernels, if this processor has them for this kind, which is asked once.
fn attend_by_kernels(query: &Tensor, key: &Tensor, value: &Tensor, heads: i64) -> Option<Tensor> {
    static REFUSED: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];
    let refused = match query.kind() {
        Kind::Float => &REFUSED[0],
        Kind::BFloat16 => &REFUSED[1],
        _ => return None,
    };
    // Numbers that are multiplied in pairs.
    let suits = query.size().last().is_some_and(|channels| channels % (2 * heads) == 0);
    if refused.load(Relaxed) || !suits {
        return None;
    }
    match shim::attention::attend(query, key, value, heads) {
        Ok(mixed) => Some(mixed),
        Err(why) => {
            refused.store(!memory::was_lacking(&why.0), Relaxed);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn groups_are_normalised_alike_in_either_order_of_memory() {
        tch::manual_seed(3);
        let random = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu));
        for channels in [12, 48] {
            let tensors = [("weight", random(&[channels])), ("bias", random(&[channels]))];
            let tensors: HashMap<_, _> = tensors.map(|(name, tensor)| (name.to_owned(), tensor)).into();
            let norm = GroupNorm::new(&Weights::from_tensors(tensors), 3, channels, 1e-5).unwrap();
            let x = random(&[2, channels, 5, 7]) * 4.0 + 1.0;
            let (inner, plain) = (channels_last(&x), norm.planes(&x));
            for made in [norm.channels_last(&inner), norm.forward(&inner)] {
                assert!(has_channels_last(&made));
                assert!(made.allclose(&plain, 1e-5, 1e-5, false), "{channels} channels");
            }
            assert!(
                norm.forward_silu(&inner).allclose(&plain.silu(), 1e-5, 1e-5, false),
                "{channels} channels"
            );
        }
    }
}
