"""Two endpoints: planned, applied, and planned again, against the bundled emulator (no cluster, no file)."""

from inferctl import Cluster, Endpoint, apply, plan, render
from inferctl.services import ElasticsearchSettings, OpenAISettings, SecretRef

ENDPOINTS = [
    Endpoint(
        inference_id="product-search",
        task_type="text_embedding",
        service="openai",
        service_settings=OpenAISettings(
            model_id="text-embedding-3-small",
            api_key=SecretRef("env", "OPENAI_API_KEY"),  # the name of a variable, never the key itself
        ),
    ),
    Endpoint(
        inference_id="product-keywords",
        task_type="sparse_embedding",
        service="elasticsearch",
        service_settings=ElasticsearchSettings(model_id=".elser_model_2", num_allocations=1, num_threads=1),
    ),
]

# A real one: Cluster.from_environment(scope="search-team"), with ELASTICSEARCH_URL and ELASTICSEARCH_API_KEY.
with Cluster.emulator("9.1", scope="search-team") as cluster:
    made = plan(cluster, ENDPOINTS)
    print(made)
    outcome = apply(cluster, made)
    print(render(outcome))
    print(plan(cluster, ENDPOINTS))
    raise SystemExit(outcome.exit_code)
