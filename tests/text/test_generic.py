"""Bildts, and every other language that espeak-ng or epitran offers."""

import csv
import unicodedata
from collections.abc import Iterator
from importlib import resources

import pytest

from diamoe.errors import (
    DiamoeError,
    MissingBackend,
    UnknownDialect,
    UnknownPhone,
    UnplacedDialect,
    UnreadableText,
)
from diamoe.text.backends.registry import load_backend
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import Frontend
from diamoe.text.generic import EXTERNAL, epitran_mappings, generic_codes
from diamoe.text.lexicon import NO_LEXICON
from diamoe.text.nearest import NoPhone, nearest_phones
from diamoe.text.phones import PhoneSeq
from diamoe.text.spoken import join_words
from diamoe.text.vocabulary import PhoneVocabulary

# Sentences of our own in the spelling of the Bildts dictionary, read by hand.
BILDTS = {
    "Goeie morgen!": "ɡ ˈu ɪ̯ | ə | m ˈɔ r | ɣ ə n | ！",
    "Ik hew gyn tiid fandaag.": "ɪ k | h ɛ f | ɡ ˈi n | t ˈi ː t | f ɑ n | d ˈa ː x | 。",
    "Wij wone in 'n groat hús.": "ʋ ɛ ɪ̯ | ʋ ˈo ː | n ə | ɪ n | ə n | ɡ r ˈo ə̯ t | h ˈy s | 。",
    "De mînsen prate Bildts.": "d ə | m ˈɪ ː n | s n̩ | p r ˈa ː | t ə | b ˈɪ l t s | 。",
    "Dut is 'n mooi boeky.": "d ʏ t | ɪ s | ə n | m ˈo ː ɪ̯ | b ˈu | k i | 。",
    "Hij begint gelukkig.": "h ɛ ɪ̯ | b ə | ɡ ˈɪ n t | ɡ ə | l ˈʏ | k ə x | 。",
    "Wij hewwe koeien op 't ouwe lând.": "ʋ ɛ ɪ̯ | h ɛ | v ə | k ˈu ɪ̯ | ə n | ɔ p | ə t | ˈɔ ʊ̯ | ə "
    "| l ˈɔ ː n t | 。",
    "Sij singe nije liedsys.": "s ɛ ɪ̯ | s ˈɪ ŋ | ə | n ˈɛ ɪ̯ | ə | l ˈi ə̯ t | s i s | 。",
    "Foor 23 skapen.": "f o ː r | d r ˈi ə̯ | ɛ n | t ʋ ˈɪ n | t ə x | s k ˈa ː | p ə n | 。",
    "De school van Leeuwarden": "d ə | s x ˈo ː l | v ˈɑ n | l ˈe ː ʊ̯ | ɑ r | d n̩",
}


@pytest.mark.parametrize("text", BILDTS)
def test_bildts(text: str) -> None:
    assert Frontend("bildts")(text) == PhoneSeq.parse(BILDTS[text], "bildts")


@pytest.mark.parametrize(
    "number,said",
    [
        ("0", "nul"),
        ("16", "sestien"),
        ("99", "negen en negentig"),
        ("100", "honderd"),
        ("1005", "dúzend fyf"),
        ("2300000", "twee miljoen drie honderd dúzend"),
    ],
)
def test_bildts_numbers(number: str, said: str) -> None:
    drafts = load_backend("bildts").read(number, NO_LEXICON)
    spelled = list(dict.fromkeys(r.romanised for d in drafts for r in d.readings))
    assert spelled == list(dict.fromkeys(said.split()))


def test_bildts_reads_any_latin_word() -> None:
    backend = load_backend("bildts")
    for first in "abcdefghijklmnopqrstuvwxyz":
        for second in "abcdefghijklmnopqrstuvwxyz":
            for word in (first + second + "a", "a" + first + second, first + second):
                assert backend.read(f"de {word}", NO_LEXICON)[1].readings


def test_bildts_has_a_place_in_the_model() -> None:
    assert load_dialect("bildts").id == 18


