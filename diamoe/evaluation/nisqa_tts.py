"""NISQA-TTS: the naturalness of synthetic speech as a network predicts it, where its weights are.

G. Mittag and S. Möller, Deep Learning Based Assessment of Synthetic Speech Naturalness, Interspeech
2020 (arXiv 2104.11673). The weights may not be used commercially, and are for measuring only.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, relu

from diamoe.errors import ConfigError

FILE = "nisqa_tts.tar"
CHANNELS = (1, 16, 32, 64, 64, 64, 64)
"""Of the six convolutions, what goes in first."""
POOLED = {1: (0, 1), 2: (0, 0), 4: (0, 0)}
"""Convolutions after which maxima of 2 by 2 are taken, and the padding of those."""
FEATURES, HIDDEN = 20, 128
"""Of one window, and of the recurrent layer each way."""


class _Network(nn.Module):
    """Windows (count, 1, 48 bands, 15 frames) of a log-mel -> one mark."""

    def __init__(self) -> None:
        super().__init__()
        pairs = enumerate(zip(CHANNELS, CHANNELS[1:], strict=False), 1)
        for i, (before, after) in pairs:
            self.add_module(f"conv{i}", nn.Conv2d(before, after, 3, padding=1))
            self.add_module(f"bn{i}", nn.BatchNorm2d(after))
        self.fc_out = nn.Linear(CHANNELS[-1] * 6 * 2, FEATURES)
        self.lstm = nn.LSTM(FEATURES, HIDDEN, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(2 * HIDDEN, 1)

    def forward(self, windows: Tensor) -> Tensor:
        x = windows
        for i in range(1, len(CHANNELS)):
            x = relu(self.get_submodule(f"bn{i}")(self.get_submodule(f"conv{i}")(x)))
            if i in POOLED:
                x = max_pool2d(x, 2, padding=POOLED[i])
        heard = self.lstm(self.fc_out(x.flatten(1))[None])[0][0]
        mark: Tensor = self.linear(torch.cat((heard[-1, :HIDDEN], heard[0, HIDDEN:])))
        return mark


class NisqaTtsPredictor:
    """Naturalness of synthetic speech, 1 to 5, by the weights in a folder.

    Raises:
        ConfigError: the folder lacks the weights, or they are others.
    """

    def __init__(self, folder: str | Path):
        file = Path(folder) / FILE
        try:
            kept = torch.load(file, map_location="cpu", weights_only=True)
            self.settings: dict[str, Any] = kept["args"]
            weights = {name.split("model.")[-1]: v for name, v in kept["model_state_dict"].items()}
            self.network = _Network()
            self.network.load_state_dict(weights)
        except FileNotFoundError as error:
            raise ConfigError(f"nisqa={folder}: {FILE} missing; see docs/corpora.md") from error
        except (RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
            raise ConfigError(f"{file}: not NISQA-TTS's weights ({str(error)[:200]})") from error
        self.network.eval()

    @torch.inference_mode()
    def __call__(self, wave: np.ndarray, sample_rate: int) -> float:
        """The mark of speech (samples,) of 0.2 seconds and more."""
        from torchmetrics.functional.audio import nisqa

        mel = nisqa._get_librosa_melspec(wave[None].astype(np.float32), sample_rate, self.settings)
        windows, count = nisqa._segment_specs(torch.from_numpy(mel), self.settings)
        return float(self.network(windows[0, : int(count), None]))
