"""A Sluice of the tests' own, with the scripted provider, and the official clients for it."""

import json
import os
import pathlib
import subprocess

import anthropic
import openai
import pytest

ROOT = pathlib.Path(__file__).parents[2]
KEY = "sk-python-0123456789"
MODEL = "scripted/echo"


def config() -> str:
    """JSON is YAML. The bare names are those of LiteLLM's documentation."""
    served = {
        "gpt-3.5-turbo": "scripted/echo",
        "gpt-4o": "scripted/echo",
        "claude-sonnet": "scripted/echo",
        "scripted/*": "scripted/*",
    }
    return json.dumps(
        {
            "model_list": [
                {"model_name": name, "litellm_params": {"model": model}} for name, model in served.items()
            ],
            "router_settings": {"num_retries": 0},
            "general_settings": {"keepalive_seconds": 0.1},
        }
    )


@pytest.fixture(scope="session")
def sluice(tmp_path_factory):
    """The address of a Sluice that ends with the tests, however they end: its standard input closes."""
    folder = tmp_path_factory.mktemp("sluice")
    (folder / "sluice.yaml").write_text(config())
    process = subprocess.Popen(
        [ROOT / "node_modules/.bin/node", "--import", "./test/support/orphan-guard.ts", "src/main.ts"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "PORT": "0",
            "SLUICE_CONFIG": str(folder / "sluice.yaml"),
            "SLUICE_DATA_DIR": str(folder / "data"),
            "SLUICE_MASTER_KEY": KEY,
        },
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        told = json.loads(line)
        if told["msg"].startswith("listening on"):
            break
    else:
        raise RuntimeError("Sluice ended before it listened:\n" + "".join(lines))
    yield f"http://127.0.0.1:{told['port']}"
    process.terminate()
    process.communicate(timeout=30)


@pytest.fixture
def client(sluice):
    with openai.OpenAI(base_url=f"{sluice}/v1", api_key=KEY) as made:
        yield made


@pytest.fixture
def claude(sluice):
    with anthropic.Anthropic(base_url=sluice, api_key=KEY) as made:
        yield made


def mock(**options):
    """What the scripted provider is to do, in the place where clients pass fields that they do not know."""
    return {"mock_response": options}
