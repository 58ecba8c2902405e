//! Mixed precision: float32 variables, and the copies in a cheaper kind that a pass computes with.

use std::collections::HashMap;
use tch::{Kind, Tensor, nn};

/// The variables of a store as copies of `kind`, convolutions in channels-last order, through
/// which gradients flow back to the float32 originals.
pub fn copies(store: &nn::VarStore, kind: Kind) -> HashMap<String, Tensor> {
    store
        .variables()
        .into_iter()
        .map(|(name, variable)| (name, channels_last(&variable.to_kind(kind))))
        .collect()
}

/// The same values with channels innermost in memory; convolutions keep that order.
pub fn channels_last(tensor: &Tensor) -> Tensor {
    match tensor.dim() {
        4 => tensor.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2]),
        _ => tensor.shallow_clone(),
    }
}
