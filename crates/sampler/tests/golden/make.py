"""Makes the golden checkpoints and what the reference gives for them.

    pip install torch==2.11.0 diffusers==0.42.0 transformers safetensors
    python crates/sampler/tests/golden/make.py

Two tiny checkpoints with random weights, stored in half precision and run by the reference in single
precision: `plain` (epsilon, full autoencoder, convolutional projections) and `sketch` (the shape of the
shipped model: 8 channels, velocity, zero terminal SNR, tiny autoencoder, linear projections).
"""

import copy
import inspect
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    ControlNetModel,
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    LatentConsistencyModelPipeline,
    StableDiffusionControlNetPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLControlNetPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
)
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

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
        for run, image_guidance in [("run", 1.0), ("run_by_canvas", 1.5)]:
            expected[f"{run}_{name}"] = pipe(
                [PROMPT] * 2, image=expected["encode"].repeat(2, 1, 1, 1), negative_prompt=[NEGATIVE] * 2,
                guidance_scale=5.0, image_guidance_scale=image_guidance, num_inference_steps=10, latents=expected["noise"],
                output_type="latent",
            ).images
    latents = vae.decode(expected["run_ddim"]).sample
    expected["final"] = ((latents / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1)
    finish(folder, expected, tokens)


CLASSES = {
    "ddim": (DDIMScheduler, {}),
    "ddpm": (DDPMScheduler, {}),
    "euler": (EulerDiscreteScheduler, {}),
    "euler_ancestral": (EulerAncestralDiscreteScheduler, {}),
    "heun": (HeunDiscreteScheduler, {}),
    "dpmpp_2m": (DPMSolverMultistepScheduler, {}),
    "dpmpp_2m_sde": (DPMSolverMultistepScheduler, dict(algorithm_type="sde-dpmsolver++")),
    "unipc": (UniPCMultistepScheduler, {}),
    "lcm": (LCMScheduler, {}),
}
IN_ALPHAS = ("ddim", "ddpm", "lcm")


class Fresh:
    """Noise that both sides know: the n-th call gives the n-th."""

    def __enter__(self):
        self.modules = [sys.modules[cls.__module__] for cls, _ in CLASSES.values()]
        self.before = [getattr(module, "randn_tensor", None) for module in self.modules]
        self.calls = 0
        for module in self.modules:
            module.randn_tensor = self.noise
        return self

    def noise(self, shape, **_):
        self.calls += 1
        places = torch.arange(int(np.prod(shape)), dtype=torch.float64)
        return torch.sin(places * 12.9898 + self.calls * 78.233).mul(1.5).float().reshape(shape)

    def __exit__(self, *_):
        for module, before in zip(self.modules, self.before):
            module.randn_tensor = before


def plans():
    """What is to be compared: scheduler, configuration, steps."""
    for name in CLASSES:
        for spacing in ("leading", "trailing", "linspace"):
            for prediction in ("epsilon", "v_prediction", "sample"):
                for zero in (False, True):
                    if zero and prediction == "epsilon":
                        continue  # Noise cannot be told from a sample that is all noise.
                    if prediction == "sample" and name == "euler_ancestral":
                        continue  # The reference has no such steps.
                    for betas, steps in [("scaled_linear", 1), ("linear", 4), ("squaredcos_cap_v2", 7), ("scaled_linear", 30)]:
                        yield name, steps, dict(
                            beta_schedule=betas, prediction_type=prediction, timestep_spacing=spacing,
                            rescale_betas_zero_snr=zero, steps_offset=1,
                        )
        if name not in IN_ALPHAS:
            for sigmas in ("use_karras_sigmas", "use_exponential_sigmas"):
                for spacing, prediction, steps in [("leading", "epsilon", 4), ("trailing", "v_prediction", 7), ("linspace", "epsilon", 20)]:
                    yield name, steps, dict(
                        beta_schedule="scaled_linear", prediction_type=prediction, timestep_spacing=spacing,
                        rescale_betas_zero_snr=False, steps_offset=1, **{sigmas: True},
                    )
        if name in ("dpmpp_2m", "dpmpp_2m_sde"):
            yield name, 6, dict(beta_schedule="scaled_linear", final_sigmas_type="sigma_min", lower_order_final=False)
            yield name, 16, dict(beta_schedule="scaled_linear", final_sigmas_type="sigma_min", euler_at_final=True)
            for steps in (7, 20):
                yield name, steps, dict(beta_schedule="scaled_linear", solver_type="heun")
                yield name, steps, dict(beta_schedule="scaled_linear", timestep_spacing="trailing", use_lu_lambdas=True)
        if name in ("dpmpp_2m", "dpmpp_2m_sde", "unipc"):
            for order, steps in [(1, 7), (3, 1), (3, 2), (3, 7), (3, 20)]:
                yield name, steps, dict(beta_schedule="scaled_linear", solver_order=order)
        if name == "unipc":
            for order in (1, 2, 3):
                yield name, 9, dict(beta_schedule="scaled_linear", solver_order=order, solver_type="bh1", final_sigmas_type="sigma_min")


def schedules():
    """Every plan, stepped with a stand-in for the network that depends on sample and time."""
    cases = []
    for name, steps, given in plans():
        cls, own = CLASSES[name]
        config = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012) | given | own
        if name == "ddim":
            config |= dict(clip_sample=False, set_alpha_to_one=steps == 4)
        if name == "ddpm":
            config |= dict(clip_sample=False)
        known = inspect.signature(cls.__init__).parameters
        if "use_karras_sigmas" in given or "use_exponential_sigmas" in given:
            if not any(key in known and given[key] for key in given if key.startswith("use_")):
                continue
        scheduler = cls(**{key: value for key, value in config.items() if key in known})
        scheduler.set_timesteps(steps)
        sample = torch.tensor([-1.5, -0.2, 0.4, 2.0]).view(1, 4, 1, 1) * scheduler.init_noise_sigma
        with Fresh():
            for t in scheduler.timesteps:
                given = scheduler.scale_model_input(sample, t)
                sample = scheduler.step(0.5 * given + t / 2000, t, sample).prev_sample
        cases.append(dict(
            kind=name, config=config, steps=steps, timesteps=scheduler.timesteps.tolist(), end=sample.flatten().tolist(),
        ))
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "schedules.json").write_text(f"[\n{lines}\n]\n")


