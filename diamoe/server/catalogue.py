"""Names that clients use for dialects, voices and models, and ours for them."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from diamoe.server.refusals import Refusal
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import available_dialects, load_dialect
from diamoe.text.languages import dialect_of_tag

OPENAI_VOICES = tuple(
    "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split()
)
"""Every voice name that OpenAI's clients allow; each stands for one of the bundle's voices."""
OPENAI_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
"""Names of OpenAI's models, for clients that cannot be told another; each is our one model."""

OWN_VOICES = 64
"""Voices of users that are kept at once; the one unused for longest goes first."""

_SPOKEN_NAMES = {  # what people call a dialect, besides its own names
    "普通话": "putonghua", "普通話": "putonghua", "国语": "putonghua", "國語": "putonghua",
    "standard chinese": "putonghua", "天津": "tianjin", "石家庄": "shijiazhuang",
    "郑州": "zhengzhou", "河南话": "zhengzhou", "henan": "zhengzhou", "西安": "xian",
    "陕西话": "xian", "陝西話": "xian", "shaanxi": "xian", "成都": "chengdu",
    "四川话": "chengdu", "四川話": "chengdu", "sichuan": "chengdu", "武汉": "wuhan",
    "湖北话": "wuhan", "南京": "nanjing", "青岛": "qingdao", "上海": "shanghai",
    "沪语": "shanghai", "吴语": "shanghai", "粤语": "cantonese", "粵語": "cantonese",
    "广东话": "cantonese", "廣東話": "cantonese", "广州话": "cantonese", "白话": "cantonese",
    "闽南": "hokkien", "閩南": "hokkien", "台语": "hokkien", "台語": "hokkien",
    "hokkien": "hokkien", "taiwanese": "hokkien", "京白": "jingbai", "韵白": "yunbai",
    "英文": "english", "法文": "french", "德文": "german",
}  # fmt: skip
_MODEL = re.compile(r"(?:tts|diamoe)(?:-([a-z0-9_-]+))?", re.ASCII)


class Catalogue:
    """The dialects of the package and the voices of one bundle."""

    def __init__(self, voices: Mapping[str, Voice], dialect: str, voice: str | None):
        self.voices, self.default_dialect, self.default_voice = voices, dialect, voice
        self.own: OrderedDict[str, Voice] = OrderedDict()
        names = list(voices)
        self.aliases = {name: names[i % len(names)] for i, name in enumerate(OPENAI_VOICES)}

    def voice(self, name: str | None) -> str | Voice | None:
        """Our voice for a name.

        Raises:
            Refusal: 400 for an unknown one.
        """
        if name is None or name == "":
            return self.default_voice
        if name in self.own:
            self.own.move_to_end(name)
            return self.own[name]
        found = name if name in self.voices else self.aliases.get(name)
        if found is None:
            allowed = ", ".join((*self.voices, *OPENAI_VOICES))
            raise Refusal(
                400, f"unknown voice {name[:80]!r}; voices: {allowed}", "unknown_voice", "voice"
            )
        return found

    def keep(self, voice: Voice) -> None:
        """Keep a user's own voice, in memory and as long as there is room; its name, which
        nobody can guess, is the only way to it."""
        self.own[voice.name] = voice
        while len(self.own) > OWN_VOICES:
            self.own.popitem(last=False)

    def dialect(
        self,
        dialect: str | None = None,
        model: str | None = None,
        instructions: str | None = None,
    ) -> str:
        """The dialect that a request asks for: by name, else by model, else by instructions.

        Raises:
            Refusal: 400 for an unknown dialect, 404 for an unknown model.
        """
        by_model = self._by_model(model)
        if dialect:
            return self.named(dialect)
        return by_model or in_words(instructions or "") or self.default_dialect

    def _by_model(self, model: str | None) -> str | None:
        if model is None or model in OPENAI_MODELS:
            return None
        match = _MODEL.fullmatch(model)
        if match and match[1] is None:
            return None
        if match and match[1] in available_dialects():
            return match[1]
        raise Refusal(
            404, f"unknown model {model[:80]!r}; GET /v1/models lists them", "model_not_found",
            "model",
        )  # fmt: skip

    def named(self, name: str) -> str:
        """The dialect of a code, a name in Chinese or English, or a language tag.

        Raises:
            Refusal: 400 for an unknown one.
        """
        known = available_dialects()
        if name in known:
            return name
        found = dialect_names().get(name.strip().lower()) or dialect_of_tag(name[:40])
        if found not in known:
            raise Refusal(
                400, f"unknown dialect {name[:80]!r}; dialects: {', '.join(known)}",
                "unknown_dialect", "dialect",
            )  # fmt: skip
        return found

    def models(self) -> list[str]:
        """Ids of all models; every one holds `tts`, by which some clients choose."""
        return ["tts", *OPENAI_MODELS, *(f"tts-{code}" for code in available_dialects())]


def dialect_names() -> dict[str, str]:
    """Names of dialects in Chinese and English, lower case, and what they stand for."""
    names = dict(_SPOKEN_NAMES)
    for code in available_dialects():
        dialect = load_dialect(code)
        names |= {name.lower(): code for name in (code, dialect.name, dialect.name_zh)}
        names |= {name.lower(): code for name in dialect.aliases if len(name) > 2}
    return names


def in_words(instructions: str) -> str | None:
    """The dialect named in a sentence; of several the longest name, then the first one.

    >>> in_words("Speak Cantonese, please"), in_words("请用四川话说"), in_words("cheerfully")
    ('cantonese', 'chengdu', None)
    """
    text = instructions.lower()
    found = [
        (-len(name), place, code)
        for name, code in dialect_names().items()
        if (place := _find(name, text)) >= 0
    ]
    return min(found)[2] if found else None


def _find(name: str, text: str) -> int:
    if not name.isascii():
        return text.find(name)
    match = re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", text)
    return match.start() if match else -1


def check_text(text: str, longest: int) -> str:
    """The text itself.

    Raises:
        Refusal: 400 if it is empty, too long, or holds halves of characters.
    """
    if not text.strip():
        raise Refusal(400, "the text is empty", "empty_text", "input")
    if len(text) > longest:
        raise Refusal(
            400, f"{len(text)} characters, at most {longest} at once", "text_too_long", "input"
        )
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise Refusal(400, "the text holds lone surrogates", "invalid_text", "input")
    return text


def described(voices: Iterable[Voice]) -> list[dict[str, str]]:
    """Voices as clients see them."""
    keys = ("name", "description", "licence", "attribution")
    return [
        {"id": v.name, "dialect": v.phones.dialect} | {k: getattr(v, k) for k in keys}
        for v in voices
    ]
