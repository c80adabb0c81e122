"""Does a finished piece hold its words? The built-in recogniser listens."""

from collections.abc import Sequence

import numpy as np
import torch

from diamoe.audio.mel import LogMel
from diamoe.recogniser.labels import is_sounding
from diamoe.recogniser.model import Bands
from diamoe.synthesis.cloning import built_in_recogniser
from diamoe.synthesis.pieces import Piece
from diamoe.synthesis.voices import Voice
from diamoe.text.phones import parse_phone

HEARD_SHARE = 0.34
"""A word is missing where less than this share of its phones is heard in its place."""


def missing_words(piece: Piece, wave: np.ndarray, voice: Voice | None = None) -> tuple[str, ...]:
    """Words of a piece that the recogniser does not hear in its sound (samples,) at 24 kHz.

    It knows the voice by its prompt, without which a short piece is hard to hear.

    The heard segments are laid along the wanted ones with the fewest edits; a word counts as
    heard if enough of its phones are there, be it as a neighbour that is easily mistaken.
    """
    wanted, owner = _wanted(piece)
    if not wanted:
        return ()
    mel = LogMel()(torch.from_numpy(wave)[None])
    speaker = Bands.of([voice.mel]) if voice else None
    frames, dialects = torch.tensor([mel.shape[1]]), [piece.phones.dialect]
    (heard,) = built_in_recogniser().hear(mel, frames, dialects, speaker)
    there = aligned(wanted, heard.segments)
    spans = list(piece.word_spans())
    missing = []
    for number, (text, _, _) in enumerate(spans):
        own = [found for found, of in zip(there, owner, strict=True) if of == number]
        if own and sum(own) < HEARD_SHARE * len(own):
            missing.append(text)
    return tuple(missing)


def _wanted(piece: Piece) -> tuple[list[str], list[int]]:
    """Sounding segments of the words, and the number of the word of each."""
    tokens, segments, owner = piece.phones.tokens, [], []
    for number, (_, begin, end) in enumerate(piece.word_spans()):
        for token in tokens[begin:end]:
            phone = parse_phone(token)
            if token != "|" and is_sounding(phone):
                segments.append(phone.segment)
                owner.append(number)
    return segments, owner


def aligned(wanted: Sequence[str], heard: Sequence[str]) -> list[bool]:
    """For each wanted segment whether something was heard in its place: the segment itself, or
    another one instead of it.

    >>> aligned(["m", "a", "n", "i"], ["m", "e", "n"])
    [True, True, True, False]
    """
    rows, columns = len(wanted) + 1, len(heard) + 1
    cost = np.zeros((rows, columns))
    cost[:, 0], cost[0] = np.arange(rows), np.arange(columns)
    for i in range(1, rows):
        for j in range(1, columns):
            swap = cost[i - 1, j - 1] + 0.9 * (wanted[i - 1] != heard[j - 1])
            cost[i, j] = min(swap, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    found = [False] * len(wanted)
    i, j = rows - 1, columns - 1
    while i:
        swapped = j and cost[i - 1, j - 1] + 0.9 * (wanted[i - 1] != heard[j - 1])
        if j and cost[i, j] == swapped:
            found[i - 1] = True
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return found
