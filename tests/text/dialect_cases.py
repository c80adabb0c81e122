"""What the tests of single dialects share: sentences with the phones they must have."""

from collections.abc import Iterable
from pathlib import Path

from diamoe.evaluation.reference import FOLDERS, SyllablePhones, read_reference
from diamoe.text.backends.registry import load_backend
from diamoe.text.backends.sinitic import SiniticBackend
from diamoe.text.frontend import Frontend
from diamoe.text.lexicon import NO_LEXICON

Case = tuple[str, str, str]
"""A text, its syllables after sandhi, its phones without punctuation."""


def check_sentence(code: str, case: Case) -> None:
    text, romanised, phones = case
    words = Frontend(code).words(text)
    assert " ".join(s.romanised for w in words for s in w.syllables) == romanised
    assert " | ".join(" ".join(s.phones) for w in words for s in w.syllables) == phones


def check_citation_tones(code: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Words before sandhi."""
    backend = load_backend(code)
    for text, romanised in pairs:
        drafts = backend.read(text, NO_LEXICON)
        assert " ".join(r.romanised for d in drafts for r in d.readings) == romanised, text


def check_against_table(shared: Path, code: str, cases: Iterable[Case], neutral: str = "5") -> None:
    """Every syllable of the cases has the phones that the linguists' syllable table gives it."""
    reference = read_reference(shared / "reference/diamoe_frontend" / FOLDERS.get(code, code))
    for _, romanised, phones in cases:
        for pinyin, tokens in zip(romanised.split(), phones.split(" | "), strict=True):
            spelled = ("wf" + pinyin[1:] if pinyin[0] == "v" else pinyin).replace("0", neutral)
            theirs, ours = reference.phones[spelled], SyllablePhones.of(tuple(tokens.split()))
            assert ours.segments == theirs.segments, pinyin
            assert ours.tone == theirs.tone or not theirs.tone, pinyin


def sandhi_tones(code: str, word: str, tones: str) -> str:
    """The tones of one word after sandhi, from its citation tones; 0 is neutral."""
    from diamoe.text.sandhi import Beat
    from diamoe.text.syllable import Syllable

    backend = load_backend(code)
    assert isinstance(backend, SiniticBackend)
    beats = [
        Beat(character, Syllable("d", "a", int(tone), tone == "0"), 0, len(word))
        for character, tone in zip(word, tones, strict=True)
    ]
    return "".join(str(changed.syllable.tone) for changed in backend.sandhi(beats))
