"""Fixtures every test may use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared recordings and reference data; skips where it is absent."""
    root = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("DIAMOE_SHARED", root.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared material at {folder}")
    return folder
