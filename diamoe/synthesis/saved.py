"""Voices that a user has saved."""

import os
import re
from dataclasses import replace
from pathlib import Path

import platformdirs

from diamoe.bundle import Bundle
from diamoe.errors import ConfigError, UnknownVoice
from diamoe.synthesis.voices import Voice

_NAME = re.compile(r"[\w-]{1,40}")


def voice_folder() -> Path:
    """Where voices are kept: `DIAMOE_VOICES`, or the user's data folder."""
    return Path(os.environ.get("DIAMOE_VOICES") or platformdirs.user_data_path("diamoe") / "voices")


def save_voice(voice: Voice, folder: Path | None = None) -> Path:
    """Keep a voice; one of the same name is replaced.

    Raises:
        ConfigError: the name is not one of letters, digits, `-` and `_`.
    """
    if not _NAME.fullmatch(voice.name):
        raise ConfigError(
            f"voice name {voice.name!r}: allowed are 1 to 40 letters, digits, - and _"
        )
    folder = folder or voice_folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{voice.name}.safetensors"
    part = file.with_suffix(".part")
    voice.save(part)
    part.replace(file)
    return file


def saved_voices(folder: Path | None = None) -> dict[str, Voice]:
    """All saved voices by name.

    Raises:
        BundleError: one of the files cannot be read.
    """
    files = sorted((folder or voice_folder()).glob("*.safetensors"))
    return {voice.name: voice for voice in map(Voice.load, files)}


def remove_voice(name: str, folder: Path | None = None) -> None:
    """Forget a saved voice.

    Raises:
        UnknownVoice: there is none of that name.
    """
    folder = folder or voice_folder()
    file = folder / f"{name}.safetensors"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise UnknownVoice(name, [f.stem for f in sorted(folder.glob("*.safetensors"))])
    file.unlink()


def with_saved(bundle: Bundle, folder: Path | None = None) -> Bundle:
    """The bundle with the user's voices beside its own; its own keep their names."""
    return replace(bundle, voices={**saved_voices(folder), **bundle.voices})
