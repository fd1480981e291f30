"""Which files below the operator's folder of secrets may hold one: no text may show what stands in them.

A command that reads no endpoint files does not know which of them the files refer to.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from inferctl.secrets.reference import SecretRef

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILES = 500
# Of what lies beside mounted secrets: a name that is in every address of the cluster, and public certificates.
_NAMES_ONLY = frozenset({"namespace"})
_PUBLIC = (".crt", ".pub")


def references_below(root: Path | None, working_directory: Path) -> list[SecretRef]:
    """`{file: PATH}` for the files below `root`, at most 500 of them, unread.

    None of them where the folder holds the working directory: then what lies there is the repository.
    """
    if root is None:
        return []
    try:
        base = root.resolve(strict=True)
        if working_directory.resolve().is_relative_to(base):
            return []
    except (OSError, RuntimeError):
        return []
    return [SecretRef("file", name) for name in islice(_names(base), MOST_FILES)]


def _names(base: Path) -> Iterator[str]:
    """Paths below it. Mounted volumes keep each file once more in a folder that begins with two dots."""
    for folder, folders, files in os.walk(base):
        folders[:] = sorted(name for name in folders if not name.startswith(".."))
        for name in sorted(files):
            if name not in _NAMES_ONLY and not name.endswith(_PUBLIC):
                yield Path(folder, name).relative_to(base).as_posix()
