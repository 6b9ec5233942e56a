"""The official Python client `openai`, and a decoder by hand, against what the parser says."""

import json
import os
import sys

import openai
from by_hand import decode, fetch
from report import count_different


def by_client(case):
    client = openai.OpenAI(
        api_key="none",
        base_url=case["url"],
        max_retries=0,
        timeout=20,
        default_headers={"x-scenario": case["scenario"]},
    )
    text = ""
    try:
        for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
            for choice in chunk.choices:
                text += choice.delta.content or ""
    except Exception as error:  # Which one, the report says.
        return text, type(error).__name__
    return text, "no error"


def by_hand(case):
    """The same from the bytes as they came."""
    request = json.dumps({"model": "m", "messages": [], "stream": True})
    body = fetch(case["url"] + "/chat/completions", {"x-scenario": case["scenario"]}, request)
    chunks = [json.loads(data) for _, _, data in decode(body).events if data != "[DONE]"]
    return "".join(choice["delta"]["content"] or "" for chunk in chunks for choice in chunk.get("choices", []))


def compare(case):
    """A line of the report, and whether all three agree."""
    text, error = by_client(case)
    # A client may lose what is buffered when a connection breaks, and may not invent any.
    fits = text == case["text"] or (case["scenario"] == "reset" and case["text"].startswith(text))
    agrees = by_hand(case) == case["text"]
    good = fits and agrees
    return good, (
        f"{'ok' if good else 'DIFFERS':8}{case['scenario']}, {case['way']}: {len(text)} characters, {error};"
        f" the parser: {len(case['text'])}, {case['outcome']}; by hand {'the same' if agrees else 'OTHERS'}"
    )


cases = json.loads(os.environ["INTEROP_CASES"])
sys.exit(count_different(f"openai {openai.__version__} for Python", compare, cases) > 0)
