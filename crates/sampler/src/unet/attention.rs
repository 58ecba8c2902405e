//! The transformer between convolutions (Rombach et al. 2022): self-attention, attention to the words, GEGLU.

use crate::LoadError;
use crate::layers::{Conv2d, ConvShape, GroupNorm, LayerNorm, Linear, attend};
use crate::weights::Weights;
use tch::Tensor;

/// What a transformer needs to know.
#[derive(Clone, Copy)]
pub(super) struct TransformerShape {
    pub channels: i64,
    pub heads: i64,
    pub layers: i64,
    pub text: i64,
    pub groups: i64,
    pub linear: bool,
}

/// A stack of transformer blocks over the pixels of [B, C, H, W].
pub(super) struct Transformer {
    norm: GroupNorm,
    input: Projection,
    blocks: Vec<Block>,
    output: Projection,
}

enum Projection {
    Conv(Conv2d),
    Linear(Linear),
}

struct Block {
    norm1: LayerNorm,
    own: Attention,
    norm2: LayerNorm,
    words: Attention,
    norm3: LayerNorm,
    gate: Linear,
    output: Linear,
}

struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: i64,
}

/// Keys and values of the words for one cross-attention, [B, N, C] each.
pub(super) type Words = (Tensor, Tensor);

impl Transformer {
    pub(super) fn new(weights: &Weights, shape: TransformerShape) -> Result<Self, LoadError> {
        let channels = shape.channels;
        let blocks = (0..shape.layers)
            .map(|layer| Block::new(&weights.at("transformer_blocks").at(layer), shape))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            // The reference fixes this epsilon whatever norm_eps says.
            norm: GroupNorm::new(&weights.at("norm"), shape.groups, channels, 1e-6)?,
            input: Projection::new(&weights.at("proj_in"), channels, shape.linear)?,
            blocks,
            output: Projection::new(&weights.at("proj_out"), channels, shape.linear)?,
        })
    }

    /// Appends the keys and values of `text` [B, N, T] for every block, in the order that `forward` reads them.
    pub(super) fn words(&self, text: &Tensor, into: &mut Vec<Words>) {
        into.extend(self.blocks.iter().map(|block| block.words.words(text)));
    }

    pub(super) fn forward<'w>(&self, x: &Tensor, words: &mut impl Iterator<Item = &'w Words>) -> Tensor {
        let normed = self.norm.forward(x);
        let mut tokens = self.input.enter(&normed);
        for block in &self.blocks {
            let words = words.next().expect("one pair of keys and values per block");
            tokens = block.forward(&tokens, words);
        }
        self.output.leave(&tokens, &x.size()) + x
    }
}

impl Projection {
    fn new(weights: &Weights, channels: i64, linear: bool) -> Result<Self, LoadError> {
        Ok(match linear {
            true => Self::Linear(Linear::new(weights, channels, channels)?),
            false => Self::Conv(Conv2d::new(weights, ConvShape::point(channels, channels))?),
        })
    }

    fn enter(&self, x: &Tensor) -> Tensor {
        let tokens = |x: &Tensor| x.flatten(2, 3).transpose(1, 2);
        match self {
            Self::Conv(conv) => tokens(&conv.forward(x)),
            Self::Linear(linear) => linear.forward(&tokens(x)),
        }
    }

    fn leave(&self, tokens: &Tensor, size: &[i64]) -> Tensor {
        let picture = |tokens: &Tensor| tokens.transpose(1, 2).reshape(size);
        match self {
            Self::Conv(conv) => conv.forward(&picture(tokens)),
            Self::Linear(linear) => picture(&linear.forward(tokens)),
        }
    }
}

impl Block {
    fn new(weights: &Weights, shape: TransformerShape) -> Result<Self, LoadError> {
        let channels = shape.channels;
        let norm = |name| LayerNorm::new(&weights.at(name), channels, 1e-5);
        Ok(Self {
            norm1: norm("norm1")?,
            own: Attention::new(&weights.at("attn1"), channels, channels, shape.heads)?,
            norm2: norm("norm2")?,
            words: Attention::new(&weights.at("attn2"), channels, shape.text, shape.heads)?,
            norm3: norm("norm3")?,
            gate: Linear::new(&weights.at("ff.net.0.proj"), channels, 8 * channels)?,
            output: Linear::new(&weights.at("ff.net.2"), 4 * channels, channels)?,
        })
    }

    fn forward(&self, x: &Tensor, words: &Words) -> Tensor {
        let normed = self.norm1.forward(x);
        let x = self.own.forward(&normed, &self.own.words(&normed)) + x;
        let x = self.words.forward(&self.norm2.forward(&x), words) + x;
        // GEGLU (Shazeer 2020).
        let parts = self.gate.forward(&self.norm3.forward(&x)).chunk(2, -1);
        self.output.forward(&(&parts[0] * parts[1].gelu("none"))) + x
    }
}

impl Attention {
    fn new(weights: &Weights, channels: i64, text: i64, heads: i64) -> Result<Self, LoadError> {
        if channels % heads != 0 {
            let why = format!("says {heads} heads, which do not divide {channels} channels");
            return Err(LoadError::config("config.json", "attention_head_dim", why));
        }
        Ok(Self {
            query: Linear::without_bias(&weights.at("to_q"), channels, channels)?,
            key: Linear::without_bias(&weights.at("to_k"), text, channels)?,
            value: Linear::without_bias(&weights.at("to_v"), text, channels)?,
            output: Linear::new(&weights.at("to_out.0"), channels, channels)?,
            heads,
        })
    }

    fn words(&self, text: &Tensor) -> Words {
        (self.key.forward(text), self.value.forward(text))
    }

    fn forward(&self, x: &Tensor, (key, value): &Words) -> Tensor {
        let mixed = attend(&self.query.forward(x), key, value, self.heads, false);
        self.output.forward(&mixed)
    }
}
