"""Dialect files of the user's own: found, checked, named in errors; the guide's example runs."""

import re
from pathlib import Path

import pytest

from diamoe.errors import DialectFileError, UnknownDialect, UnplacedDialect
from diamoe.text import dialect as dialects
from diamoe.text.backends.registry import load_backend
from diamoe.text.dialect import (
    DIRECTORIES_VARIABLE,
    add_dialect_directory,
    available_dialects,
    load_dialect,
)
from diamoe.text.frontend import Frontend
from diamoe.text.syllable_table import as_markdown, as_tsv, syllable_table
from diamoe.text.vocabulary import PhoneVocabulary

GUIDE = Path(__file__).parents[2] / "docs" / "new-dialect.md"
HEADER = "name: X\nname_zh: 某\nbackend: sinitic\nparent: putonghua\n"
TONES = 'tones:\n  1: {contour: "55", marks: ᴴᴴ}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's own dialects."""
    monkeypatch.setenv(DIRECTORIES_VARIABLE, str(tmp_path))
    monkeypatch.setattr(dialects, "_added", [])
    for cache in (dialects._files, dialects._load, load_backend):
        cache.cache_clear()
    return tmp_path


def write(folder: Path, code: str, text: str) -> None:
    """One dialect file."""
    (folder / f"{code}.yaml").write_text(text, encoding="utf-8")


def guide_example() -> str:
    """The YAML file at the end of the guide."""
    found = re.search(r"```yaml\n(# lizhen\.yaml.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def guide_sentences() -> list[tuple[str, str]]:
    """The texts and syllables that the guide promises."""
    rows = re.findall(r"^\| (\S+[。？]) \| (.+?) \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) >= 3
    return rows


def test_the_guides_example(folder: Path) -> None:
    write(folder, "lizhen", guide_example())
    frontend = Frontend("lizhen")
    for text, expected in guide_sentences():
        words = frontend.words(text)
        assert " ".join(s.romanised for w in words for s in w.syllables) == expected
        PhoneVocabulary.default().encode(frontend(text))
    assert frontend.dialect.id == load_dialect("putonghua").id
    assert available_dialects()[-1] == "lizhen"


def test_every_piece_of_the_guide_is_in_its_example() -> None:
    whole = re.sub(r"\s+", " ", guide_example())
    pieces = re.findall(
        r"\n\n((?:    (?:tones|segments|sandhi):.*\n(?:    .*\n)*))", GUIDE.read_text("utf-8")
    )
    assert len(pieces) == 3
    for piece in pieces:
        assert re.sub(r"\s+", " ", piece).strip() in whole


def test_its_table(folder: Path) -> None:
    write(folder, "lizhen", guide_example())
    table = syllable_table("lizhen", "城岑京金街")
    assert [r.syllable for r in table.rows] == ["cen", "gai", "jin"]
    assert table.rows[0].characters == {"2": "城岑"}
    assert "| cen | t͜sʰ ə n |  | 城岑 |" in as_markdown(table)
    assert as_tsv(table).splitlines()[2] == "gai\tk a ɪ̯\t街\t"


def test_the_table_of_a_dialect_of_the_package() -> None:
    table = syllable_table("chengdu")
    assert len(table.rows) > 300 and not table.faults
    with pytest.raises(DialectFileError, match="english"):
        syllable_table("english")


@pytest.mark.parametrize(
    "text,message",
    [
        (HEADER + "segments:\n  finals:\n    a: ɑ\n    an: aa ˜\n",
         r"bad.yaml, line 8: segments.finals.an: 'aa' is no phone"),
        (HEADER + "segments:\n  initials: {\n    b: p,\n    qq: p}\n",
         r"bad.yaml, line 8: segments.initials.qq: unknown initial"),
        (HEADER + "segments:\n  final: {}\n", r"bad.yaml, line 6: segments.final: unknown key"),
        (HEADER + "sandhi:\n  - {tone: 1, befor: 1, becomes: 1}\n",
         r"bad.yaml, line 6: sandhi\[0\].befor: unknown key; allowed: tone"),
        (HEADER + TONES + "sandhi:\n  - {tone: 1, before: 1,\n     becomes: 9}\n",
         r"bad.yaml, line 9: sandhi\[0\].becomes: expected one or two tones"),
        (HEADER + "correspondences:\n  - when: {finale: a}\n    to: {tone: 1}\n",
         r"bad.yaml, line 6: correspondences\[0\].when.finale: unknown key"),
        (HEADER + "readings:\n  我: ngo3\n  你们: ni3\n",
         r"bad.yaml, line 7: readings.你们: expected 2 syllables"),
        (HEADER + "tone: {}\n", r"bad.yaml, line 5: tone: unknown key"),
        (HEADER + 'tones:\n  1: {contour: "96", marks: ᴴᴴ}\n',
         r"bad.yaml, line 6: tones.1.contour: expected pitch levels"),
        (HEADER + 'tones:\n  1: {contour: "55", marks: HH}\n',
         r"bad.yaml, line 6: tones.1.marks: expected one or two"),
        (HEADER + 'tones:\n  a: {contour: "55", marks: ᴴᴴ}\n',
         r"line 6: tones.a: expected the number"),
        (HEADER + "phone_ms: 5\n", r"bad.yaml, line 5: phone_ms: expected milliseconds, 10 to 500"),
        (HEADER + "neutral: {defaut: 2}\n", r"bad.yaml, line 5: neutral.defaut: unknown key"),
        (HEADER + "letters: {A: 1}\n", r"bad.yaml, line 5: letters.A: expected a string"),
        ("name: X\nbackend: sinitic\n", r"bad.yaml: name_zh: expected a string, found None"),
        (HEADER + "letters: {A: a1}\nletters: {B: b1}\n", r"line 6: 'letters' stands here and"),
        (HEADER + "\tletters: {}\n", r"bad.yaml, line 5"),
        ("- a\n- b\n", r"bad.yaml: expected keys and values"),
        ("", r"bad.yaml: expected keys and values"),
        (HEADER.replace("putonghua", "nowhere"), r"bad.yaml, line 4: parent: unknown dialect"),
        (HEADER.replace("putonghua", "bad"), r"bad.yaml, line 4: parent: bad → bad"),
        (HEADER.replace("sinitic", "magic"), r"bad.yaml: backend: 'magic'; allowed: sinitic"),
        ("name: X\nname_zh: x\nbackend: espeak\nvoice: es\nrules: [{match: '(', to: a}]\n",
         r"bad.yaml, line 5: rules\[0\].match: not a regular expression"),
    ],
)  # fmt: skip
def test_errors_name_file_line_and_key(folder: Path, text: str, message: str) -> None:
    write(folder, "bad", text)
    with pytest.raises(DialectFileError, match=message):
        Frontend("bad")


def test_no_and_on_are_syllables(folder: Path) -> None:
    write(folder, "words", HEADER + TONES + "segments:\n  finals: {on: ɔ n, no: o}\n")
    finals = load_dialect("words").rules["segments"]["finals"]
    assert dict(finals) == {"on": "ɔ n", "no": "o"}


def test_a_dialect_of_the_package_cannot_be_shadowed(folder: Path) -> None:
    write(folder, "chengdu", HEADER)
    with pytest.raises(DialectFileError, match="chengdu is a dialect of the package"):
        load_dialect("chengdu")


@pytest.mark.parametrize("name", ["Leshan", "乐山", "a b"])
def test_file_names_are_codes(folder: Path, name: str) -> None:
    write(folder, name, HEADER)
    with pytest.raises(DialectFileError, match="file name is its code"):
        available_dialects()


def test_directories_can_be_added(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    write(other, "leshan", HEADER.replace("putonghua", "chengdu"))
    with pytest.raises(UnknownDialect, match="leshan"):
        load_dialect("leshan")
    assert add_dialect_directory(other) == ("leshan",)
    assert load_dialect("leshan").id == load_dialect("chengdu").id
    with pytest.raises(DialectFileError, match="no such folder"):
        add_dialect_directory(other / "none")


def test_one_code_in_two_folders(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    write(folder, "leshan", HEADER)
    write(other, "leshan", HEADER)
    with pytest.raises(DialectFileError, match="already"):
        add_dialect_directory(other)
    assert load_dialect("leshan").parent == "putonghua"


def test_parents_that_go_round(folder: Path) -> None:
    write(folder, "one", HEADER.replace("putonghua", "two"))
    write(folder, "two", HEADER.replace("putonghua", "one"))
    with pytest.raises(DialectFileError, match="one → two → one"):
        load_dialect("one")


def test_a_dialect_without_ancestors_has_no_place_in_a_model(folder: Path) -> None:
    write(folder, "alone", HEADER.replace("parent: putonghua\n", ""))
    with pytest.raises(UnplacedDialect, match="alone.*parent"):
        _ = load_dialect("alone").id


def test_an_accent_of_english(folder: Path) -> None:
    text = GUIDE.read_text("utf-8")
    found = re.search(r"((?:    .*\n)*    voice: en-gb-scotland\n)", text)
    assert found is not None
    write(folder, "scots", re.sub("^    ", "", found[1], flags=re.MULTILINE))
    assert str(Frontend("scots")("bird")) != str(Frontend("english")("bird"))
