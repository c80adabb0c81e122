"""SSML, as far as a front-end can honour it; any other element or attribute is an error.

Elements: speak, p, s, w (token), phoneme, say-as, sub, break, lang, prosody (rate only).
https://www.w3.org/TR/speech-synthesis11/
"""

import re
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from diamoe.errors import MarkupError
from diamoe.text.markup import Piece

ATTRIBUTES = {
    "speak": ("version", "xml:lang", "xmlns", "xmlns:xsi", "xsi:schemaLocation"),
    "p": ("xml:lang",),
    "s": ("xml:lang",),
    "w": (),
    "token": (),
    "phoneme": ("alphabet", "ph"),
    "say-as": ("interpret-as", "format", "detail"),
    "sub": ("alias",),
    "break": ("time", "strength"),
    "lang": ("xml:lang",),
    "prosody": ("rate",),
}
REQUIRED = {"phoneme": "ph", "say-as": "interpret-as", "sub": "alias", "lang": "xml:lang"}
ALPHABETS = {"ipa": "phones", "x-diamoe": "phones"}
ROMANISATIONS = ("romanised", "pinyin", "jyutping", "tailo", "wugniu")
SAY_AS = (
    *("cardinal", "number", "ordinal", "digits", "telephone", "characters", "spell-out"),
    *("date", "time", "currency", "fraction", "unit"),
)
STRENGTHS = {
    "none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.35, "strong": 0.6, "x-strong": 1.0
}  # fmt: skip
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.3, "x-fast": 1.7}
MAX_PAUSE = 20.0
"""Seconds; a longer break is an error."""
SLOWEST, FASTEST = 0.3, 3.0


@dataclass
class _Element:
    """An open element: what it says about the text inside it; a leaf gathers its text."""

    tag: str
    language: str = ""
    rate: float = 1.0
    leaf: str = ""
    content: str = ""
    start: int = 0
    text: str = ""


