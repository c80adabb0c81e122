"""The architecture of a released checkpoint, read off its tensors' shapes."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diamoe.config import build
from diamoe.errors import CheckpointError, ConfigError
from diamoe.model.released import (
    Compatibility,
    ReleasedAdapterConfig,
    ReleasedConfig,
    ReleasedExpertsConfig,
)

Shapes = Mapping[str, tuple[int, ...]]

_SILENT = {"dropout", "checkpoint_activations", "attn_backend", "attn_mask_enabled", "backbone"}
"""Settings of the original's configurations that do not change what a network computes."""


@dataclass(frozen=True)
class Arch:
    """What the original's `arch` settings say; None leaves a value to the shapes.

    From `text_mask_padding` on, shapes cannot tell: what is not given has F5-TTS Base's value,
    which DiaMoE-TTS shares. None for `pe_attn_head` means all heads.
    """

    dim: int | None = None
    depth: int | None = None
    heads: int | None = None
    dim_head: int | None = None
    ff_mult: int | None = None
    text_dim: int | None = None
    conv_layers: int | None = None
    mel_dim: int | None = None
    text_num_embeds: int | None = None
    num_experts: int | None = None
    expert_type: str | None = None
    long_skip_connection: bool | None = None
    qk_norm: str | None = None
    text_mask_padding: bool = False
    pe_attn_head: int | None = 1
    top_k: int = 1
    expert_heads: int = 8
    lora_alpha: float = 1.0
    """Low-rank matrices are scaled by this over their rank."""

    def __post_init__(self) -> None:
        head = self.pe_attn_head
        if head is not None and type(head) is not int:
            raise ConfigError(f"pe_attn_head must be a number of heads or null, found {head!r}")


F5_V1 = Arch(text_mask_padding=True, pe_attn_head=None)
"""F5-TTS v1: filler is masked and all heads know positions."""
PRESETS = {"f5-base": Arch(), "diamoe": Arch(), "f5-v1": F5_V1}


def read_arch(source: str) -> Arch:
    """A preset's name, or a JSON file with the original's settings, alone or under `arch`.

    >>> read_arch("f5-v1").text_mask_padding
    True

    Raises:
        CheckpointError: the file cannot be read or holds an unknown setting; the known ones are
            listed.
    """
    if source in PRESETS:
        return PRESETS[source]
    file = Path(source)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"--arch {source}: neither a JSON file ({error}) nor one of {', '.join(PRESETS)}"
        ) from error
    settings = data.get("arch", data) if isinstance(data, dict) else data
    if isinstance(settings, dict):
        if settings.get("text_embedding_average_upsampling"):
            raise CheckpointError(f"{file}: text_embedding_average_upsampling is not supported")
        silent = _SILENT | {"text_embedding_average_upsampling"}
        settings = {k: v for k, v in settings.items() if k not in silent}
    try:
        return build(Arch, settings, str(file))
    except ConfigError as error:
        raise CheckpointError(str(error)) from error


def arch_beside(file: Path) -> Path | None:
    """The `config.json` beside a checkpoint, where it has `arch` settings."""
    beside = file.parent / "config.json"
    try:
        data = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return beside if isinstance(data, dict) and isinstance(data.get("arch"), dict) else None


def read_architecture(
    file: Path, shapes: Shapes, tokens: int, arch: Arch, space_between: bool = True
) -> ReleasedConfig:
    """The network whose tensors have these shapes.

    A size is what most of the tensors that show it say, so that one misshapen tensor is found by
    comparison instead of bending the network.

    Args:
        file: for messages.
        shapes: shape of every tensor, by the original's names.
        tokens: entries of the vocabulary.
        arch: what the shapes cannot tell; what they can is compared.
        space_between: see `Compatibility`.

    Raises:
        CheckpointError: a size cannot be told, or the settings say otherwise than the shapes.
    """
    see = _Sight(file, shapes)
    try:
        config = _read(see, tokens, arch, Compatibility(space_between_tokens=space_between))
    except ConfigError as error:
        raise CheckpointError(f"{file}: {error}") from error
    _compare(file, config, arch)
    return config


class _Sight:
    """Sizes by vote, from name patterns and axes."""

    def __init__(self, file: Path, shapes: Shapes):
        self.file, self.shapes = (
            file,
            {k.removeprefix("transformer."): v for k, v in shapes.items()},
        )

    def votes(self, *witnesses: tuple[str, int]) -> Counter[int]:
        return Counter(
            shape[axis]
            for pattern, axis in witnesses
            for name, shape in self.shapes.items()
            if re.fullmatch(pattern, name) and len(shape) > axis
        )

    def size(self, what: str, *witnesses: tuple[str, int]) -> int:
        votes = self.votes(*witnesses)
        if not votes:
            names = ", ".join(
                "transformer." + re.sub(r"\\d\+", "0", w).replace("\\", "") for w, _ in witnesses
            )
            raise CheckpointError(
                f"{self.file}: missing {names}, so its {what} cannot be told; "
                "is it an F5-TTS or DiaMoE-TTS checkpoint?"
            )
        return votes.most_common(1)[0][0]

    def count(self, pattern: str) -> int:
        """One more than the highest number that `pattern` captures."""
        found = [int(m[1]) for name in self.shapes if (m := re.match(pattern, name))]
        return max(found, default=-1) + 1

    def multiple(self, what: str, size: int, unit: int) -> int:
        if size % unit:
            raise CheckpointError(f"{self.file}: {what} {size} is no multiple of {unit}")
        return size // unit


