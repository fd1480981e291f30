"""What the parser stumbles over, in words that say what to do. Never quotes the text of the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inferctl.diagnostics import Diagnostic, Severity, Span
from inferctl.fix import advice

if TYPE_CHECKING:
    import yaml

    from inferctl.syntax.source import Source

# (part of the parser's problem, what, fix). First match wins.
_KNOWN = (
    ("exceeded maximum nesting depth",
     "values are nested too deep", "check the brackets and the indentation"),
    ("undefined alias",
     "an alias (*name) without an anchor (&name) before it", "put a text that starts with * in quotes"),
    ("duplicate anchor", "an anchor (&name) is given twice", "give each anchor its own name"),
    ("undefined tag handle",
     "a tag that is not known", "remove the tag, or put a text that starts with ! in quotes"),
    ("mapping values are not allowed", "a second ': ' in a plain value", "put the value in quotes"),
    ("could not find expected ':'", "a key without a colon", "write key: value"),
    ("did not find expected key",
     "no key where one must stand: the indentation or a bracket is off", "align it with its siblings"),
    ("did not find expected '-' indicator",
     "a list item is expected here", "align the - with the items above"),
    ("did not find expected ',' or",
     "a list or mapping in brackets is not closed", "close it, or add the comma"),
    ("block sequence entries are not allowed",
     "a list may not start here", "start it on the next line, indented"),
    ("found unexpected end of stream", "a quote is not closed", "close the quote"),
    ("found unexpected document indicator",
     "a quote is not closed before the next document", "close the quote"),
    ("unknown escape character",
     "an unknown escape in double quotes", "double the backslash, or use single quotes"),
    ("hexdecimal", "an escape without its hexadecimal digits", "double the backslash, or use single quotes"),
    ("invalid Unicode character escape",
     "an escape that is no Unicode character", "write the character itself"),
    ("incompatible YAML document", "the %YAML directive names another version", "remove the directive"),
)  # fmt: skip


# What Git leaves at the first of the two sides.
_CONFLICT = re.compile(r"<<<<<<<( |$)")


def _unmerged(source: Source, line: int) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "yaml.conflict",
        "a merge conflict is left in the file",
        source.at(line, 0),
        "Git wrote both sides into it: which of them counts is not decided",
        (advice("keep one side, and remove the lines <<<<<<<, ======= and >>>>>>>"),),
    )


def syntax_fault(source: Source, error: yaml.YAMLError) -> Diagnostic:
    """The diagnostic for text that is no YAML, at the place where the parser gave up."""
    conflict = next((n for n, line in enumerate(source.lines) if _CONFLICT.match(line)), None)
    if conflict is not None:
        return _unmerged(source, conflict)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    span = source.at(mark.line, mark.column) if mark is not None else Span(source.file)
    what, fix = _words(problem, source, span)
    code = "yaml.depth" if "nesting depth" in problem else "yaml.syntax"
    related: tuple[tuple[str, Span], ...] = ()
    context = getattr(error, "context_mark", None)
    if context is not None and mark is not None and context.line != mark.line:
        related = (("started here", source.at(context.line, context.column)),)
    why = "the file is not YAML from here on, so nothing of it is used"
    return Diagnostic(Severity.ERROR, code, what, span, why, (advice(fix),), "", related)


def _words(problem: str, source: Source, span: Span) -> tuple[str, str]:
    line = source.line(span.line)
    here = line[span.column - 1 : span.column]
    if here == "\t" or ("cannot start any token" in problem and "\t" in line[: span.column]):
        return "a tab in the indentation", "indent with spaces"
    if "cannot start any token" in problem and here in "@`%":
        return f"a plain value may not start with {here}", "put the value in quotes"
    if here == "{" and line[: span.column - 1].endswith("$"):
        return "inside brackets a variable has to be in quotes", 'write it as "${name}"'
    for part, what, fix in _KNOWN:
        if part in problem:
            return what, fix
    return "this is not YAML", "check the indentation, quotes and brackets of this line and the one before"
