"""What comes with the package, and the word by which settings and options ask for it."""

from pathlib import Path

SHIPPED = "shipped"
"""In the place of a folder: the bundle, or the recogniser, of the package."""
BUNDLE = Path(__file__).parent / "bundles" / "tiny"
RECOGNISER = Path(__file__).parent / "bundles" / "recogniser"


def bundle_folder(name: str | Path) -> Path:
    """The folder of a bundle.

    >>> bundle_folder("shipped").name, str(bundle_folder("runs/joint/bundle"))
    ('tiny', 'runs/joint/bundle')
    """
    return BUNDLE if str(name) == SHIPPED else Path(name)


def recogniser_folder(name: str | Path) -> Path:
    """The folder of a phone recogniser; as `bundle_folder`."""
    return RECOGNISER if str(name) == SHIPPED else Path(name)
