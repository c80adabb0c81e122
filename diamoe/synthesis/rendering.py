"""From mels to sound and times: gain, melody, limits, and where each token is heard."""

import math

import numpy as np
import torch
from torch import Tensor

from diamoe.audio.mel import MelConfig
from diamoe.audio.vocoder import Vocoder
from diamoe.synthesis.making import Made
from diamoe.synthesis.melody import sing
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import Piece
from diamoe.synthesis.speech import TimedPhone, TimedWord, limit_peaks, loud_rms
from diamoe.synthesis.voices import Voice
from diamoe.text.phones import PAUSE, SYLLABLE


class Renderer:
    """Makes the sound of pieces. A voice's loudness is measured once, on its own prompt, so that
    every piece, of a stream too, has the same gain."""

    def __init__(self, vocoder: Vocoder, mel: MelConfig, device: torch.device):
        self.vocoder, self.mel, self.device = vocoder.to(device), mel, device
        self._gains: dict[str, float] = {}

    def silence(self, seconds: float) -> Made:
        """A piece of nothing."""
        mel = self.mel
        frames = mel.frames(seconds)
        return Made(torch.full((frames, mel.n_mels), math.log(mel.floor)), torch.tensor([frames]))

    def sound(
        self, piece: Piece, made: Made, voice: Voice | None, options: SynthesisOptions
    ) -> np.ndarray:
        """What is new in `made`, (frames, n_mels) -> ((frames + 1) * hop,): a hop more than it
        lasts, see `Seams`."""
        hop = self.mel.hop
        if not piece.units:
            return np.zeros((len(made.mel) + 1) * hop, np.float32)
        gain = 10 ** (options.energy / 20)
        if options.level is not None and voice is not None:
            gain *= 10 ** (options.level / 20) / self._loudness(voice)
        wave = self._vocode(made.mel)
        if options.pitch or options.pitch_range != 1.0:
            wave = sing(wave, self.mel.sample_rate, options.pitch, options.pitch_range)
        wave = limit_peaks(wave[made.begin * hop : (made.end + 1) * hop] * gain)
        if options.watermark:
            from diamoe.synthesis.watermark import marked

            return marked(wave, self.mel.sample_rate)
        return wave

    @torch.inference_mode()
    def _vocode(self, mel: Tensor) -> np.ndarray:
        """(frames, n_mels) -> ((frames + 1) * hop or more,); the last frame is heard on."""
        longer = torch.cat((mel, mel[-1:], mel[-1:]))
        wave = self.vocoder.decode(longer.unsqueeze(0).to(self.device))[0].cpu().numpy()
        samples = (len(mel) + 1) * self.mel.hop
        return np.pad(wave, (0, max(0, samples - len(wave))))

    def prompt_sound(self, voice: Voice) -> np.ndarray:
        """A voice's own prompt as the vocoder has it, (samples,)."""
        return self._vocode(voice.mel)

    def _loudness(self, voice: Voice) -> float:
        """Root mean square of the voice's own prompt as the vocoder has it."""
        if voice.name not in self._gains:
            self._gains[voice.name] = max(loud_rms(self.prompt_sound(voice)), 1e-4)
        return self._gains[voice.name]

    def times(
        self, piece: Piece, made: Made, start: float
    ) -> tuple[tuple[TimedPhone, ...], tuple[TimedWord, ...]]:
        """When each sounding token and each word that ends in what is new of a piece is heard, if
        that begins at `start` seconds."""
        mel = self.mel
        if not piece.units:
            return (TimedPhone(PAUSE, start, start + mel.seconds(len(made.mel))),), ()
        ends = made.durations.cumsum(0).tolist()
        begins = [0, *ends[:-1]]
        tokens = piece.phones.with_edges().tokens
        zero = start - mel.seconds(made.begin)
        timing = tuple(
            TimedPhone(token, zero + mel.seconds(a), zero + mel.seconds(b))
            for token, a, b in zip(tokens, begins, ends, strict=True)
            if token != SYLLABLE and b > a and made.begin < b <= made.end
        )
        words = tuple(  # token 0 is the edge before the words
            TimedWord(text, zero + mel.seconds(begins[a + 1]), zero + mel.seconds(ends[b]))
            for text, a, b in piece.word_spans()
            if made.begin < ends[b] <= made.end
        )
        return timing, words