@pytest.mark.parametrize(
    "code,text,expected",
    [
        ("espeak:es", "¡Hola, mundo!", "ˈo | l a | ， | m ˈu n | d o | ！"),
        ("espeak:it", "fatto", "f ˈa | t ː o"),
        ("espeak:cmn", "妈麻马骂", "m ˈɑᴴᴴ | m ˈɑᴹᴴ | m ˈɑᴹᴸ | m ˈɑᴴᴸ"),
        ("espeak:yue", "食飯", "s ˈiᴸᴸ k | f ˈaᴸᴸ n"),
        ("espeak:hi", "घर", "ɡ ɦ ˈʌ ɾ"),
        ("espeak:pl", "dzień", "d͜ʑ ˈɛ ɲ"),
        ("epitran:tur-Latn", "merhaba", "m e ɾ | h a | b a"),
        ("epitran:spa-Latn", "gracias", "ɡ ɾ a | s i | a s"),
        ("epitran:vie-Latn", "mả", "m ˈaᴹᴸ"),
    ],
)
def test_other_languages(code: str, text: str, expected: str) -> None:
    assert Frontend(code)(text) == PhoneSeq.parse(expected, code)


def _samples(code: str) -> Iterator[str]:
    """Words of the letters that the language's script or mapping has."""
    library, _, name = code.partition(":")
    if library == "epitran":
        table = resources.files("epitran").joinpath(f"data/map/{name}.csv")
        letters = [r[0].strip() for r in csv.reader(table.open(encoding="utf-8"))][1:]
    else:
        scripts = load_dialect(code).rules["scripts"]
        letters = list("abdefgiklmnoprstu") if scripts == ["LATIN"] else _letters(scripts[1])
    for i in range(0, min(len(letters), 60), 3):
        yield "".join(letters[i : i + 3])
        yield " ".join(letters[i : i + 3])


def _letters(script: str) -> list[str]:
    blocks = [*range(0x370, 0x2000), *range(0x3040, 0x3100), *range(0x4E00, 0x4E40)]
    blocks += [*range(0xAC00, 0xD7A3, 311), *range(0x10450, 0x10480)]
    names = ((chr(c), unicodedata.name(chr(c), "")) for c in blocks)
    return [c for c, name in names if name.startswith(script) and unicodedata.category(c)[0] == "L"]


def test_every_generic_language_speaks_or_names_what_it_cannot() -> None:
    vocabulary = PhoneVocabulary.default()
    mute = []
    for code in generic_codes():
        backend = load_backend(code)
        spoken = 0
        for text in _samples(code):
            try:
                drafts = backend.read(text, NO_LEXICON)
            except DiamoeError:
                continue
            vocabulary.encode(join_words(backend.spoken(drafts, NO_LEXICON), code))
            spoken += 1
        if not spoken:
            mute.append(code)
    assert len(generic_codes()) > 290
    assert not mute


@pytest.mark.parametrize("name", sorted(EXTERNAL))
def test_mappings_that_need_a_program_say_so(name: str) -> None:
    assert name in epitran_mappings()
    with pytest.raises(MissingBackend, match=name):
        load_dialect(f"epitran:{name}")


@pytest.mark.parametrize("code", ["espeak:klingonish", "epitran:xxx-Latn", "festival:es", "es:"])
def test_unknown_generic_codes_list_the_known(code: str) -> None:
    with pytest.raises(UnknownDialect, match=code):
        load_dialect(code)


def test_a_letter_that_a_mapping_lacks_is_named() -> None:
    with pytest.raises(UnreadableText) as caught:
        load_backend("epitran:ron-Latn").read("bun ж", NO_LEXICON)
    assert (caught.value.character, caught.value.position) == ("ж", 4)


def test_a_symbol_without_phone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from diamoe.text.backends import epitran

    monkeypatch.setattr(epitran, "transcribe", lambda *_: ("ba☃", ""))
    with pytest.raises(UnknownPhone, match="☃.*ron-Latn.*'bun'"):
        load_backend("epitran:ron-Latn").read("bun", NO_LEXICON)


def test_places_in_the_model() -> None:
    assert load_dialect("espeak:en-gb").id == load_dialect("english").id
    assert load_dialect("epitran:deu-Latn").id == load_dialect("german").id
    with pytest.raises(UnplacedDialect, match="espeak:es"):
        _ = load_dialect("espeak:es").id


@pytest.mark.parametrize("code", ["espeak:cmn", "espeak:vi", "espeak:yue", "espeak:th"])
def test_tonal_voices_have_contours_for_what_they_write(code: str) -> None:
    dialect = load_dialect(code)
    assert len({t.marks for t in dialect.tones}) == len(dialect.tones) >= 4


def test_symbols_outside_the_alphabet_are_refused() -> None:
    with pytest.raises(NoPhone):
        nearest_phones("a☃")
