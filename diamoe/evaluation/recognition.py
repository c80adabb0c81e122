"""Phones and tones as the built-in recogniser hears them: works on every dialect, offline."""

from typing import Any

from diamoe.evaluation.clip import Clip
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.metric import Figure, Metric, Row

PER = Figure("per", "lower", "phones wrong, missing or added, for each phone to be said", rate=True)
TONE_ERROR = Figure(
    "tone_error", "lower", "tones heard wrong, missing or added, for each syllable", rate=True
)


class Recognition(Metric):
    """Phone error rate, and tone error rate where the recogniser hears tones."""

    name = "per"

    def __init__(self, ear: Ear):
        self.ear = ear
        self.figures = (PER, TONE_ERROR) if ear.labels.tones else (PER,)

    def score(self, clip: Clip) -> Row:
        wanted = self.ear.wanted(clip.seq)
        row: Row = {"phones": str(clip.seq), "heard": " ".join(clip.heard.segments)}
        row |= PER.of(errors(wanted, clip.heard.segments), len(wanted))
        if clip.heard.tones is not None:
            tones = self.ear.labels.decode_tones(self.ear.labels.encode_tones(clip.seq))
            row["heard_tones"] = " ".join(clip.heard.tones)
            if tones:
                row |= TONE_ERROR.of(errors(tones, clip.heard.tones), len(tones))
        return row

    def details(self) -> dict[str, Any]:
        """The recogniser's own error on held-out recordings, without which no score means much."""
        return {"recogniser": self.ear.facts}


def errors(wanted: list[str], heard: list[str]) -> int:
    """Substitutions, deletions and insertions between two sequences.

    >>> errors(["m", "a"], ["m", "i", "s"])
    2
    """
    import jiwer

    if not wanted:
        return len(heard)
    found = jiwer.process_words(" ".join(wanted), " ".join(heard))
    return found.substitutions + found.deletions + found.insertions
