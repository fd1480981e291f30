"""The services as tables, and the registry over them. What is alike, or of one vendor, stands in one file."""

from .alibabacloud_ai_search import ALIBABACLOUD_AI_SEARCH
from .amazon import AMAZON_SAGEMAKER, AMAZONBEDROCK
from .azure import AZUREAISTUDIO, AZUREOPENAI
from .chat_and_vectors import FIREWORKSAI, LLAMA, MISTRAL, NVIDIA, OPENSHIFT_AI, WATSONXAI
from .chat_only import AI21, ANTHROPIC, DEEPSEEK, GROQ
from .cohere import COHERE
from .custom import CUSTOM
from .elastic import ELASTIC, ELASTICSEARCH, ELSER
from .google import GOOGLEAISTUDIO, GOOGLEVERTEXAI
from .hugging_face import HUGGING_FACE, HUGGING_FACE_ELSER
from .openai import OPENAI
from .schema import Service
from .search_only import CONTEXTUALAI, JINAAI, MIXEDBREAD, VOYAGEAI

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
