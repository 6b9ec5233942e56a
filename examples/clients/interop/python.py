"""The official Python client, and a decoder of its own, against what the parser says."""

import json
import os
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import openai


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
    """Line by line as the standard has it, from the bytes as they came."""
    request = urllib.request.Request(
        case["url"] + "/chat/completions",
        json.dumps({"model": "m", "messages": [], "stream": True}).encode(),
        {"x-scenario": case["scenario"]},
    )
    body = b""
    try:
        response = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20)
        while byte := response.read(1):
            body += byte
    except urllib.error.HTTPError:
        return ""
    except Exception:
        pass  # The connection broke; what came before counts.
    text, data = "", []
    for line in body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:-1]:
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif not line and data:
            joined, data = b"\n".join(data), []
            if joined != b"[DONE]":
                for choice in json.loads(joined).get("choices", []):
                    text += choice["delta"]["content"] or ""
    return text


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


with ThreadPoolExecutor(8) as pool:
    results = list(pool.map(compare, json.loads(os.environ["INTEROP_CASES"])))
for _, line in results:
    print(line)
failures = sum(not good for good, _ in results)
print(f"openai {openai.__version__} for Python: {len(results)} responses, {failures} differ")
sys.exit(failures > 0)
