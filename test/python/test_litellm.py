"""The snippets of LiteLLM's page on streaming and async completion, with LiteLLM's own package pointed at Sluice."""

import asyncio

import litellm
import pytest
from litellm import acompletion, completion

from conftest import KEY

MESSAGES = [{"content": "Hey, how's it going?", "role": "user"}]
ECHO = "Hey, how's it going?"


@pytest.fixture(autouse=True)
def pointed_at_sluice(sluice, monkeypatch):
    """All that has to change is the environment."""
    monkeypatch.setenv("OPENAI_API_BASE", f"{sluice}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def test_streaming_responses():
    response = completion(model="gpt-3.5-turbo", messages=MESSAGES, stream=True)
    said = ""
    for part in response:
        said += part.choices[0].delta.content or ""
    assert said == ECHO


def test_a_stream_is_built_into_a_whole_answer():
    response = completion(model="gpt-3.5-turbo", messages=MESSAGES, stream=True)
    chunks = []
    for chunk in response:
        chunks.append(chunk)
    whole = litellm.stream_chunk_builder(chunks, messages=MESSAGES)
    assert whole.choices[0].message.content == ECHO
    assert whole.choices[0].finish_reason == "stop"


def test_async_completion():
    async def test_get_response():
        user_message = "Hello, how are you?"
        messages = [{"content": user_message, "role": "user"}]
        response = await acompletion(model="gpt-3.5-turbo", messages=messages)
        return response

    response = asyncio.run(test_get_response())
    assert response.choices[0].message.content == "Hello, how are you?"
    assert response.usage.completion_tokens == 4


def test_async_streaming():
    async def completion_call():
        response = await acompletion(model="gpt-3.5-turbo", messages=MESSAGES, stream=True)
        return [chunk async for chunk in response]

    chunks = asyncio.run(completion_call())
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == ECHO


def test_logger_fn_hears_of_the_call():
    heard = []
    completion(model="gpt-3.5-turbo", messages=MESSAGES, logger_fn=heard.append)
    assert [call["model"] for call in heard][0] == "gpt-3.5-turbo"


def test_an_error_is_the_one_that_litellm_has_for_it():
    with pytest.raises(litellm.RateLimitError):
        completion(
            model="gpt-3.5-turbo",
            messages=MESSAGES,
            max_retries=0,
            extra_body={"mock_response": {"error_status": 429}},
        )


def test_the_responses_api():
    response = litellm.responses(model="openai/gpt-4o", input="Say this.")
    assert response.output[-1].content[0].text == "Say this."


def test_the_responses_api_streamed():
    events = list(litellm.responses(model="openai/gpt-4o", input="Say this.", stream=True))
    assert events[-1].response.output[-1].content[0].text == "Say this."


def test_embeddings():
    response = litellm.embedding(model="openai/scripted/embed", input=["one", "two"])
    assert [item["index"] for item in response.data] == [0, 1]


def test_anthropic_messages(sluice, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_BASE", sluice)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    response = completion(model="anthropic/claude-sonnet", messages=MESSAGES)
    assert response.choices[0].message.content == ECHO
    streamed = completion(model="anthropic/claude-sonnet", messages=MESSAGES, stream=True)
    assert "".join(part.choices[0].delta.content or "" for part in streamed) == ECHO
