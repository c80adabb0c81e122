"""English, German, Dutch and French as espeak-ng reads them, mapped into our phones."""

import pytest

from diamoe.errors import UnreadableText
from diamoe.text.backends.registry import load_backend
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import Frontend
from diamoe.text.lexicon import NO_LEXICON, Entry, Lexicon
from diamoe.text.phones import PUNCTUATION, PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.text.written.european import expand_european

EUROPEAN = ("english", "german", "dutch", "french")

# Sentences and their phones, checked by hand against pronouncing dictionaries.
SENTENCES = {
    "english": {
        "Hello, world!": "h ə | l ˈo ʊ̯ | ， | w ˈɝ l d | ！",
        "Mr. Smith saw a dog.": "m ˈɪ | s t ɚ | s m ˈɪ θ | s ˈɔ ː | ə | d ˈɑ ː ɡ | 。",
        "The church is in the house.": "ð ə | t͡ʃ ˈɝ t͡ʃ | ɪ z | ɪ n | ð ə | h ˈa ʊ̯ s | 。",
        "A rural button.": "ə | ɹ ˈʊ | ɹ ə l | b ˈʌ | ʔ n̩ | 。",
        "Extra butter": "ˈɛ k | s t ɹ ə | b ˈʌ | ɾ ɚ",
        "Singing about fire": "s ˈɪ ŋ | ɪ ŋ | ə | b ˌa ʊ̯ t | f ˈa ɪ̯ | ɚ",
        "Judge my measure?": "d͡ʒ ˈʌ d͡ʒ | m a ɪ̯ | m ˈɛ | ʒ ɚ | ？",
        "I like the idea.": "a ɪ̯ | l ˈa ɪ̯ k | ð ɪ | a ɪ̯ | d ˈi | ə | 。",
        "More beer, player.": "m ˈɔ ː ɹ | b ˈɪ ɹ | ， | p l ˈe ɪ̯ | ɚ | 。",
        "think this thing": "θ ˈɪ ŋ k | ð ɪ s | θ ˈɪ ŋ",
    },
    "german": {
        "Guten Tag.": "ɡ ˈu ː | t ə n | t ˈa ː k | 。",
        "Ich möchte zwei Brötchen.": "ʔ ɪ ç | m ˈœ ç | t ə | t͜s v ˈa ɪ̯ | b ʁ ˈø ː t | ç ə n | 。",
        "Der Pfeffer und die Katze": "d ɛ ɐ̯ | p͡f ˈɛ | f ɐ | ʔ ʊ n t | d i ː | k ˈa | t͜s ə",
        "neun Häuser": "n ˈɔ ʏ̯ n | h ˈɔ ʏ̯ | z ɐ",
        "vier Bier": "f ˈi ː ɐ̯ | b ˈi ː ɐ̯",
        "drei Straßen": "d ʁ ˈa ɪ̯ | ʃ t ʁ ˈa ː | s ə n",
        "Das Buch, acht Bücher.": "d a s | b ˈu ː x | ， | ʔ ˈa x t | b ˈy ː | ç ɐ | 。",
        "Ich beobachte.": "ʔ ɪ ç | b ə | ʔ ˈo ː | b a x | t ə | 。",
        "über alles": "ʔ ˌy ː | b ɐ | ʔ ˈa | l ə s",
        "Der Garten war warm.": "d ɛ ɐ̯ | ɡ ˈa ɐ̯ | t ə n | v a ː ɐ̯ | v ˈa ɐ̯ m | 。",
    },
    "dutch": {
        "Goedendag!": "ɣ ˈu | d ə n | d ˌɑ x | ！",
        "Ik ga naar huis.": "ɪ k | ɣ ˈa ː | n a ː r | h ˈœ ʏ̯ s | 。",
        "Het meisje": "h ə t | m ˈɛ ɪ̯ | ʃ ə",
        "een nieuw huisje": "ə n | n ˈi w | h ˈœ ʏ̯ | ʃ ə",
        "de vrouw en de wijn": "d ə | v r ˈʌ ʊ̯ | ɛ n | d ə | ʋ ˈɛ ɪ̯ n",
        "Mooi weer vandaag": "m ˈo ː j | ʋ ˈɪ ː r | v ɑ n | d ˈa ː x",
        "een school en een schip": "ə n | s x ˈo ː l | ɛ n | ə n | s x ˈɪ p",
        "oranje uien": "ˈo ː | r ɑ | ɲ ə | ˈœ ʏ̯ | ə n",
        "lucht en leeuw": "l ˈʏ x t | ɛ n | l ˈe ː ʊ̯",
        "bang, zingen": "b ˈɑ ŋ | ， | z ˈɪ ŋ | ə n",
    },
    "french": {
        "Un bon vin blanc.": "œ ˜ | b ˈɔ ˜ | v ˈɛ ˜ | b l ˈɑ ˜ | 。",
        "les enfants": "l e | z ɑ ˜ | f ˈɑ ˜",
        "les héros": "l e | e | ʁ ˈo",
        "petit ami": "p ə | t ˈi | t a | m ˈi",
        "quatre amis": "k ˈa | t ʁ a | m ˈi",
        "neuf ans": "n ˈœ | v ˈɑ ˜",
        "la nuit, lui": "l a | n ɥ ˈi | ， | l ɥ ˈi",
        "la pluie": "l a | p l ɥ ˈi",
        "La montagne.": "l a | m ɔ ˜ | t ˈa ɲ | 。",
        "le travail": "l ə | t ʁ a | v ˈa j",
        "l'œuvre": "l ˈœ v ʁ",
        "les roues": "l e | ʁ ˈu",
        "Ils jouent, il jouera.": "i l | ʒ ˈu | ， | i l | ʒ u | ʁ ˈa | 。",
        "un tweet, oui": "œ ˜ | t w ˈi ː t | ， | w ˈi",
    },
}  # fmt: skip


