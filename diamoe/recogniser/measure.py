"""How good a recogniser is: `python -m diamoe.recogniser.measure RECOGNISER CORPUS ...`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from diamoe.errors import DiamoeError, TooShort
from diamoe.recogniser.alignment import align_phones, forbid_loud_silence
from diamoe.recogniser.data import (
    Utterance,
    collate,
    corpus_name,
    plan_batches,
    read_corpora,
    speaker_bands,
)
from diamoe.recogniser.decode import Recogniser, phone_error_rate, posteriors
from diamoe.recogniser.labels import collapse, is_sounding
from diamoe.recogniser.model import Bands
from diamoe.recogniser.storage import load_recogniser
from diamoe.text.phones import parse_phone


@dataclass(frozen=True)
class ErrorRates:
    """Error rates over utterances; `tones` is None where no tone was to be said or heard."""

    phones: float
    tones: float | None


def error_rates(
    recogniser: Recogniser, utterances: Sequence[Utterance], max_frames: int = 6000
) -> ErrorRates:
    """Phone and tone error rate; runs of one segment count once on both sides.

    Speakers are known from all of their utterances, as in `diamoe.evaluate`.
    """
    speakers, labels = speaker_bands(utterances), recogniser.labels
    heard, wanted, sung, tones = [], [], [], []
    for indices in plan_batches([len(u.mel) for u in utterances], max_frames, seed=0):
        batch = collate([utterances[i] for i in indices])
        known = Bands.stack([speakers[i] for i in indices])
        dialects = [utterance.seq.dialect for utterance in batch.utterances]
        all_found = recogniser.hear(batch.mel, batch.frames, dialects, known)
        for utterance, found in zip(batch.utterances, all_found, strict=True):
            heard.append(found.segments)
            wanted.append(labels.decode(collapse(labels.encode(utterance.seq))))
            right = labels.encode_tones(utterance.seq) if found.tones is not None else []
            if found.tones is not None and right:
                sung.append(found.tones)
                tones.append(labels.decode_tones(right))
    return ErrorRates(
        phone_error_rate(heard, wanted), phone_error_rate(sung, tones) if tones else None
    )


@dataclass(frozen=True)
class Quality:
    """Figures over one corpus; those of boundaries are None where no true times are known."""

    utterances: int
    phone_error_rate: float
    """Wrong, missing and surplus segments for each segment."""
    tone_error_rate: float | None
    """The same of tones, one a syllable; None where there are none, or they are not heard."""
    boundary_error: float | None
    """Mean distance of phone starts from the truth, milliseconds."""
    within_50ms: float | None
    """Share of phone starts at most 50 ms from the truth."""
    too_short: int
    """Utterances too short for their phones."""


def boundary_errors(
    recogniser: Recogniser, utterances: Sequence[Utterance]
) -> tuple[list[float], int]:
    """Distances of the phones' starts from known times, seconds; and utterances too short."""
    errors: list[float] = []
    too_short = 0
    timed = [u for u in utterances if u.times]
    for indices in plan_batches([len(u.mel) for u in timed], 6000, seed=0):
        batch = collate([timed[i] for i in indices])
        heard = posteriors(recogniser.model, batch.mel, batch.frames)
        for utterance, scores in zip(batch.utterances, heard, strict=True):
            try:
                found = align_phones(
                    forbid_loud_silence(scores.numpy(), utterance.mel),
                    utterance.seq,
                    recogniser.labels,
                    utterance.seconds,
                    utterance.members,
                )
            except TooShort:
                too_short += 1
                continue
            for mine, true in zip(found.times, utterance.times, strict=True):
                if is_sounding(parse_phone(true.symbol)):
                    errors.append(abs(mine.start - true.start))
    return errors, too_short


def measure(recogniser: Recogniser, utterances: Sequence[Utterance]) -> Quality:
    """Phone error rate, and boundary errors where times are known."""
    errors, too_short = boundary_errors(recogniser, utterances)
    rates = error_rates(recogniser, utterances)
    return Quality(
        utterances=len(utterances),
        phone_error_rate=round(rates.phones, 4),
        tone_error_rate=None if rates.tones is None else round(rates.tones, 4),
        boundary_error=round(1000 * float(np.mean(errors)), 2) if errors else None,
        within_50ms=round(float(np.mean(np.array(errors) <= 0.05)), 4) if errors else None,
        too_short=too_short,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 if all went well, 2 if a folder cannot be used."""
    parser = argparse.ArgumentParser(description="Measure a phone recogniser.")
    parser.add_argument("recogniser", help="folder of the recogniser")
    parser.add_argument("corpora", nargs="+", help="prepared corpus folders")
    parser.add_argument("--limit", type=int, default=0, help="utterances of each; 0 for all")
    options = parser.parse_args(arguments)
    try:
        recogniser = load_recogniser(options.recogniser)
        for folder in options.corpora:
            utterances = read_corpora([folder], options.limit, progress=False)
            quality = asdict(measure(recogniser, utterances))
            print(json.dumps({"corpus": corpus_name(folder), **quality}, ensure_ascii=False))
    except DiamoeError as error:
        print(f"measure: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
