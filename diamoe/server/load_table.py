"""What `python -m diamoe.server.load` found, as a table for people."""

from typing import Any


def table(report: dict[str, Any]) -> str:
    """The report of `load.measure` as rows of a name and what was seen.

    >>> print(table({"left": {"jobs": 0, "batches": 0, "sockets": 0}}))
    | what | seen |
    |---|---|
    | left behind | 0 jobs, 0 batches, 0 sockets |
    """
    rows: list[tuple[str, str]] = []
    if "throughput" in report:
        rows += _compared(report["throughput"])
    if "crowd" in report:
        rows += _crowd(report["crowd"])
    if "cancel" in report:
        rows.append(("interruption", _cancelled(report["cancel"])))
    for name, title in (("left", "left behind"), ("left_after_cancel", "left behind by these")):
        if name in report:
            rows.append((title, ", ".join(f"{n} {what}" for what, n in report[name].items())))
    return "\n".join(f"| {name} | {text} |" for name, text in [("what", "seen"), *rows]).replace(
        "\n", "\n|---|---|\n", 1
    )


def _compared(found: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name, title in (("serial", "1 client"), ("eight", "8 clients")):
        one = found[name]
        processor = f"{one['cpu_seconds_per_audio_second']} CPU s for 1 s"
        rows.append((title, f"{_speed(one)}, {processor}; first audio {_first(one)}"))
    return [*rows, ("8 against 1", f"{found['gain']} times the throughput")]


def _crowd(found: dict[str, Any]) -> list[tuple[str, str]]:
    statuses = ", ".join(f"{n} x {status}" for status, n in sorted(found["statuses"].items()))
    faults = ", ".join(f"{n} x {fault}" for fault, n in sorted(found["faults"].items()))
    memory = " ".join(str(value) for _, value in found["memory_mb"])
    times = f"{found['memory_mb'][0][0]} to {found['memory_mb'][-1][0]} s"
    return [
        ("crowd", f"{found['clients']} clients, {found['seconds']} s, {found['killed']} killed"),
        ("answers", f"{statuses}; faults: {faults or 'none'}"),
        ("throughput", _speed(found)),
        ("first audio", _first(found)),
        ("memory, MB", f"{memory} ({times}); growth {found['memory_growth_mb']}"),
    ]


def _speed(tally: dict[str, Any]) -> str:
    return f"{tally['audio_seconds_per_second']} s of audio in 1 s"


def _first(tally: dict[str, Any]) -> str:
    return f"median {tally['first_audio_median']} s, 95 % {tally['first_audio_95']} s"


def _cancelled(found: dict[str, Any]) -> str:
    return (
        f"last sample after {found['silence_ms_most']} ms at most, idle after "
        f"{found['idle_ms_median']} ms (median), {found['late_bytes']} bytes late"
    )
