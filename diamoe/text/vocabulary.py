"""The closed set of phones a model knows, with strict ids."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from diamoe.errors import BundleError, UnknownPhone
from diamoe.text.phones import PAUSE, PUNCTUATION, SYLLABLE, PhoneSeq, make_token, parse_phone

CONSONANTS = (
    "∅ p pʰ b m f v ʋ ɓ ᵐb t tʰ d ɗ n l ɫ ɾ r ɺ ɬ ⁿd t͜s t͜sʰ d͜z s z t͜θ t͜θʰ θ ð ⁿd͜z "
    "t͡ʂ t͡ʂʰ d͡ʐ ʂ ʐ ɻ ɹ t͡ʃ t͡ʃʰ d͡ʒ ʃ ʒ t͜ɕ t͜ɕʰ d͜ʑ ɕ ʑ ȵ ɲ c ç ʝ ɟ k kʰ ɡ ŋ x ɣ ᵑɡ χ ʁ q "
    "ħ ʕ h ɦ ʔ ʍ j w ɥ ɰ p͡f k͡p ŋ͡m m̤ n̤ l̤ ŋ̤ ȵ̤ j̤ w̤ ɥ̤ ∅̤"
).split()
OFF_GLIDES = "ɪ̯ ʊ̯ ʏ̯ ɯ̯ ə̯ o̯ ɛ̯ ɚ̯ ɐ̯ i̯ u̯ y̯".split()
VOWELS = (
    "a ɑ æ ɐ e ə ɛ ɜ ɤ ɘ ɞ ø œ o ɔ ɒ i ɪ ɨ ᵻ u ʊ ʉ ɯ y ʏ ʌ ɵ ɚ ɝ ɹ̩ ɻ̍ ɹ̻̍ ɻ̍ʷ m̩ n̩ ŋ̍ l̩ v̩ r̩"
).split()
APPENDED = ("ɹ̻", "l̻", "ɻʷ")
"""Phones that came later: they stand last, so that no id changes its meaning."""
MODIFIERS = ("˜", "ː")
TWO_LEVEL_TONES = tuple(a + b for a in "ᴴᴹᴸ" for b in "ᴴᴹᴸ")
ONE_LEVEL_TONES = tuple("ᴴᴹᴸ")


def _inventory() -> list[str]:
    tokens = [PAUSE, SYLLABLE, *PUNCTUATION, *MODIFIERS, *CONSONANTS, *OFF_GLIDES]
    prosodies = [("", "", False), ("", "", True), ("ˈ", "", False), ("ˈ", "", True)]
    prosodies += [("ˌ", "", False), ("ˌ", "", True)]
    for tone in (*TWO_LEVEL_TONES, *ONE_LEVEL_TONES):
        prosodies += [("ˈ", tone, False), ("ˈ", tone, True)]
    for vowel in VOWELS:
        tokens += [make_token(vowel, stress, tone, short) for stress, tone, short in prosodies]
    tokens += APPENDED
    return [unicodedata.normalize("NFD", t) for t in tokens]


@dataclass(frozen=True)
class PhoneVocabulary:
    """Tokens in the order of their ids. Saved with every model; an id never changes its meaning."""

    tokens: tuple[str, ...]

    @classmethod
    @lru_cache(maxsize=1)
    def default(cls) -> "PhoneVocabulary":
        """Every phone that any dialect of this package can emit."""
        return cls(tuple(_inventory()))

    @classmethod
    def load(cls, path: Path) -> "PhoneVocabulary":
        """Read a JSON list of tokens.

        Raises:
            BundleError: the file is missing or is not a JSON list of strings.
        """
        try:
            tokens = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BundleError(f"cannot read the phone vocabulary {path}: {error}") from error
        if not isinstance(tokens, list) or not all(isinstance(t, str) for t in tokens):
            raise BundleError(f"{path}: expected a JSON list of phone tokens")
        return cls(tuple(tokens))

    def save(self, path: Path) -> None:
        """Write the tokens as a JSON list."""
        Path(path).write_text(json.dumps(self.tokens, ensure_ascii=False), encoding="utf-8")

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._ids

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self.tokens)}

    def id(self, token: str, where: str = "the phone sequence") -> int:
        """The id of one token.

        Raises:
            UnknownPhone: the token is not in the vocabulary.
        """
        try:
            return self._ids[token]
        except KeyError:
            raise UnknownPhone(token, where) from None

    def encode(self, seq: PhoneSeq) -> list[int]:
        """Ids of all tokens, `|` and punctuation included; `decode` is the exact inverse.

        Raises:
            UnknownPhone: with the token and its position.
        """
        ids = self._ids
        try:
            return [ids[token] for token in seq.tokens]
        except KeyError as error:
            (token,) = error.args
            place = seq.tokens.index(token) + 1
            raise UnknownPhone(token, f"token {place} of {str(seq)!r}") from None

    def decode(self, ids: Iterable[int], dialect: str) -> PhoneSeq:
        """The sequence that `encode` was given."""
        return PhoneSeq(tuple(self.tokens[i] for i in ids), dialect)

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The distinct segments (tokens without stress, shortness and tone), in order."""
        return tuple(dict.fromkeys(parse_phone(t).segment for t in self.tokens))

    @cached_property
    def prosodies(self) -> tuple[str, ...]:
        """The distinct prosodies (stress, shortness and tone), in order; the first is empty."""
        return tuple(dict.fromkeys(["", *(parse_phone(t).prosody for t in self.tokens)]))

    def factors(self) -> tuple[Sequence[int], Sequence[int]]:
        """For every id, the index of its segment and of its prosody."""
        segment = {s: i for i, s in enumerate(self.segments)}
        prosody = {p: i for i, p in enumerate(self.prosodies)}
        phones = [parse_phone(t) for t in self.tokens]
        return [segment[p.segment] for p in phones], [prosody[p.prosody] for p in phones]
