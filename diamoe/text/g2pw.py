"""Polyphones read by a g2pW model, for those who have one.

g2pW (Chen et al. 2022, "g2pW: A Conditional Weighted Softmax BERT for Polyphone Disambiguation in
Mandarin", https://github.com/GitYCC/g2pW) is published as a folder with an ONNX model and lists of
characters, to be used by the package `g2pw`, which also needs the tokenizer of bert-base-chinese.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from diamoe.errors import MissingBackend, NotationError
from diamoe.text.normalize import simplify
from diamoe.text.syllable import parse_pinyin

FILES = ("g2pw.onnx", "version", "POLYPHONIC_CHARS.txt", "MONOPHONIC_CHARS.txt", "config.py")
"""What a model's folder must hold; the package would download what it lacks."""


class G2pw:
    """Reads the characters of a sentence in their context; a `Polyphones` for `read_words`.

    >>> G2pw.of(lambda sentences: [["chang2", None]])("长!")
    ['chang2', None]

    Raises:
        MissingBackend: the package is not installed, or the folder lacks a file.
    """

    _decides: frozenset[str] | None
    """The characters that the model chooses a reading of; None: all."""

    def __init__(self, folder: Path, tokenizer: Path):
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise MissingBackend(f"{folder} is no g2pW model: it lacks {', '.join(missing)}")
        if not (tokenizer / "vocab.txt").is_file():
            raise MissingBackend(f"{tokenizer} is no BERT tokenizer: it lacks vocab.txt")
        try:
            from g2pw import G2PWConverter
        except ImportError as error:
            raise MissingBackend(
                "reading polyphones with g2pW needs `pip install g2pw onnxruntime transformers`"
            ) from error
        converter = G2PWConverter(
            model_dir=str(folder),
            style="pinyin",
            model_source=str(tokenizer),
            enable_non_tradional_chinese=True,
        )
        converter.num_workers = 0  # its default starts two processes for every sentence
        self._convert: Callable[[Sequence[str]], Any] = converter
        self._decides = frozenset(simplify("".join(converter.chars)))

    @classmethod
    def of(cls, convert: Callable[[Sequence[str]], Any]) -> "G2pw":
        """Around a converter that is already loaded."""
        made = cls.__new__(cls)
        made._convert = convert
        made._decides = None
        return made

    def __call__(self, sentence: str) -> list[str | None]:
        """Pinyin for every character; None where the model does not choose between readings.

        For other characters the package gives the first reading of a dictionary.

        Raises:
            NotationError: the model gives another number of readings, or one that is no pinyin.
        """
        found = self._convert([sentence])[0]
        if len(found) != len(sentence):
            raise NotationError(f"g2pW gives {len(found)} readings for {sentence!r}")
        return [
            _checked(reading) if self._decides is None or c in self._decides else None
            for c, reading in zip(simplify(sentence), found, strict=True)
        ]


def _checked(reading: str | None) -> str | None:
    if not reading:
        return None
    spelled = reading.replace("u:", "v")
    parse_pinyin(spelled)
    return spelled
