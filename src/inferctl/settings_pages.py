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
    "variable.unset": Page(
        "A variable that the environment does not have",
        "`${name}` takes its value from `variables:` of the chosen environment in the settings file: not from the "
        "shell, and there is no default. `$${` stands for `${` itself.",
        "num_allocations: ${allocations}",
    ),
    "variable.form": Page(
        "`${` without the name of a variable",
        "In the braces stands one name of letters, digits and `_`: no default, no code. `$${` stands for `${` itself.",
        'user: "$${not-a-name}"',
    ),
    "variable.place": Page(
        "A variable where none may stand",
        "An `inference_id` is the same in every environment: overlays, permits and the ledger name it. In the name of "
        "a secret (`{env: NAME}`, `{file: PATH}`) variables stand only with `variables_in_secret_names: true`.",
        "variables_in_secret_names: true",
    ),
    "variable.template": Page(
        "A variable, or a template of the server",
        "The `custom` service has templates of its own: `${input}` and other words of the request, and the names in "
        "`secret_parameters` and `task_settings.parameters`. A variable of the same name would be either.",
    ),
    "variable.size": Page(
        "Variables that make the endpoints too large",
        "All that variables add to the endpoints of a run is bounded: a long one in many values would fill the memory.",
    ),
    "variable.literal": Page(
        "A text that looks like a variable (warning)",
        "Variables belong to environments of the settings file, and stand in values of endpoint files. Anywhere else "
        "`${NAME}` is what it is, a text, and the server gets it as it stands.",
    ),
    "variable.unused": Page(
        "A variable that no file names (warning)",
        "Neither an endpoint file nor an overlay has a value with it: its name is misspelled, or it is left over.",
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
        "`cluster_uuid` pins the cluster that is meant, and another one answers at the address, or the one that "
        "another environment pins. Nothing but `GET /` was sent. Most often the address, or a variable of the shell, "
        "is that of another cluster.",
        "cluster_uuid: 37eb79dd87114f469d6852",
    ),
    "settings.two-addresses": Page(
        "The shell and the environment name two addresses",
        "A flag or a variable names the cluster, and `connection.url` of the chosen environment another one. Nothing "
        "was sent: one of the two was left over from another cluster.",
    ),
    "settings.other-credentials": Page(
        "Credentials that may be for another cluster",
        "With environments credentials stay with the address that they stand beside. Each environment has variables "
        "of its own, and in a run of several no others count. Nothing was sent.",
        "export INFERCTL_PROD_API_KEY=…",
    ),
    "settings.not-pinned": Page(
        "An environment for production without a pin",
        "`production: true` takes writes only for the cluster that `cluster_uuid` names: neither an answer nor "
        "`--first` will do.",
        "cluster_uuid: 37eb79dd87114f469d6852",
    ),
    "settings.production": Page(
        "A connection to production that is not safe",
        "`production: true` refuses plain http to another machine, and a certificate that is not checked.",
    ),
    "settings.value": Page("A setting out of its range", "The message names what is known there."),
}
