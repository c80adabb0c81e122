"""Named errors: each says what was found, what was allowed, and where."""

from collections.abc import Iterable


class DiamoeError(Exception):
    """Base of every error this package raises on purpose; its text is fit for a user to read."""


# --- text -----------------------------------------------------------------------------------
class TextError(DiamoeError):
    """A text could not be turned into phones."""


class EmptyText(TextError):
    """The text holds nothing that can be spoken."""


class UnreadableText(TextError):
    """A character has no reading in the dialect.

    `text` is the text as given, `position` the 0-based index of `character` in it.
    """

    def __init__(self, character: str, text: str, position: int, dialect: str, hint: str = ""):
        self.character, self.text, self.position, self.dialect = character, text, position, dialect
        self.hint = hint
        code = " ".join(f"U+{ord(c):04X}" for c in character)
        message = (
            f"cannot read {character!r} ({code}) at character {position + 1} of {text!r} "
            f"in {dialect}"
        )
        super().__init__(message + (f": {hint}" if hint else ""))


class MarkupError(TextError):
    """A given pronunciation or an SSML element is wrong; the message says what and where."""


class LexiconError(TextError):
    """A lexicon cannot be read; the message names the file, the line and the reason."""


class NotationError(TextError):
    """A phone string does not follow the notation."""


class UnknownPhone(TextError):
    """A phone is not in the vocabulary."""

    def __init__(self, phone: str, where: str, vocabulary: str = "the phone vocabulary"):
        self.phone, self.where = phone, where
        super().__init__(f"unknown phone {phone!r} in {where}: not in {vocabulary}")


class UnknownDialect(DiamoeError):
    """A dialect code is not known; the message lists those that are."""

    def __init__(self, found: str, allowed: Iterable[str]):
        self.found, self.allowed = found, tuple(allowed)
        super().__init__(f"unknown dialect {found!r}; known dialects: {', '.join(self.allowed)}")


class UnplacedDialect(DiamoeError):
    """A dialect has no place in any model; adaptation gives it one."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(
            f"{code}: the models have no place for it: it has no parent among their dialects; "
            "name one in its file (parent: ...), or adapt a model to it"
        )


class DialectFileError(DiamoeError):
    """A dialect's YAML file is wrong; the message names the file and the key."""


class MissingBackend(DiamoeError):
    """A library is not installed; the message says which, and what brings it."""


# --- audio ----------------------------------------------------------------------------------
class AudioError(DiamoeError):
    """A recording cannot be used; the message names the file and the reason."""


# --- models ---------------------------------------------------------------------------------
class BundleError(DiamoeError):
    """A bundle is missing, incomplete or corrupt; the message names the file and the fault."""


class AdapterError(DiamoeError):
    """An adapter is missing, corrupt or of another base, or cannot be made of this data."""


class CheckpointError(DiamoeError):
    """A released checkpoint or its vocabulary cannot be imported; the message names the file and
    every fault."""


class UnknownVoice(DiamoeError):
    """A voice name is not in the bundle; the message lists those that are."""

    def __init__(self, found: str, allowed: Iterable[str]):
        self.found, self.allowed = found, tuple(allowed)
        super().__init__(f"unknown voice {found!r}; known voices: {', '.join(self.allowed)}")


class ConfigError(DiamoeError):
    """A setting is unknown or has a value that cannot work; the message lists what is allowed."""


class TrainingError(DiamoeError):
    """A training run cannot go on; the message says at which step, why, and what to do."""


# --- corpora --------------------------------------------------------------------------------
class CorpusError(DiamoeError):
    """A corpus folder or table is not what its recipe expects; the message names file and line."""


class TooShort(CorpusError):
    """An utterance, or a word in it, is too short for its phones."""
