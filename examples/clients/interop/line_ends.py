"""The server `sse-starlette` with each of its line ends and with pings, against what the parser reads of it.

Each response is read four times: by the parser directly and through the example `proxy`, by `httpx-sse`, and by hand from the
bytes that the parser got.
"""

import asyncio
import importlib.metadata
import itertools
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request

import httpx
import httpx_sse
import uvicorn
from by_hand import decode
from report import count_different
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.routing import Route

LINE_ENDS = {"LF": "\n", "CR": "\r", "CRLF": "\r\n"}
TEXT = "Grüße, こんにちは, 안녕하세요 🐋: three line ends, one answer.\nAnd\ta second line."
REQUEST = json.dumps({"model": "m", "stream": True, "messages": []})
PING = 0.03  # seconds


def chunk(text):
    return json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}, ensure_ascii=False)


class Pings:
    """Makes the pings of one response, so that it can wait for them on a slow machine, too."""

    def __init__(self, sep):
        self.sep, self.count = sep, 0

    def __call__(self):
        self.count += 1
        return ServerSentEvent(comment=f"ping - {self.count}", sep=self.sep)

    async def two(self):
        """Two pings have been sent when the third is made."""
        enough = self.count + 3
        while self.count < enough:
            await asyncio.sleep(PING / 4)


async def chat(pings):
    """Queued, then an answer with a pause in it."""
    await pings.two()
    for at in range(0, len(TEXT), 5):
        yield {"data": chunk(TEXT[at : at + 5])}
        if at == 30:
            await pings.two()
    yield {"data": "[DONE]"}


async def fields(pings):
    """All that the server can send, and data that looks like something else."""
    yield {"retry": 1500}
    yield {"id": "1", "event": "a name", "data": "one\ntwo\r\nthree\rfour"}
    yield {"comment": "a comment\nof two lines", "data": " a leading space"}
    await pings.two()
    yield {"data": "the id stays"}
    yield {"data": "", "id": "2"}
    yield {"data": "\n"}
    yield {"event": "no data"}
    yield {"comment": "alone"}
    yield {"data": "data: : not a field, not a comment", "event": "ünïcode 🐋"}
    yield {"data": "\ufeffa mark within\u2028and what ends no line\x0b\x0c\x85"}
    yield {"data": "x" * 70_000, "id": "3"}
    yield {"id": ""}
    yield {"data": "the id is gone", "retry": 250}


async def queued(pings):
    """Pings, and the server closes."""
    await pings.two()
    for event in ():
        yield event


async def mixed(_):
    """Each event with the next line end, whatever the pings have."""
    for number, sep in zip(range(12), itertools.cycle(LINE_ENDS.values())):
        await asyncio.sleep(PING)
        yield ServerSentEvent(chunk(f"{number} "), id=str(number), event="delta", sep=sep)
    yield ServerSentEvent("[DONE]", sep="\r")


STREAMS = {"chat": chat, "fields": fields, "queued": queued, "mixed": mixed}
TEXTS = {"chat": TEXT, "mixed": "".join(f"{number} " for number in range(12))}
OUTCOMES = {"chat": "Complete", "fields": "Unfinished", "queued": "KeepAliveOnly", "mixed": "Complete"}


async def respond(request):
    name, sep = request.path_params["stream"], LINE_ENDS[request.path_params["line_end"]]
    pings = Pings(sep)
    # Where nothing waits for pings, they are the server's own, which tell the time.
    own = name == "mixed"
    return EventSourceResponse(STREAMS[name](pings), ping=PING, sep=sep, ping_message_factory=None if own else pings)


def by_parser(name, url, through_the_proxy):
    wording = "openai" if name in TEXTS else "other"
    order = {"url": url, "body": REQUEST, "wording": wording, "through_the_proxy": through_the_proxy}
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(os.environ["INTEROP_READER"], json.dumps(order).encode(), headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        sys.exit(f"the parser: {url}: {error.read().decode()}")


def by_httpx_sse(url):
    """Events that have data: of others, and of those whose data is empty, this decoder makes the same."""
    with httpx.Client(trust_env=False, timeout=20) as client:
        with httpx_sse.connect_sse(client, "POST", url, content=REQUEST) as source:
            return [(event.event, event.id, event.data) for event in source.iter_sse() if event.data]


def differences(name, report, others):
    """What does not fit, in words."""
    bytes_, standard, llm = report["bytes"], report["standard"], report["llm"]
    hand = decode(bytes_.encode())
    events = [(e["event"], e["id"], e["data"]) for e in standard["events"] if e["kind"] == "data"]
    comments = [e["data"] for e in standard["events"] if e["kind"] == "comment"]
    # What the dialect of language models adds to the standard: an end mark, and empty events that are pings.
    marks = [e for e in llm["events"] if e["kind"] in ("data", "ping", "done")]
    marks = ["[DONE]" if e["kind"] == "done" else e["data"] for e in marks]
    with_data = [(event or "message", id_, data) for event, id_, data in events if data]
    checks = {
        "status": report["status"] == 200,
        "events, by hand": events == hand.events,
        "comments, by hand": comments == hand.comments,
        "retry, by hand": standard["retry"] == llm["retry"] == hand.retry,
        "events, httpx-sse": with_data == [(event or "message", id_, data) for event, id_, data in others],
        "nothing else": all(e["kind"] in ("data", "comment", "blank line") for e in standard["events"]),
        "pings": name == "mixed" or {"ping - 1", "ping - 2"} <= set(comments),
        "the other dialect": marks == [data for _, _, data in events],
        "text": report["text"] == TEXTS.get(name, report["text"]),
        "outcome": llm["outcome"] == OUTCOMES[name],
    }
    return [what for what, good in checks.items() if not good]


def compare(case):
    name, line_end, through_the_proxy, url = case
    report = by_parser(name, url, through_the_proxy)
    wrong = differences(name, report, by_httpx_sse(url))
    pings = sum(e["kind"] == "comment" for e in report["standard"]["events"])
    events = sum(e["kind"] == "data" for e in report["standard"]["events"])
    way = "through the proxy" if through_the_proxy else "directly"
    line = (
        f"{'DIFFERS' if wrong else 'ok':8}{name}, {line_end}, {way}: {events} events and {pings} comments in"
        f" {report['chunks']} chunks, {report['llm']['outcome']}"
    )
    if wrong:
        line += f"\n        not the same: {', '.join(wrong)}\n        {report['bytes'][:2000].encode()}"
    return not wrong, line


def start():
    """Serves in a thread of its own, and gives the server and its address."""
    app = Starlette(routes=[Route("/{stream}/{line_end}", respond, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1))
    threading.Thread(target=server.run, daemon=True).start()
    patience = time.monotonic() + 20
    while not server.started:
        if time.monotonic() > patience:
            sys.exit("the server does not start")
        time.sleep(0.01)
    return server, "http://127.0.0.1:%d" % server.servers[0].sockets[0].getsockname()[1]


server, address = start()
cases = [
    (name, line_end, through_the_proxy, f"{address}/{name}/{line_end}")
    for name in STREAMS
    for line_end in LINE_ENDS
    for through_the_proxy in (False, True)
]
version = importlib.metadata.version
what = f"sse-starlette {version('sse-starlette')} and httpx-sse {version('httpx-sse')}"
failures = count_different(what, compare, cases)
server.should_exit = True
sys.exit(failures > 0)
