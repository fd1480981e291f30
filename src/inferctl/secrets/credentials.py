"""What in a value is a credential that stands there in clear: by the name of a key, in a URL, or by its own form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from inferctl.json_types import texts_in
from inferctl.secrets.credential_names import is_secret_parameter, looks_secret, sounds_secret
from inferctl.secrets.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inferctl.json_types import Json, Path

# Up to the last @ before the path. With a password the text may hold ? and #, which do not belong there.
_USER_INFO = re.compile(r"(?<=://)(?:[^/?#\s\"']*|[^/?#\s\"':]*:(?![0-9]+[?#])[^/\s\"']*)@")
_PARAMETER = re.compile(r"[?&]([^=?&#\s]+)=([^&#\s]+)")
# A member of JSON in a text, as in the body that `custom` sends.
_MEMBER = re.compile(r'"([^"\\]{1,100})"\s*:\s*"((?:[^"\\]|\\.)+)"')
# Keys as they are given out, tokens and private keys: told by their form, whatever the name of the field.
_KEY = re.compile(
    r"""-----BEGIN[A-Z ]*\ PRIVATE\ KEY-----
      | (?<![A-Za-z0-9]) (?:
            sk-[A-Za-z0-9_\-]{16,} | (?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}
          | (?:gh[opsur]|github_pat|glpat|gsk|hf|jina|nvapi|xai|xox[a-z])(?:_|(?<!jina)-)[A-Za-z0-9_\-]{16,}
          | (?:AKIA|ASIA)[0-9A-Z]{16} (?![A-Za-z0-9])
          | AIza[A-Za-z0-9_\-]{30,}
          | eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,} (?:\.[A-Za-z0-9_\-]*)?
          | (?i:bearer|basic|apikey)\s+(?=[^\s"']*[0-9])[A-Za-z0-9._~+/\-]{8,}=*
          | (?=[a-z0-9]*[A-Z])(?=[A-Z0-9]*[a-z])(?=[A-Za-z]*[0-9])[A-Za-z0-9]{40,}=*
        )""",
    re.VERBOSE,
)


def keys_in(text: str) -> list[str]:
    """The parts of a text that have the form of a key: `sk-…`, `AKIA…`, a token (`Bearer …`, JWT), a private key.

    Of a private key, which has many lines, it is the whole text.
    """
    return [text if one.startswith("-----") else one for one in _KEY.findall(text)]


def without_keys(text: str) -> str:
    """The text with a mask in the place of each."""
    return _KEY.sub(MASK, text)


def user_info(text: str) -> str:
    """The user name and the password of the first URL in a text that holds some; empty without any."""
    found = _USER_INFO.search(text)
    return found[0][:-1] if found else ""


def secret_parameters(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each query parameter in a text that holds a credential."""
    return ((name, value) for name, value in _PARAMETER.findall(text) if is_credential(name, value))


def is_credential(name: str, text: str) -> bool:
    """Whether a query parameter of this name holds one; a template does not."""
    return is_secret_parameter(name) and not is_template(text)


def is_template(text: str) -> bool:
    """A text that the `custom` service fills in: `Bearer ${api_key}`."""
    return "${" in text


def holds_credential(path: Path, value: Json) -> bool:
    """Whether a value that a server shows in clear is, or contains, a credential; `path` leads to it.

    By the name of a key, of a query parameter, of the first of two words in a list; by a user name in a URL; or by
    its form. A template holds none.
    """
    if any(looks_secret(part) for part in path[1:] if isinstance(part, str)):
        return any(text and not is_template(text) for text in texts_in(value))
    if isinstance(value, str):
        return bool(user_info(value) or keys_in(value)) or any(True for _ in secret_parameters(value))
    if isinstance(value, Mapping):
        return any(holds_credential((*path[:1], key), inner) for key, inner in value.items())
    if isinstance(value, Sequence):
        name, text = parameter(value)
        return is_credential(name, text) or any(holds_credential(path[:1], inner) for inner in value)
    return False


def may_not_be_shown(path: Path, value: Json) -> bool:
    """`holds_credential`, or JSON in a text with a member that sounds like one: to hide too much harms nobody here."""
    return holds_credential(path, value) or any(True for text in texts_in(value) for _ in secret_members(text))


def secret_members(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each member of JSON in a text that holds a credential, as in the body that `custom` sends."""
    return ((name, member) for name, member in _MEMBER.findall(text) if looks_secret(name) and not is_template(member))


def _with_template(found: re.Match[str]) -> str:
    name, member = found.groups()
    return f'"{name}": "${{{name}}}"' if looks_secret(name) and not is_template(member) else found[0]


def parameter(value: Json) -> tuple[str, str]:
    """A name and its value, as `custom` writes the parameters of a query; empty texts for anything else."""
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        name, text = value
        if isinstance(name, str) and isinstance(text, str):
            return name, text
    return "", ""


def without_credentials(value: Json) -> Json:
    """Texts and lists without user names in URLs, without query parameters that hold a credential, without keys.

    In JSON in a text a template stands in the place of a credential.
    """
    if isinstance(value, str):
        if keys_in(value):
            return ""
        value = _MEMBER.sub(_with_template, value)
        kept = _PARAMETER.sub(lambda found: "" if is_credential(found[1], found[2]) else found[0], value)
        left = _USER_INFO.sub("", kept)
        return left if "?" in left else left.replace("&", "?", 1)
    if isinstance(value, Sequence):
        items = (without_credentials(item) for item in value if not is_credential(*parameter(item)))
        return [item for item in items if item != ""]
    return value


def without_credentials_in_text(text: str) -> str:
    """The text with a mask in the place of keys, and of what may be a credential in its URLs."""
    return _PARAMETER.sub(_masked_parameter, _USER_INFO.sub(f"{MASK}@", without_keys(text)))


def _masked_parameter(found: re.Match[str]) -> str:
    name, value = found.groups()
    is_shown = is_template(value) or not sounds_secret(name)
    return found[0] if is_shown else f"{found[0][: -len(value)]}{MASK}"
