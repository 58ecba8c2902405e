//! The layers that every network here is made of. All of them keep autograd intact.

use crate::LoadError;
use crate::weights::{Init, Weights};
use tch::Tensor;

/// A two-dimensional convolution with a square kernel. Input [B, in, H, W].
pub struct Conv2d {
    weight: Tensor,
    bias: Option<Tensor>,
    stride: i64,
    padding: i64,
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
        let ConvShape { input, output, kernel, stride, padding, bias } = shape;
        let init = Init::FanIn(input * kernel * kernel);
        let weight = weights.tensor("weight", &[output, input, kernel, kernel], init)?;
        let bias = if bias { Some(weights.tensor("bias", &[output], init)?) } else { None };
        Ok(Self { weight, bias, stride, padding })
    }

    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.conv2d(
            &self.weight,
            self.bias.as_ref(),
            [self.stride, self.stride],
            [self.padding, self.padding],
            [1, 1],
            1,
        )
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
        x.group_norm(self.groups, Some(&self.weight), Some(&self.bias), self.eps, true)
    }
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