def told(name, shape):
    """Weights that both sides know by name and place (FNV-1a, splitmix64), so that only their names are kept."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    unit = (z >> np.uint64(11)).astype(np.float64) / 2.0**52 - 1.0
    if len(shape) == 1:
        values = 0.1 * unit + (1.0 if name.endswith("weight") else 0.0)
    elif "embedding" in name:
        values = 0.3 * unit
    else:
        values = unit * np.sqrt(3.0 / np.prod(shape[1:]))
    return torch.from_numpy(values.reshape(shape)).half()


def ldm_unet(name, layers, attends):
    """What the original code calls a tensor of the UNet."""
    inner = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
             "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
    head, _, rest = name.partition(".")
    flat = {"conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}
    if head in flat:
        return f"{flat[head]}.{rest}"
    if head in ("time_embedding", "add_embedding"):
        place = "time_embed" if head == "time_embedding" else "label_emb.0"
        return f"{place}." + rest.replace("linear_1", "0").replace("linear_2", "2")
    parts = name.split(".")
    if head == "mid_block":
        kind, n, rest = parts[1], int(parts[2]), parts[3:]
        place = "middle_block"
        block = 2 * n + (kind == "attentions")
        where = f"{place}.{block}"
    else:
        stage, kind, n, rest = int(parts[1]), parts[2], int(parts[3]), parts[4:]
        place = "input_blocks" if head == "down_blocks" else "output_blocks"
        first = stage * (layers + 1) + (head == "down_blocks")
        if kind == "downsamplers":
            return f"{place}.{(stage + 1) * (layers + 1)}.0.op.{rest[-1]}"
        if kind == "upsamplers":
            at = 1 + attends[len(attends) - 1 - stage]
            return f"{place}.{first + layers}.{at}." + ".".join(rest)
        where = f"{place}.{first + n}.{int(kind == 'attentions')}"
    if kind == "resnets":
        rest[0] = inner[rest[0]]
    return f"{where}." + ".".join(rest)


def ldm_vae(name, stages):
    attention = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
    for side, short in [("down_blocks", "down"), ("up_blocks", "up")]:
        for stage in range(stages):
            there = stage if short == "down" else stages - 1 - stage
            name = name.replace(f".{side}.{stage}.", f".{short}#{there}.")
    name = name.replace("#", ".").replace("resnets", "block").replace("samplers.0.conv", "sample.conv")
    name = name.replace("mid_block.block.0", "mid.block_1").replace("mid_block.block.1", "mid.block_2")
    name = name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
    if "mid_block.attentions.0." in name:
        for new, old in attention.items():
            name = name.replace(f"mid_block.attentions.0.{new}.", f"mid.attn_1.{old}.")
    return name


def original(unet, vae, texts):
    """All tensors of a checkpoint as the original code names and shapes them, with which the parts are filled."""
    config = unet.config
    attends = ["CrossAttn" in kind for kind in config.down_block_types]
    taken = []
    for name, tensor in unet.state_dict().items():
        taken.append((f"model.diffusion_model.{ldm_unet(name, config.layers_per_block, attends)}", tensor, lambda t: t))
    for name, tensor in vae.state_dict().items():
        place = f"first_stage_model.{ldm_vae(name, len(vae.config.block_out_channels))}"
        matrix = ".attn_1." in place and tensor.dim() == 2
        taken.append((place, tensor, (lambda t: t[:, :, 0, 0]) if matrix else (lambda t: t)))
    shapes = {place: [*tensor.shape, 1, 1] if ".attn_1." in place and tensor.dim() == 2 else list(tensor.shape)
              for place, tensor, _ in taken}
    for prefix, text, open_clip in texts:
        for name, tensor in text.state_dict().items():
            if "position_ids" in name:
                continue
            name = name.removeprefix("text_model.")
            if not open_clip:
                place = f"{prefix}text_model.{name}"
                shapes[place] = list(tensor.shape)
                taken.append((place, tensor, lambda t: t))
                continue
            third = None
            for n, part in enumerate("qkv"):
                if f"self_attn.{part}_proj." in name:
                    name, third = name.replace(f"self_attn.{part}_proj.", "attn.in_proj_"), n
            for new, old in [("embeddings.token_embedding", "token_embedding"), ("embeddings.position_embedding.weight", "positional_embedding"),
                             ("encoder.layers", "transformer.resblocks"), ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"),
                             ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj"), ("self_attn.out_proj", "attn.out_proj"),
                             ("final_layer_norm", "ln_final"), ("text_projection.weight", "text_projection")]:
                name = name.replace(new, old)
            place = f"{prefix}{name}"
            rows = tensor.shape[0]
            if third is not None:
                shapes[place] = [3 * rows, *tensor.shape[1:]]
                taken.append((place, tensor, lambda t, n=third, rows=rows: t[n * rows : (n + 1) * rows]))
            elif name == "text_projection":
                shapes[place] = list(tensor.shape)[::-1]
                taken.append((place, tensor, lambda t: t.T))
            else:
                shapes[place] = list(tensor.shape)
                taken.append((place, tensor, lambda t: t))
    if any(open_clip for _, _, open_clip in texts) and len(texts) == 1:
        # The layer that Stable Diffusion 2 leaves out is in the file.
        prefix, text, _ = texts[0]
        last = text.config.num_hidden_layers
        for place in [place for place in shapes if f".resblocks.{last - 1}." in place]:
            shapes[place.replace(f".resblocks.{last - 1}.", f".resblocks.{last}.")] = shapes[place]
    for place, tensor, take in taken:
        if tensor.device.type != "meta":
            tensor.copy_(take(told(place, shapes[place]).float()))
    return shapes


def is_read_by_the_reference(shapes, unet, vae, texts):
    """The reference's own converter finds the same network in the file."""
    from diffusers.loaders import single_file_utils as files

    meta = next(unet.parameters()).device.type == "meta"
    held = {place: torch.empty(shape, device="meta") if meta else told(place, shape).float() for place, shape in shapes.items()}
    for part, convert in [(unet, files.convert_ldm_unet_checkpoint), (vae, files.convert_ldm_vae_checkpoint)]:
        converted = convert(dict(held), config=dict(part.config))
        # It passes over what embeds the guidance scale.
        own = {name: t for name, t in part.state_dict().items() if not name.endswith("cond_proj.weight")}
        assert own.keys() == converted.keys(), own.keys() ^ converted.keys()
        assert meta or all(torch.equal(own[name], converted[name].reshape(own[name].shape)) for name in own)


