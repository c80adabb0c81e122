"""espeak-ng's C library, driven phone by phone: samples and the times of phones.

The library and its data come with the `espeakng-loader` wheel and are GPL-3; both are loaded
when the first syllable is spoken, and nothing of them is kept here. The library holds one state
per process, so there is one `Espeak` per process.
"""

import ctypes
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from corpus_tools.teacher.errors import TeacherError
from diamoe.errors import MissingBackend

_SYNCHRONOUS, _PHONEME_EVENTS = 2, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8, _PHONEMES = 1, 0x100
_CHARACTERS = 1
_EVENT_PHONEME = 7


class _EventId(ctypes.Union):
    _fields_ = [
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    ]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Spoken:
    """What the synthesiser said: `samples` (n,) in [-1, 1], and each phoneme's start sample."""

    samples: np.ndarray
    sample_rate: int
    phonemes: tuple[tuple[int, str], ...]


class Espeak:
    """The one synthesiser of this process; use `espeak()` to get it."""

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError as error:
            raise MissingBackend(
                "the pronunciation teacher needs espeak-ng: pip install espeakng-loader (GPL-3)"
            ) from error
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS)
        if self.sample_rate <= 0:
            raise MissingBackend(f"espeak-ng did not start with its data at {data.decode()!r}")
        self._samples: list[np.ndarray] = []
        self._phonemes: list[tuple[int, str]] = []
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def _receive(self, wave, count, events) -> int:
        if wave and count:
            self._samples.append(np.ctypeslib.as_array(wave, (count,)).astype(np.float32) / 32768)
        index = 0
        while events[index].type:
            if events[index].type == _EVENT_PHONEME:
                name = events[index].id.string.decode("utf-8", "replace")
                self._phonemes.append((events[index].sample, name))
            index += 1
        return 0

    def set_voice(self, name: str, rate: int = 130, pitch: int = 50) -> None:
        """Choose a voice, `sv+f2`, with a monotone pitch (0-100) and a rate in words a minute.

        Raises:
            TeacherError: the voice does not exist.
        """
        if name == self._voice:
            return
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise TeacherError(f"espeak-ng has no voice {name!r}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, 0)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._voice = name

    def say(self, mnemonics: str) -> Spoken:
        """Speak phoneme mnemonics of the current voice's table, `|` between phonemes.

        Raises:
            TeacherError: the synthesiser refuses or says nothing.
        """
        self._samples.clear()
        self._phonemes.clear()
        text = f"[[{mnemonics}]]".encode()
        code = self._library.espeak_Synth(
            text, len(text) + 1, 0, _CHARACTERS, 0, _UTF8 | _PHONEMES, None, None
        )
        if code != 0 or not self._samples:
            raise TeacherError(f"espeak-ng cannot say {mnemonics!r} with {self._voice} ({code})")
        return Spoken(np.concatenate(self._samples), self.sample_rate, tuple(self._phonemes))


@lru_cache(maxsize=1)
def espeak() -> Espeak:
    """This process's synthesiser, started at the first call."""
    return Espeak()
