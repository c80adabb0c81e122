"""The same network written plainly: what our speed is measured against.

Same weights and same results, as one would write it first: attention with its score matrix and
its mask, experts in a loop over utterances, everything in float32, guidance as two calls, the text
encoded anew at each of the solver's steps.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diamoe.flow.matching import Batch
from diamoe.model.dit import NEAREST, Conditioning, DiT
from diamoe.model.layers import Attention, TransformerBlock, rotate
from diamoe.model.moe import DialectMoE, Routing, balance_loss


class PlainDiT(nn.Module):
    """A `DiT` computed plainly; it can stand in the model's place (MLP experts by utterance)."""

    def __init__(self, dit: DiT):
        super().__init__()
        self.dit, self.config = dit, dit.config

    def encode_text(
        self, ids: Tensor, token_mask: Tensor, dialect: Tensor | None
    ) -> tuple[Tensor, Routing | None]:
        """As `DiT.encode_text`."""
        hidden = self.dit.text_encoder(ids, token_mask)
        if self.dit.moe is None:
            return hidden, None
        return plain_experts(self.dit.moe, hidden, token_mask, dialect)

    def frame_text(self, hidden: Tensor, durations: Tensor, mask: Tensor) -> Tensor:
        """As `DiT.frame_text`."""
        return self.dit.frame_text(hidden, durations, mask)

    def forward(self, x: Tensor, time: Tensor, conditioning: Conditioning) -> Tensor:
        """As `DiT.forward`; the number of frames must be a multiple of the patch."""
        dit, patch = self.dit, self.config.patch
        known = conditioning.known.unsqueeze(-1).to(x.dtype)
        inputs = torch.cat((x, conditioning.prompt, known, conditioning.text), dim=-1)
        inputs = inputs * conditioning.mask.unsqueeze(-1)
        h = dit.project_in(inputs.reshape(len(x), x.shape[1] // patch, -1))
        mask = conditioning.mask.view(len(x), -1, patch).any(dim=-1)
        told = F.silu(dit.time(time) + dit.voice(conditioning.prompt, conditioning.known))
        modulation = dit.modulation(told).view(len(x), -1, 6 * self.config.dim)
        modulation = modulation + dit.modulation_offsets
        rotary = dit.rotary(h.shape[1])
        for number, block in enumerate(dit.blocks):
            assert isinstance(block, TransformerBlock) and isinstance(block.attention, Attention)
            part = modulation[:, number : number + 1].chunk(6, dim=-1)
            normed = block.norm(h) * (1 + part[1]) + part[0]
            h = h + part[2] * plain_attention(block.attention, normed, mask, rotary)
            normed = block.norm(h) * (1 + part[4]) + part[3]
            h = h + part[5] * block.feed_forward(normed)
        shift, scale = dit.modulation_out(told).unsqueeze(1).chunk(2, dim=-1)
        out = dit.project_out(dit.norm_out(h) * (1 + scale) + shift).reshape(x.shape)
        if self.config.prediction == "velocity":
            return out
        return (out - x) / (1 - time).clamp(min=NEAREST)[:, None, None]


def plain_attention(
    attention: Attention, x: Tensor, mask: Tensor, rotary: tuple[Tensor, Tensor]
) -> Tensor:
    """Attention with all its scores, (batch, positions, dim) -> the same."""
    batch, length, dim = x.shape
    qkv = attention.query_key_value(x).view(batch, length, 3, attention.heads, -1)
    query, key, value = qkv.permute(2, 0, 3, 1, 4)
    query, key = rotate(query, rotary), rotate(key, rotary)
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    scores = scores.masked_fill(~mask[:, None, None, :], float("-inf"))
    attended = scores.softmax(dim=-1) @ value
    return attention.out(attended.transpose(1, 2).reshape(batch, length, dim))


def plain_experts(
    moe: DialectMoE, x: Tensor, mask: Tensor, dialect: Tensor | None
) -> tuple[Tensor, Routing]:
    """The mixture, one utterance and one expert after the other."""
    keep = mask.unsqueeze(-1).to(x.dtype)
    pooled = (moe.norm(x) * keep).sum(dim=1) / keep.sum(dim=1).clamp(min=1)
    hint = moe.hint(dialect, len(x))
    logits = moe.gate(pooled + hint)
    weights = logits.softmax(dim=-1)
    hidden = moe.norm(x) + hint.unsqueeze(1)
    chosen = weights.topk(moe.config.top_k, dim=-1).indices
    rows = []
    for row, experts in enumerate(chosen.tolist()):
        mixed = torch.zeros_like(hidden[row]) if moe.shared is None else moe.shared(hidden[row])
        for expert in experts:
            said = F.gelu(hidden[row] @ moe.up[expert]) @ moe.down[expert]
            mixed = mixed + weights[row, expert] * said
        rows.append(mixed)
    balance = balance_loss(weights, chosen)
    routing = Routing(logits, weights, moe.classifier(pooled), balance)
    return (x + torch.stack(rows)) * keep, routing


def plain_sample(
    dit: PlainDiT, batch: Batch, noise: Tensor, times: Tensor, guidance: float
) -> Tensor:
    """A guided sample without prompt: two calls of the network and two of the text encoder a
    step."""
    x, mask = noise, batch.frame_mask
    for now, after in zip(times[:-1], times[1:], strict=True):
        velocities = []
        for told in (True, False):
            hidden, _ = dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
            text = dit.frame_text(hidden, batch.durations, mask)
            conditioning = Conditioning(text, torch.zeros_like(x), torch.zeros_like(mask), mask)
            side = conditioning if told else conditioning.null()
            velocities.append(dit(x, now.expand(len(x)), side))
        conditional, unconditional = velocities
        x = x + (after - now) * (conditional + guidance * (conditional - unconditional))
    return x
