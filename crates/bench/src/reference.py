"""The reference's half of `bench sampler` and `bench cuda`: for each line of standard input, a JSON object, the
milliseconds of a guided step, both halves in one batch.

    {"folder": FOLDER, "config": null}    that folder's UNet; else one of this config with random weights
    "kind", "device"                      "float32", "bfloat16" or "float16"; "cpu" or "cuda"
    "side", "words"                       of the latents, and tokens of a prompt
    "steps"                               so many, one after the other; the answer is their mean
"""

import json
import sys
import time

import torch
from diffusers import UNet2DConditionModel

torch.set_grad_enabled(False)
torch.set_num_threads(int(sys.argv[1]))
networks = {}


def network(asked):
    kind = getattr(torch, asked["kind"])
    if asked["folder"]:
        unet = UNet2DConditionModel.from_pretrained(asked["folder"], subfolder="unet", torch_dtype=kind)
    else:
        with torch.device(asked["device"]):
            unet = UNet2DConditionModel(**asked["config"]).to(kind)
    return unet.eval().to(asked["device"])


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


for line in sys.stdin:
    asked = json.loads(line)
    key = json.dumps({**asked, "side": 0})
    if key not in networks:
        # A GPU need not hold more than one.
        networks.clear()
        networks[key] = network(asked)
    unet = networks[key]
    like = {"dtype": unet.dtype, "device": unet.device}
    sample = torch.randn(2, unet.config.in_channels, asked["side"], asked["side"], **like)
    text = torch.randn(2, asked["words"], unet.config.cross_attention_dim, **like)
    added = None
    if unet.config.addition_embed_type:
        added = {"text_embeds": torch.randn(2, 1280, **like), "time_ids": torch.ones(2, 6, **like)}
    moment = torch.tensor(500, device=unet.device)
    wait(unet.device.type)
    begun = time.perf_counter()
    for _ in range(asked["steps"]):
        both = unet(sample, moment, text, added_cond_kwargs=added).sample
        without, prompt = both.chunk(2)
        without + 4.5 * (prompt - without)
        wait(unet.device.type)
    print((time.perf_counter() - begun) * 1000 / asked["steps"], flush=True)
