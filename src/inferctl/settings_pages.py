"""The pages of codes that are about the settings file and the operator's bounds: a part of `diagnostic_pages`."""

from __future__ import annotations

from inferctl.diagnostics import Page

SETTINGS_CODES: dict[str, Page] = {
    "bounds.scheme": Page(
        "A scheme out of bounds",
        "Where hosts are bound only https is allowed, unless `schemes` of INFERCTL_BOUNDS says otherwise.",
    ),
    "bounds.document": Page(
        "The operator's bounds cannot be read",
        "INFERCTL_BOUNDS names a document outside of the repository, or holds it. A misspelled bound would be none.",
        'scopes: ["search-team"]',
    ),
    "bounds.environment": Page(
        "An environment out of bounds",
        "`environments` names those that a run may use. No run goes without one.",
    ),
    "bounds.scope": Page("A scope out of bounds", "`scopes` names those that a run may go under. None goes without."),
    "bounds.manage": Page("An id out of bounds", "`manage` says which ids a run may touch: a glob may match no other."),
    "bounds.allow": Page("A permission out of bounds", "`allow` lists what flags, settings and permits may allow."),
    "bounds.limit": Page("A limit out of bounds", "`limits` says how high the limits of a run may be set."),
    "bounds.service": Page("A service out of bounds", "`services` names those that files may use."),
    "bounds.passthrough": Page(
        "passthrough: true out of bounds",
        "What inferctl does not know, it cannot hold against the bounds. Where these name hosts, a service that it "
        "does not know needs their `passthrough: true`, and so does a text in a setting that it does not know: each "
        "could name a host. With it, what looks like a host is checked.",
    ),
    "bounds.cluster": Page(
        "A cluster out of bounds", "`cluster_uuids` names those that a run may use, as `GET /` does."
    ),
    "settings.document": Page("Not a settings file", "The settings file is one document that holds a mapping."),
    "settings.name": Page(
        "A settings file under another name",
        "It is called inferctl.yaml. No other name is read, and a run without its limits would differ.",
    ),
    "settings.environment": Page(
        "No such environment, or none chosen",
        "Where the settings file has `environments`, a run says which one is meant: `--env`, else `INFERCTL_ENV`. "
        "Where it has none, a run may name none.",
        "environments: {prod: {}}",
    ),
    "settings.unknown-field": Page(
        "An unknown setting",
        "A misspelled limit would be no limit at all, so it is an error.",
    ),
    "settings.missing-field": Page("A setting is missing", "Each permit gives a reason."),
    "settings.wrong-type": Page(
        "A setting of the wrong type",
        "Values are taken as they stand; nothing is converted.",
    ),
    "settings.permit-expired": Page(
        "A permit whose last day is over",
        "A permit is for one occasion. Once its `until` is past, the run stops until somebody removes it, or "
        "reviews it again with a later day.",
        "permits: [{delete: old-elser, reason: moved to e5, until: 2030-01-31}]",
    ),
    "settings.cluster-uuid": Page(
        "Another cluster than the pinned one",
        "`cluster_uuid` pins the cluster that is meant, and another one answers at the address. Nothing but `GET /` "
        "was sent. Most often the address, or a variable of the shell, is that of another cluster.",
        "cluster_uuid: 37eb79dd87114f469d6852",
    ),
    "settings.value": Page("A setting out of its range", "The message names what is known there."),
}
