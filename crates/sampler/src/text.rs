//! The CLIP text encoder (Radford et al. 2021), transformers' `CLIPTextModel`.

use crate::LoadError;
use crate::config::check;
use crate::layers::{LayerNorm, Linear, attend};
use crate::weights::{Init, Weights};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// transformers' `config.json` of a `CLIPTextModel`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextConfig {
    pub architectures: Vec<String>,
    pub model_type: String,
    pub vocab_size: i64,
    pub hidden_size: i64,
    pub intermediate_size: i64,
    pub num_hidden_layers: i64,
    pub num_attention_heads: i64,
    pub max_position_embeddings: i64,
    pub hidden_act: String,
    pub layer_norm_eps: f64,
    pub projection_dim: i64,
    pub pad_token_id: Option<i64>,
    pub bos_token_id: Option<i64>,
    pub eos_token_id: Option<i64>,
    /// Whether the pooled whole is asked for too; no file says so, and many hold the projection for it all the same.
    #[serde(skip)]
    pub pools: bool,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            architectures: vec!["CLIPTextModel".into()],
            model_type: "clip_text_model".into(),
            vocab_size: 49_408,
            hidden_size: 512,
            intermediate_size: 2_048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 77,
            hidden_act: "quick_gelu".into(),
            layer_norm_eps: 1e-5,
            projection_dim: 512,
            pad_token_id: Some(1),
            bos_token_id: Some(49_406),
            eos_token_id: Some(49_407),
            pools: false,
        }
    }
}

