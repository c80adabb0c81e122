"""A Vocos whose phases come from a voice's pulses: the pitch is read off the mel, and what the
network makes are filters for pulses and noise.

Vocos (Siuzdak, 2023, arXiv 2306.00814) learns phases from discriminators, over weeks of sound.
Here they are those of a source-filter model (Wang, Takaki and Yamagishi, 2019, arXiv 1810.11946),
so that little training is needed; backbone and inverse transform are Vocos' own.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from diamoe.audio.inversion import MelInversion
from diamoe.audio.mel import MelConfig
from diamoe.audio.short_time import ShortTime
from diamoe.errors import ConfigError

CLASS = f"{__name__}.SourceFilterHead"
"""How the config.yaml of a Vocos folder names the head."""
LOWEST, HIGHEST = 55.0, 700.0
"""Pitches that are told apart lie between these, Hz."""
PITCHES = 176
"""On a logarithmic scale: a quarter of a semitone each."""
NEAR = 3
"""The pitch is the mean of the likeliest one and of so many to either side."""
LOUDEST = 100.0
"""No filter amplifies more, as in Vocos."""
APART = 4
"""Bins between the points that filters are given at: 94 Hz with the usual transform. What a mouth
does is no finer, and filters stay shorter than a window."""
QUIET = -3.0
"""Logarithm of the filters' gains before training."""
ITERATIONS = 2
"""Of Griffin-Lim, from the phases of pulses and noise. With more the spectrogram gets the chequered
pattern of the weight-free vocoder."""
ROUNDS, MOMENTUM = 6, 0.6
"""How often the sound is then set right by its mel, see `MelInversion.set_right`."""


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution and a pointwise network: (batch, dim, frames) -> the same shape."""

    def __init__(self, dim: int, intermediate_dim: int, scale: float):
        super().__init__()
        self.dwconv = nn.Conv1d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.pwconv1 = nn.Linear(dim, intermediate_dim)
        self.pwconv2 = nn.Linear(intermediate_dim, dim)
        self.gamma = nn.Parameter(torch.full((dim,), scale))

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(self.dwconv(x).transpose(1, 2))
        h = self.gamma * self.pwconv2(nn.functional.gelu(self.pwconv1(h)))
        return x + h.transpose(1, 2)


class Backbone(nn.Module):
    """`vocos.models.VocosBackbone`, weight for weight, without its package.

    (batch, input_channels, frames) -> (batch, frames, dim).
    """

    def __init__(self, input_channels: int, dim: int, intermediate_dim: int, num_layers: int):
        super().__init__()
        self.input_channels = input_channels
        self.embed = nn.Conv1d(input_channels, dim, 7, padding=3)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        blocks = [ConvNeXtBlock(dim, intermediate_dim, 1 / num_layers) for _ in range(num_layers)]
        self.convnext = nn.ModuleList(blocks)
        self.final_layer_norm = nn.LayerNorm(dim, eps=1e-6)
        self.apply(_initialise)

    def forward(self, x: Tensor, **_: Any) -> Tensor:
        x = self.norm(self.embed(x).transpose(1, 2)).transpose(1, 2)
        for block in self.convnext:
            x = block(x)
        out: Tensor = self.final_layer_norm(x.transpose(1, 2))
        return out


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv1d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        assert module.bias is not None
        nn.init.zeros_(module.bias)


class SourceFilterHead(nn.Module):
    """Hidden frames to sound, in place of `vocos.heads.ISTFTHead`."""

    def __init__(
        self,
        dim: int,
        n_fft: int,
        hop_length: int,
        sample_rate: int,
        padding: str = "center",
        bands: int = 0,
    ):
        """`padding` is `center`: frame `i` stands around sample `i * hop_length`. `bands`: of the
        mel that it mends, see `mended`; 0 where it takes every mel as it is.

        Raises:
            ConfigError: another padding is asked for.
        """
        super().__init__()
        if padding != "center":
            raise ConfigError(f"padding of a source-filter head must be center, found {padding!r}")
        self.transform = ShortTime(n_fft, hop_length)
        self.hop, self.sample_rate = hop_length, sample_rate
        self.pitch = nn.Linear(dim, PITCHES + 1)
        self.filters = nn.Linear(dim, 3 * (n_fft // 2 // APART + 1))
        self.mending = nn.Linear(dim, bands) if bands else None
        self.apply(_initialise)
        with torch.no_grad():
            gains = self.filters.bias.view(3, -1)
            gains[0] = gains[2] = QUIET
            if self.mending is not None:
                self.mending.weight.zero_()

    def forward(self, hidden: Tensor) -> Tensor:
        """`hidden`: (batch, frames, dim) -> (batch, (frames - 1) * hop)."""
        return self.sound(hidden, bridged(*self.heard(hidden)))

    def mended(self, hidden: Tensor, mel: Tensor) -> Tensor:
        """A mel as a recording would have it, from what an acoustic model made of it.

        `hidden`: (batch, frames, dim), `mel`: (batch, frames, bands) -> as `mel`.
        """
        return mel if self.mending is None else mel + self.mending(hidden).float()

    def heard(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """`hidden`: (batch, frames, dim) -> F0 in Hz and whether a frame is voiced, both
        (batch, frames)."""
        logits = self.pitch(hidden).float()
        likely = logits[..., 1:].softmax(-1)
        best = likely.argmax(-1, keepdim=True)
        place = torch.arange(PITCHES, device=likely.device)
        near = likely * ((place - best).abs() <= NEAR)
        return pitch_at((near * place).sum(-1) / near.sum(-1)), logits[..., 0] > 0

    def sound(self, hidden: Tensor, f0: Tensor, seed: int = 0) -> Tensor:
        """`hidden` (batch, frames, dim) and F0 (batch, frames) in Hz, of silence too ->
        (batch, (frames - 1) * hop). `seed` of the noise."""
        pulses = self.transform.spectrum(pulse_train(f0, self.hop, self.sample_rate))
        noise = self.transform.spectrum(hiss((hidden.shape[1] - 1) * self.hop, seed, f0.device))
        points = self.filters(hidden).float().unflatten(-1, (3, -1)).flatten(0, 1)
        bins = nn.functional.interpolate(
            points, pulses.shape[-1], mode="linear", align_corners=True
        )
        gain, phase, breath = bins.unflatten(0, hidden.shape[:2]).unbind(2)
        gain, breath = (g.clamp(max=math.log(LOUDEST)).exp() for g in (gain, breath))
        return self.transform.wave(pulses * torch.polar(gain, phase) + noise * breath)


class SourceFilterNetwork(nn.Module):
    """Backbone and head as a Vocos folder describes them, with `vocos.Vocos`' names of weights."""

    def __init__(self, backbone: dict[str, Any], head: dict[str, Any]):
        super().__init__()
        self.backbone, self.head = Backbone(**backbone), SourceFilterHead(**head)
        self.inversion = MelInversion(
            MelConfig(
                sample_rate=head["sample_rate"],
                n_fft=head["n_fft"],
                hop=head["hop_length"],
                n_mels=backbone["input_channels"],
            )
        )

    def decode(self, features: Tensor) -> Tensor:
        """`features`: (batch, n_mels, frames) log magnitudes -> (batch, (frames - 1) * hop)."""
        hidden = self.backbone(features)
        mel = self.head.mended(hidden, features.transpose(1, 2))
        return self.finished(self.head(hidden), mel)

    def finished(self, sound: Tensor, mel: Tensor) -> Tensor:
        """A sound (batch, (frames - 1) * hop) made to have a mel (batch, frames, n_mels)."""
        angles = self.inversion.transform.spectrum(sound).sgn()
        sound = self.inversion.phased(self.inversion.magnitudes(mel), angles, ITERATIONS, 0.0)
        return self.inversion.set_right(sound, mel, ROUNDS, MOMENTUM)


