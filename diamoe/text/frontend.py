"""The front door: text and a dialect to phones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from diamoe.errors import ConfigError, EmptyText, MarkupError, UnreadableText
from diamoe.text.backends import Backend
from diamoe.text.backends.registry import load_backend
from diamoe.text.dialect import Dialect, load_dialect
from diamoe.text.emoji import Skipped, find_emoji, place_in_whole, without
from diamoe.text.languages import dialect_of_tag
from diamoe.text.lexicon import NO_LEXICON, Lexicon
from diamoe.text.markup import Piece, parse_inline
from diamoe.text.normalize import is_han, punctuate
from diamoe.text.phones import PUNCTUATION, PhoneSeq
from diamoe.text.say_as import say_as
from diamoe.text.spoken import Draft, Reading, Word, join_words
from diamoe.text.words import Polyphones

MAX_CHARACTERS = 100_000
"""A longer text is refused before any work is done."""


@dataclass(frozen=True)
class Policy:
    """What happens to characters that cannot be read: an error, or left out and listed."""

    skip_emoji: bool = True
    skip_unreadable: bool = False


@dataclass(frozen=True)
class Utterance:
    """Words that are spoken in one go, at `rate` times the usual pace, then `pause` seconds."""

    words: tuple[Word, ...]
    dialect: str
    rate: float = 1.0
    pause: float = 0.0

    @property
    def phones(self) -> PhoneSeq:
        """What it sounds like."""
        return join_words(self.words, self.dialect)


@dataclass(frozen=True)
class Script:
    """A text as it is to be spoken, and the characters that were left out."""

    utterances: tuple[Utterance, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def words(self) -> list[Word]:
        """The words of all utterances."""
        return [word for utterance in self.utterances for word in utterance.words]


class Frontend:
    """Turns text of one dialect into phones; cheap to construct, its tables are shared.

    >>> str(Frontend("putonghua")("你好。"))
    'n ˈiᴹᴴ | χ ˈɑᴹᴸ ʊ̯ | 。'

    `lexicon` holds the user's own words, which win over everything the dialect knows;
    `polyphones` is another opinion on Mandarin readings (see `diamoe.text.g2pw`).

    Raises:
        UnknownDialect: the code is not one of `available_dialects()`.
        DialectFileError: the dialect's file is wrong.
        ConfigError: `polyphones` for a dialect that is not read by way of Mandarin.
    """

    def __init__(
        self,
        dialect: str,
        lexicon: Lexicon = NO_LEXICON,
        policy: Policy | None = None,
        polyphones: Polyphones | None = None,
    ):
        self.dialect: Dialect = load_dialect(dialect)
        self.lexicon = lexicon
        self.policy = policy or Policy()
        self._backend = load_backend(dialect)
        if polyphones is not None:
            self._backend = _with_polyphones(self._backend, polyphones)

    def __call__(self, text: str) -> PhoneSeq:
        """The phones of a text, with its markup.

        Raises:
            EmptyText: nothing in it can be spoken.
            UnreadableText: a character has no reading; its place in the text is named.
            MarkupError: a given pronunciation or an SSML element is wrong.
            NotationError, UnknownPhone: a given pronunciation is none of the dialect.
        """
        return join_words(self.words(text), self.dialect.code)

    def words(self, text: str) -> list[Word]:
        """The words of a text, with the characters and syllables behind the phones."""
        return self.script(text).words

    def script(self, text: str) -> Script:
        """The utterances of a text, with the pace and the pauses that its markup asks for."""
        skipped: list[Skipped] = []
        utterances: list[Utterance] = []
        drafts: list[Draft] = []
        rate = 1.0
        for piece in self._pieces(text):
            if piece.kind == "pause" or piece.rate != rate:
                utterances += self._utterance(drafts, rate, piece.seconds)
                drafts, rate = [], piece.rate
            if piece.kind != "pause":
                drafts += self._read(piece, text, skipped)
        utterances += self._utterance(drafts, rate, 0.0)
        if not any(word.syllables for u in utterances for word in u.words):
            raise EmptyText(f"nothing to speak in {text!r}: it holds no character with a sound")
        return Script(tuple(utterances), tuple(skipped))

    def romanised(self, text: str, running: bool = False) -> PhoneSeq:
        """The phones of a text in the dialect's romanisation, syllables separated by spaces.

        The tones are spoken as they are written: lists of syllables, and transcriptions of what
        was said, want that. `running` text is written in citation tones, as Tâi-lô is, and gets the
        dialect's sandhi; in pinyin and Wugniu each syllable then counts as a word.

        >>> str(Frontend("putonghua").romanised("zhong1 wen2"))
        't͡ʂ ˈʊᴴᴴ ŋ | w ˈuᴹᴴ ə̯ n'
        >>> str(Frontend("hokkien").romanised("tâi-uân", running=True))
        't ˈaᴹᴹ ɪ̯ | ∅ ʊ̯ ˈaᴹᴴ n'

        Raises:
            EmptyText: there is no syllable.
            NotationError: a syllable does not exist in the dialect.
        """
        drafts = self._backend.romanised(text)
        if not running:
            drafts = [_fixed(draft) for draft in drafts]
        return join_words(self._backend.spoken(drafts, self.lexicon), self.dialect.code)

    def _pieces(self, text: str) -> list[Piece]:
        if len(text) > MAX_CHARACTERS:
            raise EmptyText(f"a text of {len(text)} characters; at most {MAX_CHARACTERS} at once")
        if not text.lstrip().startswith("<speak"):
            return parse_inline(text)
        from diamoe.text.ssml import parse_ssml

        pieces = []
        for piece in parse_ssml(text):
            pieces += parse_inline(piece.text, piece) if piece.kind == "text" else [piece]
        return pieces

    def _utterance(self, drafts: Sequence[Draft], rate: float, pause: float) -> list[Utterance]:
        drafts = _tidy(drafts)
        if not drafts and not pause:
            return []
        words = self._backend.spoken(drafts, self.lexicon)
        return [Utterance(tuple(words), self.dialect.code, rate, pause)]

    def _read(self, piece: Piece, text: str, skipped: list[Skipped]) -> list[Draft]:
        code = dialect_of_tag(piece.language) if piece.language else self.dialect.code
        match piece.kind:
            case "romanised":
                return [_given(piece, load_backend(code).romanised(piece.content))]
            case "mandarin":
                return [self._by_mandarin(piece)]
            case "phones":
                return _given_phones(piece, self.dialect.code)
            case "say-as":
                said = say_as(piece.text, piece.content, reads_han(code))
                return self._plain(replace(piece, text=said), code, text, skipped)
            case "word":
                return [_joined(piece, self._plain(piece, code, text, skipped))]
        return self._plain(piece, code, text, skipped)

    def _plain(self, piece: Piece, code: str, text: str, skipped: list[Skipped]) -> list[Draft]:
        drafts: list[Draft] = []
        for start, run, language in _by_script(piece.text, code):
            own = language == self.dialect.code
            backend = self._backend if own else load_backend(language)
            read = self._read_run(run, backend, language, piece.start + start, text, skipped)
            drafts += read if own else _as_given(backend.spoken(read, NO_LEXICON))
        return drafts

    def _read_run(
        self, run: str, backend: Backend, code: str, start: int, text: str, skipped: list[Skipped]
    ) -> list[Draft]:
        """Read a run; what the policy leaves out is taken away and the rest read again."""
        gone = find_emoji(run)
        if gone and not self.policy.skip_emoji:
            first = gone[0]
            raise UnreadableText(first.character, text, start + first.position, code)
        while True:
            left = without(run, gone)
            try:
                drafts = backend.read(left, self.lexicon)
                break
            except EmptyText:
                drafts = [Draft(c) for c in punctuate("x" + left)[1:] if c in PUNCTUATION]
                break
            except UnreadableText as error:
                place = place_in_whole(error.position, gone)
                character = left[error.position :][: len(error.character)]
                more = sorted(
                    [*gone, Skipped.of(character, place)], key=lambda skipped: skipped.position
                )
                shorter = bool(character) and len(without(run, more)) < len(left)
                if not (self.policy.skip_unreadable and shorter):
                    raise UnreadableText(
                        error.character, text, start + place, code, error.hint
                    ) from None
                gone = more
        skipped += [replace(s, position=start + s.position) for s in gone]
        return drafts

    def _by_mandarin(self, piece: Piece) -> Draft:
        """The dialect's readings of characters whose Mandarin reading is given."""
        by_mandarin = getattr(self._backend, "by_mandarin", None)
        if by_mandarin is None:
            raise MarkupError(
                f"{{={piece.content}}}: {self.dialect.code} is not read by way of Mandarin; "
                "write its own romanisation"
            )
        draft: Draft = by_mandarin(piece.text, piece.content)
        return draft


