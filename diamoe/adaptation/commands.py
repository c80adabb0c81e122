"""The grammar of `tts adapter` and of `--adapter`."""

import argparse
import json
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diamoe.adaptation.storage import AdapterCard
    from diamoe.bundle import Bundle


def add_adapter_argument(command: argparse.ArgumentParser) -> None:
    """Add `--adapter` to a command that speaks; its dialect is then the adapter's."""
    command.add_argument("--adapter", help="name or folder of an adapter (`tts adapter list`)")


def add_adapter_commands(commands: Any) -> None:
    """Add `adapter` to the subcommands of `tts`."""
    command = commands.add_parser("adapter", help="list, show and merge adapters")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")

    listing = actions.add_parser("list", help="the adapters that can be named")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=list_adapters)

    info = actions.add_parser("info", help="what an adapter is and where it comes from")
    info.add_argument("adapter", help="name or folder")
    info.add_argument("--json", action="store_true", help="the whole card as JSON")
    info.set_defaults(run=show_adapter)

    merging = actions.add_parser("merge", help="make a bundle of a base and an adapter")
    merging.add_argument("adapter", help="name or folder")
    merging.add_argument("--bundle", type=Path, help="its base (default: the shipped one)")
    merging.add_argument("-o", "--out", type=Path, required=True, help="bundle folder to write")
    merging.set_defaults(run=merge)


def dialect_of(name: str) -> str:
    """The dialect that an adapter brings.

    Raises:
        AdapterError: there is no such adapter.
    """
    from diamoe.adaptation.loading import find_adapter
    from diamoe.adaptation.storage import read_card

    return read_card(find_adapter(name)).dialect


def adapted(bundle: "Bundle", name: str) -> "tuple[Bundle, AbstractContextManager[None]]":
    """The bundle with an adapter on, and the context in which it speaks.

    Raises:
        AdapterError: the adapter is not there, is corrupt, or belongs to another base.
    """
    from diamoe.adaptation.loading import find_adapter, put_on
    from diamoe.adaptation.storage import read_card
    from diamoe.model.adapters import using

    folder = find_adapter(name)
    bundle = put_on(bundle, folder)
    return bundle, using([bundle.adapters[read_card(folder).name]])


def list_adapters(arguments: argparse.Namespace) -> None:
    """`tts adapter list`."""
    from diamoe.adaptation.loading import VARIABLE, adapter_folders, available_adapters
    from diamoe.adaptation.storage import read_card

    cards = {str(path): read_card(path) for path in available_adapters().values()}
    if arguments.json:
        print(json.dumps([_summary(c, p) for p, c in cards.items()], ensure_ascii=False, indent=1))
        return
    for path, card in cards.items():
        row = _summary(card, path)
        print(
            f"{row['name']:16}{row['dialect']:14}{row['minutes']:>6} min  "
            f"{row['licence']} ({row['data']})"
        )
    if not cards:
        places = ", ".join(map(str, adapter_folders()))
        print(f"tts: no adapters in {places}; {VARIABLE} names more places", file=sys.stderr)


def _summary(card: "AdapterCard", path: str) -> dict[str, Any]:
    return {
        "name": card.name,
        "dialect": card.dialect,
        "minutes": card.figures.get("minutes", 0),
        "licence": card.licence,
        "data": ", ".join(str(source.get("name")) for source in card.sources),
        "attribution": "; ".join(str(source.get("attribution")) for source in card.sources),
        "folder": path,
    }


def show_adapter(arguments: argparse.Namespace) -> None:
    """`tts adapter info`."""
    from diamoe.adaptation.loading import find_adapter
    from diamoe.adaptation.storage import read_card
    from diamoe.config import to_dict

    folder = find_adapter(arguments.adapter)
    card = read_card(folder)
    if arguments.json:
        print(json.dumps(to_dict(card), ensure_ascii=False, indent=1))
        return
    share = 100 * card.parameters / max(1, card.base_parameters)
    figures, shape = card.figures, card.shape
    rows = {
        **_summary(card, str(folder)),
        "base": card.base[:12],
        "routing": f"{shape.route} {card.parent}".strip(),
        "size": f"{card.parameters} parameters, {share:.2f}% of the base, rank {shape.rank}",
        "made by": card.command,
    }
    if "flow" in figures:
        flow = figures["flow"]
        rows["held-out flow loss"] = f"{flow['before']:.4f} before, {flow['after']:.4f} after"
    for name, other in figures.get("others", {}).items():
        rows[f"on {name}"] = f"{other['off']:.4f} without, {other['on']:.4f} through it"
    for number, warning in enumerate(card.warnings, start=1):
        rows[f"warning {number}"] = warning
    for key, value in rows.items():
        print(f"{key:19} {value}")


def merge(arguments: argparse.Namespace) -> None:
    """`tts adapter merge`."""
    from diamoe.adaptation.merging import merge_adapter
    from diamoe.bundle import SHIPPED

    merge_adapter(arguments.bundle or SHIPPED, arguments.adapter, arguments.out)
    print(f"{arguments.out}: a bundle that speaks {dialect_of(arguments.adapter)}", file=sys.stderr)
