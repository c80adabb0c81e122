"""What an adapted model says, judged by the recogniser and by its pitch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from lhotse.cut import Cut

from diamoe.bundle import Bundle
from diamoe.corpus import cut_speaker
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.tone import cut_times, measure_f0, syllable_tones
from diamoe.evaluation.tones import tone_accuracy
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer, TimedPhone
from diamoe.text.phones import PhoneSeq


@dataclass(frozen=True)
class Verdict:
    """Error rates from 0 to 1."""

    per: float
    """Phone error rate by the recogniser."""
    tone_accuracy: float
    """Share of syllables whose F0 is nearest to their own tone; NaN without tones."""
    syllables: int
    """Syllables whose tone was measured."""


class Judge:
    """Speaks held-out sentences and measures what is heard."""

    def __init__(self, recogniser: str | Path, cuts: Sequence[Cut], steps: int):
        self.ear = Ear(recogniser)
        self.cuts = list(cuts)
        self.options = SynthesisOptions(steps=steps)

    def recordings(self) -> Verdict:
        """The same measures on the recordings themselves: what can be reached."""
        rate = self.ear.log_mel.config.sample_rate
        waves = [cut.load_audio()[0] for cut in self.cuts]
        timing = [cut_times(cut) for cut in self.cuts]
        return self._verdict(waves, timing, rate, [cut_speaker(cut) for cut in self.cuts])

    def speech(self, bundle: Bundle, voice: str) -> tuple[Verdict, np.ndarray]:
        """Verdict on the bundle's speech of the sentences, and its first mel (frames, n_mels).

        The adapters in use are those of the caller's `using`.
        """
        synthesizer = Synthesizer(bundle)
        made = [synthesizer.speak_phones(phones_of(cut), voice, self.options) for cut in self.cuts]
        timing = [list(speech.timing) for speech in made]
        waves, whose = [s.wave for s in made], [voice] * len(made)
        verdict = self._verdict(waves, timing, made[0].sample_rate, whose)
        return verdict, made[0].mel

    def _verdict(
        self,
        waves: Sequence[np.ndarray],
        timing: Sequence[list[TimedPhone]],
        rate: int,
        speakers: Sequence[str],
    ) -> Verdict:
        sequences = [phones_of(cut) for cut in self.cuts]
        per = self.ear.error_rate([self.ear.analyse(wave) for wave in waves], sequences, speakers)
        tones = [
            tone
            for wave, times, seq in zip(waves, timing, sequences, strict=True)
            for tone in syllable_tones(seq, times, measure_f0(wave, rate))
            if tone.marks
        ]
        return Verdict(per, tone_accuracy(tones, sequences[0].dialect), len(tones))


def phones_of(cut: Cut) -> PhoneSeq:
    """The phones of a cut, without edges."""
    supervision = cut.supervisions[0]
    return PhoneSeq.parse(supervision.custom["phones"], supervision.language)


def as_figures(verdict: Verdict) -> dict[str, float]:
    """A verdict as plain values."""
    return asdict(verdict)
