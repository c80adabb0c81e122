"""The classes of the recogniser: blank (silence), the segments that can be heard, and tones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from diamoe.errors import UnknownPhone
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PAUSE, PUNCTUATION, SYLLABLE, Phone, PhoneSeq
from diamoe.text.vocabulary import ONE_LEVEL_TONES, TWO_LEVEL_TONES, PhoneVocabulary

BLANK = 0
"""Index of the blank, which is also the class of silence."""
NEUTRAL = "·"
"""The tone of a syllable without tone marks."""
SILENT = (PAUSE, SYLLABLE, *PUNCTUATION)
ZERO_INITIALS = ("∅", "∅̤")
"""Segments of the notation that have no sound of their own."""


def is_sounding(phone: Phone) -> bool:
    """True for a phone that can be heard: no pause, punctuation mark or zero initial."""
    return phone.segment not in SILENT and phone.segment not in ZERO_INITIALS


@dataclass(frozen=True)
class SegmentLabels:
    """Segments, and tones, in the order of their classes, from class 1 on; saved with the model."""

    segments: tuple[str, ...]
    tones: tuple[str, ...] = ()
    """Tone marks and `NEUTRAL`; none in a recogniser that hears segments alone."""

    @classmethod
    def of(cls, vocabulary: PhoneVocabulary) -> "SegmentLabels":
        """The sounding segments of a vocabulary (without stress, shortness and tone), all tones.

        >>> labels = SegmentLabels.of(PhoneVocabulary.default())
        >>> "˜" in labels.segments, "∅" in labels.segments, "|" in labels.segments
        (True, False, False)
        """
        mute = (*SILENT, *ZERO_INITIALS)
        segments = tuple(s for s in vocabulary.segments if s not in mute)
        return cls(segments, (NEUTRAL, *TWO_LEVEL_TONES, *ONE_LEVEL_TONES))

    def __len__(self) -> int:
        """Number of classes, blank included."""
        return len(self.segments) + 1

    @property
    def tone_classes(self) -> int:
        """Number of the tones' classes, blank included; 0 without tones."""
        return len(self.tones) + 1 if self.tones else 0

    @cached_property
    def _classes(self) -> dict[str, int]:
        return {segment: i for i, segment in enumerate(self.segments, start=1)}

    def classify(self, phone: Phone, where: str = "the phone sequence") -> int:
        """The class of a phone; `BLANK` for one that has no sound.

        Raises:
            UnknownPhone: the model was made without this segment.
        """
        if not is_sounding(phone):
            return BLANK
        try:
            return self._classes[phone.segment]
        except KeyError:
            raise UnknownPhone(phone.segment, where) from None

    def encode(self, seq: PhoneSeq) -> list[int]:
        """Classes of the sounding phones.

        >>> labels = SegmentLabels(("a", "m"))
        >>> labels.encode(PhoneSeq.parse("m ˈaᴴᴴ | ∅ ˈaᴸᴸ 。", "putonghua"))
        [2, 1, 1]
        """
        return [self.classify(p, f"{str(seq)!r}") for p in seq.phones if is_sounding(p)]

    def decode(self, classes: Iterable[int]) -> list[str]:
        """The segments of classes other than blank."""
        return [self.segments[c - 1] for c in classes if c != BLANK]

    def encode_tones(self, seq: PhoneSeq) -> list[int]:
        """Tone classes of the syllables; none in a language without tones.

        >>> labels = SegmentLabels(("a", "m"), (NEUTRAL, "ᴴᴴ"))
        >>> labels.encode_tones(PhoneSeq.parse("m ˈaᴴᴴ | m a 。", "putonghua"))
        [2, 1]
        >>> labels.encode_tones(PhoneSeq.parse("m ˈa", "german"))
        []

        Raises:
            UnknownPhone: the model was made without this tone.
        """
        if not load_dialect(seq.dialect).tones:
            return []
        classes = []
        for phones in seq.syllables():
            if not phones[0].is_pause:
                tone = next((p.tone for p in phones if p.tone), NEUTRAL)
                if tone not in self.tones:
                    raise UnknownPhone(tone, f"{str(seq)!r}", "the recogniser's tones")
                classes.append(self.tones.index(tone) + 1)
        return classes

    def decode_tones(self, classes: Iterable[int]) -> list[str]:
        """The tones of classes other than blank."""
        return [self.tones[c - 1] for c in classes if c != BLANK]


def collapse(classes: Sequence[int]) -> list[int]:
    """Best classes of successive frames to labels: runs become one, blanks go.

    >>> collapse([0, 2, 2, 0, 2, 1])
    [2, 2, 1]
    """
    labels, before = [], BLANK
    for label in classes:
        if label != before and label != BLANK:
            labels.append(label)
        before = label
    return labels
