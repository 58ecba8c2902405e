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
    thread::scope(|scope| {
        let start = |share: Share| {
            let variables = store.variables();
            scope.spawn(move || -> Result<f64, String> {
                tch::set_num_threads(1);
                let loss = loss(&variables, share).map_err(|e| e.to_string())?;
                loss.backward();
                Ok(loss.double_value(&[]))
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
        4 => tensor.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2]),
        _ => tensor.shallow_clone(),
    }
}
