"""Secrets as they are given out, one of each kind. All are made up; none opens anything."""

from __future__ import annotations

import base64
import json
import random
import string

_RANDOM = random.Random(13)
_LETTERS = string.ascii_letters + string.digits


def _random(length: int, letters: str = _LETTERS) -> str:
    return "".join(_RANDOM.choice(letters) for _ in range(length))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_PEM = "\n".join(
    ("-----BEGIN PRIVATE KEY-----", *(_random(64, _LETTERS + "+/") for _ in range(3)), "-----END PRIVATE KEY-----", "")
)
_GOOGLE = {
    "type": "service_account",
    "project_id": "p-1842",
    "private_key_id": _random(40, "0123456789abcdef"),
    "private_key": _PEM,
    "client_email": "e@p-1842.iam.gserviceaccount.com",
    "token_uri": "https://oauth2.googleapis.com/token",
}
_JWT_PARTS = ('{"alg":"RS256","typ":"JWT"}', '{"sub":"ci-1842","iat":1719847123}', _random(48))

# What a provider is reached with: it stands in `service_settings`, under whatever name the service gives it.
PROVIDER_SECRETS: dict[str, str] = {
    "OpenAI project key": f"sk-proj-{_random(24)}_{_random(24)}-{_random(20)}",
    "OpenAI key of the old form": f"sk-{_random(48)}",
    "Anthropic key": f"sk-ant-api03-{_random(30)}-{_random(30)}_{_random(8)}AA",
    "Azure key of 32 hex digits": _random(32, "0123456789abcdef"),
    "Azure storage key": _base64(_random(48))[:60] + "+/7Kq9==",
    "AWS access key": f"AKIA{_random(16, string.ascii_uppercase + string.digits)}",
    "AWS secret key": _random(17) + "/" + _random(11) + "+" + _random(10),
    "Google service account": json.dumps(_GOOGLE, indent=2),
    "Google service account on one line": json.dumps(_GOOGLE),
    "Google API key": f"AIzaSy{_random(33, _LETTERS + '_-')}",
    "Hugging Face token": f"hf_{_random(34)}",
    "JWT": ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in _JWT_PARTS),
    "UUID": "3f6c1f0e-8a5d-4b7e-9c21-d07be54a16f3",
    "password with special characters": "P@ss\"w0rd'&<%41>;\\{$x}=,!",
    "password in another script": "schlüssel-Ключ-鍵を開ける-ß9",
    "password with characters of two code units": "pw-🔑🗝️-4711-🔒-tür",
    "private key of many lines": _PEM,
    "4 characters": "Zk4t",
    "6 characters": "v7!Qx2",
    "8 letters": "qwzrtpmx",
    "16 digits": "4929180340716254",
    "4 KB": _random(4_096),
    "with percent signs": "100%41%zz%25k%2541-off%",
    "with ampersands": "R&amp;D&lt;k3y&#65;&copy;end&",
    "with angle brackets": "<script>k3y</script><b>9",
    "with double quotes": 'a"bc"def"k3y"9"""z',
    "with single quotes": "a'bc'def'k3y'9'''z",
    "with backslashes": "\\C:\\new\\x41\\u0041\\table\\\\k3y",
    "with blanks": "  brass horse 7 battery  staple ",
    "with slashes": "/opt//k3y/7Qz/../tail-94/",
    "with plus signs": "k3y+7Qz+ +tail+94++",
    "with line ends and tabs": "first 7Qz\r\n\tsecond-94\nthird k3y\t\n",
    "with braces": "pa, ss=wo}rd{x=[y]}, z",
    "address of a webhook": "https://hooks.test/services/T0K3Y94/B7Qz/" + _random(24),
    "connection string": f"AccountName=a1842;AccountKey={_base64(_random(20))};Suffix=net.test",
}

_KEY_ID, _KEY = _random(20), _random(22)
_PASSWORD = "hunter-T7q/9&b"

# What the cluster is reached with, by the name of the argument: the id of a key and the name of a user are no secrets.
CLUSTER_SECRETS: dict[str, tuple[str, str]] = {
    "cluster's API key, encoded": ("api_key", _base64(f"{_KEY_ID}:{_KEY}")),
    "cluster's API key, id and key": ("api_key", f"{_KEY_ID}:{_KEY}"),
    "cluster's password": ("basic_auth", _PASSWORD),
    "value of a Basic header": ("api_key", _base64(f"elastic:{_PASSWORD}")),
    "bearer token": ("bearer_auth", f"AAEAAWVsYXN0aWM{_random(40)}"),
}

SECRET_KINDS: dict[str, str] = PROVIDER_SECRETS | {kind: text for kind, (_, text) in CLUSTER_SECRETS.items()}

_PEM_LINES = "-----BEGIN PRIVATE KEY----- -----END PRIVATE KEY-----"
_PRIVATE = ("private_key_id", "private_key")
_PUBLIC_OF_GOOGLE = " ".join(
    f'"{name}": "{_PEM_LINES if name in _PRIVATE else value}' for name, value in _GOOGLE.items()
)
# Parts that are no secret: they go only together with what stands beside them.
PUBLIC_PARTS: dict[str, str] = {
    "Google service account": _PUBLIC_OF_GOOGLE,
    "Google service account on one line": _PUBLIC_OF_GOOGLE,
    "private key of many lines": _PEM_LINES,
    "address of a webhook": "https://",
    "cluster's API key, id and key": f"{_KEY_ID}:",
}
