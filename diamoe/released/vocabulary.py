"""The vocabularies of released checkpoints: characters, pinyin, and phones in brackets."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from diamoe.errors import BundleError, CheckpointError, UnknownPhone
from diamoe.text.phones import PAUSE, SYLLABLE, PhoneSeq

SPACE = " "
_BRACKETED = re.compile(r"^(.*)\[(.+)\]$")
_MARKS = {"；": "，", "：": "，"}
"""Marks that a vocabulary may lack, and what then stands for them."""


@dataclass(frozen=True)
class ReleasedVocabulary:
    """Entries in the order of their ids; the space is id 0.

    A phone is an entry in brackets, `[t͜s]`. Entries are kept letter for letter; phones are found
    whether they are written NFC or NFD there.
    """

    tokens: tuple[str, ...]
    space_between: bool = True
    """The space stands between any two tokens."""

    @classmethod
    def read(cls, file: str | Path) -> "ReleasedVocabulary":
        """Read a `vocab.txt`, one entry a line.

        Raises:
            CheckpointError: it cannot be read, an entry stands twice, or the first is not a space.
        """
        file = Path(file)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CheckpointError(f"cannot read the vocabulary {file}: {error}") from error
        lines = text.removesuffix("\n").split("\n")
        first: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            if line in first:
                raise CheckpointError(
                    f"{file}:{number}: {line!r} stands in line {first[line]} already; "
                    "ids are line numbers, so every entry must be there once"
                )
            first[line] = number
        if lines[0] != SPACE:
            raise CheckpointError(f"{file}:1: the first entry must be a space, found {lines[0]!r}")
        phones = any(_BRACKETED.match(line) for line in lines)
        return cls(tuple(lines), space_between=phones)

    @classmethod
    def load(cls, file: Path, space_between: bool) -> "ReleasedVocabulary":
        """Read what `save` wrote.

        Raises:
            BundleError: the file is missing or is not a JSON list of strings.
        """
        try:
            tokens = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BundleError(f"cannot read the vocabulary {file}: {error}") from error
        if not isinstance(tokens, list) or not all(isinstance(t, str) for t in tokens):
            raise BundleError(f"{file}: expected a JSON list of tokens")
        return cls(tuple(tokens), space_between)

    def save(self, file: Path) -> None:
        """Write the tokens as a JSON list."""
        file.write_text(json.dumps(self.tokens, ensure_ascii=False), encoding="utf-8")

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self.tokens)}

    @cached_property
    def _phones(self) -> dict[str, int]:
        """NFD phones and their ids; an entry with something before its bracket (`上[ˌoᴸᴸ]`)
        counts only where there is none without."""
        phones: dict[str, int] = {}
        for bare in (False, True):
            for i, token in enumerate(self.tokens):
                match = _BRACKETED.match(token)
                if match and bool(match[1]) != bare:
                    phones[unicodedata.normalize("NFD", match[2])] = i
        return phones

    @property
    def has_phones(self) -> bool:
        """True for vocabularies with phones in brackets; F5-TTS's own has none."""
        return bool(self._phones)

    def ids(self, tokens: Sequence[str]) -> list[int]:
        """Ids of tokens as the vocabulary writes them, with the spaces that belong between.

        >>> ReleasedVocabulary((" ", "[n]", "。")).ids(["[n]", "。"])
        [1, 0, 2]

        Raises:
            UnknownPhone: a token is not in the vocabulary.
        """
        found = []
        for number, token in enumerate(tokens, 1):
            if token not in self._ids:
                raise UnknownPhone(token, f"token {number} of {' '.join(tokens)!r}")
            found.append(self._ids[token])
        return self._spaced(found)

    def encode(self, seq: PhoneSeq) -> list[int]:
        """Ids of a phone sequence; `|` and pauses, which released models do not know, go.

        >>> words = ReleasedVocabulary((" ", "[n]", "[ˈiᴹᴸ]", "。"))
        >>> words.encode(PhoneSeq.parse("n ˈiᴹᴸ | 。", "putonghua"))
        [1, 0, 2, 0, 3]

        Raises:
            UnknownPhone: with the phone and its position.
        """
        found = []
        for number, token in enumerate(seq.tokens, 1):
            if token in (SYLLABLE, PAUSE):
                continue
            known = self._find(token)
            if known is None:
                raise UnknownPhone(
                    token, f"token {number} of {str(seq)!r}", "the imported model's vocabulary"
                )
            found.append(known)
        return self._spaced(found)

    def _find(self, token: str) -> int | None:
        for form in (token, _MARKS.get(token, token)):
            found = self._phones.get(form, self._ids.get(form))
            if found is not None:
                return found
        return None

    def _spaced(self, ids: Iterable[int]) -> list[int]:
        if not self.space_between:
            return list(ids)
        return [i for one in ids for i in (self._ids[SPACE], one)][1:]
