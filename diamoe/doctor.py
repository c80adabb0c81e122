"""`python -m diamoe.doctor`: find and mend what commonly breaks an installation.

torchaudio's wheel may be built against CUDA libraries that a CPU-only torch does not bring; its
import then fails although none of them is needed here. Setting its compiled extensions aside
leaves all Python parts working (mel-spectrograms, resampling, filters).
"""

import ctypes
import importlib.util
import subprocess
import sys
from pathlib import Path

from diamoe.errors import MissingBackend

SET_ASIDE = ".set-aside"
"""Suffix of extensions that were renamed; rename them back to undo."""


def torchaudio_imports() -> bool:
    """Whether `import torchaudio` works, tried in a fresh process."""
    command = [sys.executable, "-c", "import torchaudio"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def mend_torchaudio() -> str:
    """Make `import torchaudio` work; returns what was found or done.

    Raises:
        MissingBackend: setting its extensions aside did not help.
    """
    spec = importlib.util.find_spec("torchaudio")
    if spec is None or spec.origin is None:
        return "torchaudio: not installed, and not needed to speak"
    if torchaudio_imports():
        return "torchaudio: imports"
    extensions = sorted((Path(spec.origin).parent / "lib").glob("*.so"))
    for extension in extensions:
        extension.rename(extension.with_name(extension.name + SET_ASIDE))
    if not torchaudio_imports():
        for extension in extensions:
            extension.with_name(extension.name + SET_ASIDE).rename(extension)
        raise MissingBackend("torchaudio does not import, with or without its extensions")
    return (
        f"torchaudio: its {len(extensions)} compiled extensions need CUDA libraries that "
        f"this torch does not bring; renamed to *{SET_ASIDE}, its Python parts now import"
    )


def check_espeak() -> str:
    """Whether espeak-ng's library can be loaded.

    Raises:
        MissingBackend: says what to install.
    """
    try:
        import espeakng_loader

        ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError) as error:
        raise MissingBackend(
            "espeak-ng is not available: the wheel `espeakng-loader` brings it on Linux, macOS and "
            "Windows (x86-64 and arm64); elsewhere install the system package espeak-ng "
            f"(libespeak-ng1) ({error})"
        ) from error
    return "espeak-ng: loads"


def main() -> int:
    """Run every check; 1 if one fails."""
    status = 0
    for check in (mend_torchaudio, check_espeak):
        try:
            print(check())
        except MissingBackend as error:
            print(error, file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
