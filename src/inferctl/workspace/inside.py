"""Where a path really leads. A pull request brings links too, and `endpoints:` is its own to write.

A link to `/proc/self/environ` or to `.git/config` would put what stands there into the text of a diagnostic. So what
the repository names is read inside the repository only; a path that the operator typed may lead anywhere.
"""

from __future__ import annotations

import os
from pathlib import Path


def repository(folder: Path) -> Path:
    """The nearest folder from here upward that holds `.git`, with all links resolved; else the folder itself."""
    real = Path(os.path.realpath(folder))
    return next((place for place in (real, *real.parents) if (place / ".git").exists()), real)


def is_below(path: Path, roots: tuple[Path, ...]) -> bool:
    """Whether a path, by its text alone, is one of the roots or below one."""
    return any(path.is_relative_to(root) for root in roots)


def leads_out(path: Path, roots: tuple[Path, ...]) -> bool:
    """Whether the file or folder is outside of `roots` (resolved folders), or hidden behind a link.

    `.git` and `.env` files are out of bounds by any name. What Kubernetes mounts (`a.yaml` -> `..data/a.yaml`) is
    not taken for hidden.
    """
    real = Path(os.path.realpath(path))
    root = next((root for root in roots if real.is_relative_to(root)), None)
    if root is None:
        return True
    hidden = {part for part in real.relative_to(root).parts if part.startswith(".") and not part.startswith("..")}
    return any(part.lower().startswith((".git", ".env")) and part != ".github" for part in hidden) or bool(
        hidden - set(path.parts)
    )
