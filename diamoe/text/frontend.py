"""The front door: text and a dialect to phones."""

from dataclasses import replace
from functools import lru_cache

from diamoe.errors import DialectFileError
from diamoe.text.backends import Backend
from diamoe.text.dialect import Dialect, load_dialect
from diamoe.text.lexicon import NO_LEXICON
from diamoe.text.phones import PhoneSeq
from diamoe.text.spoken import Word, join_words


class Frontend:
    """Turns text of one dialect into phones; cheap to construct, its tables are shared.

    >>> str(Frontend("putonghua")("你好。"))
    'n ˈiᴹᴴ | χ ˈɑᴹᴸ ʊ̯ | 。'

    Raises:
        UnknownDialect: the code is not one of `available_dialects()`.
        DialectFileError: the dialect's file is wrong.
    """

    def __init__(self, dialect: str):
        self.dialect: Dialect = load_dialect(dialect)
        self._backend = load_backend(dialect)

    def __call__(self, text: str) -> PhoneSeq:
        """The phones of a text.

        Raises:
            EmptyText: nothing in it can be spoken.
            UnreadableText: a character has no reading; its place in the text is named.
        """
        return join_words(self.words(text), self.dialect.code)

    def words(self, text: str) -> list[Word]:
        """The words of a text, with the characters and syllables behind the phones."""
        return self._backend.spoken(self._backend.read(text, NO_LEXICON), NO_LEXICON)

    def romanised(self, text: str) -> PhoneSeq:
        """The phones of a text in the dialect's romanisation, syllables separated by spaces.

        >>> str(Frontend("putonghua").romanised("zhong1 wen2"))
        't͡ʂ ˈʊᴴᴴ ŋ | w ˈuᴹᴴ ə̯ n'
        """
        drafts = [
            replace(d, readings=tuple(replace(r, fixed=True) for r in d.readings))
            for d in self._backend.romanised(text)
        ]
        return join_words(self._backend.spoken(drafts, NO_LEXICON), self.dialect.code)


@lru_cache(maxsize=64)
def load_backend(code: str) -> Backend:
    """The back-end that a dialect's file names.

    Raises:
        DialectFileError: there is no such back-end.
    """
    dialect = load_dialect(code)
    match dialect.backend:
        case "sinitic":
            from diamoe.text.backends.sinitic import load_sinitic

            return load_sinitic(dialect)
        case "jyutping":
            from diamoe.text.backends.jyutping import load_jyutping

            return load_jyutping(dialect)
        case "espeak":
            from diamoe.text.backends.espeak import load_espeak

            return load_espeak(dialect)
        case "ipa":
            from diamoe.text.backends.ipa import load_ipa

            return load_ipa(dialect)
    raise DialectFileError(
        f"{code}.yaml: backend: {dialect.backend!r}; allowed: sinitic, jyutping, espeak, ipa"
    )
