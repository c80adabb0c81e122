"""The same sentence in another voice: a mel taken part of the way to noise, and from there to the
mel of another speaker.

What the flow has settled by the time it starts from (phones, tones, their times) stays; what comes
later is made for the voice's prompt, as SDEdit does with pictures (Meng et al. 2022,
arXiv 2108.01073).
"""

import torch
from torch import Tensor

from diamoe.errors import ConfigError
from diamoe.flow.matching import MelScale
from diamoe.flow.sampling import Sampling, VelocityModel, sample
from diamoe.model.dit import Conditioning


@torch.inference_mode()
def convert(
    velocity: VelocityModel,
    conditioning: Conditioning,
    mel: Tensor,
    scale: MelScale,
    sampling: Sampling,
    start: float,
    seed: int = 0,
) -> Tensor:
    """A sentence as the voice of `conditioning` would say it.

    Args:
        velocity: the model's field.
        conditioning: one row: a prompt of the voice, then the sentence over the frames of `mel`.
        mel: (frames, n_mels) log-mel of the sentence by whoever said it.
        scale: how the model's mels are normalised.
        sampling: how the rest of the way is integrated; its steps are spread over it.
        start: flow time to start from; 0 keeps nothing of `mel`, 1 all.
        seed: of the noise.

    Returns:
        (frames, n_mels) log-mel.

    Raises:
        ConfigError: `start` is no time of the flow.
    """
    if not 0 <= start < 1:
        raise ConfigError(f"start must lie between 0 and 1, found {start!r}")
    prompt = conditioning.prompt.shape[1] - len(mel)
    known = conditioning.prompt.clone()
    known[0, prompt:] = scale.normalise(mel)
    noise = torch.randn(known.shape, generator=torch.Generator().manual_seed(seed))
    begun = (1 - start) * noise + start * known
    times = start + (1 - start) * sampling.times()
    made = sample(sampling.field(velocity, conditioning), begun, times, sampling.solver)
    return scale.restore(made[0, prompt:])
