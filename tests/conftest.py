"""Fixtures every test may use."""

import os
import shutil
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Headless Chromium, the system's or Playwright's own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as p:
        own = p.chromium.executable_path
        path = own if Path(own).is_file() else shutil.which("chromium")
        if path is None:
            pytest.skip("no Chromium: `playwright install chromium`, or the system's package")
        arguments = ["--autoplay-policy=no-user-gesture-required", "--no-sandbox"]
        opened = p.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()
