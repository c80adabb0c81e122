"""How like a given speaker the speech is: embeddings where a model is at hand, else statistics."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.audio.files import read_audio, resample
from diamoe.audio.mel import MelConfig
from diamoe.errors import AudioError, ConfigError
from diamoe.evaluation.clip import SHORTEST, Clip
from diamoe.evaluation.distance import cepstra
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.metric import Figure, Metric, NotScored, Row, Unavailable
from diamoe.evaluation.tone import measure_f0

TIMBRE = 0.1
"""Mean squared distance of cepstra that counts as 1; two people are about 0.08 apart."""
PITCH_WEIGHT = 3.0
"""What the squared distance of log F0 counts beside that of timbre; 1 to 10 separate about as
well (`python -m diamoe.evaluate.separation`)."""


class Similarity(Metric):
    """Offline proxy: distance of mean cepstra and median pitch to the item's `prompt`.

    The score is exp(-distance): 1 for the very same statistics, about 0.2 for another speaker. It
    hears timbre, channel and pitch, not identity: one person through two microphones scores low.
    """

    name = "similarity"
    figures = (Figure("similarity", "higher", "likeness to the prompt's speaker, 0 to 1 (proxy)"),)

    def __init__(self, ear: Ear):
        self.ear = ear

    def score(self, clip: Clip) -> Row:
        path = prompt_of(clip)
        return {
            "similarity": likeness(
                print_of(clip.mel, clip.f0), _recorded(path, str(self.ear.folder))
            )
        }


VoicePrint = tuple[np.ndarray, float]
"""Mean cepstra (13,) of the louder frames, median of log F0."""


def prompt_of(clip: Clip) -> str:
    """The recording of the speaker that the clip should sound like.

    Raises:
        NotScored: the item names none.
    """
    if not clip.item.prompt:
        raise NotScored("no prompt of the speaker to compare with")
    return clip.item.prompt


@lru_cache(maxsize=64)
def _recorded(path: str, recogniser: str) -> VoicePrint:
    rate = MelConfig().sample_rate
    wave, _ = read_audio(path, rate)
    if len(wave) < SHORTEST * rate:
        raise AudioError(f"{path}: shorter than {SHORTEST} s")
    return print_of(_ear(recogniser).analyse(wave), measure_f0(wave, rate))


@lru_cache(maxsize=2)
def _ear(folder: str) -> Ear:
    return Ear(folder)


def print_of(mel: np.ndarray, f0: np.ndarray) -> VoicePrint:
    """Statistics of a speaker from a log-mel (frames, n_mels) and F0 in Hz."""
    energy = mel.mean(1)
    loud = cepstra(mel)[energy >= np.median(energy)] / mel.shape[1] ** 0.5
    voiced = f0[f0 > 0]
    return loud.mean(0), float(np.log(np.median(voiced))) if len(voiced) else np.log(150.0)


def likeness(a: VoicePrint, b: VoicePrint) -> float:
    """exp(-distance) of two speakers' statistics, 0 to 1."""
    timbre = ((a[0] - b[0]) ** 2).mean() / TIMBRE
    return float(np.exp(-(timbre + PITCH_WEIGHT * (a[1] - b[1]) ** 2)))


class SpeakerEmbedding(Metric):
    """Cosine of speaker embeddings: WavLM (transformers) or ECAPA (speechbrain) from a folder.

    Raises:
        Unavailable: the library or the folder is missing.
        ConfigError: another kind of model.
    """

    name = "speaker"
    figures = (Figure("speaker", "higher", "cosine of speaker embeddings with the prompt's"),)

    def __init__(self, kind: str, folder: str):
        if kind not in ("wavlm", "ecapa"):
            raise ConfigError(f"speaker.kind: found {kind!r}, allowed: wavlm, ecapa")
        source = {
            "wavlm": "microsoft/wavlm-base-plus-sv",
            "ecapa": "speechbrain/spkrec-ecapa-voxceleb",
        }
        if not Path(folder).is_dir() or not folder:
            raise Unavailable(
                f"speaker: no model in {folder or 'speaker.folder (empty)'}; "
                f"put the files of huggingface.co/{source[kind]} there"
            )
        try:
            self._embed = _wavlm(folder) if kind == "wavlm" else _ecapa(folder)
        except ImportError as error:
            library = "transformers" if kind == "wavlm" else "speechbrain"
            raise Unavailable(f"speaker: pip install {library} ({error})") from error
        except (OSError, ValueError, RuntimeError) as error:
            raise Unavailable(f"speaker: {folder} holds no {kind} model ({error})") from error
        self._prompts: dict[str, np.ndarray] = {}

    def score(self, clip: Clip) -> Row:
        path = prompt_of(clip)
        if path not in self._prompts:
            self._prompts[path] = self._embed(read_audio(path, 16_000)[0])
        mine = self._embed(resample(clip.wave, clip.rate, 16_000))
        theirs = self._prompts[path]
        return {"speaker": float(mine @ theirs / np.linalg.norm(mine) / np.linalg.norm(theirs))}


def _wavlm(folder: str) -> Any:
    import torch
    from transformers import WavLMForXVector

    model = WavLMForXVector.from_pretrained(folder, local_files_only=True).eval()

    @torch.inference_mode()
    def embed(wave: np.ndarray) -> np.ndarray:
        wave = (wave - wave.mean()) / (wave.std() + 1e-7)
        return model(torch.from_numpy(wave.astype(np.float32))[None]).embeddings[0].numpy()

    return embed


def _ecapa(folder: str) -> Any:
    import torch
    from speechbrain.inference.speaker import EncoderClassifier

    model = EncoderClassifier.from_hparams(source=folder, savedir=folder)

    def embed(wave: np.ndarray) -> np.ndarray:
        return model.encode_batch(torch.from_numpy(wave)[None])[0, 0].numpy()

    return embed
