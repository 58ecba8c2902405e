"""Makes the golden checkpoints and what the reference gives for them.

    pip install torch==2.11.0 diffusers==0.42.0 transformers safetensors
    python crates/sampler/tests/golden/make.py

Two tiny checkpoints with random weights, stored in half precision and run by the reference in single
precision: `plain` (epsilon, full autoencoder, convolutional projections) and `sketch` (the shape of the
shipped model: 8 channels, velocity, zero terminal SNR, tiny autoencoder, linear projections).
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

HERE = Path(__file__).parent
LENGTH = 16
PROMPT, NEGATIVE = "A house under the sun, it's red", "dark"
PROMPTS = [
    PROMPT,
    NEGATIVE,
    "",
    "A  House\n12's  2026",
    "x<|endoftext|>house <|startoftext|>",
    "<|EndOfText|> a",
    "caf\u00e9 cafe\u0301 \u0130stanbul \u01c5",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u65e5\u672c\u8a9e \x00\u200b\ufeff",
    "it's don't we'll I'd they've 'sup ' 's",
    "\u0623\u062d\u0645\u0631 \u0e1a\u0e49\u0e32\u0e19 \u0915\u094d\u0937 \u00bd \u2460 \u2167",
    "house " * 40,
    "!?!,.--__ a_b #1 $%^&*",
    "\u2028\u00a0\u3000tab\tend",
]


def byte_letters():
    """The printable stand-in of every byte, as GPT-2 chose them."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in shown]
    return [chr(b) for b in shown] + [chr(256 + n) for n in range(len(rest))]


def tokenizer(folder, single_file):
    letters = byte_letters()
    merges = ["h o", "ho u", "s e</w>", "hou se</w>", "u n", "t h", "th e</w>", "s un</w>", "r e", "re d</w>"]
    merges = [*merges, "n d", "u nd", "und er</w>", "e r</w>", "un</w> un</w>", "u n</w>"]
    tokens = letters + [letter + "</w>" for letter in letters]
    merges = [m for m in merges if m != "un</w> un</w>"]
    # A merge may only join what exists, so every merged token is in the vocabulary.
    tokens += [m.replace(" ", "") for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True)
    vocab = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    made = CLIPTokenizer.from_pretrained(folder, model_max_length=LENGTH)
    if single_file:
        shutil.rmtree(folder)
        made.save_pretrained(folder)
    return made, len(vocab)


