"""Install each extra into a fresh environment: its time, its size, and whether its commands run.

    python tests/bench/install_sizes.py [EXTRA ...] [-- PIP ARGUMENTS]

Without names all extras are measured, `core` (no extra) first; one environment at a time, in a
temporary folder, removed afterwards. Sizes are of all files in the environment, pip's among them,
in millions of bytes. `-- --no-index --find-links wheels` takes the download out of the time. Prints
the rows of the table in docs/install.md; exits with 1 if a command fails.
"""

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEAK = "tts synthesize 今天天气好。 --dialect chengdu -o speech.wav"
COMMANDS: dict[str, list[str]] = {
    "core": [SPEAK, "python -m diamoe.demo --out five", "tts ipa 今天 --dialect shanghai"],
    "plots": [f"{SPEAK} --plot speech.png"],
    "voices": [
        "tts synthesize 今天天气好，我们去公园。 --dialect chengdu -o speech.wav",
        "tts voice add own speech.wav --dialect chengdu --force",
    ],
    "vocos": ["python -c import&vocos,diamoe.vocoding.network"],
    "epitran": ["tts ipa hallo --dialect bildts"],
    "serve": [
        "tts serve --help",
        "python -c import&diamoe.server.app,diamoe.server.wyoming_server",
    ],
    "corpus": ["python -m corpus_tools build --help", "python -c import&corpus_tools.pipeline"],
    "train": ["python -m diamoe.train --help", "python -c import&diamoe.training.run"],
    "evaluate": ["python -m diamoe.evaluate --help", "python -c import&diamoe.evaluation.run"],
    "notebooks": ["jupyter execute --help", "python -c import&ipykernel,diamoe.training.run"],
    "asr": ["python -c import&faster_whisper,diamoe.evaluation.transcription"],
    "ray": ["python -c import&ray.serve"],
    "onnx": ["python -c import&onnx,onnxruntime"],
    "watermark": ["python -c import&diamoe.synthesis.watermark"],
    "dev": ["ruff --version", "mypy --version", "python -m pytest --version"],
}
"""What must run where an extra is installed; `&` stands for a space within a word."""


def size(folder: Path) -> int:
    """Bytes of all files below a folder, links left out."""
    return sum(p.lstat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def run(line: str, folder: Path, home: Path) -> str:
    """Empty if the command ends well, else its last words."""
    program, *words = (word.replace("&", " ") for word in line.split())
    command = [str(folder / "bin" / program), *words]
    environment = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"`{line}`: {(done.stderr.splitlines() or ['?'])[-1]}"


def measure(extra: str, pip: list[str]) -> tuple[str, bool]:
    """A row of the table, and whether every command ran."""
    with tempfile.TemporaryDirectory(prefix="diamoe-sizes-") as place:
        folder, home = Path(place) / "venv", Path(place) / "home"
        home.mkdir()
        began = time.monotonic()
        venv.create(folder, with_pip=True)
        target = f"{ROOT}[{extra}]" if extra != "core" else str(ROOT)
        install = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *pip]
        subprocess.run([*install, "-c", str(ROOT / "constraints.txt"), target], check=True)
        seconds, bytes_ = time.monotonic() - began, size(folder)
        lines = ["python -m diamoe.doctor", *COMMANDS[extra]]
        faults = [fault for line in lines if (fault := run(line, folder, home))]
    said = "; ".join(faults) or "yes"
    return f"| `{extra}` | {seconds / 60:.1f} min | {bytes_ / 1e6:,.0f} MB | {said} |", not faults


def main() -> int:
    """Measure the extras named, or all."""
    names, pip = sys.argv[1:], []
    if "--" in names:
        cut = names.index("--")
        names, pip = names[:cut], names[cut + 1 :]
    unknown = [name for name in names if name not in COMMANDS]
    if unknown:
        print(f"{unknown[0]!r} is no extra; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    print("| extra | time | size | its commands run |\n|---|---|---|---|", flush=True)
    good = True
    for extra in names or COMMANDS:
        row, well = measure(extra, pip)
        good &= well
        print(row, flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
