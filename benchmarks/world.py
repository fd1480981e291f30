"""Folders of endpoint files for measuring: mixed services, one file per endpoint, the same bytes every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEY = "BENCHMARK_KEY"

# One service each of: plain, many settings, completion, rerank, sparse, nested settings.
_KINDS = (
    """\
inference_id: {id}
task_type: text_embedding
service: openai
service_settings:
  model_id: text-embedding-3-small
  api_key: {{env: {key}}}
  dimensions: 512
  rate_limit: {{requests_per_minute: {n}}}
task_settings: {{user: team-{n}}}
chunking_settings: {{strategy: sentence, max_chunk_size: 250, sentence_overlap: 1}}
""",
    """\
inference_id: {id}
task_type: rerank
service: cohere
service_settings:
  model_id: rerank-v3.5
  api_key: {{env: {key}}}
task_settings: {{top_n: {n}, return_documents: true}}
""",
    """\
inference_id: {id}
task_type: completion
service: anthropic
service_settings:
  model_id: claude-model-{n}
  api_key: {{env: {key}}}
task_settings: {{max_tokens: {n}}}
""",
    """\
inference_id: {id}
task_type: text_embedding
service: azureopenai
service_settings:
  resource_name: resource-{n}
  deployment_id: deployment-{n}
  api_version: "2024-06-01"
  api_key: {{env: {key}}}
""",
    """\
inference_id: {id}
task_type: text_embedding
service: jinaai
service_settings:
  model_id: jina-embeddings-v3
  api_key: {{env: {key}}}
  similarity: cosine
chunking_settings: {{strategy: word, max_chunk_size: 100, overlap: 20}}
""",
)


def write(folder: Path, count: int) -> Path:
    """`count` files in `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = f"bench-{number:05d}"
        text = _KINDS[number % len(_KINDS)].format(id=name, n=1 + number % 97, key=KEY)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
