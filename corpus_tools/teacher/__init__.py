"""A pronunciation teacher: espeak-ng told exactly what to say, with any dialect's tones."""

from corpus_tools.teacher.speech import TeacherSpeech, speak
from corpus_tools.teacher.voice import VOICES, TeacherVoice, get_voice

__all__ = ["VOICES", "TeacherSpeech", "TeacherVoice", "get_voice", "speak"]
