"""KeSpeech: Mandarin and its subdialects, read by 27 237 people of 34 cities.

`Tasks/ASR/{train,dev}_phase{1,2}` and `test` are Kaldi folders with a table `utt2subdialect`,
and `Metadata/spk2city` says where a speaker is from. Speakers read in their subdialect in the
first phase only, and not all of it: rows labelled Mandarin and rows of the second phase are
standard Mandarin and are rejected.

Lhotse's `prepare_kespeech` reads the same tables, but pairs their lines by position with an
assert, holds all of them, and deletes marks of noise from the text while the noise is heard.
"""

from collections.abc import Iterator
from pathlib import Path

from corpus_tools.recipes.kaldi import KaldiRow, kaldi_utterances
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.lookup import Lookup, read_pairs
from corpus_tools.recipes.recordings import recording_at
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

PARTS = ("train_phase1", "dev_phase1", "test")
STANDARD = "Mandarin"
"""The label of standard Mandarin."""


def prepare_kespeech(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read the parts with dialect speech.

    The table of corpora maps labels to dialects: `Southwestern/Wuhan` before `Southwestern`.

    Raises:
        CorpusError: no such part, or a table of it is missing.
    """
    parts = [folder / "Tasks" / "ASR" / part for part in corpus.parts or PARTS]
    there = [part for part in parts if part.is_dir()]
    if not there:
        raise CorpusError(f"{folder}: none of {', '.join(str(p) for p in parts)}")
    city_table = folder / "Metadata" / "spk2city"
    cities = Lookup(read_pairs(city_table) if city_table.is_file() else ())
    for part in there:
        if not (part / "utt2subdialect").is_file():
            raise CorpusError(f"{part / 'utt2subdialect'}: no such file: it says what is spoken")
        yield from kaldi_utterances(part, lambda row: _utterance(corpus, folder, cities, row))


def _utterance(corpus: KnownCorpus, folder: Path, cities: Lookup, row: KaldiRow) -> Utterance:
    if row.label == STANDARD or "/phase2/" in row.source:
        raise Rejected("standard Mandarin", f"{row.source}: label {row.label!r}")
    if not row.text or not row.speaker:
        raise Rejected("missing field", f"no {'speaker' if row.text else 'transcript'}")
    if "<" in row.text:
        raise Rejected("noise mark", row.text)
    city = cities.get(row.speaker)
    label = f"{row.label}/{city}" if city else row.label
    return Utterance(
        id=row.id,
        audio_path=recording_at(folder, row.source),
        dialect=corpus.dialect_of(label, row.label),
        speaker=row.speaker,
        text=row.text,
        language=label,
    )
