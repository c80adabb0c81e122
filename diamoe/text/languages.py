"""Language tags (BCP 47), as SSML and browsers write them, and the dialects they stand for."""

from diamoe.text.dialect import DIALECT_CODES

_TAGS = {
    "zh": "putonghua", "cmn": "putonghua", "zh-hk": "cantonese", "zh-mo": "cantonese",
    "yue": "cantonese", "zh-yue": "cantonese", "nan": "hokkien", "zh-min-nan": "hokkien",
    "wuu": "shanghai", "zh-wuu": "shanghai", "en": "english", "fr": "french", "de": "german",
    "nl": "dutch", "frs": "bildts",
}  # fmt: skip


def dialect_of_tag(tag: str) -> str:
    """The dialect's code for a language tag; a dialect's code stands for itself.

    Other languages are read by espeak-ng's voice of that name.

    >>> dialect_of_tag("zh-CN"), dialect_of_tag("en-GB"), dialect_of_tag("chengdu")
    ('putonghua', 'english', 'chengdu')
    >>> dialect_of_tag("sw")
    'espeak:sw'
    """
    tag = tag.strip().lower().replace("_", "-")
    parts = tag.split("-")
    for size in range(len(parts), 0, -1):
        code = _TAGS.get("-".join(parts[:size]))
        if code is not None:
            return code
    return tag if tag in DIALECT_CODES or ":" in tag else f"espeak:{tag}"