impl TextConfig {
    fn validate(&self) -> Result<(), LoadError> {
        check("vocab_size", self.vocab_size, 3..=1_000_000)?;
        check("hidden_size", self.hidden_size, 1..=16_384)?;
        check("intermediate_size", self.intermediate_size, 1..=65_536)?;
        check("num_hidden_layers", self.num_hidden_layers, 1..=128)?;
        check("num_attention_heads", self.num_attention_heads, 1..=256)?;
        check("max_position_embeddings", self.max_position_embeddings, 3..=4_096)?;
        if self.hidden_size % self.num_attention_heads != 0 {
            let why = format!("is {}, which does not divide hidden_size", self.num_attention_heads);
            return Err(LoadError::config("config.json", "num_attention_heads", why));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Activation {
    QuickGelu,
    Gelu,
}

/// What a text encoder says of words.
pub struct Read {
    /// [B, N, hidden_size]
    pub words: Tensor,
    /// The whole as one, [B, projection_dim]; of encoders with a projection.
    pub pooled: Option<Tensor>,
}

/// Token ids [B, N] to embeddings [B, N, hidden_size].
pub struct ClipText {
    config: TextConfig,
    tokens: Tensor,
    positions: Tensor,
    layers: Vec<Layer>,
    norm: LayerNorm,
    projection: Option<Linear>,
}

struct Layer {
    norm1: LayerNorm,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    heads: i64,
    activation: Activation,
}

impl ClipText {
    pub fn new(weights: &Weights, config: &TextConfig) -> Result<Self, LoadError> {
        config.validate()?;
        // transformers 5 leaves the prefix out when it saves; every older checkpoint has it.
        let bare = !weights.is_fresh() && weights.has("embeddings.token_embedding.weight");
        let outer = weights;
        let weights = if bare { weights.clone() } else { weights.at("text_model") };
        let activation = match config.hidden_act.as_str() {
            "quick_gelu" => Activation::QuickGelu,
            "gelu" => Activation::Gelu,
            other => {
                let why = format!("is {other:?}; \"quick_gelu\" and \"gelu\" are supported");
                return Err(LoadError::config("config.json", "hidden_act", why));
            }
        };
        let width = config.hidden_size;
        let embeddings = weights.at("embeddings");
        let table =
            |name: &str, rows| embeddings.at(name).tensor("weight", &[rows, width], Init::Normal(0.02));
        Ok(Self {
            tokens: table("token_embedding", config.vocab_size)?,
            positions: table("position_embedding", config.max_position_embeddings)?,
            layers: (0..config.num_hidden_layers)
                .map(|index| Layer::new(&weights.at("encoder.layers").at(index), config, activation))
                .collect::<Result<_, _>>()?,
            norm: LayerNorm::new(&weights.at("final_layer_norm"), width, config.layer_norm_eps)?,
            projection: match config.pools {
                true => {
                    let place = outer.at("text_projection");
                    Some(Linear::without_bias(&place, width, config.projection_dim)?)
                }
                false => None,
            },
            config: config.clone(),
        })
    }

    pub fn config(&self) -> &TextConfig {
        &self.config
    }

    /// Width of the pooled whole, if there is one.
    pub fn pooled_width(&self) -> Option<i64> {
        self.projection.as_ref().map(|_| self.config.projection_dim)
    }

    /// `ids` [B, N] of kind Int64, N at most `max_position_embeddings`; gives the last hidden state
    /// after the final layer norm, [B, N, hidden_size].
    pub fn forward(&self, ids: &Tensor) -> Tensor {
        self.norm.forward(&self.start(ids, self.layers.len()))
    }

    /// As `forward`, with the last `skip` layers left out; `bare` leaves out the final layer norm too, as SDXL
    /// wants it. The pooled whole is that of all layers.
    pub fn read(&self, ids: &Tensor, skip: usize, bare: bool) -> Read {
        let depth = self.layers.len().saturating_sub(skip).max(1);
        let early = self.start(ids, depth);
        let words = if bare { early.shallow_clone() } else { self.norm.forward(&early) };
        let pooled = self.projection.as_ref().map(|projection| {
            let last = self.layers[depth..].iter().fold(early, |x, layer| layer.forward(&x));
            // At the first end token, the largest id in the published vocabulary.
            let ends = match self.config.eos_token_id {
                Some(end) if end != 2 => ids.eq(end).to_kind(Kind::Int).argmax(-1, false),
                _ => ids.argmax(-1, false),
            };
            let rows = Tensor::arange(ids.size()[0], (Kind::Int64, ids.device()));
            projection.forward(&self.norm.forward(&last).index(&[Some(rows), Some(ends)]))
        });
        Read { words, pooled }
    }

    /// The hidden state after so many layers.
    fn start(&self, ids: &Tensor, depth: usize) -> Tensor {
        let ids = ids.to_kind(Kind::Int64);
        let tokens = Tensor::embedding(&self.tokens, &ids, -1, false, false);
        let positions = self.positions.narrow(0, 0, ids.size()[1]);
        self.layers[..depth].iter().fold(tokens + positions, |x, layer| layer.forward(&x))
    }
}

impl Layer {
    fn new(weights: &Weights, config: &TextConfig, activation: Activation) -> Result<Self, LoadError> {
        let (width, inner, eps) = (config.hidden_size, config.intermediate_size, config.layer_norm_eps);
        let project = |name: &str| Linear::new(&weights.at("self_attn").at(name), width, width);
        Ok(Self {
            norm1: LayerNorm::new(&weights.at("layer_norm1"), width, eps)?,
            query: project("q_proj")?,
            key: project("k_proj")?,
            value: project("v_proj")?,
            output: project("out_proj")?,
            norm2: LayerNorm::new(&weights.at("layer_norm2"), width, eps)?,
            fc1: Linear::new(&weights.at("mlp.fc1"), width, inner)?,
            fc2: Linear::new(&weights.at("mlp.fc2"), inner, width)?,
            heads: config.num_attention_heads,
            activation,
        })
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        let normed = self.norm1.forward(x);
        let (query, key, value) =
            (self.query.forward(&normed), self.key.forward(&normed), self.value.forward(&normed));
        // Causal: a word sees only the words before it.
        let x = self.output.forward(&attend(&query, &key, &value, self.heads, true)) + x;
        let inner = self.activation.apply(&self.fc1.forward(&self.norm2.forward(&x)));
        self.fc2.forward(&inner) + x
    }
}

impl Activation {
    fn apply(self, x: &Tensor) -> Tensor {
        match self {
            Self::QuickGelu => x * (x * 1.702).sigmoid(),
            Self::Gelu => x.gelu("none"),
        }
    }
}
