"""The services as tables, one module each, and the registry over them."""

from .ai21 import AI21
from .alibabacloud_ai_search import ALIBABACLOUD_AI_SEARCH
from .amazon_sagemaker import AMAZON_SAGEMAKER
from .amazonbedrock import AMAZONBEDROCK
from .anthropic import ANTHROPIC
from .azureaistudio import AZUREAISTUDIO
from .azureopenai import AZUREOPENAI
from .cohere import COHERE
from .contextualai import CONTEXTUALAI
from .custom import CUSTOM
from .deepseek import DEEPSEEK
from .elastic import ELASTIC
from .elasticsearch import ELASTICSEARCH
from .elser import ELSER
from .fireworksai import FIREWORKSAI
from .googleaistudio import GOOGLEAISTUDIO
from .googlevertexai import GOOGLEVERTEXAI
from .groq import GROQ
from .hugging_face import HUGGING_FACE
from .hugging_face_elser import HUGGING_FACE_ELSER
from .jinaai import JINAAI
from .llama import LLAMA
from .mistral import MISTRAL
from .mixedbread import MIXEDBREAD
from .nvidia import NVIDIA
from .openai import OPENAI
from .openshift_ai import OPENSHIFT_AI
from .schema import Service
from .voyageai import VOYAGEAI
from .watsonxai import WATSONXAI

SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        AI21,
        ALIBABACLOUD_AI_SEARCH,
        AMAZON_SAGEMAKER,
        AMAZONBEDROCK,
        ANTHROPIC,
        AZUREAISTUDIO,
        AZUREOPENAI,
        COHERE,
        CONTEXTUALAI,
        CUSTOM,
        DEEPSEEK,
        ELASTIC,
        ELASTICSEARCH,
        ELSER,
        FIREWORKSAI,
        GOOGLEAISTUDIO,
        GOOGLEVERTEXAI,
        GROQ,
        HUGGING_FACE,
        HUGGING_FACE_ELSER,
        JINAAI,
        LLAMA,
        MISTRAL,
        MIXEDBREAD,
        NVIDIA,
        OPENAI,
        OPENSHIFT_AI,
        VOYAGEAI,
        WATSONXAI,
    )
}
