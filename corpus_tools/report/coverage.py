"""Which phones and tones of a dialect a corpus holds, and which it lacks."""

from dataclasses import dataclass
from functools import lru_cache

from corpus_tools.report.tally import DialectTally
from diamoe.errors import DiamoeError
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import parse_phone

RARE = 10
"""Fewer occurrences than that teach a model little."""


@dataclass(frozen=True)
class Coverage:
    """Counts of what is there, and names of what is missing."""

    phones: dict[str, int]
    missing_phones: tuple[str, ...]
    tones: dict[str, int]
    missing_tones: tuple[str, ...]
    has_inventory: bool
    """False for dialects read by words: their back-ends have no list of phones."""

    @property
    def rare(self) -> dict[str, int]:
        """Phones that occur, but hardly."""
        return {phone: count for phone, count in self.phones.items() if count < RARE}


@lru_cache(maxsize=64)
def inventory(code: str) -> tuple[str, ...]:
    """The segments of all syllables that a dialect has; empty for one that is read by words."""
    from diamoe.text.syllable_table import syllable_table

    try:
        rows = syllable_table(code).rows
    except DiamoeError:
        return ()
    found = {parse_phone(token).segment for row in rows for token in row.phones.split()}
    return tuple(sorted(found))


def coverage(code: str, tally: DialectTally) -> Coverage:
    """What of a dialect is covered by what was counted of it."""
    wanted = inventory(code)
    names = {tone.marks: f"{tone.number} {tone.name}".strip() for tone in load_dialect(code).tones}
    tones = {
        f"{names.get(marks, marks) or 'none'} {marks}".strip(): count
        for marks, count in tally.tones.most_common()
    }
    return Coverage(
        dict(tally.phones.most_common()),
        tuple(p for p in wanted if p not in tally.phones),
        tones if names else {},
        tuple(f"{name} {marks}" for marks, name in names.items() if marks not in tally.tones),
        bool(wanted),
    )