@pytest.mark.parametrize("code,text", [(c, t) for c, ts in SENTENCES.items() for t in ts])
def test_sentences(code: str, text: str) -> None:
    assert Frontend(code)(text) == PhoneSeq.parse(SENTENCES[code][text], code)


MORE = {
    "english": [
        "It costs $4.50 in 2024.",
        "Dr. Who's here?",
        "Really (yes)!",
        "e-mail me",
        "R & D",
    ],
    "german": ["„Ja“, sagte er.", "Fünf Äpfel!", "z.B. 3,5 km", "Straße", "Champignon, Teint"],
    "dutch": ["'s Avonds in Scheveningen", "Nieuw, mooi!", "een ui", "24 uur", "garage, jungle"],
    "french": ["Je m'appelle Zoë.", "Huit oiseaux ?", "« Bonjour »", "21 ans", "un week-end"],
}


@pytest.mark.parametrize("code,text", [(c, t) for c, ts in MORE.items() for t in ts])
def test_every_phone_is_known(code: str, text: str) -> None:
    PhoneVocabulary.default().encode(Frontend(code)(text))


@pytest.mark.parametrize("code,text", [(c, t) for c, ts in SENTENCES.items() for t in ts])
def test_every_word_is_kept(code: str, text: str) -> None:
    said = " ".join(w.text for w in Frontend(code).words(text) if w.syllables)
    for word in expand_european(text, code).split():
        assert word.strip("!?.,") in said or word.endswith(".")


@pytest.mark.parametrize("code", EUROPEAN)
def test_long_texts_lose_nothing(code: str) -> None:
    words = Frontend(code).words(" ".join(["restaurant"] * 700))
    assert sum(w.text.count("restaurant") for w in words) == 700


def test_repeated_letters_are_all_said() -> None:
    words = Frontend("english").words("x x x x x x x x x x x x x")
    assert sum(len(w.syllables) for w in words) == 13


def test_words_of_another_language_leave_no_flag() -> None:
    words = Frontend("french").words("le parking")
    assert [s.source for s in words[1].syllables] == ["espeak-ng (en)"] * 2
    assert words[1].syllables[0].phones == ("p", "ˈɑ", "ː")


@pytest.mark.parametrize("code", EUROPEAN)
@pytest.mark.parametrize("text", ["Привет", "abc αβγ", "東京"])
def test_other_scripts_are_named(code: str, text: str) -> None:
    backend = load_backend(code)
    with pytest.raises(UnreadableText) as caught:
        backend.read(text, NO_LEXICON)
    assert not caught.value.character.isascii()
    assert text[caught.value.position] == caught.value.character


def test_a_word_longer_than_espeak_reads_is_named() -> None:
    with pytest.raises(UnreadableText, match="at most"):
        load_backend("english").read("so " + "a" * 60, NO_LEXICON)


def test_the_users_lexicon_wins() -> None:
    lexicon = Lexicon.of([Entry("Featherstonehaugh", ("fanshaw",)), Entry("gif", ("[d͡ʒ ˈɪ f]",))])
    drafts = load_backend("english").read("Mr. Featherstonehaugh sent a gif!", lexicon)
    phones = {d.text: [p for r in d.readings for p in r.phones or ()] for d in drafts}
    assert phones["Featherstonehaugh"][:2] == ["f", "ˈæ"]
    assert phones["gif"] == ["d͡ʒ", "ˈɪ", "f"]


def test_accents_are_settings() -> None:
    assert load_dialect("english").rules["voice"] == "en-us"


def test_english_inside_chinese_is_given_with_its_phones() -> None:
    drafts = load_backend("english").read("iPhone", NO_LEXICON)
    assert all(r.phones for d in drafts for r in d.readings)
    assert not any(d.text in PUNCTUATION for d in drafts)
