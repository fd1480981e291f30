"""The suites that the rows were read from."""

from __future__ import annotations

from .row import Source

ELASTICSEARCH = "elastic/elasticsearch"
PROVIDER = "elastic/terraform-provider-elasticstack"
QA = "x-pack/plugin/inference/qa/inference-service-tests/src/javaRestTest/java/org/elasticsearch/xpack/inference"
UNIT = "x-pack/plugin/inference/src/test/java/org/elasticsearch/xpack/inference"
CORE = "x-pack/plugin/core/src/test/java/org/elasticsearch/xpack/core/inference"
YAML = "x-pack/plugin/inference/src/yamlRestTest/resources/rest-api-spec/test/inference"
ACCEPTANCE = "internal/elasticsearch/inference/inferenceendpoint"

SOURCES = {
    "crud": Source(ELASTICSEARCH, f"{QA}/InferenceCrudIT.java", "6221bcdd710cd68936208130f8130e13db44138c"),
    "deployment": Source(
        ELASTICSEARCH, f"{QA}/CreateFromDeploymentIT.java", "06a3b5dcce84a0847626eab12b17b99781c5f346"
    ),
    "deployment later": Source(
        ELASTICSEARCH, f"{QA}/CreateFromDeploymentIT.java", "f2ca18087f6e01608bed7c71c4cb687a84c85ce5"
    ),
    "deployment updates": Source(ELASTICSEARCH, f"{QA}/CreateFromDeploymentIT.java", "#130940"),
    "stop": Source(ELASTICSEARCH, f"{QA}/CreateFromDeploymentIT.java", "#129325"),
    "e5": Source(ELASTICSEARCH, f"{QA}/TextEmbeddingCrudIT.java", "076e2acbe1c1034cc0ca6c5924dec6ce9c0f2b7b"),
    "licence": Source(ELASTICSEARCH, f"{QA}/InferenceBasicLicenseIT.java", "05fb8439777c2c84fd81862462db724c8b51a47a"),
    "defaults": Source(ELASTICSEARCH, f"{QA}/DefaultEndPointsIT.java", "04a4f49f506ea6200a4c73b4ed3d8e1461838afa"),
    "eland": Source(ELASTICSEARCH, f"{QA}/CustomElandModelIT.java", "1af8256a225afa63cdaf5fe7faf09df0680f9509"),
    "permissions": Source(
        ELASTICSEARCH, f"{QA}/InferencePermissionsIT.java", "457aac9d41adaa2adcdae1f1d6b2c50d37ef6d7d"
    ),
    "dense": Source(
        ELASTICSEARCH, f"{QA}/MockDenseInferenceServiceIT.java", "134d59800382ca2b642cc98f1f61bc4fbd80b436"
    ),
    "provider": Source(PROVIDER, f"{ACCEPTANCE}/acc_test.go", "0ae95d4b29f25284eb3b5952c832b02fa2af950d"),
    "provider chunking": Source(
        PROVIDER,
        f"{ACCEPTANCE}/testdata/TestAccResourceInferenceEndpointChunkingSettings/with_chunking/main.tf",
        "d71534c2556f88b5533751a6bb73462c4557f237",
    ),
}
