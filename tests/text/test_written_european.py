"""What is written in digits and signs, in words of European languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.text.written.european import expand_european
from diamoe.text.written.languages import LANGUAGES

FORMS = {
    "english": [
        ("Dr. Smith paid $5.50.", "Doctor Smith paid five dollars fifty."),
        ("at 3:30 pm.", "at three thirty P M."),
        ("In 1998, 60% left.", "In nineteen ninety-eight, sixty percent left."),
        ("May 5, 2024", "May fifth twenty twenty-four"),
        ("on 5 May 2024", "on the fifth of May twenty twenty-four"),
        ("2024-05-01", "May first twenty twenty-four"),
        ("5/1/2024", "May first twenty twenty-four"),
        ("1st 2nd 23rd", "first second twenty-third"),
        ("8:00", "eight o'clock"),
        ("15:05", "fifteen oh five"),
        ("-5°C", "minus five degrees Celsius"),
        ("120 km/h", "one hundred and twenty kilometers per hour"),
        ("1/2 cup", "one half cup"),
        ("555-123-4567", "five five five, one two three, four five six seven"),
        ("3-5 days", "three to five days"),
        ("2008-2010", "two thousand and eight to twenty ten"),
        ("v2.1.3", "v two point one point three"),
        ("G102", "G one zero two"),
        ("info@example.com", "info at example dot com"),
        ("$3 million", "three million dollars"),
        ("$1 and $0.50", "one dollar and fifty cents"),
        ("R&D", "R and D"),
        ("#3", "number three"),
        ("1990s", "nineteen nineties"),
        ("3+5=8", "three plus five equals eight"),
        ("1,234,567 is", "one million two hundred and thirty-four thousand five hundred and "
         "sixty-seven is"),
        ("Main St. near St. Mary etc.", "Main Street near Saint Mary et cetera."),
        ("Hello world.", "Hello world."),
    ],
    "german": [
        ("3,50 €", "drei Euro fünfzig"),
        ("1.234,5 km", "eintausend zweihundertvierunddreißig Komma fünf Kilometer"),
        ("15:30 Uhr", "fünfzehn Uhr dreißig"),
        ("15.30 Uhr", "fünfzehn Uhr dreißig"),
        ("am 1. Mai 2024", "am ersten Mai zweitausend vierundzwanzig"),
        ("01.05.1998", "erster Mai neunzehnhundertachtundneunzig"),
        ("z.B. 3,5 kg", "zum Beispiel drei Komma fünf Kilogramm"),
        ("1 Stunde, 1 €", "eine Stunde, ein Euro"),
        ("-5 °C", "minus fünf Grad Celsius"),
        ("Nr. 5", "Nummer fünf"),
        ("3-5 Tage", "drei bis fünf Tage"),
        ("5 Mio. €", "fünf Millionen Euro"),
        ("3:2", "drei zu zwei"),
    ],
    "french": [
        ("3,50 €", "trois euros cinquante"),
        ("15h30", "quinze heures trente"),
        ("1h", "une heure"),
        ("le 1er mai 2024", "le premier mai deux mille vingt-quatre"),
        ("1 234 km", "mille deux cent trente-quatre kilomètres"),
        ("60 %", "soixante pour cent"),
        ("M. Dupont et Mme Martin", "monsieur Dupont et madame Martin"),
        ("2e étage", "deuxième étage"),
        ("01 23 45 67 89", "zéro un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf"),
        ("3 millions €", "trois millions d'euros"),
        ("3,14", "trois virgule quatorze"),
    ],
    "dutch": [
        ("€ 3,50", "drie euro vijftig"),
        ("15:30 uur", "vijftien uur dertig"),
        ("01-05-2024", "één mei tweeduizend vierentwintig"),
        ("bijv. 60%", "bijvoorbeeld zestig procent"),
        ("3,5 km", "drie komma vijf kilometer"),
        ("1e 2de", "eerste tweede"),
        ("o.a. dr. Jansen", "onder andere dokter Jansen"),
    ],
    "bildts": [("60% fan 3,5 km", "60 procent fan 3 komma 5 kilometer")],
    "espeak:es": [("60% 3,5", "60% 3,5")],
}  # fmt: skip


@pytest.mark.parametrize("dialect,text,said", [(d, *case) for d in FORMS for case in FORMS[d]])
def test_forms(dialect: str, text: str, said: str) -> None:
    assert expand_european(text, dialect) == said


@settings(max_examples=400, deadline=None)
@given(
    text=st.text(alphabet="0123456789012345.,:/-+%$€£×=&@#° ½²aemMgkhSt\n–'()é", max_size=24),
    dialect=st.sampled_from(sorted(LANGUAGES)),
)
def test_no_digit_is_left(text: str, dialect: str) -> None:
    said = expand_european(text, dialect)
    assert dialect == "bildts" or not any(c.isascii() and c.isdigit() for c in said)
