"""Voices: a short stretch of somebody's speech that the model continues in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from diamoe.errors import BundleError, UnknownVoice
from diamoe.flow.duration import utterance_pace
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone


@dataclass(frozen=True)
class Voice:
    """A prompt and where it comes from.

    `mel` (frames, n_mels) log-mel, `durations` (tokens,) frames of every token of
    `phones.with_edges()`, which sum to `frames`; `pace` mean log frames of a phone when this
    voice speaks sentences; `prompt_from` as of `Sampling`: above 0 for a voice that is about as
    high as the model's own, whose recordings say less well what is to be said.
    """

    name: str
    description: str
    licence: str
    attribution: str
    phones: PhoneSeq
    mel: Tensor
    durations: Tensor
    pace: float
    prompt_from: float = 0.0

    @property
    def prompt_pace(self) -> float:
        """Mean log frames of a phone in the prompt itself; its pauses do not count."""
        tokens = self.phones.with_edges().tokens
        phones = torch.tensor([t != SYLLABLE and not parse_phone(t).is_pause for t in tokens])
        return float(utterance_pace(self.durations[None], phones[None]))

    def save(self, path: Path) -> None:
        """Write one safetensors file; the texts travel in its header."""
        save_file(
            {"mel": self.mel.half().contiguous(), "durations": self.durations.int().contiguous()},
            str(path),
            metadata={
                "name": self.name,
                "description": self.description,
                "licence": self.licence,
                "attribution": self.attribution,
                "phones": str(self.phones),
                "dialect": self.phones.dialect,
                "pace": repr(self.pace),
                "prompt_from": repr(self.prompt_from),
            },
        )

    @classmethod
    def load(cls, path: Path) -> "Voice":
        """Read what `save` wrote.

        Raises:
            BundleError: the file is missing, corrupt or inconsistent.
        """
        try:
            with safe_open(str(path), framework="pt") as file:
                texts = file.metadata() or {}
                voice = cls(
                    name=texts["name"],
                    description=texts["description"],
                    licence=texts["licence"],
                    attribution=texts["attribution"],
                    phones=PhoneSeq.parse(texts["phones"], texts["dialect"]),
                    mel=file.get_tensor("mel").float(),
                    durations=file.get_tensor("durations").long(),
                    pace=float(texts["pace"]),
                    prompt_from=float(texts.get("prompt_from", 0.0)),
                )
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise BundleError(f"{path}: not a readable voice ({error})") from error
        if len(voice.durations) != len(voice.phones) + 2 or int(voice.durations.sum()) != len(
            voice.mel
        ):
            raise BundleError(f"{path}: durations do not match the phones and the mel")
        return voice


def chosen(
    voices: Mapping[str, Voice], casting: Mapping[str, str], name: str | None, dialect: str
) -> Voice | None:
    """The voice of that name; without one, that of `casting` for the dialect, or the first that
    speaks it or its parent, or the first of all.

    Raises:
        UnknownVoice: with the known ones.
    """
    if name is not None:
        if name not in voices:
            raise UnknownVoice(name, voices)
        return voices[name]
    if dialect in casting and casting[dialect] in voices:
        return voices[casting[dialect]]
    wanted = (dialect, load_dialect(dialect).parent)
    native = [v for d in wanted for v in voices.values() if v.phones.dialect == d]
    return next(iter(native or voices.values()), None)
