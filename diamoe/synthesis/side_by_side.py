"""A batch in several threads, each on one core: small models leave cores idle otherwise."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Sequence[Item]], list[Result]],
    items: Sequence[Item],
    size: Callable[[Item], int],
) -> list[Result]:
    """`work(items)`, whose results do not depend on one another, in as many threads as PyTorch
    uses; each computes with one, and has of every `size` as much as the others.

    >>> side_by_side(lambda part: [-i for i in part], [3, 1, 2], size=abs)
    [-3, -1, -2]
    """
    threads = min(torch.get_num_threads(), len(items))
    if threads < 2:
        return work(items)
    usual = torch.get_num_threads()
    order = sorted(range(len(items)), key=lambda i: size(items[i]))
    parts = [order[first::threads] for first in range(threads)]

    def alone(part: Sequence[int]) -> list[Result]:
        torch.set_num_threads(1)  # of this thread; what it sets for later ones is set back
        try:
            return work([items[i] for i in part])
        finally:
            torch.set_num_threads(usual)

    results: dict[int, Result] = {}
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(copy_context().run, alone, part) for part in parts]
        for part, done in zip(parts, running, strict=True):
            results.update(zip(part, done.result(), strict=True))
    return [results[i] for i in range(len(items))]
