"""The pitch contours that a dialect specifies for the syllables of a phone sequence."""

from collections.abc import Sequence

import numpy as np

from diamoe.errors import NotationError
from diamoe.text.dialect import Dialect
from diamoe.text.phones import Phone


def contours(syllables: Sequence[Sequence[Phone]], dialect: Dialect) -> list[str]:
    """The five-level contour of every syllable (`PhoneSeq.syllables()`); pauses get an empty one.

    A tone's `nonfinal` contour stands before another syllable of the same phrase; a syllable
    without tone takes the neutral level that its dialect has after the preceding tone.

    Raises:
        NotationError: the dialect has no tone with the marks written.
    """
    found: list[str] = []
    previous: int | None = None
    for index, phones in enumerate(syllables):
        if phones[0].is_pause:
            found.append("")
            previous = None
            continue
        marks = next((p.tone for p in phones if p.is_nucleus), "")
        if not marks:
            after = dialect.neutral_after.get(previous) if previous is not None else None
            found.append(after or dialect.neutral)
            continue
        try:
            tone = dialect.tone_of_marks(marks)
        except KeyError as error:
            allowed = ", ".join(t.marks for t in dialect.tones) or "none"
            syllable = " ".join(p.token for p in phones)
            raise NotationError(
                f"{dialect.code} has no tone written {marks!r} (in {syllable!r}); it has {allowed}"
            ) from error
        nonfinal = index + 1 < len(syllables) and not syllables[index + 1][0].is_pause
        found.append(tone.nonfinal if nonfinal and tone.nonfinal else tone.contour)
        previous = tone.number
    return found


def levels_at(contour: str, positions: np.ndarray) -> np.ndarray:
    """Levels (1 to 5) of a contour at positions 0 to 1 of the syllable.

    >>> levels_at("214", np.array([0.0, 0.5, 1.0])).tolist()
    [2.0, 1.0, 4.0]
    """
    knots = np.array([float(c) for c in contour])
    if len(knots) == 1:
        return np.full(len(positions), knots[0])
    return np.interp(positions, np.linspace(0, 1, len(knots)), knots)
