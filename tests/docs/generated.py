"""Parts of pages that are made from the program. INFERCTL_UPDATE_DOCS=1 writes them anew."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UPDATE = os.environ.get("INFERCTL_UPDATE_DOCS") == "1"


def check_part(page: Path, name: str, text: str) -> None:
    """What stands between `<!-- made: NAME -->` and `<!-- end -->` is this text."""
    whole = page.read_text(encoding="utf-8")
    part = re.compile(rf"(<!-- made: {re.escape(name)} -->\n).*?(\n<!-- end -->)", re.DOTALL)
    assert len(part.findall(whole)) == 1, f"{page.name} has no part {name}"
    new = part.sub(lambda found: f"{found[1]}\n{text.strip()}\n{found[2]}", whole)
    if UPDATE and new != whole:
        page.write_text(new, encoding="utf-8", newline="\n")
        whole = new
    assert whole == new, f"{page.name}: part {name} is not what the program says; INFERCTL_UPDATE_DOCS=1 mends it"
