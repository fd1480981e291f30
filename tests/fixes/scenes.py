"""One way into each complaint that has a fix: files, a cluster, a command."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.typed_fix import GOOD

from inferctl.ledger.records import Holder, lock_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .typist import Desk

SETTINGS = 'scope: shop\nendpoints: ["e/*.yaml"]\n'


def rerank(name: str = "a", model: str = "rerank-v3.5", more: str = "") -> str:
    return (
        f"inference_id: {name}\ntask_type: rerank\nservice: cohere\n"
        f"service_settings: {{model_id: {model}, api_key: {{env: COHERE_API_KEY}}}}\n{more}"
    )


def elser(name: str, settings: str, task_type: str = "sparse_embedding") -> str:
    return f"inference_id: {name}\ntask_type: {task_type}\nservice: elasticsearch\nservice_settings: {settings}\n"


def of(service: str, task_type: str, settings: str, more: str = "") -> str:
    return f"inference_id: a\ntask_type: {task_type}\nservice: {service}\nservice_settings: {settings}\n{more}"


@dataclass(frozen=True)
class Scene:
    """`complaint` is provoked by the command `line` on `files`, after `setup`."""

    complaint: str
    files: Mapping[str, str | bytes]
    line: tuple[str, ...] = ("validate", "--format", "json")
    setup: Callable[[Desk], None] = lambda _desk: None
    environment: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    version: str = "9.5"

    def open(self, desk: Desk) -> None:
        desk.environment.update({"COHERE_API_KEY": "k", "OPENAI_API_KEY": "k", **self.environment})
        for name in self.without:
            desk.environment.pop(name)
        for name, text in {"inferctl.yaml": SETTINGS, **self.files}.items():
            target = desk.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.setup(desk)


def one(complaint: str, text: str | bytes, *line: str) -> Scene:
    return Scene(complaint, {"e/a.yaml": text}, ("validate", "--format", "json", *line))


def changed(complaint: str, old: str, new: str) -> Scene:
    assert old in GOOD, old
    return one(complaint, GOOD.replace(old, new, 1))


def settings(complaint: str, text: str) -> Scene:
    return Scene(complaint, {"inferctl.yaml": SETTINGS + text, "e/a.yaml": rerank()})


def bounded(complaint: str, bounds: str) -> Scene:
    files = {
        "inferctl.yaml": SETTINGS + "allow: [delete]\nlimits: {max_changes: 5}\n",
        "e/a.yaml": rerank(more="passthrough: true\n"),
    }
    return Scene(complaint, files, environment={"INFERCTL_BOUNDS": bounds})


def overlaid(complaint: str, overlay: str, name: str = "o/a.yaml", glob: str = "o/*.yaml") -> Scene:
    environments = f'{{staging: {{overlays: ["s/*.yaml"]}}, prod: {{overlays: ["{glob}"]}}}}'
    files = {
        "inferctl.yaml": f"{SETTINGS}environments: {environments}\n",
        "e/a.yaml": rerank(more="task_settings: {top_n: 3}\n"),
        "s/a.yaml": "inference_id: a\n",
        name: overlay,
    }
    return Scene(complaint, files, ("validate", "--format", "json", "--env", "prod"))


LOCAL = "{model_id: .elser_model_2, num_allocations: 1, num_threads: 1}"
SHARED = "{deployment_id: d, model_id: .elser_model_2, num_allocations: %d, num_threads: 1}"
OPENAI = "{model_id: m, api_key: {env: OPENAI_API_KEY}%s}"

BEDROCK = "{region: r, provider: %s, model: m, access_key: {env: A}, secret_key: {env: B}}"
CUSTOM = (
    "{url: 'https://u/${a}', secret_parameters: {a: {env: A}}, request: 'x', "
    "response: {json_parser: {completion_result: $.a}}}"
)

IN_PROD = ("validate", "--format", "json", "--env", "prod")


def in_prod(complaint: str, text: str, more: str = "") -> Scene:
    variables = "environments: {prod: {variables: {model: m, query: x}}}\n"
    return Scene(complaint, {"inferctl.yaml": SETTINGS + variables + more, "e/a.yaml": text}, IN_PROD)


IN_FILES = [
    in_prod("variable.unset", rerank(model='"${modle}"')),
    in_prod("variable.unset", rerank(model='"${zzzzzz}"')),
    in_prod("variable.form", rerank(model='"${model:-x}"')),
    Scene(
        "variable.size",
        {
            "inferctl.yaml": SETTINGS + f"environments: {{prod: {{variables: {{long: {'x' * 100_000}}}}}}}\n",
            "e/a.yaml": rerank(model=f"'{'${long}' * 101}'"),
        },
        IN_PROD,
    ),
    in_prod("variable.place", rerank('"${model}"')),
    in_prod("variable.place", rerank().replace("COHERE_API_KEY", '"${model}"')),
    in_prod("variable.template", of("custom", "completion", CUSTOM.replace("'x'", "'${query}'"))),
    in_prod("variable.unused", rerank()),
    one("variable.literal", rerank(model='"${MODEL}"')),
    settings("secret.literal", "environments: {prod: {variables: {api_key: secret-secret}}}\n"),
    changed("endpoint.id", "product-search", "Product"),
    changed("endpoint.wrong-type", "product-search", "12"),
    changed("endpoint.missing-field", "inference_id: product-search\n", ""),
    changed("endpoint.missing-field", 'input: "a red shoe", ', ""),
    changed("endpoint.task-type", "text_embedding", "text-embedding"),
    changed("endpoint.unknown-field", "task_type: text_embedding", "tasktype: text_embedding"),
    changed("endpoint.unknown-field", "probe:", "metadata: {}\nprobe:"),
    changed("endpoint.unknown-field", "task_settings: {user: team}", "user: team"),
    one("endpoint.unknown-field", GOOD + "dimensions: 512\n"),
    changed("endpoint.service", "openai", "opnai"),
    one("endpoint.service", of("brand-new-thing", "rerank", "{model_id: m}")),
    changed("field.unknown", "  model_id", "  model_ids"),
    one("field.unknown", of("openai", "text_embedding", OPENAI % ", chunking_settings: {strategy: none}")),
    one("field.unknown", of("openai", "text_embedding", OPENAI % ", user: team", "task_settings: {}\n")),
    one(
        "field.unknown",
        of("openai", "text_embedding", OPENAI % ", chunking_settings: {strategy: none}", "passthrough: true\n"),
    ),
    one("endpoint.unknown-field", GOOD.replace("task_settings: {user: team}", "task_settings: {}\nuser: team")),
    changed("field.type", "text-embedding-3-small", "7"),
    one("field.missing", of("openai", "text_embedding", "{api_key: {env: OPENAI_API_KEY}}")),
    one("field.form", of("openai", "text_embedding", OPENAI % ", url: gopher://api.openai.com")),
    one("field.form", of("openai", "text_embedding", OPENAI % "", 'task_settings: {headers: {"Host:": x}}\n')),
    one("field.enum", of("openai", "text_embedding", OPENAI % ", similarity: cosin")),
    one("field.range", of("openai", "text_embedding", OPENAI % ", dimensions: 0")),
    one("field.version", GOOD.replace("user: team", "user: team, headers: {a: b}"), "--target-version", "8.17"),
    one("field.not-accepted", of("nvidia", "text_embedding", "{model_id: m, api_key: {env: K}, dimensions: 5}")),
    one("field.removed", of("elastic", "rerank", "{model_id: m, rate_limit: {requests_per_minute: 5}}")),
    one("field.task-type", of("openai", "completion", OPENAI % ", dimensions: 5")),
    one(
        "rule.combination",
        of("amazonbedrock", "chat_completion", BEDROCK % "meta", "task_settings: {top_k: 0.5}\n"),
    ),
    one("rule.provider", of("amazonbedrock", "text_embedding", BEDROCK % "meta")),
    one("secret.in-url", of("custom", "completion", CUSTOM)),
    one("service.task-type", of("openai", "rerank", OPENAI % "")),
    one("chunking.task-type", rerank(more="chunking_settings: {strategy: none}\n")),
    changed("chunking.strategy", "strategy: sentence", "strategy: sentense"),
    changed("lifecycle.protect", "[delete, replace]", "[delete, update]"),
    changed("lifecycle.ready-timeout", "1h30m", "1 h"),
    changed("probe.mismatch", "dimensions: 1536", "dimensions: 0"),
    changed("probe.mismatch", 'input: "a red shoe"', 'query: "a red shoe", input: x'),
    one("probe.mismatch", rerank(more="probe: {input: x}\n")),
    changed("secret.literal", "{env: OPENAI_API_KEY}", "sk-literal-literal-literal"),
    changed("secret.reference", "{env: OPENAI_API_KEY}", "{env: A, file: b}"),
    changed("secret.misplaced", "model_id: text-embedding-3-small", "model_id: {env: M}"),
    changed("secret.misplaced", "user: team", "headers: {Authorization: literal-literal}"),
    changed("yaml.1-1", "{user: team}", "{user: no}"),
    changed("yaml.1-1", "user: team", "user: 017"),
    Scene("endpoint.duplicate-id", {"e/a.yaml": rerank(), "e/b.yaml": rerank()}),
    Scene("endpoint.model-id", {"e/a.yaml": rerank("m"), "e/b.yaml": elser("b", LOCAL.replace(".elser_model_2", "m"))}),
    Scene("endpoint.same-model", {"e/a.yaml": elser("a", LOCAL), "e/b.yaml": elser("b", LOCAL)}),
    Scene("endpoint.one-deployment", {"e/a.yaml": elser("a", SHARED % 1), "e/b.yaml": elser("b", SHARED % 2)}),
    Scene(
        "endpoint.one-deployment",
        {
            "e/a.yaml": elser("a", "{deployment_id: d, model_id: m}"),
            "e/b.yaml": elser("b", "{deployment_id: d, model_id: m}", "text_embedding"),
        },
    ),
    one("endpoint.document", "just a text\n"),
    one("endpoint.document", "kind: Deployment\n"),
    one("yaml.syntax", "a: [b\n"),
    one("yaml.conflict", "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n"),
    one("yaml.character", 'a: "\u2028"\n'),
    one("yaml.duplicate-key", rerank(more="service: cohere\n")),
    one("yaml.key", rerank(more="1: x\n")),
    one("yaml.merge-key", rerank(more="<<: {a: 1}\n")),
    one("yaml.tag", rerank(more="probe: !mine {input: x}\n")),
    one("yaml.alias-bomb", "a: &a [*a]\n"),
    one("yaml.depth", "a: " + "[" * 200 + "]" * 200 + "\n"),
    one("yaml.number", rerank(more="task_settings: {top_n: .inf}\n")),
    one("file.empty", "# nothing\n"),
    one("file.encoding", rerank().encode("utf-16")),
    one("file.encoding", rerank().encode("utf-16-le")),
    one("file.encoding", rerank(more="task_settings: {}\n# caf\u00e9\n").encode("latin-1")),
    one("file.too-large", "# " + "x" * 1_000_001 + "\n"),
    Scene("file.not-found", {"e/a.yaml": rerank()}, ("validate", "--format", "json", "e/b.yaml")),
    Scene("file.not-found", {"e/a.yaml": rerank()}, ("validate", "--format", "json", "--config", "other.yaml")),
    Scene("file.not-found", {"e/a.yaml": rerank()}, ("validate", "--format", "json", "")),
    Scene("file.no-match", {"inferctl.yaml": 'endpoints: ["f/*.yaml"]\n'}),
    Scene("file.not-selected", {"e/a.yaml": rerank(), "f/b.yaml": rerank("b")}, ("validate", "--format", "json", "f")),
    Scene("file.empty-set", {"inferctl.yaml": "scope: shop\n"}),
    Scene("file.unmatched", {"e/a.yaml": rerank(), "e/b.yml": rerank("b")}),
    Scene("file.unmatched", {"e/a.yaml": rerank(), "e/sub/b.yml": rerank("b")}),
    Scene("settings.name", {"inferctl.yml": SETTINGS, "e/a.yaml": rerank()}),
    Scene(
        "settings.name",
        {"inferctl.yml": SETTINGS, "e/a.yaml": rerank()},
        setup=lambda d: (d.folder / "inferctl.yaml").unlink(),
    ),
    settings("settings.unknown-field", "allows: [delete]\n"),
    settings("settings.wrong-type", "allow: delete\n"),
    settings("settings.value", "allow: [deletes]\n"),
    settings("settings.value", "permits: [{reason: x}]\n"),
    settings("settings.value", "permits: [{delete: a, adopt: a, reason: x}]\n"),
    settings("settings.value", "permits: [{adopt: a, force: true, reason: x}]\n"),
    settings("settings.value", "permits: [{adopt: a, reason: x, until: soon}]\n"),
    settings("settings.missing-field", "permits: [{delete: a}]\n"),
    settings("settings.permit-expired", "permits: [{delete: a, reason: x, until: 2020-01-01}]\n"),
    settings("settings.environment", "environments: {staging: {}, prod: {}}\n"),
    Scene(
        "settings.environment",
        {"inferctl.yaml": SETTINGS + "environments: {staging: {}, prod: {}}\n", "e/a.yaml": rerank()},
        ("validate", "--format", "json", "--env", "prd"),
    ),
    overlaid("overlay.document", "just a text\n"),
    overlaid("overlay.inference-id", "task_settings: {top_n: 1}\n"),
    overlaid("overlay.skip", "inference_id: a\nskip: never\n"),
    overlaid("overlay.no-base", "inference_id: aa\ntask_settings: {top_n: 1}\n"),
    overlaid("overlay.no-base", "inference_id: elsewhere\nskip: true\n"),
    overlaid("overlay.twice", "inference_id: a\n---\ninference_id: a\n"),
    overlaid("overlay.kind", "inference_id: a\nservice: openai\n"),
    overlaid("overlay.removes-nothing", "inference_id: a\ntask_settings: {top: null}\n"),
    overlaid("field.unknown", "inference_id: a\ntask_settings: {top: 3}\n"),
    overlaid("field.missing", "inference_id: a\nservice_settings:\n  model_id: null\n"),
    overlaid("file.overlay", "inference_id: a\n", "e/b.yaml", "*/b.yaml"),
    overlaid("file.unmatched", "inference_id: a\n", "o/b.yml"),
    settings("settings.document", "---\nscope: shop\n"),
    Scene("settings.document", {"inferctl.yaml": "just a text\n", "e/a.yaml": rerank()}),
    settings("secret.literal", 'connection: {url: "https://me:secret-secret@host/"}\n'),
    settings("secret.literal", "connection: {api_key: secret-secret}\n"),
    bounded("bounds.scope", '{"scopes": ["docs"]}'),
    Scene(
        "bounds.environment",
        {"inferctl.yaml": SETTINGS + "environments: {staging: {}, prod: {}}\n", "e/a.yaml": rerank()},
        ("validate", "--format", "json", "--env", "prod"),
        environment={"INFERCTL_BOUNDS": '{"environments": ["staging"]}'},
    ),
    bounded("bounds.manage", '{"manage": ["b"]}'),
    bounded("bounds.allow", '{"allow": []}'),
    bounded("bounds.limit", '{"limits": {"max_changes": 4}}'),
    bounded("bounds.service", '{"services": ["openai"]}'),
    bounded("bounds.passthrough", '{"passthrough": false}'),
    Scene("secret.denied", {"e/a.yaml": rerank()}, environment={"INFERCTL_SECRETS_ALLOW": "OPENAI_*"}),
    Scene("secret.denied", {"e/a.yaml": rerank().replace("COHERE_API_KEY", "INFERCTL_X")}),
    Scene("secret.denied", {"e/a.yaml": rerank().replace("env: COHERE_API_KEY", "file: ../x")}),
    Scene(
        "host.untrusted",
        {"e/a.yaml": of("openai", "text_embedding", OPENAI % ', url: "https://evil.example.com/v1"')},
        environment={"INFERCTL_TRUSTED_HOSTS": "api.openai.com"},
    ),
    Scene(
        "bounds.scheme",
        {"e/a.yaml": of("openai", "text_embedding", OPENAI % ', url: "http://api.openai.com/v1"')},
        environment={"INFERCTL_TRUSTED_HOSTS": "api.openai.com"},
    ),
    one("rule.one-of", of("azureopenai", "completion", "{resource_name: r, deployment_id: d, api_version: v}")),
    one(
        "rule.exclusive",
        of(
            "azureopenai",
            "completion",
            "{resource_name: r, deployment_id: d, api_version: v, api_key: {env: A}, entra_id: {env: B}}",
        ),
    ),
    one("rule.model-task", elser("a", LOCAL, "text_embedding")),
]

PLAN = ("plan", "--format", "json")
APPLY = ("apply", "--yes", "--format", "json")
SHOW = ("show", "plan.json", "--format", "json")
PIPELINE = {"processors": [{"inference": {"model_id": "a", "input_output": {"input_field": "x", "output_field": "y"}}}]}
LEDGER = "/inferctl-ledger/_doc/"
TWO = SETTINGS + "environments: {staging: {}, prod: {}}\n"
CHECK = ("ledger", "check", "--format", "json")
HELD = lock_document("shop", Holder("r" * 32, "somebody", 60.0))


def apply(*files: str) -> Callable[[Desk], None]:
    """What is there is applied; then these files go."""

    def setup(desk: Desk) -> None:
        finished, _ = desk.run(["apply", "--yes"])
        assert finished.code == 0, finished.err
        for name in files:
            (desk.folder / name).unlink()

    return setup


def then(*steps: Callable[[Desk], object]) -> Callable[[Desk], None]:
    def setup(desk: Desk) -> None:
        for step in steps:
            step(desk)

    return setup


def write(name: str, text: str) -> Callable[[Desk], None]:
    def setup(desk: Desk) -> None:
        (desk.folder / name).write_text(text, encoding="utf-8")

    return setup


def run(*line: str) -> Callable[[Desk], None]:
    def setup(desk: Desk) -> None:
        desk.run(list(line))

    return setup


def call(method: str, path: str, body: object = None) -> Callable[[Desk], None]:
    def setup(desk: Desk) -> None:
        desk.emulator.call(method, path, body)

    return setup


def create(name: str, model: str = "rerank-v3.5") -> Callable[[Desk], None]:
    body = {"service": "cohere", "service_settings": {"model_id": model, "api_key": "k"}}
    return call("PUT", f"/_inference/rerank/{name}", body)


A, B = {"e/a.yaml": rerank("a")}, {"e/b.yaml": rerank("b")}
ALL = {f"e/{name}.yaml": rerank(name) for name in "abcdefgh"}
REPLACED = then(apply(), write("e/a.yaml", rerank("a", "rerank-v4")))
# The service offers a model under an id that a pipeline uses, and no file has.
IN_EU = {"inferctl.yaml": f"{SETTINGS}region_policy: {{allowed_geos: [eu]}}\n"}
US = {"region_policy": {"allowed_geos": ["us"]}}
IN_US = {"task_type": "rerank", "model_id": "m", "regions": [{"geo": "us"}]}
IN_USE = call("PUT", "/_ingest/pipeline/p", PIPELINE)
OTHER_SCOPE = then(
    write("other.yaml", SETTINGS.replace("shop", "docs")), run("apply", "--yes", "--config", "other.yaml")
)
WITH_DELETE = {"inferctl.yaml": SETTINGS + "allow: [delete, replace]\n"}
NO_SCOPE = {"inferctl.yaml": 'endpoints: ["e/*.yaml"]\n'}


NEWER = {"scope": "shop", "format": 7}


def damage(document: str, body: object) -> Callable[[Desk], None]:
    return call("PUT", f"{LEDGER}{document}", body)


IN_PLANS = [
    Scene("needs-allow-delete", A | B, PLAN, apply("e/b.yaml")),
    Scene("needs-allow-delete", A | B, APPLY, apply("e/b.yaml")),
    Scene("needs-allow-replace", A, PLAN, REPLACED),
    Scene("needs-allow-replace", A, APPLY, REPLACED),
    Scene("needs-allow-replace", A, SHOW, then(REPLACED, run("plan", "--out", "plan.json"))),
    Scene(
        "needs-allow-replace",
        A,
        ("apply", "plan.json", "--yes", "--format", "json"),
        then(REPLACED, run("plan", "--out", "plan.json")),
    ),
    Scene("referenced", A | B, PLAN, then(IN_USE, apply("e/a.yaml"))),
    Scene("referenced", A | B | WITH_DELETE, PLAN, then(IN_USE, apply("e/a.yaml"))),
    Scene("referenced", A, PLAN, then(IN_USE, REPLACED)),
    Scene("not-ours", A, PLAN, create("a", "rerank-v2")),
    Scene("not-ours", A, PLAN, OTHER_SCOPE),
    Scene("not-ours", A | NO_SCOPE, PLAN, create("a", "rerank-v2")),
    Scene("outside-manage", A | {"inferctl.yaml": SETTINGS + "manage: ['x-*']\n"}, PLAN),
    Scene(
        "protected",
        {"e/a.yaml": rerank(more="lifecycle: {protect: [delete, replace], ready_timeout: 5m}\n")},
        PLAN,
        then(
            apply(),
            write("e/a.yaml", rerank("a", "rerank-v4", "lifecycle: {protect: [delete, replace], ready_timeout: 5m}\n")),
        ),
    ),
    Scene("protected", A | {"e/p.yaml": rerank("p", more="lifecycle: {protect: [delete]}\n")}, PLAN, apply("e/p.yaml")),
    Scene("impossible", A, ("rotate", "a", "--yes", "--format", "json")),
    Scene("record-unreadable", A, PLAN, then(apply(), damage("a", {"scope": "shop"}))),
    Scene("record-unreadable", A, PLAN, then(apply(), damage("a", NEWER))),
    Scene("ledger newer", A, CHECK, then(apply(), damage("a", NEWER))),
    Scene("max-deletes", ALL, (*PLAN, "--allow-delete"), apply(*(f"e/{name}.yaml" for name in "efgh"))),
    Scene("max-changes", ALL, (*PLAN, "--max-changes", "3")),
    Scene(
        "stale",
        A,
        ("apply", "plan.json", "--yes", "--format", "json"),
        then(run("plan", "--out", "plan.json"), create("a", "rerank-v2")),
    ),
    Scene("all-matching-glob", A | NO_SCOPE, (*PLAN, "--manage", "*", "--allow-delete"), create("z")),
    Scene("denies-used", B | IN_EU, PLAN, then(call("POST", "/_emulator/eis", {"a": IN_US}), IN_USE)),
    Scene("not-ours", A | IN_EU, PLAN, call("PUT", "/_inference/_region_policy", US)),
    Scene(
        "shared-deployment",
        {"e/a.yaml": elser("a", LOCAL), "e/b.yaml": elser("b", "{deployment_id: a}")},
        PLAN,
        then(apply("e/a.yaml")),
    ),
    Scene("settings.invalid", A, PLAN, without=("ELASTICSEARCH_URL",)),
    Scene("settings.invalid", A, PLAN, lambda here: here.address_moves_into_the_file(), {"ELASTICSEARCH_API_KEY": "k"}),
    Scene(
        "settings.invalid",
        A | {"inferctl.yaml": SETTINGS + "connection: {insecure: true}\n"},
        PLAN,
    ),
    Scene("input.invalid", A, APPLY, without=("COHERE_API_KEY",)),
    Scene("input.invalid", A, APPLY, environment={"COHERE_API_KEY": " "}),
    Scene(
        "plan.file",
        A,
        ("apply", "plan.json", "--yes"),
        write("plan.json", json.dumps({"kind": "saved-plan", "format_version": "1.0"})),
    ),
    Scene(
        "plan.stale",
        A,
        ("apply", "plan.json", "--yes"),
        then(run("plan", "--out", "plan.json"), lambda here: here.move()),
    ),
    Scene(
        "plan.stale",
        A | {"inferctl.yaml": TWO},
        ("apply", "plan.json", "--yes", "--env", "staging"),
        run("plan", "--out", "plan.json", "--env", "prod"),
    ),
    Scene(
        "plan.stale",
        A,
        ("apply", "plan.json", "--yes", "--env", "prod"),
        then(run("plan", "--out", "plan.json"), write("inferctl.yaml", TWO)),
    ),
    Scene(
        "ledger damaged",
        A,
        CHECK,
        then(apply(), damage("a", {"scope": "shop"})),
    ),
    Scene("ledger damaged", A, CHECK, then(apply(), damage("lock:shop", {"x": 1}))),
    Scene("ledger mapping missing", A, CHECK, call("PUT", "/inferctl-ledger", {"mappings": {"dynamic": "strict"}})),
    Scene("ledger orphaned", A | B, CHECK, then(apply(), call("DELETE", "/_inference/rerank/b"))),
    Scene("ledger.locked", A, (*APPLY, "--lock-timeout", "0"), then(apply(), damage("lock:shop", HELD))),
    Scene("input.invalid", {"e/a.yaml": rerank().replace("env: COHERE_API_KEY", "file: cohere")}, APPLY),
]