def tiny_text(vocab, width, layers, activation, projection=None):
    config = CLIPTextConfig(
        vocab_size=vocab, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=layers,
        num_attention_heads=max(width // 64, 1), max_position_embeddings=LENGTH, hidden_act=activation,
        bos_token_id=vocab - 2, eos_token_id=vocab - 1, pad_token_id=vocab - 1, projection_dim=projection or width,
    )
    text = (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).float().eval()
    if not projection:
        # The pipelines still look for the final norm where older transformers had it.
        text.__dict__["text_model"] = text
    return text


def families():
    """One tiny single file of each family: its tensors' names and shapes, and what the reference makes of it."""
    folder = HERE / "families"
    tokens, vocab = tokenizer(folder / "tokenizer", single_file=False)
    shutil.copytree(folder / "tokenizer", folder / "tokenizer_2")
    # OpenCLIP's text encoders are padded with "!".
    (folder / "tokenizer_2" / "special_tokens_map.json").write_text(json.dumps({"pad_token": "!"}))
    tokens_2 = CLIPTokenizer.from_pretrained(folder / "tokenizer_2", model_max_length=LENGTH)
    assert tokens_2.pad_token_id == 0
    cross, plain = ("CrossAttnDownBlock2D", "CrossAttnUpBlock2D"), ("DownBlock2D", "UpBlock2D")
    ldm = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    for name in ("sd1", "inpaint", "lcm", "sd2", "xl"):
        width = {"sd1": 32, "inpaint": 32, "lcm": 32, "sd2": 64, "xl": 32 + 64}[name]
        kinds = [cross, plain] if name != "xl" else [plain, cross]
        extra = {} if name in ("sd1", "inpaint", "lcm") else dict(use_linear_projection=True)
        if name == "inpaint":
            extra |= dict(in_channels=9)
        if name == "lcm":
            extra |= dict(time_cond_proj_dim=16)
        if name == "xl":
            extra |= dict(addition_embed_type="text_time", addition_time_embed_dim=256, transformer_layers_per_block=(1, 2),
                          projection_class_embeddings_input_dim=64 + 6 * 256)
        channels = (64, 128) if name in ("sd2", "xl") else (32, 64)
        unet = UNet2DConditionModel(
            sample_size=8, block_out_channels=channels, layers_per_block=1, cross_attention_dim=width,
            attention_head_dim=[c // 64 for c in channels] if name in ("sd2", "xl") else 8,
            down_block_types=[kind[0] for kind in kinds], up_block_types=[kind[1] for kind in reversed(kinds)], **extra,
        ).eval()
        vae = AutoencoderKL(
            block_out_channels=(32, 64), layers_per_block=1, sample_size=16,
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
            scaling_factor=0.13025 if name == "xl" else 0.18215,
        ).eval()
        scheduler = EulerDiscreteScheduler(
            **ldm, prediction_type="v_prediction" if name == "sd2" else "epsilon", timestep_spacing="leading", steps_offset=1,
        )
        if name in ("sd1", "inpaint", "lcm"):
            texts = [("cond_stage_model.transformer.", tiny_text(vocab, 32, 2, "quick_gelu"), False)]
        elif name == "sd2":
            texts = [("cond_stage_model.model.", tiny_text(vocab, 64, 1, "gelu"), True)]
        else:
            texts = [("conditioner.embedders.0.transformer.", tiny_text(vocab, 32, 3, "quick_gelu"), False),
                     ("conditioner.embedders.1.model.", tiny_text(vocab, 64, 3, "gelu", projection=64), True)]
        shapes = original(unet, vae, texts)
        is_read_by_the_reference(shapes, unet, vae, texts)
        parts = dict(vae=vae, unet=unet, scheduler=scheduler, text_encoder=texts[0][1], feature_extractor=None)
        if name == "xl":
            pipe = StableDiffusionXLPipeline(
                **parts, tokenizer=tokens, tokenizer_2=tokens_2, text_encoder_2=texts[1][1], force_zeros_for_empty_prompt=True,
                add_watermarker=False,
            )
        else:
            pipe = StableDiffusionPipeline(
                **parts, tokenizer=tokens_2 if name == "sd2" else tokens, safety_checker=None, requires_safety_checker=False,
            )
        pipe.set_progress_bar_config(disable=True)
        expected = {"noise": noise(5, 1, 4, 8, 8)}
        settings = dict(latents=expected["noise"], output_type="latent", num_images_per_prompt=1, height=16, width=16)
        guided = dict(guidance_scale=5.0, negative_prompt=NEGATIVE)
        if name == "inpaint":
            repainted(pipe, expected, 10, (1.0, 0.7))
            del expected["noise"]
            (folder / f"{name}.json").write_text(json.dumps(shapes, separators=(",", ":")).replace("],", "],\n") + "\n")
            save_file({k: v.detach().contiguous() for k, v in expected.items()}, folder / f"{name}.safetensors")
            continue
        if name == "lcm":
            # Told its guidance in place of a second pass.
            own = LatentConsistencyModelPipeline(**(parts | dict(scheduler=LCMScheduler(**ldm))), tokenizer=tokens,
                                                 safety_checker=None, requires_safety_checker=False)
            own.set_progress_bar_config(disable=True)
            with Fresh():
                expected["lcm_4"] = own(PROMPT, num_inference_steps=4, guidance_scale=8.5, **settings).images
            (folder / f"{name}.json").write_text(json.dumps(shapes, separators=(",", ":")).replace("],", "],\n") + "\n")
            save_file({k: v.detach().contiguous() for k, v in expected.items()}, folder / f"{name}.safetensors")
            continue
        for steps in (1, 4, 20):
            expected[f"euler_{steps}"] = pipe(PROMPT, num_inference_steps=steps, **guided, **settings).images
        # How far the reference itself is off when it computes so.
        rounded = copy.deepcopy(pipe).to(torch.bfloat16)
        for steps in (1, 4, 20):
            latents = dict(latents=expected["noise"].to(torch.bfloat16))
            made = rounded(PROMPT, num_inference_steps=steps, **guided, **(settings | latents)).images
            expected[f"bfloat16_{steps}"] = made.float()
        skip = 1
        if name != "sd2":
            expected["clip_skip"] = pipe(PROMPT, num_inference_steps=4, clip_skip=skip, **guided, **settings).images
        expected["no_negative"] = pipe(PROMPT, num_inference_steps=4, guidance_scale=5.0, **settings).images
        others(pipe, expected, settings | guided, ldm)
        if name == "sd1":
            expected["weighed"] = pipe(
                num_inference_steps=4, guidance_scale=5.0, **settings,
                prompt_embeds=weighed(texts[0][1], tokens, [("a very ", 1.0), ("red", 1.3), (" house " * 20, 1.0), ("sun", 0.5)], 2),
                negative_prompt_embeds=weighed(texts[0][1], tokens, [(NEGATIVE, 1.0)], 2),
            ).images
        repainted(pipe, expected, 10, (1.0, 0.7))
        controlled(pipe, folder, expected, settings | guided, name)
        # Last, since it changes the weights.
        with_loras(pipe, folder, expected, settings | guided, name)
        (folder / f"{name}.json").write_text(json.dumps(shapes, separators=(",", ":")).replace("],", "],\n") + "\n")
        save_file({k: v.detach().contiguous() for k, v in expected.items()}, folder / f"{name}.safetensors")


def others(pipe, expected, settings, ldm):
    """Whole runs with every other scheduler, with noise that both sides know."""
    before = pipe.scheduler
    for name, (cls, own) in CLASSES.items():
        known = inspect.signature(cls.__init__).parameters
        config = ldm | dict(prediction_type=before.config.prediction_type) | dict(timestep_spacing="leading", steps_offset=1, clip_sample=False, set_alpha_to_one=False) | own
        pipe.scheduler = cls(**{key: value for key, value in config.items() if key in known})
        for steps in (1, 4, 20):
            with Fresh():
                expected[f"{name}_{steps}"] = pipe(PROMPT, num_inference_steps=steps, **settings).images
        with Fresh():
            redrawn(pipe, expected, name)
        with Fresh():
            repainted(pipe, expected, 10, (0.7,), f"_{name}")
    pipe.scheduler = before


def redrawn(pipe, expected, name):
    """A picture made from another."""
    cls = StableDiffusionXLImg2ImgPipeline if isinstance(pipe, StableDiffusionXLPipeline) else StableDiffusionImg2ImgPipeline
    own = another(cls, pipe)
    expected[f"redrawn_{name}"] = own(
        PROMPT, negative_prompt=NEGATIVE, image=torch.from_numpy(picture(11, 16)).permute(2, 0, 1)[None].float() / 255,
        strength=0.7, num_inference_steps=10, guidance_scale=5.0, generator=torch.Generator().manual_seed(5),
        output_type="latent",
    ).images


def another(cls, pipe, **parts):
    """A pipeline of the same parts; it encodes to the mode, as everything does that is compared."""
    sys.modules[cls.__module__].retrieve_latents = lambda encoded, generator=None, sample_mode="sample": encoded.latent_dist.mode()
    parts |= dict(force_zeros_for_empty_prompt=True, add_watermarker=False) if isinstance(pipe, StableDiffusionXLPipeline) else dict(requires_safety_checker=False)
    known = inspect.signature(cls.__init__).parameters
    own = cls(**{key: part for key, part in (pipe.components | parts).items() if key in known})
    own.set_progress_bar_config(disable=True)
    return own


def repainted(pipe, expected, steps, strengths, ending=""):
    """A part of a picture painted anew."""
    rgb = picture(11, 16)
    mask = np.zeros((16, 16), dtype=np.uint8)
    mask[3:11, 5:16] = 255
    expected["canvas"], expected["mask"] = torch.from_numpy(rgb), torch.from_numpy(mask)
    own = another(StableDiffusionXLInpaintPipeline if isinstance(pipe, StableDiffusionXLPipeline) else StableDiffusionInpaintPipeline, pipe)
    for strength in strengths:
        expected[f"repainted_{strength}{ending}"] = own(
            PROMPT, negative_prompt=NEGATIVE, image=torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255,
            mask_image=torch.from_numpy(mask)[None, None].float() / 255, strength=strength, num_inference_steps=steps,
            guidance_scale=5.0, height=16, width=16, generator=torch.Generator().manual_seed(5), output_type="latent",
        ).images


def controlled(pipe, folder, expected, settings, family):
    """A ControlNet that sees a picture."""
    own = pipe.unet.config
    same = ("block_out_channels", "layers_per_block", "down_block_types", "cross_attention_dim", "attention_head_dim", "use_linear_projection",
            "transformer_layers_per_block", "addition_embed_type", "addition_time_embed_dim", "projection_class_embeddings_input_dim")
    control = ControlNetModel(conditioning_embedding_out_channels=(16, 32), **{key: own[key] for key in same}).eval()
    shapes = {name: list(tensor.shape) for name, tensor in control.state_dict().items()}
    for name, tensor in control.state_dict().items():
        tensor.copy_(told(name, shapes[name]).float())
    control.save_config(folder / f"control_{family}")
    (folder / f"control_{family}.json").write_text(json.dumps(shapes, separators=(",", ":")).replace("],", "],\n") + "\n")
    if family == "sd1":
        (folder / "control_ldm.json").write_text(json.dumps(original_names(shapes, control.config), indent=0) + "\n")
    rgb = picture(9, 16)
    expected["drawing"] = torch.from_numpy(rgb)
    cls = StableDiffusionXLControlNetPipeline if family == "xl" else StableDiffusionControlNetPipeline
    steered = another(cls, pipe, controlnet=control)
    image = torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255
    for steps in (1, 4):
        expected[f"controlled_{steps}"] = steered(
            PROMPT, image=image, num_inference_steps=steps, controlnet_conditioning_scale=0.8, **settings
        ).images


def original_names(shapes, config):
    """diffusers' names of a ControlNet's tensors to those of the original code, as the reference reads such files."""
    from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint

    hints = 2 * len(config.conditioning_embedding_out_channels)
    blocks = 1 + len(config.block_out_channels) * (config.layers_per_block + 1) - 1
    places = [f"input_hint_block.{2 * n}" for n in range(hints)] + ["input_blocks.0.0", "middle_block_out.0"]
    places += [f"time_embed.{n}" for n in (0, 2)] + [f"zero_convs.{n}.0" for n in range(blocks)]
    resnet = ["in_layers.0", "in_layers.2", "emb_layers.1", "out_layers.0", "out_layers.3", "skip_connection"]
    for place in [f"input_blocks.{n}.0" for n in range(1, blocks)] + ["middle_block.0", "middle_block.2"]:
        places += [f"{place}.{part}" for part in resnet] + [f"{place}.op"]
    attention = ["norm", "proj_in", "proj_out"]
    for part in ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0", "attn2.to_q", "attn2.to_k", "attn2.to_v"):
        attention.append(f"transformer_blocks.0.{part}")
    for part in ("attn2.to_out.0", "ff.net.0.proj", "ff.net.2", "norm1", "norm2", "norm3"):
        attention.append(f"transformer_blocks.0.{part}")
    for place in [f"input_blocks.{n}.1" for n in range(1, blocks)] + ["middle_block.1"]:
        places += [f"{place}.{part}" for part in attention]
    names = [f"{place}.{kind}" for place in places for kind in ("weight", "bias")]
    # Each tensor is its own name, so that the reference tells where it goes.
    given = {f"control_model.{name}": name for name in names}
    # It knows the published number of convolutions only, of which the last is the fifteenth.
    for kind in ("weight", "bias"):
        given[f"control_model.input_hint_block.14.{kind}"] = f"input_hint_block.{2 * (hints - 1)}.{kind}"
    read = convert_controlnet_checkpoint(given, config)
    return {name: read[name] for name in shapes}


def with_loras(pipe, folder, expected, settings, family):
    """Two LoRAs at once, one as kohya's scripts name its tensors and one as diffusers does."""
    rank, alpha = 2, 3.0
    config = pipe.unet.config
    attends = ["CrossAttn" in kind for kind in config.down_block_types]
    parts = [("unet", "unet", pipe.unet, ("to_q", "to_v", "to_out.0", "ff.net.2", "proj_in"))]
    texts = [("text_encoder", "te1" if family == "xl" else "te", pipe.text_encoder)]
    if family == "xl":
        texts.append(("text_encoder_2", "te2", pipe.text_encoder_2))
    parts += [(*text, ("q_proj", "fc1")) for text in texts]
    shapes, changes = dict(kohya={}, usual={}), []
    for part, short, module, wanted in parts:
        for name, child in module.named_modules():
            if not name.endswith(wanted):
                continue
            name = name if part == "unet" else "text_model." + name.removeprefix("text_model.")
            # For the large family kohya's scripts keep the names of the original code.
            original = ldm_unet(name, config.layers_per_block, attends) if part == "unet" and family == "xl" else name
            flat = f"lora_{short}_{original.replace('.', '_')}"
            weight = child.weight
            down, up = [rank, *weight.shape[1:]], [weight.shape[0], rank, *[1] * (weight.dim() - 2)]
            layouts = [("kohya", f"{flat}.lora_down.weight", f"{flat}.lora_up.weight", alpha / rank * 0.7)]
            if not name.endswith("proj_in"):
                layouts.append(("usual", f"{part}.{name}.lora_A.weight", f"{part}.{name}.lora_B.weight", -0.4))
            for layout, first, second, scale in layouts:
                shapes[layout] |= {first: down, second: up}
                changes.append((weight, told(first, down).float(), told(second, up).float(), scale))
    for layout, names in shapes.items():
        (folder / f"lora_{layout}_{family}.json").write_text(json.dumps(names, separators=(",", ":")).replace("],", "],\n") + "\n")
    for weight, down, up, scale in changes:
        weight.add_((up.flatten(1) @ down.flatten(1)).reshape(weight.shape) * scale)
    expected["loras"] = pipe(PROMPT, num_inference_steps=4, **settings).images


def weighed(text, tokens, pieces, readings):
    """Long prompts in several readings, words multiplied by their weights, the mean as it was."""
    ids, weights = [], []
    for piece, weight in pieces:
        words = tokens(piece, add_special_tokens=False).input_ids
        ids += words
        weights += [weight] * len(words)
    room = LENGTH - 2
    assert room * (readings - 1) < max(len(ids), room * (readings - 1) + 1) <= room * readings
    states, all_weights = [], []
    for n in range(readings):
        part, scale = ids[n * room : (n + 1) * room], weights[n * room : (n + 1) * room]
        framed = [tokens.bos_token_id, *part, tokens.eos_token_id]
        framed += [tokens.pad_token_id] * (LENGTH - len(framed))
        states.append(text(torch.tensor([framed])).last_hidden_state)
        all_weights += [1.0, *scale] + [1.0] * (LENGTH - 1 - len(scale))
    state = torch.cat(states, 1)
    made = state * torch.tensor(all_weights)[None, :, None]
    return made * (state.mean() / made.mean()) if any(w != 1.0 for w in all_weights) else state


def listed(shapes):
    """A hash of names and shapes (FNV-1a)."""
    lines = sorted(f"{name} {'x'.join(map(str, shape))}" for name, shape in shapes.items())
    seed = 0xCBF29CE484222325
    for byte in "\n".join(lines).encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    return str(seed)


def published():
    """The configurations that the families were published with, and which tensors the reference has for them."""
    down, up = ["DownBlock2D", "CrossAttnDownBlock2D"], ["UpBlock2D", "CrossAttnUpBlock2D"]
    sd = dict(sample_size=64, block_out_channels=[320, 640, 1280, 1280], layers_per_block=2, cross_attention_dim=768,
              attention_head_dim=8, down_block_types=[down[1]] * 3 + [down[0]], up_block_types=[up[0]] + [up[1]] * 3)
    xl = dict(sample_size=128, block_out_channels=[320, 640, 1280], layers_per_block=2, cross_attention_dim=2048,
              attention_head_dim=[5, 10, 20], down_block_types=[down[0], down[1], down[1]], up_block_types=[up[1], up[1], up[0]],
              transformer_layers_per_block=[1, 2, 10], use_linear_projection=True, addition_embed_type="text_time",
              addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)
    second = sd | dict(sample_size=96, cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True)
    vae = dict(block_out_channels=[128, 256, 512, 512], layers_per_block=2, latent_channels=4, sample_size=512,
               down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4)
    clip = dict(vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
                max_position_embeddings=77, hidden_act="quick_gelu", projection_dim=768)
    open_clip = clip | dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16,
                            hidden_act="gelu", projection_dim=512)
    large = clip | dict(hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20,
                        hidden_act="gelu", projection_dim=1280)
    families = {
        "sd1": (sd, [("cond_stage_model.transformer.", clip, False)]),
        "sd1_inpainting": (sd | dict(in_channels=9), [("cond_stage_model.transformer.", clip, False)]),
        "sd1_pix2pix": (sd | dict(in_channels=8), [("cond_stage_model.transformer.", clip, False)]),
        "sd1_lcm": (sd | dict(time_cond_proj_dim=256), [("cond_stage_model.transformer.", clip, False)]),
        "sd2": (second, [("cond_stage_model.model.", open_clip, True)]),
        "xl": (xl, [("conditioner.embedders.0.transformer.", clip, False), ("conditioner.embedders.1.model.", large, True)]),
        "xl_lcm": (xl | dict(time_cond_proj_dim=256), [("conditioner.embedders.0.transformer.", clip, False), ("conditioner.embedders.1.model.", large, True)]),
    }
    told_of = {}
    for name, (config, texts) in families.items():
        with torch.device("meta"):
            unet, autoencoder = UNet2DConditionModel(**config), AutoencoderKL(**vae)
            encoders = []
            for prefix, text, is_open in texts:
                projected = is_open and len(texts) > 1
                encoders.append((prefix, (CLIPTextModelWithProjection if projected else CLIPTextModel)(CLIPTextConfig(**text)), is_open))
        shapes = original(unet, autoencoder, encoders)
        is_read_by_the_reference(shapes, unet, autoencoder, encoders)
        usual = lambda text: {  # transformers 5 leaves out the prefix that published files have.
            key if key.startswith("text_") else f"text_model.{key}": t.shape for key, t in text.state_dict().items()
        }
        told_of[name] = dict(
            unet=config, vae=vae, texts=[text for _, text, _ in texts],
            tensors=dict(
                unet=listed({key: t.shape for key, t in unet.state_dict().items()}),
                vae=listed({key: t.shape for key, t in autoencoder.state_dict().items()}),
                texts=[listed(usual(text)) for _, text, _ in encoders],
                original=listed(shapes),
            ),
        )
    (HERE / "families" / "published.json").write_text(json.dumps(told_of, indent=1) + "\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    for name in ("plain", "sketch", "families"):
        shutil.rmtree(HERE / name, ignore_errors=True)
    plain()
    sketch()
    schedules()
    families()
    published()
