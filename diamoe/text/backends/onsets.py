"""Syllable boundaries inside a European word, by a simple rule of onsets."""

from collections.abc import Sequence

from diamoe.text.phones import parse_phone
from diamoe.text.vocabulary import MODIFIERS, OFF_GLIDES, VOWELS

_NUCLEI = frozenset(VOWELS)
_TAILS = frozenset((*OFF_GLIDES, *MODIFIERS))
_OBSTRUENTS = frozenset("p b t d k ɡ f v θ s ʃ x ɣ t͜s p͡f t͡ʃ".split())
_LIQUIDS = frozenset("l r ɹ ʁ ɾ w j ɥ ʋ".split())
_NEVER = frozenset((("t", "l"), ("d", "l"), ("θ", "l")))


def split_syllables(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """Cut a word's phones before the onset of every nucleus but the first.

    The onset is the last consonant between two nuclei, with an obstruent before it when it is a
    liquid or glide. Length, nasality and off-glides stay with their nucleus.

    >>> split_syllables("h ə l ˈo ʊ̯".split())
    [('h', 'ə'), ('l', 'ˈo', 'ʊ̯')]
    >>> split_syllables("ɛ k s t ɹ ə".split())
    [('ɛ', 'k', 's'), ('t', 'ɹ', 'ə')]
    """
    nuclei = [i for i, t in enumerate(tokens) if parse_phone(t).segment in _NUCLEI]
    cuts = [0]
    for left, right in zip(nuclei, nuclei[1:], strict=False):
        floor = left + 1
        while floor < right and tokens[floor] in _TAILS:
            floor += 1
        cuts.append(_cut(tokens, floor, right))
    cuts.append(len(tokens))
    return [tuple(tokens[a:b]) for a, b in zip(cuts, cuts[1:], strict=False) if a < b]


def _cut(tokens: Sequence[str], floor: int, nucleus: int) -> int:
    if nucleus == floor or tokens[nucleus - 1] == "ŋ":
        return nucleus
    cut = nucleus - 1
    if cut > floor:
        pair = (tokens[cut - 1], tokens[cut])
        if pair[0] in _OBSTRUENTS and pair[1] in _LIQUIDS and pair not in _NEVER:
            cut -= 1
    return cut
