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


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny models run faster on one thread than on several that wait for one another."""
    import torch

    torch.set_num_threads(1)
