"""Small random checkpoints in the released layout, and a plain reading of what they compute.

`velocity` follows the published network step by step on the file's own tensors, one utterance at a
time, with none of the package's layers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

PHONES = "k n t͜s ˈaᴴᴴ ˈiᴹᴸ ˈɑᴹᴸ χ ʊ̯ m ə".split()
VOCABULARY = [" ", "a", "b", "，", "。", *(f"[{p}]" for p in PHONES)]


@dataclass(frozen=True)
class Sizes:
    """What a checkpoint is made of."""

    dim: int = 48
    depth: int = 3
    heads: int = 2
    head_dim: int = 16
    ff: int = 2
    text_dim: int = 16
    conv: int = 2
    mels: int = 20
    experts: int = 3
    expert: str = "mlp"
    top_k: int = 1
    rotary_heads: int = 1
    mask_padding: bool = False
    qk_norm: bool = False
    long_skip: bool = False
    adapter: bool = False
    tokens: int = len(VOCABULARY)


def make(sizes: Sizes, seed: int = 0) -> dict[str, Tensor]:
    """A state dict with random weights under the original's names."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        fan = shape[-1] if len(shape) > 1 else 4
        return torch.randn(*shape, generator=generator) / math.sqrt(fan)

    s, weights = sizes, {}

    def linear(name: str, out: int, into: int) -> None:
        weights[f"{name}.weight"], weights[f"{name}.bias"] = normal(out, into), normal(out)

    def norm(name: str, dim: int) -> None:
        weights[f"{name}.weight"], weights[f"{name}.bias"] = 1 + 0.1 * normal(dim), normal(dim)

    linear("time_embed.time_mlp.0", s.dim, 256)
    linear("time_embed.time_mlp.2", s.dim, s.dim)
    weights["text_embed.text_embed.weight"] = normal(s.tokens + 1, s.text_dim) * 3
    for i in range(s.conv):
        block = f"text_embed.text_blocks.{i}"
        weights[f"{block}.dwconv.weight"] = normal(s.text_dim, 1, 7)
        weights[f"{block}.dwconv.bias"] = normal(s.text_dim)
        norm(f"{block}.norm", s.text_dim)
        linear(f"{block}.pwconv1", 2 * s.text_dim, s.text_dim)
        linear(f"{block}.pwconv2", s.text_dim, 2 * s.text_dim)
        for part in ("gamma", "beta"):
            weights[f"{block}.grn.{part}"] = normal(1, 1, 2 * s.text_dim)
        if s.adapter:
            adapter, width = f"{block}.adapter", s.text_dim // 4
            weights[f"{adapter}.dw_conv.weight"] = normal(s.text_dim, 1, 3)
            weights[f"{adapter}.pw_conv1.weight"] = normal(width, s.text_dim, 1)
            weights[f"{adapter}.pw_conv2.weight"] = normal(s.text_dim, width, 1)
            for place, out, into in (("se.1", width, s.text_dim), ("se.3", s.text_dim, width)):
                weights[f"{adapter}.{place}.weight"] = normal(out, into, 1)
                weights[f"{adapter}.{place}.bias"] = normal(out)
            norm(f"{adapter}.norm", s.text_dim)
    linear("input_embed.proj", s.dim, 2 * s.mels + s.text_dim)
    for i in (0, 2):
        weights[f"input_embed.conv_pos_embed.conv1d.{i}.weight"] = normal(s.dim, s.dim // 16, 31)
        weights[f"input_embed.conv_pos_embed.conv1d.{i}.bias"] = normal(s.dim)
    rates = 10_000.0 ** -(torch.arange(0, s.head_dim, 2).float() / s.head_dim)
    weights["rotary_embed.inv_freq"] = rates
    for e in range(s.experts):
        expert = f"moe.experts.{e}"
        if s.expert == "mlp":
            linear(f"{expert}.net.0", 2 * s.text_dim, s.text_dim)
            linear(f"{expert}.net.2", s.text_dim, 2 * s.text_dim)
        else:
            layer = f"{expert}.encoder.layers.0"
            weights[f"{layer}.self_attn.in_proj_weight"] = normal(3 * s.text_dim, s.text_dim)
            weights[f"{layer}.self_attn.in_proj_bias"] = normal(3 * s.text_dim)
            linear(f"{layer}.self_attn.out_proj", s.text_dim, s.text_dim)
            linear(f"{layer}.linear1", 2 * s.text_dim, s.text_dim)
            linear(f"{layer}.linear2", s.text_dim, 2 * s.text_dim)
            norm(f"{layer}.norm1", s.text_dim)
            norm(f"{layer}.norm2", s.text_dim)
    if s.experts:
        linear("moe.gate.linear", s.experts, s.text_dim)
    inner = s.heads * s.head_dim
    for i in range(s.depth):
        block = f"transformer_blocks.{i}"
        linear(f"{block}.attn_norm.linear", 6 * s.dim, s.dim)
        for part in "qkv":
            linear(f"{block}.attn.to_{part}", inner, s.dim)
        linear(f"{block}.attn.to_out.0", s.dim, inner)
        linear(f"{block}.ff.ff.0.0", s.ff * s.dim, s.dim)
        linear(f"{block}.ff.ff.2", s.dim, s.ff * s.dim)
        if s.qk_norm:
            for part in "qk":
                weights[f"{block}.attn.{part}_norm.weight"] = 1 + 0.2 * normal(s.head_dim)
        if s.adapter:
            for part in "qv":
                weights[f"{block}.attn.to_{part}.lora_A"] = normal(4, s.dim)
                weights[f"{block}.attn.to_{part}.lora_B"] = normal(inner, 4)
    if s.adapter:
        weights["input_embed.proj.lora_A"] = normal(4, 2 * s.mels + s.text_dim)
        weights["input_embed.proj.lora_B"] = normal(s.dim, 4)
    if s.long_skip:
        weights["long_skip_connection.weight"] = normal(s.dim, 2 * s.dim)
    linear("norm_out.linear", 2 * s.dim, s.dim)
    linear("proj_out", s.mels, s.dim)
    return {f"transformer.{name}": tensor for name, tensor in weights.items()}


def write_words(folder: Path, tokens: Sequence[str] = tuple(VOCABULARY)) -> Path:
    """A vocab.txt."""
    file = folder / "vocab.txt"
    file.write_text("\n".join(tokens) + "\n", encoding="utf-8")
    return file


def linear(w: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    out = F.linear(x, w[f"{name}.weight"], w.get(f"{name}.bias"))
    if f"{name}.lora_A" in w:
        rank = len(w[f"{name}.lora_A"])
        out = out + (x @ w[f"{name}.lora_A"].T) @ w[f"{name}.lora_B"].T / rank
    return out


def text_embedding(w: dict[str, Tensor], s: Sizes, ids: Tensor, frames: int, drop: bool) -> Tensor:
    """(tokens,) -> (frames, text_dim)."""
    ids = torch.cat((ids + 1, torch.zeros(max(0, frames - len(ids)), dtype=torch.long)))[:frames]
    filler = (ids == 0).unsqueeze(-1)
    x = w["text_embed.text_embed.weight"][torch.zeros_like(ids) if drop else ids]
    dim = s.text_dim
    angles = torch.outer(torch.arange(frames).float(), 1e4 ** -(torch.arange(0, dim, 2) / dim))
    x = x + torch.cat((angles.cos(), angles.sin()), dim=-1)
    if s.mask_padding:
        x = x.masked_fill(filler, 0)
    for i in range(s.conv):
        x = x + _convnext(w, f"text_embed.text_blocks.{i}", x)
        if s.mask_padding:
            x = x.masked_fill(filler, 0)
    return x


def _convnext(w: dict[str, Tensor], block: str, x: Tensor) -> Tensor:
    dim = x.shape[-1]
    signal = x.T.unsqueeze(0)
    h = F.conv1d(signal, w[f"{block}.dwconv.weight"], w[f"{block}.dwconv.bias"], 1, 3, 1, dim)
    if f"{block}.adapter.dw_conv.weight" in w:
        a = f"{block}.adapter"
        local = F.conv1d(signal, w[f"{a}.dw_conv.weight"], None, 1, 1, 1, dim)
        inner = F.gelu(F.conv1d(local, w[f"{a}.pw_conv1.weight"]))
        mean = local.mean(dim=-1, keepdim=True)
        gate = F.relu(F.conv1d(mean, w[f"{a}.se.1.weight"], w[f"{a}.se.1.bias"]))
        gate = F.conv1d(gate, w[f"{a}.se.3.weight"], w[f"{a}.se.3.bias"]).sigmoid()
        h = h + F.conv1d(inner, w[f"{a}.pw_conv2.weight"]) * gate
    h = F.layer_norm(h[0].T, (dim,), w[f"{block}.norm.weight"], w[f"{block}.norm.bias"], 1e-6)
    h = F.gelu(linear(w, f"{block}.pwconv1", h))
    size = h.norm(dim=0, keepdim=True)
    size = size / (size.mean() + 1e-6)
    h = w[f"{block}.grn.gamma"][0] * (h * size) + w[f"{block}.grn.beta"][0] + h
    return linear(w, f"{block}.pwconv2", h)


def experts(w: dict[str, Tensor], s: Sizes, text: Tensor) -> Tensor:
    """(frames, text_dim) -> the same, through the chosen experts."""
    top, chosen = linear(w, "moe.gate.linear", text.mean(dim=0)).topk(s.top_k)
    out = text
    for weight, e in zip(top.softmax(dim=0), chosen.tolist(), strict=True):
        if s.expert == "mlp":
            h = F.gelu(linear(w, f"moe.experts.{e}.net.0", text))
            out = out + weight * linear(w, f"moe.experts.{e}.net.2", h)
        else:
            out = out + weight * _transformer_expert(w, f"moe.experts.{e}.encoder.layers.0", text)
    return out


def _transformer_expert(w: dict[str, Tensor], layer: str, x: Tensor) -> Tensor:
    frames, dim = x.shape
    places = torch.zeros(frames, dim)
    angles = torch.outer(torch.arange(frames).float(), 1e4 ** -(torch.arange(0, dim, 2) / dim))
    places[:, 0::2], places[:, 1::2] = angles.sin(), angles.cos()
    x = x + places
    qkv = F.linear(x, w[f"{layer}.self_attn.in_proj_weight"], w[f"{layer}.self_attn.in_proj_bias"])
    q, k, v = (part.view(frames, 8, -1).transpose(0, 1) for part in qkv.chunk(3, dim=-1))
    h = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(dim=-1) @ v
    h = linear(w, f"{layer}.self_attn.out_proj", h.transpose(0, 1).reshape(frames, dim))
    x = _norm(w, f"{layer}.norm1", x + h)
    h = linear(w, f"{layer}.linear2", F.gelu(linear(w, f"{layer}.linear1", x)))
    return _norm(w, f"{layer}.norm2", x + h)


def _norm(w: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"])


def velocity(
    weights: dict[str, Tensor],
    s: Sizes,
    x: Tensor,
    prompt: Tensor,
    ids: Tensor,
    time: float,
    drop: bool = False,
) -> Tensor:
    """One utterance without padding: (frames, mels) and (tokens,) -> (frames, mels)."""
    w = {name.removeprefix("transformer."): tensor for name, tensor in weights.items()}
    frames = len(x)
    half = torch.exp(torch.arange(128) * (-math.log(10_000) / 127)) * 1000 * time
    t = F.silu(linear(w, "time_embed.time_mlp.0", torch.cat((half.sin(), half.cos()))))
    t = F.silu(linear(w, "time_embed.time_mlp.2", t))
    text = text_embedding(w, s, ids, frames, drop)
    if s.experts and not drop:
        text = experts(w, s, text)
    prompt = torch.zeros_like(x) if drop else prompt
    h = linear(w, "input_embed.proj", torch.cat((x, prompt, text), dim=-1))
    signal = h.T.unsqueeze(0)
    for i in (0, 2):
        place = f"input_embed.conv_pos_embed.conv1d.{i}"
        signal = F.conv1d(signal, w[f"{place}.weight"], w[f"{place}.bias"], 1, 15, 1, 16)
        signal = F.mish(signal)
    h = start = h + signal[0].T
    for i in range(s.depth):
        h = _block(w, s, f"transformer_blocks.{i}", h, t)
    if s.long_skip:
        h = linear(w, "long_skip_connection", torch.cat((h, start), dim=-1))
    scale, shift = linear(w, "norm_out.linear", t).chunk(2)
    h = F.layer_norm(h, (s.dim,), eps=1e-6) * (1 + scale) + shift
    return linear(w, "proj_out", h)


def _block(w: dict[str, Tensor], s: Sizes, block: str, x: Tensor, t: Tensor) -> Tensor:
    shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = linear(
        w, f"{block}.attn_norm.linear", t
    ).chunk(6)
    h = F.layer_norm(x, (s.dim,), eps=1e-6) * (1 + scale_a) + shift_a
    x = x + gate_a * _attention(w, s, f"{block}.attn", h)
    h = F.layer_norm(x, (s.dim,), eps=1e-6) * (1 + scale_f) + shift_f
    h = F.gelu(linear(w, f"{block}.ff.ff.0.0", h), approximate="tanh")
    return x + gate_f * linear(w, f"{block}.ff.ff.2", h)


def _attention(w: dict[str, Tensor], s: Sizes, name: str, x: Tensor) -> Tensor:
    heads = []
    angles = torch.outer(torch.arange(len(x)).float(), w["rotary_embed.inv_freq"])
    turn = torch.polar(torch.ones_like(angles), angles)
    parts = {p: linear(w, f"{name}.to_{p}", x).view(len(x), s.heads, -1) for p in "qkv"}
    for head in range(s.heads):
        q, k, v = (parts[p][:, head] for p in "qkv")
        if s.qk_norm:
            q = F.rms_norm(q, (s.head_dim,), w[f"{name}.q_norm.weight"], 1e-6)
            k = F.rms_norm(k, (s.head_dim,), w[f"{name}.k_norm.weight"], 1e-6)
        if head < s.rotary_heads:
            q, k = (_turned(a, turn) for a in (q, k))
        heads.append((q @ k.T / math.sqrt(s.head_dim)).softmax(dim=-1) @ v)
    return linear(w, f"{name}.to_out.0", torch.cat(heads, dim=-1))


def _turned(x: Tensor, turn: Tensor) -> Tensor:
    pairs = torch.view_as_complex(x.reshape(len(x), -1, 2).contiguous())
    return torch.view_as_real(pairs * turn).flatten(1)
