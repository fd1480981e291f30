"""The classes that endpoints are made of: `from inferctl.services import Endpoint, OpenAISettings`.

Written by scripts/generate-services. A class is loaded when it is first used, with its service and no other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.model.chunking import Recursive, Sentence, Whole, Word
    from inferctl.model.endpoint import Endpoint, Expectation, Lifecycle, Probe
    from inferctl.model.services.ai21 import AI21Settings, AI21TaskSettings
    from inferctl.model.services.alibabacloud_ai_search import (
        AlibabaCloudAISearchSettings,
        AlibabaCloudAISearchTaskSettings,
    )
    from inferctl.model.services.amazon_sagemaker import AmazonSageMakerSettings, AmazonSageMakerTaskSettings
    from inferctl.model.services.amazonbedrock import AmazonBedrockSettings, AmazonBedrockTaskSettings
    from inferctl.model.services.anthropic import AnthropicSettings, AnthropicTaskSettings
    from inferctl.model.services.azureaistudio import AzureAIStudioSettings, AzureAIStudioTaskSettings
    from inferctl.model.services.azureopenai import AzureOpenAISettings, AzureOpenAITaskSettings
    from inferctl.model.services.cohere import CohereSettings, CohereTaskSettings
    from inferctl.model.services.common import RateLimit
    from inferctl.model.services.contextualai import ContextualAISettings, ContextualAITaskSettings
    from inferctl.model.services.custom import (
        CustomSettings,
        CustomTaskSettings,
        InputTypes,
        JsonParser,
        Response,
        Translation,
    )
    from inferctl.model.services.deepseek import DeepSeekSettings, DeepSeekTaskSettings
    from inferctl.model.services.elastic import ElasticSettings, ElasticTaskSettings, Reasoning
    from inferctl.model.services.elasticsearch import ElasticsearchSettings, ElasticsearchTaskSettings
    from inferctl.model.services.elser import ElserSettings, ElserTaskSettings
    from inferctl.model.services.fireworksai import FireworksAISettings, FireworksAITaskSettings
    from inferctl.model.services.googleaistudio import GoogleAIStudioSettings, GoogleAIStudioTaskSettings
    from inferctl.model.services.googlevertexai import (
        GoogleVertexAISettings,
        GoogleVertexAITaskSettings,
        ThinkingConfig,
    )
    from inferctl.model.services.groq import GroqSettings, GroqTaskSettings
    from inferctl.model.services.hugging_face import HuggingFaceSettings, HuggingFaceTaskSettings
    from inferctl.model.services.hugging_face_elser import HuggingFaceElserSettings, HuggingFaceElserTaskSettings
    from inferctl.model.services.in_cluster import AdaptiveAllocations
    from inferctl.model.services.jinaai import JinaAISettings, JinaAITaskSettings
    from inferctl.model.services.llama import LlamaSettings, LlamaTaskSettings
    from inferctl.model.services.mistral import MistralSettings, MistralTaskSettings
    from inferctl.model.services.mixedbread import MixedbreadSettings, MixedbreadTaskSettings
    from inferctl.model.services.nvidia import NvidiaSettings, NvidiaTaskSettings
    from inferctl.model.services.openai import OpenAISettings, OpenAITaskSettings
    from inferctl.model.services.openshift_ai import OpenShiftAISettings, OpenShiftAITaskSettings
    from inferctl.model.services.settings import Target
    from inferctl.model.services.tencentcloud import TencentCloudSettings, TencentCloudTaskSettings
    from inferctl.model.services.voyageai import VoyageAISettings, VoyageAITaskSettings
    from inferctl.model.services.watsonxai import WatsonxAISettings, WatsonxAITaskSettings
    from inferctl.model.versions import Version
    from inferctl.secrets.reference import SecretRef

_HOME = {
    "AI21Settings": "inferctl.model.services.ai21",
    "AI21TaskSettings": "inferctl.model.services.ai21",
    "AdaptiveAllocations": "inferctl.model.services.in_cluster",
    "AlibabaCloudAISearchSettings": "inferctl.model.services.alibabacloud_ai_search",
    "AlibabaCloudAISearchTaskSettings": "inferctl.model.services.alibabacloud_ai_search",
    "AmazonBedrockSettings": "inferctl.model.services.amazonbedrock",
    "AmazonBedrockTaskSettings": "inferctl.model.services.amazonbedrock",
    "AmazonSageMakerSettings": "inferctl.model.services.amazon_sagemaker",
    "AmazonSageMakerTaskSettings": "inferctl.model.services.amazon_sagemaker",
    "AnthropicSettings": "inferctl.model.services.anthropic",
    "AnthropicTaskSettings": "inferctl.model.services.anthropic",
    "AzureAIStudioSettings": "inferctl.model.services.azureaistudio",
    "AzureAIStudioTaskSettings": "inferctl.model.services.azureaistudio",
    "AzureOpenAISettings": "inferctl.model.services.azureopenai",
    "AzureOpenAITaskSettings": "inferctl.model.services.azureopenai",
    "CohereSettings": "inferctl.model.services.cohere",
    "CohereTaskSettings": "inferctl.model.services.cohere",
    "ContextualAISettings": "inferctl.model.services.contextualai",
    "ContextualAITaskSettings": "inferctl.model.services.contextualai",
    "CustomSettings": "inferctl.model.services.custom",
    "CustomTaskSettings": "inferctl.model.services.custom",
    "DeepSeekSettings": "inferctl.model.services.deepseek",
    "DeepSeekTaskSettings": "inferctl.model.services.deepseek",
    "ElasticSettings": "inferctl.model.services.elastic",
    "ElasticTaskSettings": "inferctl.model.services.elastic",
    "ElasticsearchSettings": "inferctl.model.services.elasticsearch",
    "ElasticsearchTaskSettings": "inferctl.model.services.elasticsearch",
    "ElserSettings": "inferctl.model.services.elser",
    "ElserTaskSettings": "inferctl.model.services.elser",
    "Endpoint": "inferctl.model.endpoint",
    "Expectation": "inferctl.model.endpoint",
    "FireworksAISettings": "inferctl.model.services.fireworksai",
    "FireworksAITaskSettings": "inferctl.model.services.fireworksai",
    "GoogleAIStudioSettings": "inferctl.model.services.googleaistudio",
    "GoogleAIStudioTaskSettings": "inferctl.model.services.googleaistudio",
    "GoogleVertexAISettings": "inferctl.model.services.googlevertexai",
    "GoogleVertexAITaskSettings": "inferctl.model.services.googlevertexai",
    "GroqSettings": "inferctl.model.services.groq",
    "GroqTaskSettings": "inferctl.model.services.groq",
    "HuggingFaceElserSettings": "inferctl.model.services.hugging_face_elser",
    "HuggingFaceElserTaskSettings": "inferctl.model.services.hugging_face_elser",
    "HuggingFaceSettings": "inferctl.model.services.hugging_face",
    "HuggingFaceTaskSettings": "inferctl.model.services.hugging_face",
    "InputTypes": "inferctl.model.services.custom",
    "JinaAISettings": "inferctl.model.services.jinaai",
    "JinaAITaskSettings": "inferctl.model.services.jinaai",
    "JsonParser": "inferctl.model.services.custom",
    "Lifecycle": "inferctl.model.endpoint",
    "LlamaSettings": "inferctl.model.services.llama",
    "LlamaTaskSettings": "inferctl.model.services.llama",
    "MistralSettings": "inferctl.model.services.mistral",
    "MistralTaskSettings": "inferctl.model.services.mistral",
    "MixedbreadSettings": "inferctl.model.services.mixedbread",
    "MixedbreadTaskSettings": "inferctl.model.services.mixedbread",
    "NvidiaSettings": "inferctl.model.services.nvidia",
    "NvidiaTaskSettings": "inferctl.model.services.nvidia",
    "OpenAISettings": "inferctl.model.services.openai",
    "OpenAITaskSettings": "inferctl.model.services.openai",
    "OpenShiftAISettings": "inferctl.model.services.openshift_ai",
    "OpenShiftAITaskSettings": "inferctl.model.services.openshift_ai",
    "Probe": "inferctl.model.endpoint",
    "RateLimit": "inferctl.model.services.common",
    "Reasoning": "inferctl.model.services.elastic",
    "Recursive": "inferctl.model.chunking",
    "Response": "inferctl.model.services.custom",
    "SecretRef": "inferctl.secrets.reference",
    "Sentence": "inferctl.model.chunking",
    "Target": "inferctl.model.services.settings",
    "TencentCloudSettings": "inferctl.model.services.tencentcloud",
    "TencentCloudTaskSettings": "inferctl.model.services.tencentcloud",
    "ThinkingConfig": "inferctl.model.services.googlevertexai",
    "Translation": "inferctl.model.services.custom",
    "Version": "inferctl.model.versions",
    "VoyageAISettings": "inferctl.model.services.voyageai",
    "VoyageAITaskSettings": "inferctl.model.services.voyageai",
    "WatsonxAISettings": "inferctl.model.services.watsonxai",
    "WatsonxAITaskSettings": "inferctl.model.services.watsonxai",
    "Whole": "inferctl.model.chunking",
    "Word": "inferctl.model.chunking",
}
__all__ = [
    "AI21Settings",
    "AI21TaskSettings",
    "AdaptiveAllocations",
    "AlibabaCloudAISearchSettings",
    "AlibabaCloudAISearchTaskSettings",
    "AmazonBedrockSettings",
    "AmazonBedrockTaskSettings",
    "AmazonSageMakerSettings",
    "AmazonSageMakerTaskSettings",
    "AnthropicSettings",
    "AnthropicTaskSettings",
    "AzureAIStudioSettings",
    "AzureAIStudioTaskSettings",
    "AzureOpenAISettings",
    "AzureOpenAITaskSettings",
    "CohereSettings",
    "CohereTaskSettings",
    "ContextualAISettings",
    "ContextualAITaskSettings",
    "CustomSettings",
    "CustomTaskSettings",
    "DeepSeekSettings",
    "DeepSeekTaskSettings",
    "ElasticSettings",
    "ElasticTaskSettings",
    "ElasticsearchSettings",
    "ElasticsearchTaskSettings",
    "ElserSettings",
    "ElserTaskSettings",
    "Endpoint",
    "Expectation",
    "FireworksAISettings",
    "FireworksAITaskSettings",
    "GoogleAIStudioSettings",
    "GoogleAIStudioTaskSettings",
    "GoogleVertexAISettings",
    "GoogleVertexAITaskSettings",
    "GroqSettings",
    "GroqTaskSettings",
    "HuggingFaceElserSettings",
    "HuggingFaceElserTaskSettings",
    "HuggingFaceSettings",
    "HuggingFaceTaskSettings",
    "InputTypes",
    "JinaAISettings",
    "JinaAITaskSettings",
    "JsonParser",
    "Lifecycle",
    "LlamaSettings",
    "LlamaTaskSettings",
    "MistralSettings",
    "MistralTaskSettings",
    "MixedbreadSettings",
    "MixedbreadTaskSettings",
    "NvidiaSettings",
    "NvidiaTaskSettings",
    "OpenAISettings",
    "OpenAITaskSettings",
    "OpenShiftAISettings",
    "OpenShiftAITaskSettings",
    "Probe",
    "RateLimit",
    "Reasoning",
    "Recursive",
    "Response",
    "SecretRef",
    "Sentence",
    "Target",
    "TencentCloudSettings",
    "TencentCloudTaskSettings",
    "ThinkingConfig",
    "Translation",
    "Version",
    "VoyageAISettings",
    "VoyageAITaskSettings",
    "WatsonxAISettings",
    "WatsonxAITaskSettings",
    "Whole",
    "Word",
]


if not TYPE_CHECKING:  # or a type checker would take any name

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'inferctl.services' has no attribute {name!r}")
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
