"""Several speakers in several dialects, as one track."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from diamoe.config import build
from diamoe.errors import ConfigError
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.speech import Speech, TimedWord, joined
from diamoe.synthesis.synthesizer import Request, Synthesizer

SAME_GAP, OTHER_GAP = 0.25, 0.45
"""Seconds between the lines of one speaker, and where another one answers."""
_LINE = re.compile(r"^\[([^|\]]+)(?:\|([^|\]]*))?(?:\|([^|\]]*))?\]\s*(.+)$")


@dataclass(frozen=True)
class Part:
    """What a speaker is by default."""

    voice: str = ""
    """Voice name; empty: the next of the bundle's that no other speaker has."""
    dialect: str = ""
    """Dialect; empty: the one this speaker used last."""


@dataclass(frozen=True)
class DialogueLine:
    """One line of a dialogue."""

    speaker: str
    """Who says it."""
    text: str
    """What is said."""
    dialect: str = ""
    """In which dialect; empty: the one this speaker used last."""
    voice: str = ""
    """In which voice; empty: the speaker's own."""
    gap: float = -1.0
    """Seconds of silence before it; below 0: what is natural."""
    speed: float = 1.0
    """Pace."""


@dataclass(frozen=True)
class Dialogue:
    """Lines, and what is known of their speakers."""

    line: list[DialogueLine] = field(default_factory=list)
    """The lines in order."""
    speakers: dict[str, Part] = field(default_factory=dict)
    """Voice and dialect by speaker."""


@dataclass(frozen=True)
class Track:
    """A spoken dialogue: the whole, its lines, and when each is heard (subtitles)."""

    whole: Speech
    lines: tuple[Speech, ...]
    subtitles: tuple[TimedWord, ...]


def parse_dialogue(source: str) -> Dialogue:
    """Read a script: TOML (`[[line]]`), JSON (a list, or the same as TOML), or lines.

    >>> parse_dialogue("[店家|chengdu] 你要啥子？\\n[客人] 一碗面。").line[0].dialect
    'chengdu'

    Raises:
        ConfigError: a line is none of this; its number is named.
    """
    text = source.lstrip("\ufeff \n\r\t")
    if text.startswith("{") or re.match(r"\[\s*[{\]]", text):
        return _built(_json(text))
    if re.search(r"^\s*\[\[line\]\]|^\s*\[speakers", text, re.MULTILINE):
        try:
            return _built(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"the script is no TOML: {error}") from error
    lines = []
    for number, row in enumerate(source.splitlines(), start=1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        match = _LINE.match(row.strip())
        if match is None:
            raise ConfigError(
                f"line {number} of the script: expected [SPEAKER|DIALECT|VOICE] TEXT, found {row!r}"
            )
        speaker, dialect, voice, said = (part or "" for part in match.groups())
        lines.append(DialogueLine(speaker.strip(), said, dialect.strip(), voice.strip()))
    return _checked(Dialogue(lines))


def _json(text: str) -> Any:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"the script is no JSON: {error}") from error
    return {"line": content} if isinstance(content, list) else content


def _built(content: Mapping[str, Any]) -> Dialogue:
    unknown = sorted(set(content) - {"line", "speakers"})
    if unknown or not isinstance(content.get("line", []), list):
        raise ConfigError(f"a script has [[line]] and [speakers]; found {', '.join(unknown)}")
    rows = content.get("line", [])
    lines = [build(DialogueLine, row, f"line {i}") for i, row in enumerate(rows, start=1)]
    people = content.get("speakers", {})
    speakers = {name: build(Part, part, f"speakers.{name}") for name, part in people.items()}
    return _checked(Dialogue(lines, speakers))


def _checked(dialogue: Dialogue) -> Dialogue:
    if not dialogue.line:
        raise ConfigError("the script has no lines")
    return dialogue


def requests(
    dialogue: Dialogue, voices: Iterable[str], options: SynthesisOptions, dialect: str
) -> list[Request]:
    """What is to be spoken, line by line; a speaker keeps voice and dialect."""
    own = {name: part.voice for name, part in dialogue.speakers.items() if part.voice}
    spoken = {name: part.dialect for name, part in dialogue.speakers.items() if part.dialect}
    names = list(voices)
    asked = []
    for line in dialogue.line:
        if line.voice:
            own[line.speaker] = line.voice
        if line.speaker not in own and names:
            free = [name for name in names if name not in own.values()]
            own[line.speaker] = free[0] if free else names[len(own) % len(names)]
        if line.dialect:
            spoken[line.speaker] = line.dialect
        paced = replace(options, speed=options.speed * line.speed)
        code = spoken.get(line.speaker, dialect)
        asked.append(Request(line.text, code, own.get(line.speaker), paced))
    return asked


def speak_dialogue(
    synthesizer: Synthesizer,
    dialogue: Dialogue,
    options: SynthesisOptions | None = None,
    dialect: str = "putonghua",
) -> Track:
    """All lines one after the other, with natural gaps.

    Raises:
        UnknownVoice, UnknownDialect, TextError: of the first line that cannot be spoken.
    """
    options = options or SynthesisOptions()
    asked = requests(dialogue, synthesizer.bundle.voices, options, dialect)
    speeches = synthesizer.batch(asked)
    gaps = [0.0]
    for before, line in zip(dialogue.line, dialogue.line[1:], strict=False):
        natural = SAME_GAP if before.speaker == line.speaker else OTHER_GAP
        gaps.append(natural if line.gap < 0 else line.gap)
    subtitles, start = [], 0.0
    for line, speech, gap in zip(dialogue.line, speeches, gaps, strict=True):
        start += gap
        subtitles.append(TimedWord(f"{line.speaker}: {line.text}", start, start + speech.seconds))
        start += speech.seconds
    return Track(joined(speeches, gaps), tuple(speeches), tuple(subtitles))