def pitch_at(place: Tensor) -> Tensor:
    """F0 in Hz of places on the scale of pitches, counted from 0.

    >>> pitch_at(torch.tensor([0.0, PITCHES - 1])).tolist()
    [55.0, 700.0]
    """
    return LOWEST * (HIGHEST / LOWEST) ** (place / (PITCHES - 1))


def place_of(f0: Tensor) -> Tensor:
    """The inverse of `pitch_at`, rounded and within the scale."""
    place = (f0.clamp(min=1.0) / LOWEST).log() / math.log(HIGHEST / LOWEST) * (PITCHES - 1)
    return place.round().long().clamp(0, PITCHES - 1)


def bridged(f0: Tensor, voiced: Tensor) -> Tensor:
    """F0 (batch, frames) that goes from one voiced frame to the next on a straight line of its
    logarithm. Before the first it is as there, after the last likewise; where nothing is voiced, as
    in the last frame of all.

    >>> f0 = torch.tensor([[9.0, 100, 9, 400]])
    >>> bridged(f0, f0 > 50).round()
    tensor([[100., 100., 200., 400.]])
    """
    frames = torch.arange(f0.shape[1], device=f0.device)
    end = f0.shape[1]
    before = torch.where(voiced, frames, -1).cummax(1).values
    after = torch.where(voiced, frames, end).flip(1).cummin(1).values.flip(1)
    left = torch.where(before < 0, after, before).clamp(max=end - 1)
    right = torch.where(after == end, before, after).clamp(min=0)
    share = (frames - left) / (right - left).clamp(min=1)
    return f0.gather(1, left).log().lerp(f0.gather(1, right).log(), share.clamp(0, 1)).exp()


def pulse_train(f0: Tensor, hop: int, sample_rate: int) -> Tensor:
    """Cosines at all multiples of F0 below half the sample rate, of power 1 together.

    `f0`: (batch, frames) in Hz, of frames around every hop -> (batch, (frames - 1) * hop).
    """
    steps = torch.arange(hop, device=f0.device) / hop
    every = f0[:, :-1, None].lerp(f0[:, 1:, None], steps).flatten(1)
    # In turns, in double precision, which not every GPU has: a long sound goes through thousands.
    turns = (every.to("cpu", torch.float64) / sample_rate).cumsum(1)
    angle = ((turns - turns.round()) * (2 * torch.pi)).to(f0)
    count = (sample_rate / 2 / every).floor().clamp(min=1)
    half = (angle / 2).sin()
    # The sum of cos(k angle), k = 1 to count; near 0 the quotient tends to 2 count + 1.
    near = half.abs() < 1e-4
    quotient = ((count + 0.5) * angle).sin() / torch.where(near, 1.0, half)
    total = torch.where(near, 2 * count + 1, quotient) / 2 - 0.5
    return total * (2 / count).sqrt()


def hiss(samples: int, seed: int, device: torch.device) -> Tensor:
    """White noise of power 1, (1, samples): the same for all rows, and a longer one begins as a
    shorter one does."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.rand(1, samples, generator=generator)
    return ((2 * drawn - 1) * math.sqrt(3)).to(device)
