"""docs/reference/dependencies.md lists what is locked, with the licences that the packages declare."""

from __future__ import annotations

import re
from importlib.metadata import PackageMetadata, metadata
from typing import TYPE_CHECKING

from .generated import check_part
from .pages import DOCS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


def licence(package: PackageMetadata) -> str:
    """As the package declares it: the expression of today's metadata, or one of the two forms before it."""
    classifiers = [word for word in package.get_all("Classifier") or [] if word.startswith("License ::")]
    older = classifiers[0].rpartition(" :: ")[2] if classifiers else ""
    declared = [package[key] for key in ("License-Expression", "License") if key in package]
    return next(filter(None, declared), older)


def rows() -> Iterator[str]:
    locked = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    for name, version, marker in re.findall(r"^([\w.-]+)==([^\s;]+) (; sys_platform == '\w+')?", locked, re.MULTILINE):
        if marker:
            continue  # not installed here
        package = metadata(name)
        assert package["Version"] == version, f"{name} is not installed as locked"
        assert re.fullmatch(r"[A-Za-z0-9.+ ()-]{3,60}", licence(package)), f"{name} declares no licence"
        yield f"| {name} | {version} | {licence(package)} |"


def test_the_licence_of_each_dependency_is_listed() -> None:
    check_part(
        DOCS / "reference" / "dependencies.md",
        "licences",
        "\n".join(["| Package | Version | Licence |", "| --- | --- | --- |", *rows()]),
    )
