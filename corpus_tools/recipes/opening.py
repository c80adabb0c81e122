"""The encoded sound of an utterance, wherever the corpus keeps it."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from corpus_tools.recipes.archive import is_archive, open_member
from corpus_tools.recipes.parquet import audio_bytes
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected


def open_audio(utterance: Utterance) -> Path | BinaryIO:
    """What a decoder is given: the file itself, or a member's bytes in memory.

    The utterance is the part from `utterance.start` to `utterance.end` seconds of it.

    Raises:
        Rejected: the file or the member is missing, broken or refused.
    """
    path = utterance.audio_path
    if not path.is_file():
        raise Rejected("no recording", f"no file {path}")
    if not utterance.member:
        return path
    if path.suffix == ".parquet":
        return BytesIO(audio_bytes(path, utterance.member))
    if is_archive(path):
        return open_member(path, utterance.member)
    raise Rejected("unreadable archive", f"{path}: not an archive with members")
