"""Compiles the dictionaries of the libraries into blocks, which `Dictionary` reads.

Words, frequencies and tags are jieba's, Mandarin readings pypinyin's and pypinyin-dict's (its large
phrase list), Cantonese readings ToJyutping's, simple forms OpenCC's.
"""

import gc
import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from diamoe.errors import MissingBackend, NotationError
from diamoe.text.syllable import parse_pinyin

VERSION = 1
"""Counts up whenever the same sources are compiled to something else."""

BY_DEFAULT = "="
"""In place of a reading: the word is known, and every character has its first reading."""

_FILES = {
    "jieba": ("dict.txt",),
    "pypinyin": ("phrases_dict.json", "pinyin_dict.json"),
    "pypinyin_dict": tuple(f"phrase_pinyin_data/large_pinyin_{i}.py" for i in range(11)),
    "ToJyutping": ("trie.txt", "version.py"),
    "opencc": ("dictionary/TSPhrases.txt", "dictionary/TSCharacters.txt"),
}
_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_CITED = {"一": "yi1", "不": "bu4"}


def source_key() -> bytes:
    """A digest of this compiler's version and of the libraries' files, by name and size.

    Raises:
        MissingBackend: a library is not installed.
    """
    digest = hashlib.sha256(str(VERSION).encode())
    for library, files in _FILES.items():
        for name in files:
            size = (_folder(library) / name).stat().st_size
            digest.update(f"{library}/{name} {size}\n".encode())
    return digest.digest()


def _folder(library: str) -> Path:
    spec = find_spec(library)
    if spec is None or spec.origin is None:
        raise MissingBackend(f"reading Chinese needs the package {library!r}")
    return Path(spec.origin).parent


def compile_sources() -> dict[tuple[str, str], str]:
    """The blocks of all dictionaries, by section and first character."""
    with _collector_paused():
        return {**_words(), **_jyutping(), ("simple", ""): _simple()}


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Builds large dictionaries three times as fast: the garbage collector need not walk them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _words() -> dict[tuple[str, str], str]:
    """`word TAB frequency TAB tag TAB reading`; first the character with all its readings."""
    characters = _characters()
    phrases = _phrases(characters)
    lines: dict[str, list[str]] = defaultdict(list)
    tagged: dict[str, str] = {}
    total = 0
    path = _folder("jieba") / "dict.txt"
    for line in path.read_text("utf-8").splitlines():
        word, frequency, tag = line.split(" ")
        total += int(frequency)
        if len(word) == 1:
            tagged[word] = f"{frequency}\t{tag}"
        else:
            lines[word[0]].append(f"{word}\t{frequency}\t{tag}\t{phrases.pop(word, '')}")
    for phrase, reading in phrases.items():
        if reading != BY_DEFAULT:
            lines[phrase[0]].append(f"{phrase}\t\t\t{reading}")
    for character in {*characters, *tagged}:
        readings = " ".join(characters.get(character, ()))
        known = tagged.get(character, "\t")
        lines[character].insert(0, f"{character}\t{known}\t{readings}")
    blocks = {("words", first): "\n".join(block) for first, block in lines.items()}
    return {**blocks, ("about", ""): str(total)}


def _characters() -> dict[str, tuple[str, ...]]:
    """Every reading of every character, the commonest first."""
    data = json.loads((_folder("pypinyin") / "pinyin_dict.json").read_text("utf-8"))
    found = {}
    for code, marked in data.items():
        readings = dict.fromkeys(r for r in map(_numbered, marked.split(",")) if r)
        if readings:
            found[chr(int(code))] = tuple(readings)
    return found


def _phrases(characters: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """The reading of every phrase; 一 and 不 in their citation tone, unless they are neutral."""
    from pypinyin_dict.phrase_pinyin_data.large_pinyin import phrases_dict

    basic = json.loads((_folder("pypinyin") / "phrases_dict.json").read_text("utf-8"))
    phrases = {}
    for phrase, marked in {**basic, **phrases_dict}.items():
        read = [_numbered(syllable[0]) for syllable in marked]
        if len(read) != len(phrase) or not all(read):
            continue
        cited = [
            _CITED.get(c, r) if not r.endswith("5") else r
            for c, r in zip(phrase, read, strict=True)
        ]
        default = all(characters.get(c, ("",))[0] == r for c, r in zip(phrase, cited, strict=True))
        phrases[phrase] = BY_DEFAULT if default else " ".join(cited)
    return phrases


@lru_cache(maxsize=8192)
def _numbered(marked: str) -> str:
    """A syllable with its tone as a digit, 5 for neutral; empty if it is not a syllable.

    >>> _numbered("lǜ"), _numbered("de"), _numbered("ḿ")
    ('lv4', 'de5', 'm2')
    """
    tone, body = "5", ""
    for c in unicodedata.normalize("NFD", marked.strip()):
        if c in _TONES:
            tone = _TONES[c]
        else:
            body += c
    spelled = unicodedata.normalize("NFC", body).replace("ü", "v") + tone
    try:
        parse_pinyin(spelled)
    except NotationError:
        return ""
    return spelled


def _jyutping() -> dict[tuple[str, str], str]:
    """`word TAB Jyutping`; a character of two syllables has `+` between them."""
    from ToJyutping.Trie import root

    blocks = {}
    for first, node in root.items():
        lines = []
        stack = [(first, node)]
        while stack:
            word, here = stack.pop()
            if here.v:
                parts = [here.v[0]] if len(word) == 1 else list(here.v[0])[: len(word)]
                lines.append(f"{word}\t{' '.join(str(p).replace(' ', '+') for p in parts)}")
            stack += [(word + c, child) for c, child in here.items()]
        blocks["jyutping", first] = "\n".join(lines)
    return blocks


def _simple() -> str:
    """`traditional TAB simplified`, words and characters, where both have one length."""
    folder = _folder("opencc") / "dictionary"
    lines = []
    for name in ("TSCharacters.txt", "TSPhrases.txt"):
        for line in (folder / name).read_text("utf-8").splitlines():
            traditional, _, simplified = line.strip().partition("\t")
            simplified = simplified.split(" ")[0]
            if len(traditional) == len(simplified):
                lines.append(f"{traditional}\t{simplified}")
    return "\n".join(lines)
