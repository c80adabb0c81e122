"""`python -m diamoe.evaluation.frontend`: the front-end beside the linguists.

`--tables DIR` compares every character that a dialect's table lists with one reading (and that
has one in Mandarin) with what the rules make of it, and the stressed syllables of everyday
sentences (`--text`) with the table; `--with-table` also with the table imported as a user's
lexicon. `--prompts DIR` sets our phones of the recorded prompts beside the linguists'.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from diamoe.errors import DiamoeError, NotationError
from diamoe.evaluation.reference import FOLDERS, Reference, SyllablePhones, read_reference
from diamoe.evaluation.spoken_prompts import compare_prompts
from diamoe.text.backends.registry import load_backend
from diamoe.text.backends.sinitic import SiniticBackend
from diamoe.text.dialect import available_dialects, load_dialect
from diamoe.text.history import ancestries
from diamoe.text.lexicon import NO_LEXICON, Lexicon
from diamoe.text.normalize import normalize, simplify
from diamoe.text.spoken import Reading
from diamoe.text.syllable import Syllable, parse_pinyin
from diamoe.text.user_lexicon import load_lexicon
from diamoe.text.words import read_words

FREQUENT = 1500
"""How many of the most frequent characters make the second line of the report."""


@dataclass
class Score:
    """How many of `count` syllables (or their weights) have the linguists' segments and tone."""

    count: float = 0
    segments: float = 0
    tones: float = 0
    both: float = 0

    def add(self, ours: SyllablePhones, theirs: SyllablePhones, weight: float = 1) -> bool:
        """Count one syllable; returns whether it is right."""
        segments, tone = ours.segments == theirs.segments, ours.tone == theirs.tone
        self.count += weight
        self.segments += weight * segments
        self.tones += weight * tone
        self.both += weight * (segments and tone)
        return segments and tone

    def share(self, part: str) -> float:
        """The share of `segments`, `tones` or `both`."""
        return getattr(self, part) / self.count if self.count else float("nan")


@dataclass
class Report:
    """One dialect: scores by name, and the confusions with their characters, most weight first."""

    dialect: str
    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    confusions: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def confuse(self, character: str, ours: str, theirs: str, weight: float) -> None:
        """Note one wrong syllable, by the parts that differ."""
        for part in _differences(ours, theirs):
            self.confusions[part][f"{character} {ours}"] += weight  # type: ignore[assignment]

    def markdown(self, errors: int) -> str:
        """The scores as a table's rows, and the `errors` heaviest confusions."""
        lines = [
            f"| {self.dialect} | {name} | {score.count:.0f} | {score.share('segments'):.1%} "
            f"| {score.share('tones'):.1%} | {score.share('both'):.1%} |"
            for name, score in self.scores.items()
            if score.count
        ]
        heavy = sorted(self.confusions.items(), key=lambda item: -sum(item[1].values()))
        for part, found in heavy[:errors]:
            examples = " ".join(name for name, _ in found.most_common(12))
            lines.append(f"  {part} ({len(found)}): {examples}")
        return "\n".join(lines)


HEADER = "| dialect | on | syllables | segments | tones | both |\n|---|---|---|---|---|---|"


def _differences(ours: str, theirs: str) -> list[str]:
    try:
        a, b = parse_pinyin(ours), parse_pinyin(_spelled(theirs))
    except NotationError:
        return [f"{ours} for {theirs}"]
    parts = (("initial", a.initial, b.initial), ("final", a.final, b.final))
    found = [f"{name} {x or '∅'} for {y or '∅'}" for name, x, y in parts if x != y]
    tones = [0 if s.neutral else s.tone for s in (a, b)]
    return found + ([f"tone {tones[0]} for {tones[1]}"] if tones[0] != tones[1] else [])


def _spelled(pinyin: str) -> str:
    """A table's spelling in our own: `wf` is v-."""
    return "v" + pinyin[2:] if pinyin.startswith("wf") else pinyin


@lru_cache(maxsize=1)
def character_frequencies() -> Mapping[str, int]:
    """How often each character occurs in the words of jieba's frequency list."""
    total: Counter[str] = Counter()
    spec = find_spec("jieba")
    assert spec is not None and spec.origin is not None  # a dependency of the package
    for line in (Path(spec.origin).parent / "dict.txt").read_text("utf-8").splitlines():
        word, frequency, _ = line.split(" ")
        for character in word:
            total[character] += int(frequency)
    return total


def compare_characters(backend: SiniticBackend, reference: Reference) -> Report:
    """The rules against every character with one reading in the table and one in Mandarin."""
    from pypinyin import Style, pinyin

    report = Report(backend.dialect.code)
    frequencies = character_frequencies()
    frequent = {c for c, _ in Counter(frequencies).most_common(FREQUENT)}
    everywhere, common, weighted = (
        report.scores[name]
        for name in ("all characters", f"the {FREQUENT} most frequent", "weighted by frequency")
    )
    for character, theirs in reference.single().items():
        mandarin = pinyin(character, Style.TONE3, True, neutral_tone_with_five=True)[0]
        want = reference.phones.get(theirs)
        if len(mandarin) != 1 or character in mandarin[0] or want is None or not want.tone:
            continue
        past = ancestries(character)[0]
        ours = backend.correspondence(parse_pinyin(mandarin[0]), past, simplify(character))
        got = SyllablePhones.of(backend.segments.phones(ours))
        weight = frequencies.get(character, 0)
        right = everywhere.add(got, want)
        weighted.add(got, want, weight / 1000)
        if character in frequent:
            common.add(got, want)
        if not right:
            report.confuse(character, str(ours), theirs, max(weight, 1))
    return report


