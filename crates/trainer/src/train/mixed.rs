//! Mixed precision: float32 variables, and the copies in a cheaper kind that a pass computes with.

use super::device::device;
use std::collections::HashMap;
use std::error::Error;
use std::thread;
use tch::{Kind, Tensor, nn};

/// The variables of a store by name.
pub type Variables = HashMap<String, Tensor>;

/// Adds the gradients of `loss` for every share of a batch to the store's, one thread for each, and
/// gives the sum of the losses.
///
/// Threads that share one operation wait for each other at its end; beside other busy programs that
/// costs half of the machine. Gradients are summed under libtorch's own locks.
pub fn backward_side_by_side<Share: Send>(
    store: &nn::VarStore,
    shares: Vec<Share>,
    loss: impl Fn(&Variables, Share) -> Result<Tensor, Box<dyn Error>> + Sync,
) -> Result<f64, Box<dyn Error>> {
    let loss = &loss;
    let backward = |variables: &Variables, share: Share| -> Result<f64, String> {
        let loss = loss(variables, share).map_err(|e| e.to_string())?;
        loss.backward();
        Ok(loss.double_value(&[]))
    };
    let backward = &backward;
    if shares.len() == 1 {
        // A thread of its own would find a plan for each convolution of a GPU anew.
        let share = shares.into_iter().next().ok_or("there is one")?;
        return Ok(backward(&store.variables(), share)?);
    }
    thread::scope(|scope| {
        let start = |share: Share| {
            let variables = store.variables();
            scope.spawn(move || {
                tch::set_num_threads(1);
                backward(&variables, share)
            })
        };
        let running: Vec<_> = shares.into_iter().map(start).collect();
        let mut total = 0.0;
        for thread in running {
            total += thread.join().map_err(|_| "a training thread panicked")??;
        }
        Ok(total)
    })
}

/// One after the other, in memory of their own; through them no gradient flows.
pub fn flattened(tensors: impl Iterator<Item = Tensor>) -> Tensor {
    let tensors: Vec<Tensor> = tensors.map(|tensor| tensor.detach().flatten(0, -1)).collect();
    if tensors.is_empty() {
        return Tensor::zeros([0], (Kind::Float, device()));
    }
    Tensor::cat(&tensors, 0)
}

/// The same tensors under the same names, for another thread.
pub fn shared(variables: &Variables) -> Variables {
    variables.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
}

/// The same where training computes.
pub fn moved(variables: Variables) -> Variables {
    variables.into_iter().map(|(name, tensor)| (name, tensor.to_device(device()))).collect()
}

/// The same values, through which no gradient flows.
pub fn detached(variables: &Variables) -> Variables {
    variables.iter().map(|(name, tensor)| (name.clone(), tensor.detach())).collect()
}

/// The variables as copies of `kind`, convolutions in channels-last order, through
/// which gradients flow back to the float32 originals.
pub fn copies(variables: &Variables, kind: Kind) -> Variables {
    variables.iter().map(|(name, variable)| (name.clone(), channels_last(&variable.to_kind(kind)))).collect()
}

/// The same values with channels innermost in memory; convolutions keep that order.
pub fn channels_last(tensor: &Tensor) -> Tensor {
    match tensor.dim() {
        4 => sampler::layers::channels_last(tensor),
        _ => tensor.shallow_clone(),
    }
}
