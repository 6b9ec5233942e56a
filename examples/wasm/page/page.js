// Asks the server that the page came from, and shows queue, tokens and outcome as they come. Without a build step.

// In the order of the numbers in `src/lib.rs`.
const KINDS = ["keep-alive", "data", "error", "done", "unknown"];
const OUTCOMES = [
  "the response is complete",
  "the response is empty",
  "the response ended after keep-alives, before any output",
  "the response ended without an end mark",
  "the response was truncated",
  "the response is neither an event stream nor JSON",
  "the response cannot be read any further",
];

const show = (id, text) => (document.getElementById(id).textContent = text);
const append = (id, text) => document.getElementById(id).append(text);
const decoder = new TextDecoder();
let events = [];
let queued = 0;

const { instance } = await WebAssembly.instantiateStreaming(fetch("module.wasm"), {
  page: {
    // The bytes are in the module's memory and only there during the call. What the events mean is looked at afterwards:
    // an exception in here would take the module's work down with it.
    on_event(kind, address, length) {
      events.push([KINDS[kind], decoder.decode(new Uint8Array(module.memory.buffer, address, length))]);
    },
  },
});
const module = instance.exports;

function showEvents() {
  const shown = events;
  events = [];
  for (const [kind, text] of shown) showEvent(kind, text);
}

function showEvent(kind, text) {
  if (kind === "keep-alive") {
    queued += 1;
    show("queue", queued);
  } else if (kind === "data") {
    const choice = JSON.parse(text).choices?.[0];
    // `delta` in a stream, `message` in a whole answer.
    const { content, reasoning_content } = choice?.delta ?? choice?.message ?? {};
    append("reasoning", reasoning_content ?? "");
    append("text", content ?? "");
  } else if (kind === "error") {
    append("text", `\nThe server says: ${JSON.parse(text).error?.message}`);
  } else if (kind === "unknown") {
    append("text", `\nNo event: ${text}`);
  }
}

/** Hands over a chunk in pieces that the module has room for. False: it cannot read on. */
function take(bytes) {
  for (let start = 0; start < bytes.length; start += module.chunk_len()) {
    const piece = bytes.subarray(start, start + module.chunk_len());
    new Uint8Array(module.memory.buffer, module.chunk(), piece.length).set(piece);
    const canContinue = module.take(piece.length);
    showEvents();
    if (!canContinue) return false;
  }
  return true;
}

async function ask(scenario, stream) {
  queued = 0;
  for (const id of ["reasoning", "text", "outcome"]) show(id, "");
  show("queue", queued);
  module.start();
  let broken = "";
  try {
    const response = await fetch("chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json", "x-scenario": scenario },
      body: JSON.stringify({ model: "loopback", stream, messages: [{ role: "user", content: "Why?" }] }),
    });
    const reader = response.body.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || !take(value)) break;
    }
    await reader.cancel();
  } catch (error) {
    // What came before still counts. `fetch` reports a connection that breaks as a `TypeError`.
    broken = error instanceof TypeError ? "; the connection broke" : `; ${error}`;
  }
  const outcome = OUTCOMES[module.finish()];
  showEvents();
  show("outcome", outcome + broken);
}

const form = document.querySelector("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await ask(form.scenario.value, !form.whole.checked);
});

// With `?scenario=truncated`, the page asks at once, as in tests.
const parameters = new URLSearchParams(location.search);
if (parameters.has("scenario")) {
  form.scenario.value = parameters.get("scenario");
  form.whole.checked = parameters.has("whole");
  await ask(form.scenario.value, !form.whole.checked);
}
