"""Times of words and phones as files: JSON, Praat's TextGrid, SRT and WebVTT."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from diamoe.errors import ConfigError
from diamoe.synthesis.speech import Speech, TimedWord

SUFFIXES = (".json", ".TextGrid", ".srt", ".vtt")
CUE_SECONDS = 5.0
"""A subtitle is shown for at most about this long."""
CUE_GAP = 0.12
"""A pause of so many seconds between words ends a subtitle."""


def timing_text(speech: Speech, suffix: str) -> str:
    """The times in the form that the suffix names.

    Raises:
        ConfigError: the suffix is none of `SUFFIXES`.
    """
    match suffix.lower():
        case ".json":
            return timing_json(speech)
        case ".textgrid":
            return timing_textgrid(speech)
        case ".srt":
            return srt(cues(speech.words))
        case ".vtt":
            return vtt(cues(speech.words))
    raise ConfigError(f"times are written as {', '.join(SUFFIXES)}; found {suffix!r}")


def timing_json(speech: Speech) -> str:
    """`{"seconds": …, "words": [{text, start, end}], "phones": [{token, start, end}]}`."""
    content = {
        "seconds": round(speech.seconds, 4),
        "words": [_rounded(asdict(word)) for word in speech.words],
        "phones": [_rounded(asdict(phone)) for phone in speech.timing],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _rounded(item: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in item.items()}


def timing_textgrid(speech: Speech) -> str:
    """Tiers `phone` and `word`."""
    from corpus_tools.textgrid import format_textgrid

    tiers = {
        "phone": [(t.token, t.start, t.end - t.start) for t in speech.timing],
        "word": [(w.text, w.start, w.end - w.start) for w in speech.words],
    }
    return format_textgrid(tiers, speech.seconds)


def cues(words: Sequence[TimedWord]) -> list[TimedWord]:
    """Words joined to subtitles, ended by pauses and by length."""
    joined: list[TimedWord] = []
    for word in words:
        last = joined[-1] if joined else None
        if last is None or word.start - last.end > CUE_GAP or word.end - last.start > CUE_SECONDS:
            joined.append(word)
        else:
            gap = " " if last.text[-1].isascii() and word.text[0].isascii() else ""
            joined[-1] = TimedWord(last.text + gap + word.text, last.start, word.end)
    return joined


def srt(subtitles: Sequence[TimedWord]) -> str:
    """SubRip.

    >>> print(srt([TimedWord("你好", 0.5, 1.25)]), end="")
    1
    00:00:00,500 --> 00:00:01,250
    你好
    """
    blocks = [
        f"{i}\n{_clock(c.start, ',')} --> {_clock(c.end, ',')}\n{c.text}\n"
        for i, c in enumerate(subtitles, start=1)
    ]
    return "\n".join(blocks)


def vtt(subtitles: Sequence[TimedWord]) -> str:
    """WebVTT."""
    blocks = [f"{_clock(c.start, '.')} --> {_clock(c.end, '.')}\n{c.text}\n" for c in subtitles]
    return "\n".join(["WEBVTT\n", *blocks])


def _clock(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def write_timing(speech: Speech, path: Path) -> None:
    """Write the times in the form that the file's name asks for.

    Raises:
        ConfigError: the suffix is none of `SUFFIXES`.
    """
    from diamoe.synthesis.writing import write_text

    write_text(path, timing_text(speech, path.suffix))
