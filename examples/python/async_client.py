"""The async client: many inference calls at once, here on endpoints that are applied first.

Planning and applying are sync: they wait for one cluster, step by step. The client is there in both forms.
"""

import asyncio

from inferctl import AsyncInferenceClient, Cluster, Endpoint, InferenceClient, NotFound, apply
from inferctl.emulator.adapter import as_function
from inferctl.emulator.cluster import Cluster as Emulator
from inferctl.services import OpenAISettings, SecretRef

URL = "http://emulator.invalid"  # nothing is sent there: the emulator answers in this process
emulator = as_function(Emulator.of("9.1"))
TEXTS = ["a red shoe", "a blue hat", "a green coat"]


async def main() -> None:
    async with AsyncInferenceClient(URL, transport=emulator) as client:
        answers = await asyncio.gather(*(client.inference(inference_id="search", input=[text]) for text in TEXTS))
        for text, answer in zip(TEXTS, answers, strict=True):
            print(f"{text}: {len(answer['text_embedding'][0]['embedding'])} dimensions")
        try:
            await client.inference(inference_id="nothing", input=TEXTS)
        except NotFound as error:
            print(f"{type(error).__name__}: {error.status}")


settings = OpenAISettings(model_id="text-embedding-3-small", api_key=SecretRef("env", "OPENAI_API_KEY"))
search = Endpoint(inference_id="search", task_type="text_embedding", service="openai", service_settings=settings)
apply(Cluster(InferenceClient(URL, transport=emulator), dummy_secrets=True), [search])
asyncio.run(main())