@dataclass
class _Reader:
    """Collects pieces while expat walks the document."""

    source: bytes
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)
    seen: tuple[int, int] = (0, 0)
    pieces: list[Piece] = field(default_factory=list)
    open: list[_Element] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._check(tag, attributes)
        outer = self.open[-1] if self.open else _Element("")
        element = _Element(tag, outer.language, outer.rate, start=self._position())
        match tag:
            case "break":
                self._add(element, "pause", "", seconds=self._pause(attributes))
            case "phoneme":
                element.leaf = self._alphabet(attributes.get("alphabet", "ipa"))
                element.content = attributes["ph"]
            case "say-as":
                element.leaf, element.content = tag, attributes["interpret-as"]
                if element.content not in SAY_AS:
                    raise self.error(f"interpret-as={element.content!r}", SAY_AS)
            case "sub":
                element.leaf, element.content = tag, attributes["alias"]
            case "w" | "token":
                element.leaf = "word"
            case "prosody":
                element.rate = outer.rate * self._rate(attributes.get("rate", "medium"))
        if "xml:lang" in attributes and tag != "speak":
            element.language = attributes["xml:lang"]
        self.open.append(element)

    def text(self, data: str) -> None:
        element = self.open[-1]
        if element.leaf:
            element.text += data
        else:
            element.start = self._position()
            self._add(element, "text", data)

    def end(self, tag: str) -> None:
        element = self.open.pop()
        if element.leaf == "sub":
            self._add(element, "text", element.content)
        elif element.leaf:
            self._add(element, element.leaf, element.text.strip())
        elif tag in ("p", "s"):
            element.start = self._position()
            self._add(element, "text", "。")

    def _position(self) -> int:
        """The character that expat has come to; it counts bytes."""
        bytes_, characters = self.seen
        index = self.parser.CurrentByteIndex
        characters += len(self.source[bytes_:index].decode())
        self.seen = (index, characters)
        return characters

    def _add(self, element: _Element, kind: str, text: str, seconds: float = 0.0) -> None:
        content = element.content if element.leaf != "sub" else ""
        piece = Piece(kind, text, element.start, content, element.language, element.rate, seconds)
        last = self.pieces[-1] if self.pieces else None
        if last and kind == "text" and last == replace(piece, text=last.text, start=last.start):
            self.pieces[-1] = replace(last, text=last.text + text)
        else:
            self.pieces.append(piece)

    def _check(self, tag: str, attributes: dict[str, str]) -> None:
        if tag not in ATTRIBUTES:
            raise self.error(f"unknown element <{tag}>", ATTRIBUTES)
        if (tag == "speak") != (not self.open):
            raise self.error("<speak> encloses the whole text")
        if self.open and self.open[-1].leaf:
            raise self.error(f"<{tag}> inside <{self.open[-1].tag}>, which holds text only")
        for name in attributes:
            if name not in ATTRIBUTES[tag]:
                raise self.error(f"<{tag}> has no attribute {name!r}", ATTRIBUTES[tag])
        if tag in REQUIRED and REQUIRED[tag] not in attributes:
            raise self.error(f"<{tag}> needs {REQUIRED[tag]!r}")

    def _alphabet(self, name: str) -> str:
        if name in ALPHABETS:
            return ALPHABETS[name]
        if name.removeprefix("x-") in ROMANISATIONS:
            return "romanised"
        raise self.error(f"alphabet={name!r}", (*ALPHABETS, *ROMANISATIONS))

    def _pause(self, attributes: dict[str, str]) -> float:
        time = attributes.get("time")
        if time is None:
            strength = attributes.get("strength", "medium")
            if strength not in STRENGTHS:
                raise self.error(f"strength={strength!r}", STRENGTHS)
            return STRENGTHS[strength]
        match = re.fullmatch(r"\+?(\d+(?:\.\d+)?|\.\d+)(ms|s)", time.strip())
        if match is None:
            raise self.error(f"time={time!r}", ("500ms", "1.5s"))
        seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if seconds > MAX_PAUSE:
            raise self.error(f"time={time!r}: at most {MAX_PAUSE:.0f} s")
        return seconds

    def _rate(self, rate: str) -> float:
        if rate in RATES:
            return RATES[rate]
        match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)(%?)", rate.strip())
        if match is None:
            raise self.error(f"rate={rate!r}", (*RATES, "80%", "1.2"))
        value = float(match[1])
        if match[2]:
            value = 1 + value / 100 if rate.strip()[0] in "+-" else value / 100
        if not SLOWEST <= value <= FASTEST:
            raise self.error(f"rate={rate!r}: {SLOWEST} to {FASTEST} times the usual pace")
        return value

    def error(self, message: str, allowed: object = ()) -> MarkupError:
        """An error that names the line and column."""
        known = f"; allowed: {', '.join(allowed)}" if allowed else ""  # type: ignore[arg-type]
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        return MarkupError(f"SSML line {line}, column {column}: {message}{known}")


def parse_ssml(source: str) -> list[Piece]:
    """Take an SSML document apart.

    >>> document = '<speak>我<break time="300ms"/><prosody rate="slow">很好</prosody></speak>'
    >>> [(p.kind, p.text, p.seconds, p.rate) for p in parse_ssml(document)]
    [('text', '我', 0.0, 1.0), ('pause', '', 0.3, 1.0), ('text', '很好', 0.0, 0.75)]

    Raises:
        MarkupError: it is not well-formed XML, declares a document type, or has an element,
            attribute or value that is not known; the line is named.
    """
    try:
        reader = _Reader(source.encode())
    except UnicodeEncodeError as error:
        raise MarkupError(f"SSML: character {error.start + 1} is no Unicode character") from None
    parser = reader.parser
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text

    def refuse(*_: object) -> None:
        raise reader.error("a document type declaration is not allowed")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(reader.source, True)
    except expat.ExpatError as error:
        fault = expat.errors.messages[error.code]
        raise MarkupError(f"SSML line {error.lineno}, column {error.offset + 1}: {fault}") from None
    return reader.pieces
