"""The suites that the rows were read from."""

from __future__ import annotations

from .row import Source

ELASTICSEARCH = "elastic/elasticsearch"
PROVIDER = "elastic/terraform-provider-elasticstack"
QA = "x-pack/plugin/inference/qa/inference-service-tests/src/javaRestTest/java/org/elasticsearch/xpack/inference"
UNIT = "x-pack/plugin/inference/src/test/java/org/elasticsearch/xpack/inference"
CORE = "x-pack/plugin/core/src/test/java/org/elasticsearch/xpack/core/inference"
YAML = "x-pack/plugin/inference/src/yamlRestTest/resources/rest-api-spec/test/inference"
CLUSTER = "x-pack/plugin/inference/src/internalClusterTest/java/org/elasticsearch/xpack/inference/integration"
ACTIONS = "x-pack/plugin/core/src/main/java/org/elasticsearch/xpack/core/inference/action"
MAIN = "x-pack/plugin/inference/src/main/java/org/elasticsearch/xpack/inference"
SENDER = f"{MAIN}/external/http/sender"
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
    "request of rerank": Source(ELASTICSEARCH, f"{CORE}/action/InferenceActionRequestTests.java", "#125239"),
    "input type": Source(ELASTICSEARCH, f"{ACTIONS}/InferenceAction.java", "#141605"),
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
    "timeout 408": Source(ELASTICSEARCH, f"{SENDER}/RequestTask.java", "#118618"),
    "timeout 504": Source(ELASTICSEARCH, "docs/changelog/145838.yaml", "cedf5efb07cb20cb623dcf1d101e8009d1bef301"),
    "timeout 429": Source(ELASTICSEARCH, f"{SENDER}/TimedListener.java", "#146531"),
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
    "update validates": Source(ELASTICSEARCH, "docs/changelog/140003.yaml", "4abfa94e169d4e59d7f0ad83223fbc6db35b3d15"),
    "update timeout": Source(ELASTICSEARCH, f"{ACTIONS}/UpdateInferenceModelAction.java", "#152179"),
    "update verb": Source(
        ELASTICSEARCH,
        "rest-api-spec/src/main/resources/rest-api-spec/api/inference.update.json",
        "01276d5d2018591d18037eee780ce0031636dacb",
    ),
    "leftovers": Source(ELASTICSEARCH, f"{MAIN}/action/TransportUpdateInferenceModelAction.java", "#139651"),
    "leftovers 9.5": Source(ELASTICSEARCH, f"{UNIT}/action/TransportUpdateInferenceModelActionTests.java", "#149430"),
    "mutable openai": Source(ELASTICSEARCH, f"{UNIT}/services/openai/OpenAiServiceTests.java", "#147465"),
    "chunking lost": Source(ELASTICSEARCH, f"{MAIN}/action/TransportUpdateInferenceModelAction.java", "#139574"),
    "chunking kept": Source(ELASTICSEARCH, f"{MAIN}/action/TransportUpdateInferenceModelAction.java", "#141687"),
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
    "region policy unit": Source(
        ELASTICSEARCH,
        f"{UNIT}/action/TransportPutRegionPolicyActionTests.java",
        "0104055a83d2be4de79dcc979b6b95b6fc1a1c53",
    ),
    "region policy classes": Source(ELASTICSEARCH, f"{ACTIONS}/PutRegionPolicyAction.java", "run: 9.5.3"),
    "openai": Source(
        ELASTICSEARCH, f"{UNIT}/services/openai/OpenAiServiceTests.java", "008e0c0cbcbf0d422cc59a52a5174d06c8bab6ca"
    ),
    "words": Source(ELASTICSEARCH, f"{MAIN}/services/ServiceUtils.java", "#139571"),
    "utils": Source(
        ELASTICSEARCH, f"{UNIT}/services/ServiceUtilsTests.java", "03c681d05bf3fcdc454bee8d8d4cd2eee1bffdf8"
    ),
    "create request": Source(
        ELASTICSEARCH, f"{CORE}/action/PutInferenceModelActionTests.java", "081a1a81b019b84c1479dd37335b6b424e2b4cdf"
    ),
    "unique": Source(
        ELASTICSEARCH,
        "x-pack/plugin/ml/qa/ml-inference-service-tests/src/javaRestTest/java/org/elasticsearch/xpack/ml/integration/ModelIdUniquenessIT.java",
        "before 01195333bcdb620d4f5a5eef7bc8e3827dcb1f15",
    ),
    "put classes": Source(ELASTICSEARCH, f"{ACTIONS}/PutInferenceModelAction.java", RUN),
    "put timeout": Source(ELASTICSEARCH, "docs/changelog/126805.yaml", "4d2af86e6e62ad9cce19a0ba17bfc8148b50d762"),
    "long timeout": Source(ELASTICSEARCH, "docs/changelog/146089.yaml", "c5f7f90ca17736eff99f6bef2ce7ef527c7cdd89"),
    "mappings": Source(ELASTICSEARCH, "docs/changelog/137055.yaml", "713a0e178e17e8dbb34ffeed04f529201f6b772f"),
    "licence ml": Source(ELASTICSEARCH, f"{QA}/InsufficientLicenseIT.java", "b66dfc134e44afaea7fbb428efe6ea1c19ed7091"),
    "chunking": Source(
        ELASTICSEARCH, f"{UNIT}/chunking/ChunkingSettingsBuilderTests.java", "37327a8d7037efc34bb9b41aa055d5f6a78a406b"
    ),
    "chunking sentence": Source(
        ELASTICSEARCH,
        f"{UNIT}/chunking/SentenceBoundaryChunkingSettingsTests.java",
        "0ed3c44ef6b515bcdc5208a9a6864235d9b2ddc4",
    ),
    "chunking word": Source(
        ELASTICSEARCH,
        f"{UNIT}/chunking/WordBoundaryChunkingSettingsTests.java",
        "0ed3c44ef6b515bcdc5208a9a6864235d9b2ddc4",
    ),
    "chunking recursive": Source(
        ELASTICSEARCH,
        f"{UNIT}/chunking/RecursiveChunkingSettingsTests.java",
        "0ed3c44ef6b515bcdc5208a9a6864235d9b2ddc4",
    ),
    "chunking recursive before": Source(
        ELASTICSEARCH,
        f"{UNIT}/chunking/RecursiveChunkingSettingsTests.java",
        "34cd68754f1915a7cb52b72758a8e2d18d83224c",
    ),
    "update before": Source(
        ELASTICSEARCH, f"{ACTIONS}/UpdateInferenceModelAction.java", "04141647196d1197a492dbab58257f19fbd18bf1"
    ),
    "chunking none": Source(ELASTICSEARCH, f"{UNIT}/chunking/NoneChunkingSettingsTests.java", "#129150"),
    "chunking limit": Source(ELASTICSEARCH, "docs/changelog/133718.yaml", "4ba5d23805e13aa40ca50d5cbf62ed45f2dd31b1"),
    "chunking separators": Source(ELASTICSEARCH, f"{UNIT}/chunking/RecursiveChunkingSettingsTests.java", "#158589"),
    "exists": Source(ELASTICSEARCH, f"{CLUSTER}/ModelRegistryIT.java", "f1c492f208fecc3e374646f97f41f62477510786"),
    "delete": Source(
        ELASTICSEARCH,
        f"{UNIT}/action/TransportDeleteInferenceEndpointActionTests.java",
        "1bb4d6f003ee23471996c2dbac7c7f7b79c004c9",
    ),
    "comes back": Source(ELASTICSEARCH, f"{MAIN}/action/TransportDeleteInferenceEndpointAction.java", "#124781"),
    "broken": Source(ELASTICSEARCH, f"{UNIT}/action/TransportDeleteInferenceEndpointActionTests.java", "#129090"),
    "headers": Source(ELASTICSEARCH, "server/src/main/java/org/elasticsearch/rest/RestResponse.java", RUN),
    "internal service": Source(
        ELASTICSEARCH,
        f"{MAIN}/services/elasticsearch/ElasticsearchInternalService.java",
        "read: 8.17 to 9.1",
    ),
    "adaptive": Source(
        ELASTICSEARCH,
        f"{QA}/InferenceUpdateElasticsearchInternalServiceModelIT.java",
        "5df2c751558f56de8bbd72638f4060dff5a8e296",
    ),
    "idle": Source(ELASTICSEARCH, "docs/changelog/128914.yaml", "60d0a4ef3b09642742cfc135fccc7189471dc6a7"),
    "services old": Source(ELASTICSEARCH, f"{QA}/InferenceCrudIT.java", "000ffd2d03c5119984b2f9240832f7df24816cf6"),
    "services": Source(ELASTICSEARCH, f"{QA}/InferenceGetServicesIT.java", "0079aa437f4fe77bd6d2a208c8301ec2239da0c0"),
    "field caps": Source(
        ELASTICSEARCH, f"{YAML}/10_semantic_text_field_mapping.yml", "01195333bcdb620d4f5a5eef7bc8e3827dcb1f15"
    ),
    "field caps old": Source(ELASTICSEARCH, f"{YAML}/10_semantic_text_field_mapping.yml", "#111809"),
    "rotation": Source(
        ELASTICSEARCH, f"{UNIT}/action/SecretRotationTestCases.java", "2433641aff1e14872bfa44f8a062938e76e05287"
    ),
    "again": Source(
        ELASTICSEARCH, f"{CLUSTER}/CreateInferenceEndpointIT.java", "676c3e985a541a68db6676787a5088734eb6b47e"
    ),
    "field chunking": Source(
        ELASTICSEARCH,
        f"{YAML}/25_semantic_text_field_mapping_chunking.yml",
        "0a54972a04b6517c0da56fa3bb239e0b45d3c6c3",
    ),
    "chunking classes": Source(
        ELASTICSEARCH,
        "x-pack/plugin/core/src/main/java/org/elasticsearch/xpack/core/inference/InferenceUtils.java",
        "run: 9.5.3",
    ),
    "bedrock parser": Source(
        ELASTICSEARCH,
        f"{UNIT}/services/amazonbedrock/embeddings/AmazonBedrockEmbeddingsServiceSettingsTests.java",
        "#151881",
    ),
    "llama parser": Source(
        ELASTICSEARCH, f"{UNIT}/services/llama/embeddings/LlamaEmbeddingsServiceSettingsTests.java", "#151225"
    ),
    "cohere": Source(ELASTICSEARCH, f"{UNIT}/services/cohere/CohereServiceSettingsTests.java", "#129884"),
    "rotation mended": Source(
        ELASTICSEARCH, f"{UNIT}/action/TransportUpdateInferenceModelActionSecretRotationTests.java", "#157214"
    ),
    "cohere parser": Source(
        ELASTICSEARCH,
        f"{MAIN}/services/cohere/CohereCommonServiceSettings.java",
        "read: 9.5",
    ),
    "watsonx": Source(ELASTICSEARCH, f"{MAIN}/services/ibmwatsonx/IbmWatsonxService.java", "#140331"),
    "watsonx before": Source(
        ELASTICSEARCH, f"{QA}/InferenceGetServicesIT.java", "1d6b589d0de8778e3d91cbe697d9ff98926447c6"
    ),
    "root": Source(
        ELASTICSEARCH,
        "modules/rest-root/src/yamlRestTest/resources/rest-api-spec/test/info/10_info.yml",
        "17e9ef9eeae5bef37cf4bbf84185d5abdca34b6b",
    ),
    "licence for all": Source(
        ELASTICSEARCH, f"{QA}/InferenceBasicLicenseIT.java", "f723129d6c76de759258beb93db2c05f60fcfbb0"
    ),
    "licence per service": Source(ELASTICSEARCH, f"{QA}/InferenceBasicLicenseIT.java", "#137434"),
    "licence trial": Source(
        ELASTICSEARCH, f"{QA}/InferenceTrialLicenseIT.java", "342e208fc476f505525d0aef8174531f362c957e"
    ),
    "services without EIS": Source(
        ELASTICSEARCH, f"{QA}/InferenceGetServicesWithoutEisIT.java", "f2084ee1dd69133f8bdb0e55a44f471e5b926dac"
    ),
    "semantic default": Source(
        ELASTICSEARCH, f"{QA}/InferenceSemanticTextIT.java", "0a678ed25be19d1a7b9227cc018d2b502c70bcba"
    ),
}
