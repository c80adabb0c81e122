"""Mels as acoustic models make them, with less difference between neighbouring bands."""

import torch
from torch import Tensor, nn

WIDTHS = (0.4, 1.0)
"""Deviation, in bands, of the bells that the lowest and the highest band are averaged under: second
differences along the bands then are as large as in the shipped model's speech."""


class Coarse(nn.Module):
    """Every band becomes an average of its neighbours, high bands of more of them.

    What a model makes of noisy sounds lacks the accidents of single bands. A vocoder that was
    told recordings alone takes such mels for a voice's.
    """

    spread: Tensor

    def __init__(self, bands: int):
        super().__init__()
        place = torch.arange(bands, dtype=torch.float32)
        widths = torch.linspace(*WIDTHS, bands)
        bells = torch.exp(-0.5 * ((place[:, None] - place) / widths) ** 2)
        self.register_buffer("spread", bells / bells.sum(0), persistent=False)

    def forward(self, mel: Tensor) -> Tensor:
        """(batch, frames, bands) -> the same shape."""
        return mel @ self.spread
