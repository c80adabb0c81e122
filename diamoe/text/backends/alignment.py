"""Which of the words that were said belong to which of the words that were written."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache

_NO_STRESS = str.maketrans("", "", "ˈˌ")
MOST_JOINED = 3
"""Written words that may be said as one (`in the`)."""
MOST_SAID = 8
"""Said words that one written word may become (`24`)."""


def align(
    written: Sequence[str], said: Sequence[str], alone: Callable[[str], str]
) -> list[tuple[slice, slice]] | None:
    """Groups of written and said words that belong together, in order; None where they cannot.

    `alone` gives what a written word sounds like by itself; the grouping with the smallest
    difference in length and first sound is chosen.

    >>> sounds = {"in": "ɪn", "the": "ðə", "house": "haʊs"}
    >>> align(["in", "the", "house"], ["ɪnðə", "haʊs"], sounds.get)
    [(slice(0, 2, None), slice(0, 1, None)), (slice(2, 3, None), slice(1, 2, None))]
    """
    if len(written) == len(said):
        return [(slice(i, i + 1), slice(i, i + 1)) for i in range(len(said))]
    sounds = [alone(word) for word in written]
    shorter = min(len(written), len(said)) - 1
    front = _alike(zip(sounds, said, strict=False), shorter)
    back = _alike(zip(reversed(sounds), reversed(said), strict=False), shorter - front)
    middle = _cheapest(
        tuple(sounds[front : len(sounds) - back]), tuple(said[front : len(said) - back])
    )
    if middle is None:
        return None
    groups, i, j = [], 0, 0
    for taken, heard in [*[(1, 1)] * front, *middle, *[(1, 1)] * back]:
        groups.append((slice(i, i + taken), slice(j, j + heard)))
        i, j = i + taken, j + heard
    return groups


def _alike(pairs: Iterable[tuple[str, str]], most: int) -> int:
    """How many pairs at the beginning are the same but for stress."""
    count = 0
    for a, b in pairs:
        if count >= most or a.translate(_NO_STRESS) != b.translate(_NO_STRESS):
            break
        count += 1
    return count


@lru_cache(maxsize=4096)
def _cheapest(sounds: tuple[str, ...], said: tuple[str, ...]) -> list[tuple[int, int]] | None:
    """The sizes of the groups, by dynamic programming over both sequences."""

    @cache
    def best(i: int, j: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        if i == len(sounds) or j == len(said):
            done = i == len(sounds) and j == len(said)
            return (0.0 if done else float("inf")), ()
        options = [(1, n) for n in range(1, MOST_SAID + 1)]
        options += [(n, 1) for n in range(2, MOST_JOINED + 1)]
        found: tuple[float, tuple[tuple[int, int], ...]] = (float("inf"), ())
        for taken, heard in options:
            if i + taken <= len(sounds) and j + heard <= len(said):
                rest, path = best(i + taken, j + heard)
                expected, heard_as = sounds[i : i + taken], said[j : j + heard]
                cost = rest + _cost("".join(expected), "".join(heard_as))
                if cost < found[0]:
                    found = cost, ((taken, heard), *path)
        return found

    cost, path = best(0, 0)
    return None if cost == float("inf") else list(path)


def _cost(expected: str, heard: str) -> float:
    return abs(len(expected) - len(heard)) + 2 * (expected[:1] != heard[:1])
