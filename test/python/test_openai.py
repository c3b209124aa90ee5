"""OpenAI's official client, unmodified: only its base URL names Sluice."""

import json
import uuid

import openai
import pytest
from pydantic import BaseModel

from conftest import KEY, MODEL, mock

ASK = [{"role": "user", "content": "Say this back."}]
WEATHER = {"name": "weather", "arguments": {"city": "Paris"}}
TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class City(BaseModel):
    name: str


# Chat completions


def test_chat_whole(client):
    answer = client.chat.completions.create(model=MODEL, messages=ASK)
    assert answer.choices[0].message.content == "Say this back."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 6
    assert answer._request_id.startswith("req_")


def test_chat_streamed_with_usage(client):
    stream = client.chat.completions.create(
        model=MODEL, messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "Say this back."
    assert chunks[-1].usage.completion_tokens == 3


def test_chat_stream_helper(client):
    with client.chat.completions.stream(
        model=MODEL, messages=ASK, extra_body=mock(text="", tool_calls=[WEATHER])
    ) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert final.choices[0].message.tool_calls[0].function.name == "weather"
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments) == {"city": "Paris"}


def test_chat_parse(client):
    answer = client.chat.completions.parse(
        model=MODEL, messages=ASK, response_format=City, extra_body=mock(text='{"name": "Paris"}')
    )
    assert answer.choices[0].message.parsed == City(name="Paris")


def test_chat_several_choices(client):
    answer = client.chat.completions.create(model=MODEL, messages=ASK, n=2)
    assert [choice.message.content for choice in answer.choices] == ["Say this back."] * 2


def test_chat_error_in_mid_stream(client):
    stream = client.chat.completions.create(
        model=MODEL, messages=ASK, stream=True, extra_body=mock(text="one two", error_after=1)
    )
    said = ""
    with pytest.raises(openai.APIError, match="This failure was asked for"):
        for chunk in stream:
            said += chunk.choices[0].delta.content or ""
    assert said == "one "


def test_chat_whole_answer_that_takes_long(client):
    answer = client.chat.completions.create(model=MODEL, messages=ASK, extra_body=mock(first_delay_ms=1000))
    assert answer.choices[0].message.content == "Say this back."


def test_chat_stored(client):
    metadata = {"test": uuid.uuid4().hex}
    made = client.chat.completions.create(model=MODEL, messages=ASK, store=True, metadata=metadata)
    assert [one.id for one in client.chat.completions.list(metadata=metadata)] == [made.id]
    assert client.chat.completions.retrieve(made.id).metadata == metadata
    changed = client.chat.completions.update(made.id, metadata={"test": "changed"})
    assert changed.metadata == {"test": "changed"}
    assert [one.content for one in client.chat.completions.messages.list(made.id)] == ["Say this back."]
    assert client.chat.completions.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(made.id)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_errors_have_their_classes(client, status, error):
    with pytest.raises(error) as raised:
        client.chat.completions.create(model=MODEL, messages=ASK, extra_body=mock(error_status=status))
    assert "scripted answered" in str(raised.value)


def test_no_retry_makes_a_second_job(client, sluice):
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    failing = mock(error_status=429)
    ids = set()
    for _ in range(2):
        with pytest.raises(openai.RateLimitError) as raised:
            client.chat.completions.create(
                model=MODEL, messages=ASK, extra_headers=headers, extra_body=failing
            )
        ids.add(raised.value.response.headers["x-sluice-job-id"])
    assert len(ids) == 1


def test_a_wrong_key(sluice):
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{sluice}/v1", api_key="sk-wrong").models.list()


# Completions, embeddings, models


def test_completions(client):
    assert client.completions.create(model=MODEL, prompt="Say this.").choices[0].text == "Say this."
    stream = client.completions.create(model=MODEL, prompt="Say this.", stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == "Say this."


def test_embeddings_as_base64_and_as_numbers(client):
    packed = client.embeddings.create(model="scripted/embed", input=["one", "two"])
    plain = client.embeddings.create(model="scripted/embed", input=["one", "two"], encoding_format="float")
    assert [item.index for item in packed.data] == [0, 1]
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding)
    assert packed.data[0].embedding != pytest.approx(packed.data[1].embedding)


def test_models(client):
    assert "gpt-4o" in [model.id for model in client.models.list()]
    assert client.models.retrieve("gpt-4o").object == "model"


# Responses


def test_response_whole(client):
    response = client.responses.create(model=MODEL, input="Say this.", instructions="Be brief.")
    assert response.output_text == "Say this."
    assert response.status == "completed"
    assert response.instructions == "Be brief."


def test_response_streamed(client):
    events = list(client.responses.create(model=MODEL, input="Say this.", stream=True))
    assert events[0].type == "response.created"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "Say this."
    assert events[-1].response.output_text == "Say this."


def test_response_stream_helper_and_resume(client):
    first = []
    with client.responses.stream(
        model=MODEL, input="one two three four", background=True, extra_body=mock(delay_ms=20)
    ) as stream:
        for event in stream:
            first.append(event)
            if event.type == "response.output_text.delta":
                break
    response_id = first[0].response.id
    seen = first[-1].sequence_number
    rest = list(client.responses.retrieve(response_id, stream=True, starting_after=seen))
    assert rest[0].sequence_number == seen + 1
    assert rest[-1].response.output_text == "one two three four"
    with client.responses.stream(response_id=response_id, starting_after=seen) as stream:
        for _ in stream:
            pass
        assert stream.get_final_response().output_text == "one two three four"


def test_response_in_the_background_cancelled_twice_and_deleted(client):
    response = client.responses.create(
        model=MODEL, input="one two", background=True, extra_body=mock(hang_after=1)
    )
    assert response.status in ("queued", "in_progress")
    assert response.output_text == ""
    assert client.responses.cancel(response.id).status == "cancelled"
    assert client.responses.cancel(response.id).status == "cancelled"
    assert client.responses.delete(response.id) is None
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_response_parse(client):
    response = client.responses.parse(
        model=MODEL, input="Where?", text_format=City, extra_body=mock(text='{"name": "Paris"}')
    )
    assert response.output_parsed == City(name="Paris")


def test_response_conversation_and_input_items(client):
    first = client.responses.create(model=MODEL, input="My name is Ada.")
    second = client.responses.create(
        model=MODEL, input="What is my name?", previous_response_id=first.id
    )
    assert second.previous_response_id == first.id
    items = list(client.responses.input_items.list(second.id))
    assert items[0].content[0].text == "What is my name?"


def test_response_tools(client):
    tool = {"type": "function", "name": "weather", "parameters": TOOL, "strict": True}
    first = client.responses.create(
        model=MODEL, input="Weather?", tools=[tool], extra_body=mock(tool_calls=[WEATHER])
    )
    call = first.output[0]
    assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "weather", {"city": "Paris"})
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Rain."}
    second = client.responses.create(
        model=MODEL, input=[result], tools=[tool], previous_response_id=first.id, extra_body=mock(text="Wet.")
    )
    assert second.output_text == "Wet."


def test_async_client(sluice):
    import asyncio

    async def ask():
        async with openai.AsyncOpenAI(base_url=f"{sluice}/v1", api_key=KEY) as asking:
            stream = await asking.chat.completions.create(model=MODEL, messages=ASK, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(ask()) == "Say this back."
