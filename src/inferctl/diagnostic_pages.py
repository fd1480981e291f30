"""Every code of a diagnostic, with its page: what it means, why the rule is there, an example of the fix.

One table for `explain`, the reference in the docs and the test that no code goes unexplained.
"""

from __future__ import annotations

from inferctl.diagnostics import Page
from inferctl.settings_pages import SETTINGS_CODES

CODES: dict[str, Page] = {
    "yaml.syntax": Page(
        "The text is not YAML",
        "The parser gave up at this place; nothing after it was read. Most often a quote or bracket "
        "is left open, the indentation is off, or a value holds ': ' or starts with a special "
        "character without quotes.",
        'description: "a: b"',
    ),
    "yaml.conflict": Page(
        "A merge conflict is left in the file",
        "Git marks a place that it could not merge by itself with the lines <<<<<<<, ======= and >>>>>>>. Keep one "
        "side, or what both want together, and remove the three lines.",
    ),
    "yaml.character": Page(
        "A character that may not stand in a YAML file",
        "Control characters are refused. So are NEL (U+0085), LS (U+2028) and PS (U+2029): they end "
        "lines in YAML 1.1 and not in 1.2. Inside double quotes each can be written as an escape.",
        '"\\u2028"',
    ),
    "yaml.duplicate-key": Page(
        "A key is given twice",
        "YAML wants the keys of a mapping to be unique. Most readers keep the last of two and say nothing.",
    ),
    "yaml.key": Page(
        "A key that is not a string",
        "Files become JSON, and keys of JSON objects are strings. Quote a key that looks like something else.",
        '"1": value',
    ),
    "yaml.merge-key": Page(
        "The merge key <<",
        "Merging belongs to YAML 1.1. An alias may still stand for a whole value.",
        "chunking_settings: *small",
    ),
    "yaml.tag": Page(
        "A tag that is not known",
        "Only the tags of the YAML 1.2 core schema are read (!!str, !!int, !!float, !!bool, !!null, "
        "!!map, !!seq), and the value must fit. Tags of other programs can run code there.",
    ),
    "yaml.alias-bomb": Page(
        "Aliases without bound",
        "An alias stands inside the value it repeats, or aliases of aliases make the document too large.",
    ),
    "yaml.depth": Page("Values are nested too deep", "No setting is nested deeper than a handful of levels."),
    "yaml.number": Page(
        "A number that JSON cannot hold",
        ".inf, .nan and numbers out of range have no JSON form. Quote the text if a text is meant.",
    ),
    "yaml.1-1": Page(
        "YAML 1.1 reads this differently (warning)",
        "inferctl reads plain values as YAML 1.2 says: no, yes, on, off, 1:30 and dates are strings, "
        "017 is seventeen, 1e3 is a number. A tool that follows YAML 1.1 reads something else from "
        "the same file. Quotes end the doubt.",
        'user: "no"',
    ),
    "file.encoding": Page("The file is not UTF-8", "Save it as UTF-8. A byte order mark is accepted."),
    "file.too-large": Page("The file is too large", "A file may have a million bytes: some 2,000 endpoints."),
    "file.not-found": Page(
        "There is no such file",
        "A path that does not exist is an error, because its endpoints would look as if they had been removed.",
    ),
    "file.unreadable": Page(
        "A file cannot be read",
        "It exists, and reading it failed. Nothing is sent: its endpoints would look as if they had been removed.",
    ),
    "file.too-many": Page(
        "More findings than anybody reads",
        "Of one file 500 findings are shown. It counts as an error where one of the others is.",
    ),
    "file.outside": Page(
        "A link or a glob that leads out of the repository",
        "A pull request can bring links and write endpoints: in the settings file. What they name is read inside the "
        "repository (the folder with .git, else the working directory) and never below a hidden name, or a link to "
        "/proc/self/environ would show the secrets of the job. A path on the command line may lead anywhere.",
    ),
    "file.no-match": Page(
        "A glob matches no file",
        "An empty match is more often a wrong path than a wish.",
        "endpoints/**/*.yaml",
    ),
    "file.unmatched": Page(
        "An endpoint file that no glob matches (warning)",
        "A file that is not read declares nothing. Rename it, add it to endpoints:, or move it elsewhere.",
    ),
    "file.not-selected": Page(
        "A path outside the set",
        "With endpoints: in the settings file those globs are the whole set, and paths on the command "
        "line only select.",
    ),
    "file.overlay": Page(
        "A file that is an endpoint file and an overlay",
        "An endpoint file declares for every environment, an overlay changes an endpoint in one. Keep overlays in a "
        "folder that no glob of endpoints: reaches.",
        'overlays: ["environments/prod/**/*.yaml"]',
    ),
    "file.empty": Page("A file without endpoints (warning)", "It holds no document, or only comments."),
    "file.empty-set": Page(
        "No endpoint at all",
        "An empty set would mean: remove everything. inferctl never takes it for a wish.",
    ),
    "endpoint.document": Page(
        "Not an endpoint",
        "Each document of a file is one endpoint (a mapping) or a list of endpoints.",
    ),
    "endpoint.unknown-field": Page(
        "An unknown field of an endpoint",
        "The top level holds the body of the PUT request, inference_id, task_type, and inferctl's own "
        "lifecycle, probe and passthrough. Everything else is an error, because a misspelled key "
        "would be lost without a word.",
    ),
    "endpoint.missing-field": Page(
        "A required field is missing",
        "An endpoint needs inference_id, task_type, service and service_settings; a probe needs input.",
    ),
    "endpoint.wrong-type": Page(
        "A value of the wrong type",
        "Values are sent as they stand: a number in quotes is a string.",
        'inference_id: "1"',
    ),
    "endpoint.id": Page(
        "Not an id",
        "Elasticsearch takes lower-case letters, digits, hyphens, underscores and dots; the first and "
        "last character is a letter or digit. Ids that start with a dot are the server's own.",
        "inference_id: product-search",
    ),
    "endpoint.task-type": Page(
        "Not a task type",
        "Known: chat_completion, completion, embedding, rerank, sparse_embedding, text_embedding. A newer one goes "
        "through with passthrough: true; the plan says so.",
        "task_type: text_embedding",
    ),
    "endpoint.service": Page(
        "Not a service",
        "It is not in the catalogue. A newer service goes through unchecked with passthrough: true; the plan says so.",
    ),
    "endpoint.duplicate-id": Page(
        "Two endpoints with one id",
        "An id is unique in a cluster, over all task types, files and documents.",
    ),
    "endpoint.model-id": Page(
        "An id that is also a model or deployment",
        "Elasticsearch refuses to create an endpoint whose id is the id of a trained model or of a "
        "deployment that the endpoint did not start itself.",
    ),
    "endpoint.same-model": Page(
        "One model is started twice (warning)",
        "Each in-cluster endpoint without deployment_id starts a deployment of its own. To share one, "
        "give the second endpoint the id of the first as deployment_id.",
        "service_settings: {deployment_id: my-elser}",
    ),
    "endpoint.one-deployment": Page(
        "Different settings for one deployment",
        "Endpoints that share a deployment share its model, threads and allocations.",
    ),
    "overlay.document": Page(
        "Not an overlay",
        "Each document of an overlay file is one overlay (a mapping) or a list of overlays. An overlay has an "
        "inference_id and the keys that differ from the endpoint file.",
    ),
    "overlay.inference-id": Page(
        "An overlay without an id",
        "Overlays are merged by inference_id: it names the endpoint that the overlay changes.",
        "inference_id: product-search",
    ),
    "overlay.no-base": Page(
        "An overlay for nothing",
        "No endpoint file declares the id, so nothing would be changed. Most often the id is misspelled, or the "
        "endpoint was renamed. An endpoint of one environment alone is declared in whole in an overlay file: with "
        "task_type, service and service_settings.",
    ),
    "overlay.twice": Page(
        "Two overlays for one endpoint",
        "Which of two counts would depend on the names of the files. One environment has one overlay for an id.",
    ),
    "overlay.kind": Page(
        "An overlay that changes the kind of an endpoint",
        "Settings of one service, or for one task, say nothing to another. So an overlay with another service or task "
        "type gives the endpoint in whole, and takes the place of the base.",
    ),
    "overlay.removes-nothing": Page(
        "A null that removes nothing",
        "In an overlay null takes a key of the base away. The base has no key of this name: it is misspelled, or the "
        "base lost it. Remove it here too.",
    ),
    "overlay.skip": Page(
        "skip is neither true nor false",
        "skip: true leaves the endpoint out of the environment.",
        "skip: true",
    ),
    "lifecycle.protect": Page("An unknown protection", "Known: delete and replace.", "protect: [delete, replace]"),
    "lifecycle.ready-timeout": Page(
        "Not a duration",
        "Hours, minutes and seconds, in this order, more than 0.",
        "ready_timeout: 1h30m",
    ),
    "probe.mismatch": Page(
        "A probe that does not fit its task type",
        "rerank needs a query and the others take none; only dense vectors have dimensions; "
        "chat_completion has no route that a probe could use.",
        'probe: {input: "a red shoe", expect: {dimensions: 1536}}',
    ),
    "secret.literal": Page(
        "A secret as plain text",
        "Files are in Git. A secret stands there as a reference and is read just before it is sent. "
        "Change a key that was committed. The credential part of a URL counts too: a user name, or a query "
        "parameter that sounds like a key. So does a text that has the form of a key, under any name.",
        "api_key: {env: OPENAI_API_KEY}",
    ),
    "secret.reference": Page(
        "Not a well-formed reference",
        "A reference is a mapping with one key: env with the name of a variable (letters, digits, "
        "underscores), or file with a path below the secrets root.",
        "api_key: {file: openai/key}",
    ),
    "secret.in-url": Page(
        "A secret in a URL",
        "The server puts the secret into the URL or the query of each request. URLs end up in the logs of proxies "
        "and providers, so a secret never goes there. Put it into a header.",
        'headers: {Authorization: "Bearer ${api_key}"}',
    ),
    "secret.misplaced": Page(
        "A secret in the wrong place",
        "References stand in secret fields of service_settings only; all else is shown in plans and by GET.",
    ),
    "secret.unset": Page(
        "A secret is not set",
        "The variable or file that a reference names does not exist.",
        "export OPENAI_API_KEY=…",
    ),
    "secret.empty": Page("A secret is empty", "The variable or file exists and holds nothing but white space."),
    "secret.unreadable": Page(
        "A secret cannot be read",
        "The file exists and is no text, too large, or not readable.",
    ),
    "secret.denied": Page(
        "A reference that the operator does not allow",
        "INFERCTL_SECRETS_ALLOW bounds the names, INFERCTL_SECRETS_ROOT the folder that files may "
        "refer to, so that a pull request cannot send other secrets of the job to a URL of its "
        "choice. Without a list no file may name what opens the cluster, nor the tokens of the CI and of its machine.",
        "INFERCTL_SECRETS_ALLOW='OPENAI_*,COHERE_*'",
    ),
    "host.untrusted": Page(
        "A host that the operator does not trust",
        "INFERCTL_TRUSTED_HOSTS lists the hosts that the cluster's URL and the files may lead to, so that a pull "
        "request cannot send a key to a host of its choice: by a URL, a header Host, a setting that is a part of a "
        "host (a region, a resource), or a service that has a usual host. Globs over the host, or over host:port.",
        "INFERCTL_TRUSTED_HOSTS='search.example.com my-shop.openai.azure.com'",
    ),
    **SETTINGS_CODES,
    "service.task-type": Page(
        "A task type that the service does not offer",
        "Each service offers some of the six task types, and some only from a later server version on.",
        "task_type: rerank",
    ),
    "field.unknown": Page(
        "An unknown setting of a service",
        "The server refuses keys that it does not know, or ignores them in an update. A setting newer "
        "than this inferctl goes through with passthrough: true; the plan says so.",
    ),
    "field.missing": Page(
        "A required setting is missing",
        "The service refuses to create the endpoint without it. Some settings are required only "
        "together with others; the message says which.",
    ),
    "field.type": Page(
        "A setting of the wrong type",
        "Values are sent as they stand: a number in quotes is a string.",
        "dimensions: 512",
    ),
    "field.form": Page(
        "A text that the setting cannot hold",
        "It becomes a part of an address or a header. A character that ends that part would send the key elsewhere.",
    ),
    "field.enum": Page(
        "A value that is not one of the known ones",
        "The message lists the values that the service takes, spelled as the server spells them.",
        "similarity: cosine",
    ),
    "field.range": Page(
        "A number out of its range",
        "The message gives the bounds, which can differ between server versions.",
    ),
    "field.version": Page(
        "Newer than the server",
        "The service, task type or setting came with a later version than the server that is asked for.",
    ),
    "field.removed": Page(
        "No longer known to the server",
        "The setting was removed in an earlier version than the server that is asked for.",
    ),
    "field.task-type": Page(
        "A setting of another task type",
        "The service knows the setting, but not for endpoints of this task type.",
    ),
    "field.not-accepted": Page(
        "A setting that cannot be given",
        "The server fills it in and refuses it in a PUT. GET shows it; leave it out of the file.",
    ),
    "rule.one-of": Page(
        "One of several settings is needed",
        "None of them is required by itself, but the service needs one. The message lists them.",
        "service_settings: {num_allocations: 1}",
    ),
    "rule.combination": Page(
        "A setting that does not go with another",
        "The service knows the setting, but refuses it, or never looks at it, beside the value of another "
        "one. The message says which.",
    ),
    "rule.provider": Page(
        "A provider that does not offer the task type",
        "The service is a door to several providers, and each offers some task types only.",
        "provider: cohere",
    ),
    "rule.model-task": Page(
        "A model of another task type",
        "The models that come with Elasticsearch serve one task type each: ELSER sparse_embedding, E5 "
        "text_embedding, the reranker rerank.",
        "model_id: .elser_model_2",
    ),
    "rule.exclusive": Page("Settings that exclude each other", "Of these settings only one may be given."),
    "chunking.strategy": Page(
        "An unknown chunking strategy",
        "Known: sentence, word, and from 8.19 and 9.1 recursive and none. Lower case only.",
        "chunking_settings: {strategy: sentence, max_chunk_size: 250, sentence_overlap: 1}",
    ),
    "chunking.task-type": Page(
        "Chunking where nothing is embedded",
        "Only text_embedding, sparse_embedding and embedding endpoints split their input.",
    ),
}
