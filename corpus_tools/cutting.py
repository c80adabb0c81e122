"""The cut stage: recordings too long for one utterance become rows of their own, piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from corpus_tools.align import load_aligner
from corpus_tools.audio.reading import read_sound
from corpus_tools.audio.segmenting import Segmenting, Timed, cut_at_pauses
from corpus_tools.labels import load_labeller
from corpus_tools.long import long_word_times, match
from corpus_tools.parts import Job, read_lines, write_lines
from corpus_tools.recipes.opening import open_audio
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from corpus_tools.rows import dump_row, read_rows
from corpus_tools.sounds import RECORDS
from corpus_tools.transcripts import TextSettings
from diamoe.errors import UnknownPhone

TOO_LONG = "too long"


@dataclass(frozen=True)
class CutTask:
    """What the pieces of a part's long recordings depend on."""

    cut: Segmenting
    longest_whole: float
    text: TextSettings
    recogniser: str


def too_long(audio: Path) -> set[str]:
    """The recordings of a part that the audio stage left out for their length."""
    records = read_lines(audio / RECORDS)
    return {r["id"] for r in records if r.get("rejected", {}).get("kind") == TOO_LONG}


def cut_part(job: Job, target: Path) -> None:
    """Rows of a part with pieces in the place of long recordings; inputs: its rows and its sound;
    settings: `CutTask`."""
    rows, audio = job.inputs
    write_lines(target, map(dump_row, _cut_all(rows, too_long(audio), job.settings)))


def _cut_all(rows: Path, names: set[str], task: CutTask) -> Iterator[Utterance | Rejection]:
    for row in read_rows(rows):
        if isinstance(row, Rejection) or row.id not in names:
            yield row
            continue
        try:
            yield from cut_recording(row, task)
        except Rejected as reason:
            yield Rejection.of(row.id, reason)


def cut_recording(row: Utterance, task: CutTask) -> Iterator[Utterance | Rejection]:
    """The pieces of a long recording, and what lies between them that is too long for a piece.

    Raises:
        Rejected: the recording or its transcript cannot be used.
    """
    labeller = load_labeller(row.dialect, task.text.gap_mark, task.text.refuse)
    text = labeller.transcript(row)
    label = labeller.label(row, text)
    if len(label.words) < 2:
        raise Rejected(TOO_LONG, "it is not known which words its phones belong to")
    source = open_audio(row)
    encoded = source if isinstance(source, Path) else source.read()
    read = read_sound(encoded, task.longest_whole, row.audio_path.name, row.start, row.end)
    try:
        times = long_word_times(read.wave, label, load_aligner(task.recogniser))
    except UnknownPhone as error:
        raise Rejected("phone unknown to the recogniser", str(error)) from error
    yield from _pieces(row, text, times, read.seconds, task.cut)


def _pieces(
    row: Utterance, text: str, times: Sequence[Timed], seconds: float, cut: Segmenting
) -> Iterator[Utterance | Rejection]:
    """The pieces of a recording of so many seconds, given when each word of its text is said."""
    found = find_words(text, [word for word, _, _ in times])
    places = [*found.values(), len(text)]
    units = [
        (times[first][0], times[first][1], sum(times[last - 1][1:]) - times[first][1])
        for first, last in pairwise((*found, len(times)))
    ]
    pieces, left = cut_at_pauses(units, seconds, cut)
    for number, piece in enumerate(pieces, 1):
        yield replace(
            row,
            id=f"{row.id}-cut{number}",
            text=text[places[piece.first] : places[piece.last]].strip(),
            start=round(row.start + piece.start, 4),
            end=round(row.start + piece.end, 4),
        )
    for number, (first, last) in enumerate(left, 1):
        begin, end = units[first][1], sum(units[last - 1][1:])
        detail = f"{begin:.1f} to {end:.1f} s: {text[places[first] : places[last]].strip()}"
        yield Rejection(f"{row.id}-left{number}", "no pause", detail)


def find_words(text: str, words: Sequence[str]) -> dict[int, int]:
    """Where words begin in a text, by their index; the first begins where the text does.

    A word that is not written as it is read has no place, so that no cut is made before it.

    >>> find_words("好，我有2本书。", ["好", "我", "有", "两", "本", "书"])
    {0: 0, 1: 2, 2: 3, 4: 5, 5: 6}
    """
    written = ["_" if c.isspace() else c.lower() for c in text]
    matched = match([c.lower() for c in "".join(words)], written)
    places, offset = {0: 0}, 0
    for index, word in enumerate(words):
        if index and offset in matched:
            places[index] = matched[offset]
        offset += len(word)
    return places
