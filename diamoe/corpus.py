"""Prepared corpora, as every trainer reads them: Lhotse Shar folders of phonemised cuts.

A folder holds `cuts.*.jsonl.gz` and `recording.*.tar`. Each cut is one utterance with one
supervision: text, dialect code as its language, speaker, `custom["phones"]`, and the phone
alignment where times are known. `python -m corpus_tools` writes such folders.
"""

from pathlib import Path

from lhotse import CutSet
from lhotse.cut import Cut

from diamoe.audio.mel import MelConfig
from diamoe.errors import CorpusError
from diamoe.text.phones import SYLLABLE, PhoneSeq


def corpus_shards(folder: str | Path) -> list[tuple[Path, Path]]:
    """The shards of one prepared corpus: manifest and sound of each.

    Raises:
        CorpusError: the folder holds no shards, or cuts without their sound.
    """
    folder = Path(folder)
    cuts = sorted(folder.glob("cuts.*.jsonl.gz"))
    recordings = sorted(folder.glob("recording.*.tar"))
    if not cuts or len(cuts) != len(recordings):
        raise CorpusError(
            f"{folder}: no prepared corpus here (expected as many cuts.*.jsonl.gz as "
            f"recording.*.tar, found {len(cuts)} and {len(recordings)}; make one with "
            "`python -m corpus_tools build` or `teacher`)"
        )
    return list(zip(cuts, recordings, strict=True))


def open_corpus(folder: str | Path) -> CutSet:
    """All cuts of one prepared corpus.

    Raises:
        CorpusError: the folder holds no shards, or cuts without their sound.
    """
    cuts, recordings = zip(*corpus_shards(folder), strict=True)
    return CutSet.from_shar(
        fields={"cuts": list(map(str, cuts)), "recording": list(map(str, recordings))}
    )


def cut_speaker(cut: Cut) -> str:
    """Who speaks a cut; empty where it is not known."""
    return str(cut.supervisions[0].speaker or "")


def cut_phones(cut: Cut) -> PhoneSeq:
    """The phones of a cut, edges included, as every model sees them."""
    supervision = cut.supervisions[0]
    return PhoneSeq.parse(supervision.custom["phones"], supervision.language).with_edges()


def cut_durations(cut: Cut, seq: PhoneSeq, frames: int, mel: MelConfig) -> list[int]:
    """Frames of every token of `seq` from the cut's phone alignment; they sum to `frames`.

    Raises:
        CorpusError: the cut has no alignment, or one that does not match its phones.
    """
    items = (cut.supervisions[0].alignment or {}).get("phone")
    spoken = [t for t in seq.tokens if t != SYLLABLE]
    if items is None:
        raise CorpusError(f"{cut.id}: no phone alignment (`python -m corpus_tools build` adds it)")
    if [item.symbol for item in items] != spoken:
        raise CorpusError(f"{cut.id}: the alignment does not match the phones {seq}")
    edges = [round(item.end * mel.frame_rate) for item in items]
    edges[-1] = frames
    lengths = iter([after - before for before, after in zip([0, *edges], edges, strict=False)])
    durations = [0 if t == SYLLABLE else next(lengths) for t in seq.tokens]
    if min(durations) < 0:
        raise CorpusError(f"{cut.id}: the alignment's times do not rise")
    return durations
