"""Expected texts in files, read as prose in review. INFERCTL_UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check(name: str, text: str, folder: Path = FOLDER) -> None:
    """The text equals the file of this name, byte for byte."""
    path = folder / name
    if os.environ.get("INFERCTL_UPDATE_GOLDEN") == "1":
        path.write_bytes(text.encode("utf-8"))
    assert path.read_bytes().decode("utf-8") == text
