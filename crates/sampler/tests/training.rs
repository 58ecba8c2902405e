//! Fresh networks can be trained, saved as a folder's parts, and loaded again.

use sampler::autoencoder_tiny::{AutoencoderTiny, AutoencoderTinyConfig};
use sampler::text::{ClipText, TextConfig};
use sampler::unet::{PerStage, UNet, UNetConfig};
use sampler::weights::{self, Weights};
use tch::nn::OptimizerConfig;
use tch::{Device, Kind, Tensor, nn};

fn small_unet() -> UNetConfig {
    UNetConfig {
        in_channels: 8,
        block_out_channels: vec![8, 16],
        layers_per_block: PerStage::One(1),
        norm_num_groups: 4,
        cross_attention_dim: PerStage::One(8),
        attention_head_dim: PerStage::One(2),
        down_block_types: vec!["DownBlock2D".into(), "CrossAttnDownBlock2D".into()],
        up_block_types: vec!["CrossAttnUpBlock2D".into(), "UpBlock2D".into()],
        ..UNetConfig::default()
    }
}

fn small_text() -> TextConfig {
    TextConfig {
        vocab_size: 20,
        hidden_size: 8,
        intermediate_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        max_position_embeddings: 6,
        ..TextConfig::default()
    }
}

#[test]
fn every_variable_of_unet_and_text_encoder_learns() {
    // Networks this small only make threads wait for each other.
    tch::set_num_threads(1);
    let store = nn::VarStore::new(Device::Cpu);
    let unet = UNet::new(&Weights::fresh(&(store.root() / "unet")), &small_unet()).unwrap();
    let text = ClipText::new(&Weights::fresh(&(store.root() / "text")), &small_text()).unwrap();
    let mut optimiser = nn::AdamW::default().build(&store, 1e-2).unwrap();
    let sample = Tensor::randn([3, 8, 8, 8], (Kind::Float, Device::Cpu));
    let ids = Tensor::randint(20, [3, 6], (Kind::Int64, Device::Cpu));
    let target = Tensor::randn([3, 4, 8, 8], (Kind::Float, Device::Cpu));
    let times = Tensor::from_slice(&[10i64, 500, 990]);
    let mut losses = Vec::new();
    for _ in 0..15 {
        let out = unet.forward(&sample, &times, &text.forward(&ids));
        let loss = out.mse_loss(&target, tch::Reduction::Mean);
        optimiser.backward_step(&loss);
        losses.push(loss.double_value(&[]));
    }
    assert!(losses[14] < 0.8 * losses[0], "{losses:?}");
    for (name, variable) in store.variables() {
        let moved = variable.grad();
        assert!(
            moved.defined() && moved.abs().sum(Kind::Float).double_value(&[]) > 0.0,
            "{name} has no gradient"
        );
    }
}

#[test]
fn what_is_written_loads_as_the_same_network() {
    let folder = tempfile::tempdir().unwrap();
    let store = nn::VarStore::new(Device::Cpu);
    let config = AutoencoderTinyConfig {
        encoder_block_out_channels: vec![4; 3],
        decoder_block_out_channels: vec![4; 3],
        num_encoder_blocks: vec![1; 3],
        num_decoder_blocks: vec![1; 3],
        ..AutoencoderTinyConfig::default()
    };
    let trained = AutoencoderTiny::new(&Weights::fresh(&store.root()), &config).unwrap();
    let path = folder.path().join("diffusion_pytorch_model.safetensors");
    weights::write(&path, &weights::variables(&store), Kind::Float).unwrap();
    sampler::config::write(&folder.path().join("config.json"), &config).unwrap();

    let config = sampler::config::read(&folder.path().join("config.json")).unwrap();
    let read =
        Weights::open_part(folder.path(), "diffusion_pytorch_model", &sampler::Reading::exact(Device::Cpu))
            .unwrap();
    let read = AutoencoderTiny::new(&read, &config).unwrap();
    let pictures = Tensor::rand([2, 3, 16, 16], (Kind::Float, Device::Cpu)) * 2.0 - 1.0;
    let (a, b) = (trained.encode(&pictures), read.encode(&pictures));
    assert_eq!(a.size(), [2, 4, 4, 4]);
    assert!(a.equal(&b));
    assert!(trained.decode(&a).equal(&read.decode(&b)));
}
