"""The pages of all codes: those of diagnostics, of errors, of limits that stop a run, and of what holds a step."""

from __future__ import annotations

from inferctl.diagnostic_pages import CODES
from inferctl.diagnostics import Page

_ERRORS: dict[str, Page] = {
    "input.invalid": Page(
        "What was given cannot be used", "The findings below it say what, file by file. Nothing was sent."
    ),
    "settings.invalid": Page(
        "The connection is not told, told twice, or told by a file that may not",
        "Flags go before variables, and these before inferctl.yaml. A pull request can change that file: credentials "
        "are not sent to its address unless INFERCTL_TRUSTED_HOSTS names the host, and whom to trust it says only of "
        "its own address, where no credentials go.",
        "export ELASTICSEARCH_URL=https://search.example.com:9200",
    ),
    "bounds.refused": Page(
        "Outside of the operator's bounds",
        "What the run asks for exceeds what INFERCTL_BOUNDS and its short forms allow, or the bounds cannot be read. "
        "Each excess is named. Nothing was resolved, and nothing sent.",
    ),
    "plan.file": Page(
        "A plan file that cannot be used", "It is damaged, of another format, or of another scope. Plan again."
    ),
    "plan.stale": Page(
        "A saved plan for another cluster, or another version of it",
        "What was reviewed does not hold here. Nothing was sent. Plan again.",
        "inferctl plan --out plan.json",
    ),
    "cluster.not-confirmed": Page(
        "The first apply to a cluster that is not pinned",
        "The ledger of the cluster knows nothing of the scope, or knows it by another environment: perhaps it is "
        "another cluster than you mean. Pin it in inferctl.yaml, or say --first.",
        "cluster_uuid: 37eb79dd87114f469d6852",
    ),
    "usage": Page("The command line is wrong", "`--help` of the command lists what it takes."),
    "server.unsupported": Page("An older server", "inferctl works with Elasticsearch 8.17 and newer."),
    "client.write-refused": Page("A write through a client that only reads", "Nothing was sent."),
    "ledger.unusable": Page(
        "The ledger cannot be read or written",
        "It is never taken for an empty one: what is ours would be unknown.",
        "inferctl ledger check",
    ),
    "ledger.locked": Page(
        "Another run has the lock of the scope",
        "Two runs of one scope do not write at once. Wait for it, or remove the lock of a run that is dead.",
        "inferctl unlock",
    ),
    "ledger.lock-lost": Page("The lock went to another run", "After that nothing more was sent. Plan again."),
    "transport": Page("There is no usable answer", "The request is named; what may have happened is said with it."),
    "transport.connection-failed": Page(
        "No connection", "Nothing was sent. Check that the address is right, and reachable from here."
    ),
    "transport.tls-failed": Page(
        "The certificate was not accepted",
        "Nothing was sent. A certificate of an own CA has to be named.",
        "--ca-certs ca.pem",
    ),
    "transport.not-tried": Page("Not even tried", "The run was to end, or the cluster had not answered for a while."),
    "transport.timeout": Page("A read took too long", "Nothing changed.", "--request-timeout 60"),
    "transport.connection-lost": Page(
        "The answer to a read was cut off, or refused",
        "Nothing changed. What is refused is no HTTP, or larger than what is read (docs/explanation/limits.md). "
        "A proxy may stand between, or something else than Elasticsearch behind the address.",
    ),
    "transport.unknown-outcome": Page(
        "A write was sent, and its answer is not known",
        "It may have happened. The next plan reads what is there.",
        "inferctl plan",
    ),
    "api.error": Page("The server says no", "Its own words stand in the message."),
    "api.not-found": Page("There is no such thing", "404: an endpoint, an index, a model."),
    "api.already-exists": Page(
        "The id is taken", "A PUT never overwrites. The next plan shows what is there.", "inferctl plan"
    ),
    "api.referenced": Page(
        "Something refers to it", "The server deletes no endpoint that a pipeline or an index names."
    ),
    "api.conflict": Page("Another change is under way", "Somebody else writes at the same moment. Run again."),
    "api.invalid-request": Page("The server does not accept the request", "Its reason stands in the message."),
    "api.provider-refused": Page(
        "The provider refused", "The server tried the settings; the provider's words are in the message."
    ),
    "api.unauthorised": Page(
        "The credentials are missing or wrong", "401: nobody known asked.", "export ELASTICSEARCH_API_KEY=…"
    ),
    "api.forbidden": Page(
        "A privilege is missing", "The credentials are good, and do not allow this.", "inferctl roles"
    ),
    "api.licence": Page("The licence does not cover inference", "403: another licence is needed."),
    "api.throttled": Page(
        "Too many requests", "A limit of the cluster or of the provider. It is tried again, more slowly."
    ),
    "api.unavailable": Page("The cluster cannot serve now", "502, 503, 504, or a block. Run again later."),
    "api.deployment-timeout": Page("A model takes long to start", "The server gave up waiting; the start may go on."),
    "api.server-error": Page("The server failed", "5xx: its log says more."),
    "api.redirect-refused": Page("A redirect", "It is never followed: credentials are not carried elsewhere."),
    "api.unexpected-answer": Page("Not an answer of Elasticsearch", "Check that the address is that of Elasticsearch."),
    "error": Page("Something went wrong", "The message says what."),
    "output": Page("The output cannot be written", "The disk is full, or the stream is closed."),
    "internal": Page(
        "A defect in inferctl", "Report what the run prints with INFERCTL_DEBUG=1.", "export INFERCTL_DEBUG=1"
    ),
    "interrupted": Page("Ended from outside", "Ctrl-C or SIGTERM."),
    "run.not-ended": Page(
        "A report that was not finished", "The run has not ended, or it was killed: what it did is not known."
    ),
    "run.not-started": Page(
        "An environment whose turn did not come",
        "A run of several environments was interrupted before it: all is as it was.",
    ),
}
_IN_PLANS: dict[str, Page] = {
    "empty-set": Page("No file declares an endpoint", "An empty set would remove all that is ours: the run stops."),
    "incomplete-input": Page("A file could not be read", "What it declares is unknown, so nothing is done."),
    "max-deletes": Page("More deletes than allowed", "By default 20 % of ours, at least 1.", "--max-deletes 5"),
    "max-changes": Page("More steps than allowed", "`limits` or `--max-changes` bound them.", "--max-changes 50"),
    "all-matching-glob": Page(
        "Globs that match most of all ids, with deletes on",
        "They would remove what others made. All globs of `manage` count together, and which share of the ids that "
        "people write they match is worked out, so that leaving out a corner does not help.",
    ),
    "bounds.exceeded": Page(
        "A plan that exceeds the operator's bounds",
        "What it would do is more than INFERCTL_BOUNDS lets any run do, whoever asked for it: nothing is done.",
    ),
    "incomplete-list": Page("The list of endpoints is cut", "The server lists 10,000: what is missing is not known."),
    "stale": Page(
        "Something that a saved plan relies on has moved",
        "The step is not what was reviewed.",
        "inferctl plan --out plan.json",
    ),
    "not-ours": Page(
        "Somebody else's endpoint, or nobody's",
        "What is not yours is never changed. A permit, or a flag, makes it yours.",
        "permits: [{adopt: search-e5, reason: it is ours, until: 2030-01-31}]",
    ),
    "outside-manage": Page("An id outside of manage", "`manage` fences what a run may touch.", "--manage 'search-*'"),
    "reserved": Page("An id of the server", "Ids with a leading dot belong to it."),
    "referenced": Page(
        "Something uses the endpoint",
        "A pipeline or an index would break. Change them first, or force it.",
        "permits: [{delete: old-elser, force: true, reason: its index goes next week, until: 2030-01-31}]",
    ),
    "shared-deployment": Page("Others run on its deployment", "To delete the owner would stop the model under them."),
    "denies-used": Page(
        "A region policy would deny an endpoint that something uses",
        "What uses it would break. Let the policy allow a place where it runs, or name the endpoint that may go.",
        "permits: [{deny: search-rerank, reason: its index goes next week, until: 2030-01-31}]",
    ),
    "protected": Page("lifecycle.protect forbids it", "It outlives its file.", "lifecycle: {protect: []}"),
    "impossible": Page("The server or the command cannot do it", "The text says why."),
    "needs-allow-delete": Page(
        "Deletes are off",
        "A flag allows all deletes of one run, a permit one of them for some days.",
        "permits: [{delete: old-elser, reason: no file declares it any more, until: 2030-01-31}]",
    ),
    "needs-allow-replace": Page(
        "Replaces are off",
        "The server cannot change it in place; a replace deletes first. A flag allows all of one run, a permit one.",
        "permits: [{replace: search-e5, reason: an update cannot change it, until: 2030-01-31}]",
    ),
    "unreadable": Page("The server cannot show the endpoint", "A GET of it fails, so nobody knows what it is."),
    "record-unreadable": Page(
        "Its record in the ledger cannot be read",
        "Whose it is, is unknown until the record is mended.",
        "inferctl ledger repair search-e5",
    ),
}
PAGES: dict[str, Page] = {**CODES, **_ERRORS, **_IN_PLANS}
