//! diffusers' `config.json` of a `UNet2DConditionModel`.

use crate::LoadError;
use crate::config::{check, check_len};
use serde::{Deserialize, Serialize};

/// One number for all stages, or one per stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PerStage {
    One(i64),
    Each(Vec<i64>),
}

impl PerStage {
    pub fn get(&self, stage: usize) -> i64 {
        match self {
            Self::One(value) => *value,
            Self::Each(values) => values[stage],
        }
    }

    fn validate(
        &self,
        field: &str,
        stages: usize,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<(), LoadError> {
        match self {
            Self::One(value) => check(field, *value, range),
            Self::Each(values) => {
                check_len(field, values.len(), stages)?;
                values.iter().try_for_each(|&value| check(field, value, range.clone()))
            }
        }
    }
}

/// The architecture. Fields that this list lacks stand at the reference's defaults or are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UNetConfig {
    #[serde(rename = "_class_name")]
    pub class_name: String,
    pub sample_size: Option<i64>,
    pub in_channels: i64,
    pub out_channels: i64,
    pub center_input_sample: bool,
    pub flip_sin_to_cos: bool,
    pub freq_shift: f64,
    pub down_block_types: Vec<String>,
    pub mid_block_type: Option<String>,
    pub up_block_types: Vec<String>,
    pub block_out_channels: Vec<i64>,
    pub layers_per_block: PerStage,
    pub downsample_padding: i64,
    pub mid_block_scale_factor: f64,
    pub act_fn: String,
    pub norm_num_groups: i64,
    pub norm_eps: f64,
    pub cross_attention_dim: PerStage,
    pub transformer_layers_per_block: PerStage,
    /// The number of heads: the reference's name for it is a mistake that its checkpoints froze.
    pub attention_head_dim: PerStage,
    pub use_linear_projection: bool,
    pub resnet_time_scale_shift: String,
    pub only_cross_attention: bool,
    pub dual_cross_attention: bool,
    pub upcast_attention: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_attention_heads: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_embed_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addition_embed_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder_hid_dim_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_cond_proj_dim: Option<i64>,
    /// Channels of the waves that each number beside the words becomes (SDXL).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addition_time_embed_dim: Option<i64>,
    /// The pooled words and those waves together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projection_class_embeddings_input_dim: Option<i64>,
}

impl Default for UNetConfig {
    /// Stable Diffusion 1's shape, as the reference's defaults are.
    fn default() -> Self {
        let cross = |n| std::iter::repeat_n("CrossAttnDownBlock2D".to_owned(), n);
        let cross_up = |n| std::iter::repeat_n("CrossAttnUpBlock2D".to_owned(), n);
        Self {
            class_name: "UNet2DConditionModel".into(),
            sample_size: None,
            in_channels: 4,
            out_channels: 4,
            center_input_sample: false,
            flip_sin_to_cos: true,
            freq_shift: 0.0,
            down_block_types: cross(3).chain(["DownBlock2D".to_owned()]).collect(),
            mid_block_type: Some("UNetMidBlock2DCrossAttn".into()),
            up_block_types: std::iter::once("UpBlock2D".to_owned()).chain(cross_up(3)).collect(),
            block_out_channels: vec![320, 640, 1280, 1280],
            layers_per_block: PerStage::One(2),
            downsample_padding: 1,
            mid_block_scale_factor: 1.0,
            act_fn: "silu".into(),
            norm_num_groups: 32,
            norm_eps: 1e-5,
            cross_attention_dim: PerStage::One(1280),
            transformer_layers_per_block: PerStage::One(1),
            attention_head_dim: PerStage::One(8),
            use_linear_projection: false,
            resnet_time_scale_shift: "default".into(),
            only_cross_attention: false,
            dual_cross_attention: false,
            upcast_attention: false,
            num_attention_heads: None,
            class_embed_type: None,
            addition_embed_type: None,
            encoder_hid_dim_type: None,
            time_cond_proj_dim: None,
            addition_time_embed_dim: None,
            projection_class_embeddings_input_dim: None,
        }
    }
}

