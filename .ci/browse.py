"""Shows pages in a browser without a window and prints what certain elements hold once the last of them holds anything.

    browse.py BROWSER [ARGUMENT...] -- ID,ID,... URL...

A browser that only loads and prints a page does not wait for what the page fetches. This one is asked, by the protocol of
its debugger over two pipes, until the page is done.
"""

import fcntl
import itertools
import json
import os
import subprocess
import sys
import time

# For a page, on a machine that has other work to do.
SECONDS = 120


class Browser:
    def __init__(self, command):
        # The browser reads from 3 and writes to 4, so that our ends must not be in the way.
        self.reading, theirs_out = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())
        theirs_in, self.writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())

        def pipes():
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        self.process = subprocess.Popen(
            command + ["--remote-debugging-pipe"], stdin=subprocess.DEVNULL, preexec_fn=pipes, close_fds=False
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.received = b""
        self.ids = itertools.count(1)
        self.session = {}

    def ask(self, method, **parameters):
        """Sends a command and gives its result. Messages end with a NUL; those in between are events, which nobody needs."""
        number = next(self.ids)
        message = {"id": number, "method": method, "params": parameters, **self.session}
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.received:
                received = os.read(self.reading, 65536)
                if not received:
                    raise SystemExit("the browser ended")
                self.received += received
            message, self.received = self.received.split(b"\0", 1)
            answer = json.loads(message)
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def open(self):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = {"sessionId": self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}

    def show(self, url, ids):
        self.ask("Page.navigate", url=url)
        texts = f"JSON.stringify([location.href, {json.dumps(ids)}.map((id) => document.getElementById(id)?.textContent ?? '')])"
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            result = self.ask("Runtime.evaluate", expression=texts)["result"]
            shown, values = json.loads(result["value"])
            # Until the page is there, it is the one before that answers.
            if shown == url and values[-1]:
                return values
            time.sleep(0.02)
        raise SystemExit(f"{url} is not done after {SECONDS} seconds: {values}")


def main():
    split = sys.argv.index("--")
    ids, *urls = sys.argv[split + 1 :]
    browser = Browser(sys.argv[1:split])
    try:
        browser.open()
        for url in urls:
            print("---", url.partition("?")[2])
            for name, text in zip(ids.split(","), browser.show(url, ids.split(","))):
                print(f"{name}: {text.strip()}".strip())
    finally:
        browser.process.kill()
        browser.process.wait()


main()
