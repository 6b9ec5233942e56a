"""A decoder of event streams in few lines, from the HTML standard, section 9.2.6, and a client that keeps every byte."""

import urllib.error
import urllib.request
from typing import NamedTuple


class Decoded(NamedTuple):
    events: list  # of (event, id, data)
    comments: list
    retry: int | None


def decode(body):
    """What the standard has of `body`, of which a last block without its blank line is no part."""
    events, comments, retry = [], [], None
    event, last_id, data = "", "", []
    body = body.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for line in body.split(b"\n")[:-1]:
        field, colon, value = line.decode(errors="replace").partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                events.append((event, last_id, "\n".join(data)))
            event, data = "", []
        elif not field and colon:
            comments.append(value)
        elif field == "data":
            data.append(value)
        elif field == "event":
            event = value
        elif field == "id" and "\0" not in value:
            last_id = value
        elif field == "retry" and value.isascii() and value.isdigit():
            retry = int(value)
    return Decoded(events, comments, retry)


def fetch(url, headers, request):
    """The bytes as they came, also of a connection that broke; none of a response whose status is an error."""
    body = b""
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        response = opener.open(urllib.request.Request(url, request.encode(), headers), timeout=20)
        while byte := response.read(1):
            body += byte
    except urllib.error.HTTPError:
        return b""
    except Exception:
        pass
    return body
