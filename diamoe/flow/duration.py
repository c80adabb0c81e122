"""Frames of every phone, from the phone, its neighbours, the dialect and the pace."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diamoe.model.layers import ConvNeXtBlock
from diamoe.model.mix import embed_dialects
from diamoe.model.text_encoder import PhoneEmbedding
from diamoe.text.dialect import DIALECT_CODES
from diamoe.text.vocabulary import PhoneVocabulary


@dataclass(frozen=True)
class DurationConfig:
    """Settings of `DurationPredictor`."""

    dim: int = 128
    """Width."""
    depth: int = 4
    """ConvNeXt blocks."""
    dialects: int = len(DIALECT_CODES)
    """Dialect ids."""


class DurationPredictor(nn.Module):
    """Predicts log(1 + frames) of every token.

    `pace` is the mean log(frames) of an utterance's phones without its pauses; training reads it
    off the recording, so that citation words and running speech do not blur into one another, and
    synthesis takes it from the voice and the wanted speed.
    """

    def __init__(self, config: DurationConfig, vocabulary: PhoneVocabulary):
        super().__init__()
        self.config = config
        self.embedding = PhoneEmbedding(vocabulary, config.dim)
        self.dialect = nn.Embedding(config.dialects, config.dim)
        self.pace = nn.Linear(1, config.dim)
        self.blocks = nn.ModuleList(ConvNeXtBlock(config.dim) for _ in range(config.depth))
        self.out = nn.Linear(config.dim, 1)

    def forward(self, ids: Tensor, mask: Tensor, dialect: Tensor, pace: Tensor) -> Tensor:
        """`ids`, `mask` (batch, tokens), `pace` (batch,) -> (batch, tokens).

        `dialect`: (batch,) ids or (batch, dialects) weights of a mix; one that is not known has
        to be inferred first (`AcousticModel.infer_dialect`).
        """
        hint = embed_dialects(self.dialect, dialect) + self.pace(pace.unsqueeze(-1))
        x = (self.embedding(ids) + hint.unsqueeze(1)) * mask.unsqueeze(-1)
        for block in self.blocks:
            x = block(x, mask)
        return self.out(x).squeeze(-1) * mask

    def loss(
        self,
        ids: Tensor,
        mask: Tensor,
        sounding: Tensor,
        dialect: Tensor,
        durations: Tensor,
        pauses: Tensor,
    ) -> Tensor:
        """Mean squared error of log(1 + frames) over the tokens that can take time, a scalar."""
        pace = utterance_pace(durations, sounding & ~pauses)
        predicted = self(ids, mask, dialect, pace).float()
        error = (predicted - durations.float().log1p()).square()
        return (error * sounding).sum() / sounding.sum().clamp(min=1)

    @torch.inference_mode()
    def predict(
        self,
        ids: Tensor,
        mask: Tensor,
        sounding: Tensor,
        dialect: Tensor,
        pace: Tensor,
        speed: float = 1.0,
    ) -> Tensor:
        """Whole frames, (batch, tokens); zero for padding and `|`. Rounding carries its error
        along the utterance, so that many short phones do not drift.

        At another `speed` the tokens share the time as they do at that pace, and all of them take
        1 / speed of the time: what was rare in training is predicted too near to the usual.
        """

        def frames_at(pace: Tensor) -> Tensor:
            return self(ids, mask, dialect, pace).float().expm1().clamp(min=0) * sounding

        frames = frames_at(pace - math.log(speed))
        if speed != 1.0:
            whole = frames_at(pace).sum(dim=1, keepdim=True) / speed
            frames = frames * whole / frames.sum(dim=1, keepdim=True).clamp(min=1e-3)
        edges = frames.cumsum(dim=1).round().long()
        return torch.diff(edges, dim=1, prepend=torch.zeros_like(edges[:, :1])) * sounding


def utterance_pace(durations: Tensor, phones: Tensor) -> Tensor:
    """Mean log frames of the phones that take time: (batch, tokens) twice -> (batch,)."""
    spoken = phones & (durations > 0)
    logs = durations.clamp(min=1).float().log() * spoken
    return logs.sum(dim=1) / spoken.sum(dim=1).clamp(min=1)
