"""The official Python client `anthropic`, and a decoder by hand, against what the parser says."""

import json
import os
import sys

import anthropic
from by_hand import decode, fetch
from report import count_different

REQUEST = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}


def by_client(case):
    client = anthropic.Anthropic(
        api_key="none",
        base_url=case["url"],
        max_retries=0,
        timeout=20,
        default_headers={"x-scenario": case["scenario"]},
    )
    text = thinking = ""
    try:
        if case["stream"]:
            for event in client.messages.create(**REQUEST, stream=True):
                if event.type == "content_block_delta":
                    text += getattr(event.delta, "text", "")
                    thinking += getattr(event.delta, "thinking", "")
        else:
            for block in client.messages.create(**REQUEST).content:
                text += getattr(block, "text", "")
                thinking += getattr(block, "thinking", "")
    except Exception as error:  # Which one, the report says.
        return text, thinking, type(error).__name__
    return text, thinking, "no error"


def by_hand(case):
    """The same from the bytes as they came."""
    request = json.dumps({**REQUEST, "stream": case["stream"]})
    body = fetch(case["url"] + "/v1/messages", {"x-scenario": case["scenario"]}, request)
    if case["stream"]:
        events = decode(body).events
        blocks = [json.loads(data)["delta"] for event, _, data in events if event == "content_block_delta"]
    else:
        try:
            blocks = json.loads(body).get("content", [])
        except ValueError:  # Half a body, or none.
            blocks = []
    return tuple("".join(block.get(member, "") for block in blocks) for member in ("text", "thinking"))


def compare(case):
    """A line of the report, and whether all three agree."""
    text, thinking, error = by_client(case)
    both = (case["text"], case["reasoning"])
    # A client may lose what is buffered when a connection breaks, and may not invent any.
    fits = (text, thinking) == both or (
        case["scenario"] == "reset" and case["text"].startswith(text) and case["reasoning"].startswith(thinking)
    )
    agrees = by_hand(case) == both
    good = fits and agrees
    return good, (
        f"{'ok' if good else 'DIFFERS':8}{case['scenario']}, {'stream' if case['stream'] else 'body'},"
        f" {case['way']}: {len(text)} + {len(thinking)} characters, {error}; the parser: {len(case['text'])} +"
        f" {len(case['reasoning'])}, {case['outcome']}, {case['keep_alives']} keep-alives;"
        f" by hand {'the same' if agrees else 'OTHERS'}"
    )


cases = json.loads(os.environ["INTEROP_CASES"])
sys.exit(count_different(f"anthropic {anthropic.__version__} for Python", compare, cases) > 0)
