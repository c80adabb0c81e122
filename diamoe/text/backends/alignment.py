"""Which of the words that were said belong to which of the words that were written."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, product

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
    expected = [0, *accumulate(map(len, sounds))]
    heard = [0, *accumulate(map(len, said))]
    options = [(1, n) for n in range(1, MOST_SAID + 1)]
    options += [(n, 1) for n in range(2, MOST_JOINED + 1)]
    best: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {(0, 0): (0, (0, 0))}
    for i, j in product(range(len(sounds)), range(len(said))):
        if (i, j) not in best:
            continue
        cost = best[i, j][0] + 2 * (sounds[i][:1] != said[j][:1])
        for taken, spoken in options:
            to = (i + taken, j + spoken)
            if to[0] <= len(sounds) and to[1] <= len(said):
                total = cost + abs(expected[to[0]] - expected[i] - heard[to[1]] + heard[j])
                if to not in best or total < best[to][0]:
                    best[to] = total, (taken, spoken)
    place = (len(sounds), len(said))
    if place not in best:
        return None
    path: list[tuple[int, int]] = []
    while place != (0, 0):
        step = best[place][1]
        path.append(step)
        place = (place[0] - step[0], place[1] - step[1])
    return path[::-1]
