"""The suites that the rows were read from."""

from __future__ import annotations

from .row import Source

ELASTICSEARCH = "elastic/elasticsearch"
PROVIDER = "elastic/terraform-provider-elasticstack"
QA = "x-pack/plugin/inference/qa/inference-service-tests/src/javaRestTest/java/org/elasticsearch/xpack/inference"
UNIT = "x-pack/plugin/inference/src/test/java/org/elasticsearch/xpack/inference"
CORE = "x-pack/plugin/core/src/test/java/org/elasticsearch/xpack/core/inference"
YAML = "x-pack/plugin/inference/src/yamlRestTest/resources/rest-api-spec/test/inference"
ACTIONS = "x-pack/plugin/core/src/main/java/org/elasticsearch/xpack/core/inference/action"
RUN = "run: 8.17.0, 8.18.0, 8.19.0, 9.0.0, 9.1.0, 9.2.8, 9.5.2"
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
    "request": Source(
        ELASTICSEARCH, f"{CORE}/action/InferenceActionRequestTests.java", "b9b1556a4c8750b3542aae60ddb24698f8e83af9"
    ),
    "rerank": Source(
        ELASTICSEARCH, f"{CORE}/action/RerankActionRequestTests.java", "09260c00521679e4ef856eb9554aa022fef0f12d"
    ),
    "chat": Source(
        ELASTICSEARCH,
        f"{CORE}/action/UnifiedCompletionActionRequestTests.java",
        "0b556b015f1fda993b9cacd0164c15bdb13cd60a",
    ),
    "transport": Source(
        ELASTICSEARCH,
        f"{UNIT}/action/BaseTransportInferenceActionTestCase.java",
        "02078170b4294d029acc6b688f7e41af1c8508d2",
    ),
    "query": Source(ELASTICSEARCH, f"{CORE}/action/InferenceActionRequestTests.java", "#131641"),
    "timeout 408": Source(ELASTICSEARCH, "docs/changelog/118618.yaml", "#118618"),
    "timeout 504": Source(ELASTICSEARCH, "docs/changelog/145838.yaml", "#145838"),
    "timeout 429": Source(ELASTICSEARCH, "docs/changelog/146531.yaml", "#146531"),
    "inference classes": Source(ELASTICSEARCH, f"{ACTIONS}/InferenceAction.java", RUN),
    "update classes": Source(ELASTICSEARCH, f"{ACTIONS}/UpdateInferenceModelAction.java", RUN),
    "update": Source(
        ELASTICSEARCH,
        f"{UNIT}/action/TransportUpdateInferenceModelActionTests.java",
        "02c95f8d54760ac10373235489f3f91385b7043f",
    ),
    "create": Source(
        ELASTICSEARCH,
        f"{UNIT}/action/TransportPutInferenceModelActionTests.java",
        "1f63abe2e9b6ccbf49d86ff6d82c4630cae3bdb9",
    ),
    "update task type": Source(ELASTICSEARCH, f"{QA}/InferenceCrudIT.java", "#121231"),
    "update validates": Source(ELASTICSEARCH, "docs/changelog/140003.yaml", "#140003"),
    "update timeout": Source(ELASTICSEARCH, f"{ACTIONS}/UpdateInferenceModelAction.java", "#152179"),
    "update verb": Source(
        ELASTICSEARCH, "rest-api-spec/src/main/resources/rest-api-spec/api/inference.update.json", "#121048"
    ),
    "leftovers": Source(ELASTICSEARCH, f"{UNIT}/action/TransportUpdateInferenceModelActionTests.java", "#139651"),
    "leftovers 9.5": Source(ELASTICSEARCH, f"{UNIT}/action/TransportUpdateInferenceModelActionTests.java", "#149430"),
    "mutable openai": Source(ELASTICSEARCH, f"{UNIT}/services/openai/OpenAiServiceTests.java", "#147465"),
    "chunking lost": Source(ELASTICSEARCH, f"{UNIT}/action/TransportUpdateInferenceModelActionTests.java", "#139574"),
    "chunking kept": Source(ELASTICSEARCH, f"{UNIT}/action/TransportUpdateInferenceModelActionTests.java", "#141687"),
    "region policy": Source(
        ELASTICSEARCH, f"{YAML}/170_region_policy_crud.yml", "e39e74b17332e7a57598ac569c5666a746a2a61a"
    ),
    "region policy with security": Source(
        ELASTICSEARCH,
        "x-pack/plugin/inference/qa/inference-with-security/src/yamlRestTest/resources/rest-api-spec/test/inference"
        "/80_region_policy_crud.yml",
        "6e96b686e2b567434686ca8bd239b0a8c1d1287a",
    ),
    "region policy in use": Source(
        ELASTICSEARCH, f"{QA}/RegionPolicyAuthorizationRefreshIT.java", "1c5d350a97a20a2ecc49afcfdd827d59ebb22caa"
    ),
    "region policy unit": Source(ELASTICSEARCH, f"{UNIT}/action/TransportPutRegionPolicyActionTests.java", "#153004"),
    "region policy classes": Source(ELASTICSEARCH, f"{ACTIONS}/PutRegionPolicyAction.java", "run: 9.5.3"),
}
