"""What is held out for evaluation, decided by hashes, so that added data moves nothing."""

import hashlib
import unicodedata

from corpus_tools.settings import SplitSettings

TRAIN, HELDOUT = "train", "heldout"


def split_of(text: str, speaker: str, settings: SplitSettings) -> str:
    """`heldout` if the text or the speaker is, else `train`; the same in every corpus.

    So no text and no speaker that is held out is ever trained on.
    """
    held = _share(text_key(text)) < settings.texts or _share(speaker) < settings.speakers
    return HELDOUT if held else TRAIN


def text_key(text: str) -> str:
    """What two texts have in common that are read alike: letters and digits in small letters.

    >>> text_key("你好，世界！") == text_key("你好世界")
    True
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in text if unicodedata.category(c)[0] in "LNM")


def _share(key: str) -> float:
    """A number from 0 to 1 that a hash of the key decides."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
