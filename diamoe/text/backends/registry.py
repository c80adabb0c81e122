"""The back-end of each dialect, loaded when it is first asked for."""

from functools import lru_cache

from diamoe.errors import DialectFileError
from diamoe.text.backends import Backend
from diamoe.text.dialect import load_dialect


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
        case "wu":
            from diamoe.text.backends.wu import load_wu

            return load_wu(dialect)
        case "espeak":
            from diamoe.text.backends.espeak import load_espeak

            return load_espeak(dialect)
        case "hokkien":
            from diamoe.text.backends.hokkien import load_hokkien

            return load_hokkien(dialect)
        case "epitran":
            from diamoe.text.backends.epitran import load_epitran

            return load_epitran(dialect)
        case "ipa":
            from diamoe.text.backends.ipa import load_ipa

            return load_ipa(dialect)
    raise DialectFileError(
        f"{code}.yaml: backend: {dialect.backend!r}; allowed: sinitic, jyutping, wu, hokkien, "
        "espeak, epitran, ipa"
    )