def _with_polyphones(backend: Backend, polyphones: Polyphones) -> Backend:
    from diamoe.text.backends.sinitic import SiniticBackend

    if not isinstance(backend, SiniticBackend):
        raise ConfigError("polyphones: only for dialects that are read by way of Mandarin")
    return replace(backend, polyphones=polyphones)


def reads_han(code: str) -> bool:
    """Whether a dialect reads Chinese characters itself."""
    return load_dialect(code).reads_han


def _by_script(text: str, code: str) -> list[tuple[int, str, str]]:
    """Runs of (start, text, dialect): Chinese characters in a European text are Mandarin."""
    if reads_han(code):
        return [(0, text, code)]
    runs: list[tuple[int, str, str]] = []
    for i, c in enumerate(text):
        language = "putonghua" if is_han(c) else code
        if runs and runs[-1][2] == language:
            start, run, _ = runs[-1]
            runs[-1] = (start, run + c, language)
        else:
            runs.append((i, c, language))
    return runs


def _fixed(draft: Draft) -> Draft:
    return replace(draft, readings=tuple(replace(r, fixed=True) for r in draft.readings))


def _given(piece: Piece, drafts: Sequence[Draft]) -> Draft:
    """One word of the syllables that the writer gave, each with its character."""
    readings = [r for draft in drafts for r in draft.readings]
    if len(readings) == len(piece.text):
        readings = [replace(r, characters=c) for r, c in zip(readings, piece.text, strict=True)]
    return _fixed(Draft(piece.text or piece.content, tuple(readings)))


def _given_phones(piece: Piece, code: str) -> list[Draft]:
    from diamoe.text.backends.ipa import read_phones

    return read_phones(piece.content, code, piece.text)


def _joined(piece: Piece, drafts: Sequence[Draft]) -> Draft:
    return Draft(piece.text, tuple(r for draft in drafts for r in draft.readings))


def _as_given(words: Sequence[Word]) -> list[Draft]:
    """Words of another dialect, as readings whose phones are given."""
    return [
        Draft(
            word.text,
            tuple(
                Reading(s.characters, s.romanised, s.source, True, s.phones) for s in word.syllables
            ),
        )
        for word in words
    ]


def _tidy(drafts: Sequence[Draft]) -> list[Draft]:
    """Without marks at the beginning; of neighbouring marks the stronger stays."""
    tidy: list[Draft] = []
    for draft in drafts:
        if draft.readings or tidy and tidy[-1].readings:
            tidy.append(draft)
        elif tidy:
            tidy[-1] = Draft(punctuate("x" + tidy[-1].text + draft.text)[1:])
    return tidy
