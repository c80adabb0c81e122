"""The teacher's voices: an espeak-ng variant, a vocal tract length and a range of pitch."""

from dataclasses import dataclass

from corpus_tools.teacher.errors import TeacherError


@dataclass(frozen=True)
class TeacherVoice:
    """One speaker of the teacher."""

    name: str
    variant: str
    """espeak-ng voice variant, `f2`; empty for its plain voice."""
    low: float
    """F0 of tone level 1, Hz."""
    high: float
    """F0 of tone level 5, Hz."""
    formants: float = 1.0
    """Factor on all formant frequencies: above 1 is a shorter vocal tract."""
    rate: float = 1.0
    """Speaking rate; 1 is about 4.5 syllables a second."""
    declination: float = 0.8
    """Fall of the whole register within a sentence, semitones per second, at most 4 semitones."""


_ALL = (
    TeacherVoice("teacher_f1", "f2", 160, 320, 1.0, 1.0),
    TeacherVoice("teacher_f2", "f5", 150, 290, 1.03, 0.93),
    TeacherVoice("teacher_f3", "Annie", 185, 370, 1.0, 1.08),
    TeacherVoice("teacher_f4", "f3", 140, 270, 0.98, 1.0),
    TeacherVoice("teacher_m1", "", 85, 175, 1.0, 1.0),
    TeacherVoice("teacher_m2", "m3", 90, 150, 0.97, 0.92),
    TeacherVoice("teacher_m3", "m7", 105, 215, 1.04, 1.08),
    TeacherVoice("teacher_m4", "m1", 95, 190, 1.06, 1.0),
)
VOICES = {voice.name: voice for voice in _ALL}
"""The voices by name; `teacher_f1` is the main one."""


def get_voice(name: str) -> TeacherVoice:
    """The voice of this name.

    Raises:
        TeacherError: there is none; the message lists those there are.
    """
    if name not in VOICES:
        raise TeacherError(f"unknown teacher voice {name!r}; known voices: {', '.join(VOICES)}")
    return VOICES[name]
