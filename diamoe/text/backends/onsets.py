"""Syllable boundaries inside a word, by the principle of the longest onset."""

from collections.abc import Sequence

from diamoe.text.phones import parse_phone
from diamoe.text.vocabulary import MODIFIERS, OFF_GLIDES, VOWELS

_NUCLEI = frozenset(VOWELS)
_TAILS = frozenset((*OFF_GLIDES, *MODIFIERS))
_STOPS = frozenset("p b t d k ɡ q pʰ tʰ kʰ c ɟ".split())
_FRICATIVES = frozenset("f v θ ð s z ʃ ʒ ʂ ɕ x ɣ χ ç h".split())
_AFFRICATES = frozenset("t͜s d͜z t͡ʃ d͡ʒ t͜ɕ d͜ʑ t͡ʂ d͡ʐ p͡f".split())
_LIQUIDS = frozenset("l r ɹ ʁ ɾ ɫ ɻ".split())
_GLIDES = frozenset("w j ɥ ʋ ʍ".split())
_SIBILANTS = frozenset(("s", "ʃ", "ʂ"))
_AFTER_SIBILANT = frozenset("p t k b d ɡ m n f v x".split())
_NEVER = frozenset((a, "l") for a in ("t", "d", "θ", "ð"))
_NO_ONSET = frozenset(("ŋ", "ɐ̯"))


def split_syllables(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """Cut a word's phones before the onset of every nucleus but the first.

    The onset is the longest run that rises towards the nucleus: a consonant, an obstruent before
    a liquid or glide, and s or sh before a stop or nasal in front of these. Length, nasality and
    off-glides stay with the phone before them.

    >>> split_syllables("h ə l ˈo ʊ̯".split())
    [('h', 'ə'), ('l', 'ˈo', 'ʊ̯')]
    >>> split_syllables("ɛ k s t ɹ ə".split())
    [('ɛ', 'k'), ('s', 't', 'ɹ', 'ə')]
    """
    nuclei = [i for i, t in enumerate(tokens) if parse_phone(t).segment in _NUCLEI]
    cuts = [0]
    for left, right in zip(nuclei, nuclei[1:], strict=False):
        floor = left + 1
        while floor < right and tokens[floor] in _TAILS:
            floor += 1
        cuts.append(right - onset_length(tokens[floor:right]))
    cuts.append(len(tokens))
    return [tuple(tokens[a:b]) for a, b in zip(cuts, cuts[1:], strict=False) if a < b]


def onset_length(consonants: Sequence[str]) -> int:
    """How many of the consonants at the end of a run can open the next syllable.

    >>> onset_length(["n", "t", "ɹ"]), onset_length(["ŋ"]), onset_length(["t", "l"])
    (2, 0, 1)
    """
    run = list(consonants)
    length = 0
    follower = ""
    while run:
        size = 1
        while run[-size] in MODIFIERS and size < len(run):
            size += 1
        phone = run[-size]
        vocalic = phone in _TAILS or parse_phone(phone).segment in _NUCLEI
        if vocalic or phone in _NO_ONSET or (follower and not _leads(phone, follower)):
            break
        length += size
        follower = phone
        del run[-size:]
    return length


def _leads(phone: str, follower: str) -> bool:
    """Whether a syllable may begin with `phone` and `follower`."""
    if (phone, follower) in _NEVER or phone == follower:
        return False
    if follower in _GLIDES:
        return phone not in _GLIDES
    if follower in _LIQUIDS:
        return phone in _STOPS or phone in _FRICATIVES
    return phone in _SIBILANTS and follower in _AFTER_SIBILANT
