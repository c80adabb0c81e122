"""Small real parts for tests: a tiny acoustic model, batches of phones, a bundle on disk."""

import math
from pathlib import Path

import torch

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.flow.duration import DurationConfig
from diamoe.flow.matching import AcousticConfig, AcousticModel, Batch
from diamoe.model.dit import DiTConfig
from diamoe.model.moe import MoEConfig
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import DIALECT_CODES
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

VOCABULARY = PhoneVocabulary.default()
PHRASES = (
    ("putonghua", "n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯ | 。"),
    ("chengdu", "t͜sʰ ˈəᴹᴸ n | t ˈuᴴᴴ | ， | s ˈɹ̩ᴸᴹ | 。"),
    ("cantonese", "k w ˈɔᴹᴴ ŋ | t͜s ˈɐᴴᴴ ʊ̯ | ！"),
    ("xian", "ɕ ˈiᴹᴸ | ŋ ˈaᴹᴸ n | 。"),
)


def tiny_model(seed: int = 0, **settings) -> AcousticModel:
    """A model of a few thousand parameters whose output is not zero."""
    torch.manual_seed(seed)
    moe = settings.pop("moe", MoEConfig(experts=3, top_k=1))
    config = DiTConfig(dim=32, depth=2, heads=2, text_dim=16, text_depth=1, moe=moe, **settings)
    model = AcousticModel(AcousticConfig(config, DurationConfig(dim=16, depth=1)), VOCABULARY)
    torch.nn.init.normal_(model.dit.project_out.weight, std=0.1)
    torch.nn.init.normal_(model.dit.modulation_out.weight, std=0.1)
    torch.nn.init.constant_(model.duration.out.bias, 1.6)  # about four frames a phone
    return model.eval()


def make_batch(rows: list[int], frames_per_token: int = 3, extra: int = 0) -> Batch:
    """Phrases `rows` with a mel that follows the phones; `extra` frames and tokens
    of padding."""
    sequences = [PhoneSeq.parse(PHRASES[r][1], PHRASES[r][0]).with_edges() for r in rows]
    ids = [torch.tensor(VOCABULARY.encode(s)) for s in sequences]
    silent = VOCABULARY.id("|")
    durations = [torch.where(i == silent, 0, frames_per_token) for i in ids]
    frames = [int(d.sum()) for d in durations]
    bands = torch.linspace(0, 3, 100)
    mels = [  # every phone is a tone of its own over the bands
        2.5 * torch.cos((i % 17 + 1).unsqueeze(1) * bands).repeat_interleave(d, dim=0) - 4
        for i, d in zip(ids, durations, strict=True)
    ]

    def pad(values):
        size = max(map(len, values)) + extra
        shape = (len(values), size, *values[0].shape[1:])
        out = values[0].new_zeros(shape)
        for i, value in enumerate(values):
            out[i, : len(value)] = value
        return out

    return Batch(
        mel=pad(mels),
        frames=torch.tensor(frames),
        ids=pad(ids),
        tokens=torch.tensor([len(i) for i in ids]),
        durations=pad(durations),
        dialect=torch.tensor([DIALECT_CODES.index(PHRASES[r][0]) for r in rows]),
    )


def tiny_voice(name: str = "anna") -> Voice:
    """A voice of one short phrase."""
    batch = make_batch([0])
    return Voice(
        name,
        "made for tests",
        "CC0-1.0",
        "nobody",
        PhoneSeq.parse(PHRASES[0][1], PHRASES[0][0]),
        batch.mel[0],
        batch.durations[0],
        math.log(6.0),
    )


def tiny_bundle(folder: Path, **settings) -> Path:
    """A bundle folder with a tiny model and one voice."""
    bundles.save(folder, tiny_model(**settings), VOCABULARY, MelConfig(), [tiny_voice()])
    return folder
