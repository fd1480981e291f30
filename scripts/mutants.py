"""Small changes to a Python file that its tests should notice: the mutants of scripts/mutate. Pure."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
Edit: TypeAlias = tuple[int, int, str]  # from, to (octets of the file), the new text


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: which octets of which file become what, and where that is to be read."""

    file: Path
    source: bytes
    line: int
    edit: Edit

    @property
    def mutated(self) -> bytes:
        start, end, text = self.edit
        return self.source[:start] + text.encode() + self.source[end:]

    def __str__(self) -> str:
        before, after = self.source.decode().splitlines(), self.mutated.decode().splitlines()
        lines = difflib.unified_diff(before, after, lineterm="", n=0)
        shown = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
        return "\n".join([f"{self.file}:{self.line}", *(f"    {line}" for line in shown)])


def mutants_of(file: Path, source: bytes) -> list[Mutant]:
    """Every mutant of one file that is a program still, in the order of the text."""
    walk = _Walk(source)
    walk.visit(ast.parse(source))
    mutants = [Mutant(file, source, line, edit) for line, edit in sorted(set(walk.edits))]
    return [mutant for mutant in mutants if _compiles(mutant.mutated)]


def _compiles(source: bytes) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


class _Walk(ast.NodeVisitor):
    """Collects the edits. Left out: annotations, docstrings, decorators, `assert`, what only a type checker reads."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.edits: list[tuple[int, Edit]] = []

    def at(self, node: ast.AST) -> tuple[int, int]:
        place = node
        assert isinstance(place, ast.expr | ast.stmt | ast.keyword | ast.excepthandler)
        assert place.end_lineno is not None
        assert place.end_col_offset is not None
        return self.starts[place.lineno - 1] + place.col_offset, self.starts[
            place.end_lineno - 1
        ] + place.end_col_offset

    def change(self, node: ast.AST, text: str) -> None:
        self.replace(*self.at(node), text)

    def replace(self, start: int, end: int, text: str) -> None:
        line = self.source.count(b"\n", 0, start) + 1
        self.edits.append((line, (start, end, text)))

    def text(self, node: ast.AST) -> str:
        start, end = self.at(node)
        return self.source[start:end].decode()

    def between(self, left: ast.AST, right: ast.AST, operator: ast.AST) -> None:
        """The operator that stands between two operands becomes its counterpart."""
        if type(operator) not in OPERATORS:
            return
        old, new = OPERATORS[type(operator)]
        start, end = self.at(left)[1], self.at(right)[0]
        words = r"\s+".join(map(re.escape, old.split()))
        found = re.search(rf"(?<!\w){words}(?!\w)".encode(), self.source[start:end])
        if found:
            self.replace(start + found.start(), start + found.end(), new)

    def drop(self, parts: Sequence[ast.AST]) -> None:
        """Each of several parts between commas goes, with a comma."""
        for number, part in enumerate(parts):
            start, end = self.at(part)
            if number + 1 < len(parts):
                self.replace(start, self.at(parts[number + 1])[0], "")
            elif number:
                self.replace(self.at(parts[number - 1])[1], end, "")
            else:
                after = re.match(rb"\s*,", self.source[end:])
                self.replace(start, end + (after.end() if after else 0), "")

    def condition(self, node: ast.expr) -> None:
        for forced in ("True", "False"):
            self.change(node, forced)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.visit(default)
        self.body(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  the name that ast asks for

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.body(node.body)

    def body(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and self.text(node.annotation) != "TypeAlias":
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
            self.change(node, "pass")
        if not (isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__"):
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.change(node, "pass")
        self.visit(node.value)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Said to the type checker."""

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        self.change(node, "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self.change(node, "pass")  # its sentence is nobody's business

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and self.text(node.value) != "None":
            self.change(node.value, "None")
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if self.text(node.test) == "TYPE_CHECKING":
            return
        self.condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.condition(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self.change(node.test, "False")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self.condition(test)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if isinstance(node.type, ast.Tuple):
            self.drop(node.type.elts)
        self.body(node.body)

    def visit_Continue(self, node: ast.Continue) -> None:
        self.change(node, "break")

    def visit_Break(self, node: ast.Break) -> None:
        self.change(node, "continue")

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            self.between(left, right, operator)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, node.op)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.between(node.left, node.right, node.op)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.change(node, self.text(node.operand))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self.drop_keywords(node)
        if self.text(node.func) == "re.compile" and isinstance(node.args[0], ast.Constant):
            self.alternatives(node.args[0])
        self.generic_visit(node)

    def drop_keywords(self, node: ast.Call) -> None:
        """A named argument that has a default would not be missed."""
        parts = [*node.args, *node.keywords]
        places = sorted(parts, key=lambda part: self.at(part)[0])
        for keyword in node.keywords:
            number = places.index(keyword)
            start = self.at(places[number - 1])[1] if number else self.at(keyword)[0]
            self.replace(start, self.at(keyword)[1], "")

    def alternatives(self, node: ast.Constant) -> None:
        """Each word goes from a pattern of words."""
        start, end = self.at(node)
        for word in (rb"""(?<=[(|:"'])\w[\w?\-]*\|""", rb"""\|\w[\w?\-]*(?=[)"'])"""):
            for found in re.finditer(word, self.source[start:end]):
                self.replace(start + found.start(), start + found.end(), "")

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.change(node, str(not node.value))
        elif isinstance(node.value, int | float):
            self.change(node, f"{self.text(node)} + 1")

    def visit_Set(self, node: ast.Set) -> None:
        self.drop(node.elts)
        self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        self.drop(node.elts)
        self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        if len(node.elts) > 2:  # a pair without a part is no pair
            self.drop(node.elts)
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Sentences may be reworded."""
