"""The reference's half of `bench sampler`: for each line of standard input, the milliseconds of one such step.

    step shipped FOLDER    a guided step of that folder's UNet in float32, both halves in one batch
    step sd15              a guided step of a UNet of Stable Diffusion 1.5's size in bfloat16, 64x64 latents
"""

import sys
import time

import torch
from diffusers import UNet2DConditionModel

torch.set_grad_enabled(False)
torch.set_num_threads(int(sys.argv[1]))
networks = {}


def network(words):
    if words[0] == "shipped":
        unet = UNet2DConditionModel.from_pretrained(words[1], subfolder="unet", torch_dtype=torch.float32)
        return unet.eval(), torch.float32, 32, unet.config.cross_attention_dim, 48
    with torch.device("cpu"):
        unet = UNet2DConditionModel(cross_attention_dim=768, sample_size=64).to(torch.bfloat16)
    return unet.eval(), torch.bfloat16, 64, 768, 77


for line in sys.stdin:
    key = tuple(line.split()[1:])
    if key not in networks:
        networks[key] = network(key)
    unet, kind, side, width, words = networks[key]
    sample = torch.randn(2, unet.config.in_channels, side, side, dtype=kind)
    text = torch.randn(2, words, width, dtype=kind)
    begun = time.perf_counter()
    both = unet(sample, torch.tensor(500), text).sample
    without, prompt = both.chunk(2)
    without + 4.5 * (prompt - without)
    print((time.perf_counter() - begun) * 1000, flush=True)