def compare_sentences(
    report: Report,
    backend: SiniticBackend,
    reference: Reference,
    sentences: Iterable[str],
    lexicon: Lexicon = NO_LEXICON,
) -> None:
    """The citation form of every stressed syllable of the sentences against the table.

    A word that the table lists counts with the word's readings. Characters that the table does
    not list, or not with one reading, are not counted; neither are neutral syllables.
    """
    name = "sentences, table imported" if len(lexicon) else "sentences"
    for sentence in sentences:
        said = _mandarin(backend, sentence)
        listed = reference.in_words("".join(character for character, _ in said))
        for place, ours in _spoken_characters(backend, sentence, lexicon, said):
            character, mandarin = said[place]
            theirs = listed.get(place) or reference.reading(character, str(mandarin))
            want = reference.phones.get(theirs or "")
            if theirs is None or want is None or not want.tone or mandarin.neutral:
                continue
            phones = ours.phones or lexicon.phones.get(ours.romanised)
            phones = phones or backend.segments.phones(parse_pinyin(ours.romanised))
            if not report.scores[name].add(SyllablePhones.of(phones), want) and not len(lexicon):
                report.confuse(character, ours.romanised, theirs, 1000)


def _mandarin(backend: SiniticBackend, sentence: str) -> list[tuple[str, Syllable]]:
    """Each character of a sentence with its Mandarin reading."""
    words = read_words(simplify(normalize(sentence, backend.dialect.code)))
    return [pair for word in words for pair in zip(word.text, word.readings, strict=False)]


def _spoken_characters(
    backend: SiniticBackend, sentence: str, lexicon: Lexicon, said: list[tuple[str, Syllable]]
) -> Iterator[tuple[int, Reading]]:
    """The places in `said` of characters that are one syllable, with ours in citation form."""
    readings = [r for d in backend.read(sentence, lexicon) for r in d.readings]
    place = 0
    for reading in readings:
        size = len(reading.characters)
        if size == 1 and place < len(said) and said[place][0] == reading.characters:
            yield place, reading
        place += size


def compare_tables(arguments: argparse.Namespace) -> list[Report]:
    """A report for every dialect asked for that has tables and rules."""
    sentences = [
        line
        for line in (arguments.text.read_text("utf-8").splitlines() if arguments.text else ())
        if line and not line.startswith("#")
    ]
    reports = []
    for code in arguments.dialect or available_dialects():
        folder = arguments.tables / FOLDERS.get(code, code)
        if load_dialect(code).backend != "sinitic" or not (folder / "hanzi.xlsx").is_file():
            if arguments.dialect:
                print(f"{code}: no rules or no {folder / 'hanzi.xlsx'}: left out")
            continue
        backend, reference = load_backend(code), read_reference(folder)
        assert isinstance(backend, SiniticBackend)
        report = compare_characters(backend, reference)
        compare_sentences(report, backend, reference, sentences)
        if arguments.with_table:
            lexicon = load_lexicon(folder, code).lexicon
            compare_sentences(report, backend, reference, sentences, lexicon)
        reports.append(report)
    return reports


def _print(arguments: argparse.Namespace) -> None:
    result: dict[str, object] = {}
    if arguments.tables:
        reports = compare_tables(arguments)
        print(HEADER)
        for report in reports:
            print(report.markdown(arguments.errors))
        scores = {r.dialect: {k: asdict(score) for k, score in r.scores.items()} for r in reports}
        result["tables"] = scores
    if arguments.prompts:
        rates = compare_prompts(arguments.prompts)
        print("| prompt | phone error rate |\n|---|---|")
        for code, rate in rates.items():
            print(f"| {code} | {'no front-end' if rate is None else f'{rate:.1%}'} |")
        result["prompts"] = rates
    if arguments.json:
        arguments.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")


def main() -> int:
    """Parse the command line and compare."""
    parser = argparse.ArgumentParser(prog="diamoe.evaluation.frontend", description=__doc__)
    parser.add_argument("--tables", type=Path, help="folder of the linguists' tables")
    parser.add_argument("--prompts", type=Path, help="folder of recorded prompts")
    parser.add_argument("--dialect", nargs="*", help="only these dialects")
    parser.add_argument("--text", type=Path, help="everyday sentences, one a line")
    parser.add_argument("--with-table", action="store_true", help="also with the table imported")
    parser.add_argument("--errors", type=int, default=0, help="confusions to print for a dialect")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    if not (arguments.tables or arguments.prompts):
        parser.error("give --tables or --prompts or both")
    try:
        _print(arguments)
    except DiamoeError as error:
        print(f"frontend: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
