"""A repository whose settings file has no environments is told nothing of them, and leaves nothing of them behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import TwoClusters

WORDS = ("environment", "Environment", "pinned", "--env", "settings_file", "overlay")
RUN = {"command", "at", "commit", "run", "run_url", "address", "address_from", "unsafe", "label"}


def test_no_output_no_document_and_no_record_has_a_word_of_them(two: TwoClusters) -> None:
    two.write("inferctl.yaml", "scope: search-team\nendpoints: [alone/*.yaml]\n")
    rerank = (two.folder / "environments/prod/rank.yaml").read_text(encoding="utf-8")
    two.write("alone/rank.yaml", rerank)
    two.shell = {
        "ELASTICSEARCH_URL": two.staging.url,
        "ELASTICSEARCH_API_KEY": two.staging.key,
        "COHERE_API_KEY": "cohere",
    }
    for line in (
        "validate",
        "plan --format json --report markdown=plan.md",
        "plan --out plan.json",
        "apply plan.json --yes --format json --report text=apply.txt --report markdown=apply.md",
        "rotate rank --yes",
        "verify",
        "history --format json",
        "refs rank --format json",
        "export",
        "ledger check --format json",
        "apply --yes --max-changes 0 --send-secrets rank --format json",
    ):
        ended = two(*line.split())
        assert ended.code == (3 if "--max-changes" in line else 0), (line, ended.err)
        for word in WORDS:
            assert word not in ended.out + ended.err, (line, word)
        if line.startswith(("plan --format", "apply")):
            assert set(ended.json()["run"]) == RUN, line
            assert set(ended.json()["cluster"]) == {"name", "uuid", "version"}, line
    for report in ("plan.md", "plan.json", "apply.txt", "apply.md"):
        text = (two.folder / report).read_text(encoding="utf-8")
        assert not [word for word in WORDS if word in text], report
    kept = [stored.source for stored in two.staging.cluster.indices["inferctl-ledger"].documents.values()]
    assert {document["kind"] for document in kept} >= {"ownership", "run"}
    assert not [word for word in WORDS if word in json.dumps(kept)]
    assert not [document for document in kept if {"address", "cluster_uuid", "cluster_name"} & set(document)]
    assert two.prod.sent() == []
