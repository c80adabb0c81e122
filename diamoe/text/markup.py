"""What writers put into a text besides words: pronunciations, pauses, languages, pace.

In any text, `重庆{chong2 qing4}` gives the syllables of the characters before it in the dialect's
romanisation, `行{=hang2}` chooses their Mandarin reading and leaves the rest to the dialect's
rules, and `[[n ˈiᴹᴴ | χ ˈɑᴹᴸ ʊ̯]]` is phones. A backslash makes `{`, `[` and itself ordinary.
A text that begins with `<speak` is SSML (see `diamoe.text.ssml`).
"""

import re
from dataclasses import dataclass, replace

from diamoe.errors import MarkupError

_TOKENS = re.compile(r"\\([\\{}\[\]])|\[\[(.*?)\]\]|\{([^{}]*)\}|(\[\[|[{}])", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*$")


@dataclass(frozen=True)
class Piece:
    """A stretch of the text that is read in one way.

    `kind` is `text`, `romanised` (`content` is the dialect's romanisation of `text`), `mandarin`
    (`content` is the Mandarin reading of `text`), `phones` (`content` is a phone string), `word`
    (`text` is one word), `say-as` (`content` says how), or `pause` (of `seconds`). `start` is the
    place in the source. `language` is the dialect's code where it is not the text's own, `rate`
    the pace relative to the voice's.
    """

    kind: str
    text: str
    start: int
    content: str = ""
    language: str = ""
    rate: float = 1.0
    seconds: float = 0.0


def parse_inline(source: str, template: Piece | None = None) -> list[Piece]:
    """Take the given pronunciations out of a text.

    >>> [(p.kind, p.text, p.content) for p in parse_inline("去重庆{chong2 qing4}吧")]
    [('text', '去', ''), ('romanised', '重庆', 'chong2 qing4'), ('text', '吧', '')]
    >>> [(p.kind, p.text, p.content) for p in parse_inline("[[m ˈaᴴᴴ]]!")]
    [('phones', '', 'm ˈaᴴᴴ'), ('text', '!', '')]

    Raises:
        MarkupError: a brace without partner, nothing inside it, or too few characters before it.
    """
    base = template or Piece("text", source, 0)
    pieces: list[Piece] = []
    plain, start = "", 0
    position = 0
    for match in _TOKENS.finditer(source):
        if not plain:
            start = position
        plain += source[position : match.start()]
        position = match.end()
        escaped, phones, given, stray = match.groups()
        if escaped is not None:
            plain += escaped
            continue
        if stray is not None:
            raise _error(source, match.start(), f"{stray!r} has no partner (write \\{stray[0]})")
        content = (phones if given is None else given).strip()
        if not content.strip("="):
            raise _error(source, match.start(), f"nothing inside {match.group()!r}")
        covered = "" if given is None else _covered(plain, content, source, match.start())
        rest = plain[: len(plain) - len(covered)]
        if rest:
            pieces.append(replace(base, kind="text", text=rest, start=base.start + start))
        kind = "phones" if given is None else "mandarin" if given[:1] == "=" else "romanised"
        pieces.append(
            replace(
                base,
                kind=kind,
                text=covered,
                start=base.start + match.start() - len(covered),
                content=content.lstrip("= "),
            )
        )
        plain = ""
    if not plain:
        start = position
    plain += source[position:]
    if plain or not pieces:
        pieces.append(replace(base, kind="text", text=plain, start=base.start + start))
    return pieces


def _covered(plain: str, content: str, source: str, position: int) -> str:
    """The characters that a given pronunciation is for: one a syllable, or one foreign word."""
    word = _WORD.search(plain)
    if word is not None and word.group().isascii():
        return word.group()
    count = len(content.lstrip("= ").split())
    if not plain[-1:].strip():
        raise _error(source, position, "a pronunciation stands right after its characters")
    covered = plain[-count:]
    if len(covered) < count or not all(c.isalpha() for c in covered):
        raise _error(
            source, position, f"{count} syllables in {content!r}, but before them stands {plain!r}"
        )
    return covered


def _error(source: str, position: int, message: str) -> MarkupError:
    return MarkupError(f"{message}, at character {position + 1} of {source!r}")