impl UNetConfig {
    /// Width of the time embedding.
    pub fn time_channels(&self) -> i64 {
        4 * self.block_out_channels[0]
    }

    /// Latent sides must be multiples of this for skips to meet at equal sizes without rounding.
    pub fn multiple(&self) -> i64 {
        1 << (self.block_out_channels.len() - 1)
    }

    pub(crate) fn validate(&self) -> Result<(), LoadError> {
        let stages = self.block_out_channels.len();
        check("block_out_channels (stages)", stages as i64, 1..=8)?;
        check_len("down_block_types", self.down_block_types.len(), stages)?;
        check_len("up_block_types", self.up_block_types.len(), stages)?;
        for &channels in &self.block_out_channels {
            check("block_out_channels", channels, 2..=8192)?;
        }
        check("in_channels", self.in_channels, 1..=64)?;
        check("out_channels", self.out_channels, 1..=64)?;
        check("norm_num_groups", self.norm_num_groups, 1..=1024)?;
        check("downsample_padding", self.downsample_padding, 1..=1)?;
        self.layers_per_block.validate("layers_per_block", stages, 1..=16)?;
        self.cross_attention_dim.validate("cross_attention_dim", stages, 1..=16384)?;
        self.transformer_layers_per_block.validate("transformer_layers_per_block", stages, 1..=64)?;
        self.attention_head_dim.validate("attention_head_dim", stages, 1..=512)?;
        for (field, value) in [
            ("time_cond_proj_dim", self.time_cond_proj_dim),
            ("addition_time_embed_dim", self.addition_time_embed_dim),
            ("projection_class_embeddings_input_dim", self.projection_class_embeddings_input_dim),
        ] {
            value.map_or(Ok(()), |value| check(field, value, 1..=65_536))?;
        }
        self.refuse_what_is_not_built()
    }

    /// Widths of what is added to the time embedding beside the words, if anything is: the waves of each
    /// number, and these with the pooled words.
    pub(crate) fn addition(&self) -> Result<Option<(i64, i64)>, LoadError> {
        if self.addition_embed_type.is_none() {
            return Ok(None);
        }
        let needed = |field: &str, value: Option<i64>| {
            value.ok_or_else(|| LoadError::config("config.json", field, "is missing; text_time needs it"))
        };
        let waves = needed("addition_time_embed_dim", self.addition_time_embed_dim)?;
        let all =
            needed("projection_class_embeddings_input_dim", self.projection_class_embeddings_input_dim)?;
        Ok(Some((waves, all)))
    }

    fn refuse_what_is_not_built(&self) -> Result<(), LoadError> {
        let refuse = |field: &str, found: String| {
            Err(LoadError::config("config.json", field, format!("is {found}, which is not supported")))
        };
        if self.act_fn != "silu" && self.act_fn != "swish" {
            return refuse("act_fn", self.act_fn.clone());
        }
        if self.resnet_time_scale_shift != "default" {
            return refuse("resnet_time_scale_shift", self.resnet_time_scale_shift.clone());
        }
        if self.mid_block_scale_factor != 1.0 {
            return refuse("mid_block_scale_factor", self.mid_block_scale_factor.to_string());
        }
        match self.mid_block_type.as_deref() {
            Some("UNetMidBlock2DCrossAttn") => {}
            other => return refuse("mid_block_type", format!("{other:?}")),
        }
        for (field, set) in [
            ("center_input_sample", self.center_input_sample),
            ("only_cross_attention", self.only_cross_attention),
            ("dual_cross_attention", self.dual_cross_attention),
        ] {
            if set {
                return refuse(field, "true".into());
            }
        }
        match self.addition_embed_type.as_deref() {
            None | Some("text_time") => {}
            Some(other) => return refuse("addition_embed_type", other.to_owned()),
        }
        for (field, set) in [
            ("class_embed_type", self.class_embed_type.is_some()),
            ("encoder_hid_dim_type", self.encoder_hid_dim_type.is_some()),
            ("num_attention_heads", self.num_attention_heads.is_some()),
        ] {
            if set {
                return refuse(field, "set".into());
            }
        }
        Ok(())
    }
}
