"""The JSON Schema of the settings file, for editors. Written out: a model has no place for what a person needs to read.

`settings.py` reads the file; a test holds the two together. Draft-07, as for endpoint files.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_VERBS = {
    "delete": "The endpoint with this id may be deleted.",
    "replace": "The endpoint with this id may be deleted and created again.",
    "adopt": "The endpoint with this id, which exists and is nobody's, becomes ours.",
    "forget": "The endpoint with this id is no longer ours, and stays.",
    "take_over": "The endpoint with this id, which is another scope's, becomes ours.",
}


def _strings(description: str, **more: Any) -> Schema:
    return {"description": description, "type": "array", "items": {"type": "string"}, **more}


def _text(description: str, **more: Any) -> Schema:
    return {"description": description, "type": "string", **more}


def _object(description: str, properties: dict[str, Schema], **more: Any) -> Schema:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **more,
    }


def settings_schema() -> Schema:
    """The schema of `inferctl.yaml`."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "inferctl settings file",
        **_object("What a team does not want to type each time. No key is required.", _fields()),
    }


def _fields() -> dict[str, Schema]:
    return {
        "scope": _text(
            "The name under which inferctl keeps what is ours.",
            pattern=r"^[a-z0-9]([a-z0-9_.\-]*[a-z0-9])?$",
            patternErrorMessage="a scope has lower-case letters, digits, - _ and . and starts and ends with a letter "
            "or digit",
            examples=["search-team"],
        ),
        "manage": _strings(
            "Globs of endpoint ids that are ours. Everything else is never changed and nothing outside is created.",
            examples=[["search-*"]],
        ),
        "endpoints": _strings(
            "Globs of endpoint files, relative to the folder of this file: the whole set.",
            examples=[["endpoints/**/*.yaml"]],
        ),
        "allow": {
            "description": "Steps that need no flag.",
            "type": "array",
            "items": {
                "enum": ["delete", "replace"],
                "enumDescriptions": [
                    "Delete what is ours and no longer in the files, as --allow-delete.",
                    "Delete and create again where an update cannot do it, as --allow-replace.",
                ],
            },
        },
        "limits": _object("What one run may do at most.", _limits()),
        "ignore": _strings(
            "Globs over paths of settings whose differences are left alone: service_settings.rate_limit.*"
        ),
        "ledger": {
            "description": "Where inferctl keeps what is ours.",
            "enum": ["index", "none"],
            "enumDescriptions": ["A hidden index in the cluster.", "Nowhere: `manage` alone decides."],
        },
        "lock": _object("The lock that one run of a scope holds.", _lock()),
        "permits": {
            "description": "Permissions for one step each, with a reason. They are reviewed like any change.",
            "type": "array",
            "items": _permit(),
        },
        "connection": _object("How to reach the cluster. Credentials come from the environment.", _connection()),
    }


def _limits() -> dict[str, Schema]:
    return {
        "max_deletes": {
            "description": "A number, or a percentage of the endpoints that are ours. More deletes stop the run. "
            "Default: 20 %, at least 1.",
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": 999_999_999,
            "pattern": "^(0{0,2}[0-9]%|0?[0-9]{2}%|100%|[0-9]{1,9})$",
            "patternErrorMessage": "a number, or a percentage up to 100%",
            "examples": [3, "20%"],
        },
        "max_changes": {
            "description": "A number of steps. More stop the run. Default: no limit.",
            "type": "integer",
            "minimum": 0,
            "examples": [50],
        },
    }


def _lock() -> dict[str, Schema]:
    return {
        "ttl_s": {
            "description": "Seconds after which the lock of a dead run may be taken over.",
            "type": "number",
            "minimum": 0.5,
            "maximum": 3600,
            "examples": [60],
        }
    }


def _permit() -> Schema:
    verbs = {verb: _text(about) for verb, about in _VERBS.items()}
    others = {
        "reason": _text("Why, for the review."),
        "until": _text(
            "The last day, as YYYY-MM-DD.",
            pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
            patternErrorMessage="a date is YYYY-MM-DD",
            examples=["2026-12-15"],
        ),
        "force": {
            "description": "Also where something refers to the endpoint.",
            "type": "boolean",
            "default": False,
        },
    }
    return _object(
        "One permission.",
        {**verbs, **others},
        required=["reason"],
        oneOf=[{"required": [verb]} for verb in _VERBS],
        defaultSnippets=[{"label": "delete", "body": {"delete": "old-elser", "reason": "moved to E5"}}],
    )


def _connection() -> dict[str, Schema]:
    return {
        "url": _text(
            "Address of the cluster, without user name and password.",
            pattern="^(?![A-Za-z][A-Za-z0-9+.\\-]*://[^/?#\\s]*@)",
            patternErrorMessage="user name and password come from the environment, not from a URL",
            examples=["https://search.example.com:9200"],
        ),
        "ca_certs": _text("Trust this CA file."),
        "ca_fingerprint": _text("Trust the certificate with this SHA-256 fingerprint."),
        "insecure": {"description": "Do not check the certificate.", "type": "boolean", "default": False},
        "timeout_s": {
            "description": "Limit of one request, in seconds.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 86_400,
            "examples": [30],
        },
    }
