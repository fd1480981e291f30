"""Commands without a report: the cluster of the environment is asked, the other is not, and the words name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import FILES, plan_of

if TYPE_CHECKING:
    from .conftest import TwoClusters

# Of what is there after an apply: command, exit code, words on stdout.
COMMANDS = [
    (("export",), 0, "inference_id: chat"),
    (("adopt", "chat"), 0, ""),
    (("forget", "rank"), 0, "forgot rank"),
    (("unlock", "--yes"), 0, "The lock of scope search-team is free."),
    (("ledger", "check"), 0, "Environment prod"),
    (("ledger", "repair"), 0, "Its mappings are as they should be."),
    (("ledger", "repair", "chat"), 0, "Nothing to repair"),
    (("refs", "chat"), 0, "Environment prod"),
    (("verify",), 0, "Environment prod"),
]


def test_each_names_the_environment_that_it_looked_at(two: TwoClusters) -> None:
    assert two("apply", "--env", "prod", "--yes").code == 0
    two.staging.sent()
    for command, code, words in COMMANDS:
        done = two(*command, "--env", "prod")
        assert (done.code, words in done.out) == (code, True), (command, done)
        assert two.prod.sent() != [], command
        assert two.staging.sent() == [], command
        lines = (done.out if words.startswith("Environment") else done.err).splitlines()
        assert lines[0] == f"Environment prod at {two.prod.url} (INFERCTL_PROD_URL)", (command, done)
        assert lines[1].startswith("Cluster prod-search, Elasticsearch 9.0"), (command, done)
        assert UUID in lines[1]


UUID = "Zx1kQv0tQ3eH9ZxWc1d5sA"


def test_an_exported_text_that_looks_like_a_variable_is_read_as_it_stands(two: TwoClusters) -> None:
    two.shell["CHAT_API_KEY"] = "openai"  # as export calls it
    text = FILES["endpoints/chat.yaml"].replace("OPENAI_API_KEY", "CHAT_API_KEY")
    two.write("endpoints/chat.yaml", text.replace("model_id: small", "model_id: $${small}"))
    assert two("apply", "--env", "staging", "--yes").code == 0
    assert two.staging.live()["chat"]["model_id"] == "${small}"
    two.write("endpoints/chat.yaml", two("export", "--env", "staging", "--target", "chat").out)
    assert plan_of(two("plan", "--env", "staging", "--format", "json"))["chat"] == "no-op"
