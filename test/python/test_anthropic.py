"""Anthropic's official client, unmodified: only its base URL names Sluice."""

import anthropic
import pytest

from conftest import KEY, MODEL, mock

ASK = [{"role": "user", "content": "Say this back."}]
WEATHER = {"name": "weather", "arguments": {"city": "Paris"}}
TOOL = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


def test_whole(claude):
    message = claude.messages.create(model=MODEL, max_tokens=100, messages=ASK, system="Be brief.")
    assert message.content[0].text == "Say this back."
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens == 3
    assert message._request_id.startswith("req_")


def test_streamed(claude):
    with claude.messages.stream(model=MODEL, max_tokens=100, messages=ASK) as stream:
        assert "".join(stream.text_stream) == "Say this back."
        assert stream.get_final_message().usage.output_tokens == 3


def test_a_silent_stream_stays_alive(claude):
    with claude.messages.stream(
        model=MODEL, max_tokens=100, messages=ASK, extra_body=mock(text="one two", delay_ms=1000)
    ) as stream:
        assert "".join(stream.text_stream) == "one two"


def test_tools(claude):
    first = claude.messages.create(
        model=MODEL, max_tokens=100, messages=ASK, tools=[TOOL], extra_body=mock(tool_calls=[WEATHER])
    )
    assert first.stop_reason == "tool_use"
    call = first.content[0]
    assert (call.name, call.input) == ("weather", {"city": "Paris"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Rain."}
    second = claude.messages.create(
        model=MODEL,
        max_tokens=100,
        tools=[TOOL],
        messages=[*ASK, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}],
        extra_body=mock(text="Wet."),
    )
    assert second.content[0].text == "Wet."


def test_a_tool_runner_goes_on_without_a_conversation_that_the_server_holds(claude):
    @anthropic.beta_tool
    def weather(city: str) -> str:
        """Tells the weather."""
        return f"sunny in {city}"

    runner = claude.beta.messages.tool_runner(model=MODEL, max_tokens=100, messages=ASK, tools=[weather])
    assert runner.until_done().content[0].text == "Say this back."


def test_thinking(claude):
    with claude.messages.stream(
        model=MODEL, max_tokens=100, messages=ASK, extra_body=mock(reasoning="Hm.", text="Yes.")
    ) as stream:
        final = stream.get_final_message()
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.content[0].thinking == "Hm."


def test_count_tokens(claude):
    assert claude.messages.count_tokens(model=MODEL, messages=ASK).input_tokens > 3


def test_models(claude):
    assert "claude-sonnet" in [model.id for model in claude.models.list()]
    assert claude.models.retrieve("claude-sonnet").type == "model"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
    ],
)
def test_errors_have_their_classes(claude, status, error):
    with pytest.raises(error) as raised:
        claude.messages.create(
            model=MODEL, max_tokens=100, messages=ASK, extra_body=mock(error_status=status)
        )
    assert raised.value.body["type"] == "error"
    assert "scripted answered" in str(raised.value)


def test_error_in_mid_stream(claude):
    said = ""
    with pytest.raises(anthropic.APIStatusError, match="This failure was asked for"):
        with claude.messages.stream(
            model=MODEL, max_tokens=100, messages=ASK, extra_body=mock(text="one two", error_after=1)
        ) as stream:
            for text in stream.text_stream:
                said += text
    assert said == "one "


def test_the_key_as_a_bearer_token(sluice):
    with anthropic.Anthropic(base_url=sluice, auth_token=KEY, api_key=None) as bearer:
        assert bearer.messages.create(model=MODEL, max_tokens=9, messages=ASK).content[0].text == "Say this back."