def stored_in_half(module, folder):
    """Rounds the weights to half precision, so that what is stored is what the reference runs."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            # A network's own start leaves biases and norms trivial; every term should count.
            parameter.add_(0.05 * torch.randn_like(parameter))
    module.half().save_pretrained(folder)
    return module.float().eval()


def text_encoder(folder, vocab, activation):
    config = CLIPTextConfig(
        vocab_size=vocab, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=LENGTH, hidden_act=activation, bos_token_id=vocab - 2, eos_token_id=vocab - 1,
        pad_token_id=vocab - 1,
    )
    return stored_in_half(CLIPTextModel(config), folder)


def picture(seed, side):
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def as_input(rgb):
    return torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255 * 2 - 1


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def common(expected, unet, text, tokens, side):
    ids = tokens([PROMPT, NEGATIVE], padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt")
    expected["text"] = text(ids.input_ids).last_hidden_state
    channels = unet.config.in_channels
    for name, sample in [("unet", noise(1, 2, channels, side, side)), ("unet_odd", noise(2, 2, channels, 12, 20))]:
        expected[f"{name}_sample"] = sample
        expected[f"{name}_times"] = torch.tensor([981.0, 7.0])
        expected[name] = unet(sample, expected[f"{name}_times"], expected["text"]).sample


def finish(folder, expected, tokens):
    ids = tokens(PROMPTS, padding="max_length", max_length=LENGTH, truncation=True).input_ids
    table = [{"prompt": prompt, "ids": row} for prompt, row in zip(PROMPTS, ids)]
    (folder / "expected.json").write_text(json.dumps(table, indent=1) + "\n")
    save_file({k: v.detach().contiguous() for k, v in expected.items()}, folder / "expected.safetensors")


def plain():
    folder = HERE / "plain"
    tokens, vocab = tokenizer(folder / "tokenizer", single_file=False)
    text = text_encoder(folder / "text_encoder", vocab, "quick_gelu")
    # Older transformers, and so every published checkpoint, put a prefix before each name.
    weights = folder / "text_encoder" / "model.safetensors"
    renamed = {f"text_model.{k}": v for k, v in load_file(weights).items()}
    save_file(renamed, weights, metadata={"format": "pt"})
    unet = stored_in_half(UNet2DConditionModel(
        sample_size=8, block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=16, attention_head_dim=4,
    ), folder / "unet")
    vae = stored_in_half(AutoencoderKL(
        block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, sample_size=16,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    ), folder / "vae")
    ddim = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    )
    ddim.save_pretrained(folder / "scheduler")
    # Through the file, as a person's checkpoint comes: in memory the reference forgets its own defaults.
    euler = EulerDiscreteScheduler.from_pretrained(folder / "scheduler")
    expected = {}
    common(expected, unet, text, tokens, 8)

    rgb = picture(3, 16)
    expected["picture"] = torch.from_numpy(rgb)
    expected["encode"] = vae.encode(as_input(rgb)).latent_dist.mode()
    expected["decode_latent"] = noise(4, 1, 4, 8, 8)
    expected["decode"] = vae.decode(expected["decode_latent"]).sample
    expected["noise"] = noise(5, 2, 4, 8, 8)
    parts = dict(vae=vae, text_encoder=text, tokenizer=tokens, unet=unet, safety_checker=None, feature_extractor=None)
    settings = dict(num_inference_steps=10, output_type="latent", num_images_per_prompt=2)
    for name, scheduler in [("ddim", ddim), ("euler", euler)]:
        pipe = StableDiffusionPipeline(scheduler=scheduler, requires_safety_checker=False, **parts)
        for run, guidance in [("run", 5.0), ("unguided", 1.0)]:
            expected[f"{run}_{name}"] = pipe(
                PROMPT, negative_prompt=NEGATIVE, guidance_scale=guidance, latents=expected["noise"], **settings
            ).images
        pipe = StableDiffusionImg2ImgPipeline(scheduler=scheduler, requires_safety_checker=False, **parts)
        start = expected["encode"] * vae.config.scaling_factor
        for strength in (0.7, 1.0):
            expected[f"from_canvas_{strength}_{name}"] = pipe(
                PROMPT, image=start, strength=strength, negative_prompt=NEGATIVE, guidance_scale=5.0,
                generator=torch.Generator().manual_seed(5), **settings,
            ).images
    latents = expected["run_ddim"] / vae.config.scaling_factor
    expected["final"] = ((vae.decode(latents).sample / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1)
    finish(folder, expected, tokens)


def sketch():
    folder = HERE / "sketch"
    tokens, vocab = tokenizer(folder / "tokenizer", single_file=True)
    text = text_encoder(folder / "text_encoder", vocab, "gelu")
    unet = stored_in_half(UNet2DConditionModel(
        sample_size=4, in_channels=8, out_channels=4, block_out_channels=(8, 16, 16), layers_per_block=(1, 2, 1),
        norm_num_groups=4, cross_attention_dim=16, attention_head_dim=(2, 4, 8), use_linear_projection=True,
        transformer_layers_per_block=(1, 2, 1),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    ), folder / "unet")
    vae = stored_in_half(AutoencoderTiny(
        encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4,
        num_encoder_blocks=(1, 1, 1, 1), num_decoder_blocks=(1, 1, 1, 1),
    ), folder / "vae")
    ddim = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        prediction_type="v_prediction", rescale_betas_zero_snr=True, timestep_spacing="trailing",
    )
    ddim.save_pretrained(folder / "scheduler")
    # Through the file, as a person's checkpoint comes: in memory the reference forgets its own defaults.
    euler = EulerDiscreteScheduler.from_pretrained(folder / "scheduler")
    expected = {}
    common(expected, unet, text, tokens, 4)

    rgb = picture(6, 32)
    expected["picture"] = torch.from_numpy(rgb)
    expected["encode"] = vae.encode(as_input(rgb)).latents
    expected["decode_latent"] = noise(7, 1, 4, 4, 4)
    expected["decode"] = vae.decode(expected["decode_latent"]).sample
    expected["noise"] = noise(8, 2, 4, 4, 4)
    for name, scheduler in [("ddim", ddim), ("euler", euler)]:
        pipe = StableDiffusionInstructPix2PixPipeline(
            vae=vae, text_encoder=text, tokenizer=tokens, unet=unet, scheduler=scheduler, safety_checker=None,
            feature_extractor=None, requires_safety_checker=False,
        )
        # An image guidance of 1 leaves the guidance by words alone.
        expected[f"run_{name}"] = pipe(
            [PROMPT] * 2, image=expected["encode"].repeat(2, 1, 1, 1), negative_prompt=[NEGATIVE] * 2,
            guidance_scale=5.0, image_guidance_scale=1.0, num_inference_steps=10, latents=expected["noise"],
            output_type="latent",
        ).images
    latents = vae.decode(expected["run_ddim"]).sample
    expected["final"] = ((latents / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1)
    finish(folder, expected, tokens)


def schedules():
    """Every plan, stepped with a stand-in for the network that depends on sample and time."""
    cases = []
    classes = {"ddim": DDIMScheduler, "euler": EulerDiscreteScheduler}
    for name, cls in classes.items():
        for spacing in ("leading", "trailing", "linspace"):
            for prediction in ("epsilon", "v_prediction", "sample"):
                for zero in (False, True):
                    if zero and prediction == "epsilon":
                        continue  # Noise cannot be told from a sample that is all noise.
                    for betas, steps in [("scaled_linear", 1), ("linear", 4), ("squaredcos_cap_v2", 7), ("scaled_linear", 30)]:
                        config = dict(
                            num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule=betas,
                            prediction_type=prediction, timestep_spacing=spacing, rescale_betas_zero_snr=zero,
                            steps_offset=1,
                        )
                        if name == "ddim":
                            config |= dict(clip_sample=False, set_alpha_to_one=steps == 4)
                        scheduler = cls(**config)
                        scheduler.set_timesteps(steps)
                        sample = torch.tensor([-1.5, -0.2, 0.4, 2.0]).view(1, 4, 1, 1) * scheduler.init_noise_sigma
                        for t in scheduler.timesteps:
                            given = scheduler.scale_model_input(sample, t)
                            sample = scheduler.step(0.5 * given + t / 2000, t, sample).prev_sample
                        cases.append(dict(
                            kind=name, config=config, steps=steps, timesteps=scheduler.timesteps.tolist(),
                            end=sample.flatten().tolist(),
                        ))
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "schedules.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    for name in ("plain", "sketch"):
        shutil.rmtree(HERE / name, ignore_errors=True)
    plain()
    sketch()
    schedules()