def _read(see: _Sight, tokens: int, arch: Arch, compatibility: Compatibility) -> ReleasedConfig:
    block = r"transformer_blocks\.\d+\."
    dim = see.size(
        "width",
        (r"time_embed\.time_mlp\.[02]\.bias", 0),
        (r"input_embed\.proj\.bias", 0),
        (r"norm_out\.linear\.weight", 1),
        (r"proj_out\.weight", 1),
        (block + r"attn\.to_out\.0\.bias", 0),
    )
    inner = see.size(
        "heads", (block + r"attn\.to_[qkv]\.bias", 0), (block + r"attn\.to_q\.weight", 0)
    )
    head_dim = 2 * see.size("head width", (r"rotary_embed\.inv_freq", 0))
    heads = see.multiple("the attention's width", inner, head_dim)
    hidden = see.size(
        "feed-forward", (block + r"ff\.ff\.0\.0\.bias", 0), (block + r"ff\.ff\.2\.weight", 1)
    )
    group = see.size("positions", (r"input_embed\.conv_pos_embed\.conv1d\.[02]\.weight", 1))
    return ReleasedConfig(
        tokens=tokens,
        dim=dim,
        depth=see.count(r"transformer_blocks\.(\d+)\."),
        heads=heads,
        head_dim=head_dim,
        rotary_heads=heads if arch.pe_attn_head is None else arch.pe_attn_head,
        expansion=see.multiple("the feed-forward width", hidden, dim),
        qk_norm=bool(see.votes((block + r"attn\.[qk]_norm\.weight", 0))),
        long_skip="long_skip_connection.weight" in see.shapes,
        n_mels=see.size("mel bands", (r"proj_out\.bias", 0), (r"proj_out\.weight", 0)),
        position_kernel=see.size(
            "positions", (r"input_embed\.conv_pos_embed\.conv1d\.[02]\.weight", 2)
        ),
        position_groups=see.multiple("the width", dim, group),
        experts=_experts(see, arch),
        adapter=_adapter(see),
        mask_padding=arch.text_mask_padding,
        compatibility=compatibility,
        **_text(see),
    )


def _text(see: _Sight) -> dict[str, int]:
    """Sizes of the text encoder."""
    block = r"text_embed\.text_blocks\.\d+\."
    dim = see.size(
        "text width",
        (r"text_embed\.text_embed\.weight", 1),
        (block + r"norm\.bias", 0),
        (r"moe\.gate\.linear\.weight", 1),
    )
    depth = see.count(r"text_embed\.text_blocks\.(\d+)\.")
    if not depth:
        return {"text_dim": dim, "text_depth": 0}
    hidden = see.size("text blocks", (block + r"pwconv1\.bias", 0), (block + r"pwconv2\.weight", 1))
    return {
        "text_dim": dim,
        "text_depth": depth,
        "text_kernel": see.size("text blocks", (block + r"dwconv\.weight", 2)),
        "text_expansion": see.multiple("the text blocks' width", hidden, dim),
    }


def _experts(see: _Sight, arch: Arch) -> ReleasedExpertsConfig:
    expert = r"moe\.experts\.\d+\."
    count = see.count(r"moe\.experts\.(\d+)\.")
    gate = see.votes((r"moe\.gate\.linear\.(weight|bias)", 0))
    if not count and not gate:
        return ReleasedExpertsConfig()
    layer = expert + r"encoder\.layers\.\d+\."
    layers = see.count(expert + r"encoder\.layers\.(\d+)\.")
    hidden = see.size(
        "experts",
        *(((layer + r"linear1\.bias", 0),) if layers else ((expert + r"net\.0\.bias", 0),)),
    )
    return ReleasedExpertsConfig(
        count=gate.most_common(1)[0][0] if gate else count,
        kind="transformer" if layers else "mlp",
        hidden=hidden,
        layers=max(layers, 1),
        heads=arch.expert_heads,
        top_k=arch.top_k,
    )


def _adapter(see: _Sight) -> ReleasedAdapterConfig:
    adapter = r"text_embed\.text_blocks\.\d+\.adapter\."
    if not any(re.match(adapter, name) for name in see.shapes):
        return ReleasedAdapterConfig()
    return ReleasedAdapterConfig(
        width=see.size("adapters", (adapter + r"pw_conv1\.weight", 0)),
        squeeze=see.size("adapters", (adapter + r"se\.1\.bias", 0)),
        kernel=see.size("adapters", (adapter + r"dw_conv\.weight", 2)),
    )


def _compare(file: Path, config: ReleasedConfig, arch: Arch) -> None:
    shown: dict[str, object] = {
        "dim": config.dim,
        "depth": config.depth,
        "heads": config.heads,
        "dim_head": config.head_dim,
        "ff_mult": config.expansion,
        "text_dim": config.text_dim,
        "conv_layers": config.text_depth,
        "mel_dim": config.n_mels,
        "text_num_embeds": config.tokens,
        "num_experts": config.experts.count,
        "expert_type": config.experts.kind,
        "long_skip_connection": config.long_skip,
        "qk_norm": "rms_norm" if config.qk_norm else None,
    }
    wrong = [
        f"{name} is {seen}, not {getattr(arch, name)}"
        for name, seen in shown.items()
        if getattr(arch, name) not in (None, seen)
    ]
    if wrong:
        raise CheckpointError(f"{file}: by its tensors, {'; '.join(wrong)}")
