// The mock `@copilotkit/aimock` as a server of many APIs, against what the parser reads of it.
//
// The mock splits text by UTF-16 units, hence within characters. Each response is read by the parser directly and
// through the example `proxy`, event by event by `eventsource-parser` (or line by line) from the bytes that the parser
// got, and once more from a connection of its own.

import { LLMock } from "@copilotkit/aimock";
import { createParser } from "eventsource-parser";
import { readFileSync } from "node:fs";

const TEXT = 'Grüße 🐋, こんにちは:\n"quoted" \\ back\tslash, 안녕하세요 👩‍🚀. data: [DONE]';
const REASONING = "The user greets, 你好 🐋.";
const ERROR = { error: { message: "Too many requests", type: "rate_limit_error", code: "rate_limited" }, status: 429 };

const messages = (content) => [{ role: "user", content }];
const contents = (text) => [{ role: "user", parts: [{ text }] }];
const parts = (message, isThought) =>
  (message.candidates?.[0].content?.parts ?? []).filter((part) => !!part.thought === isThought).map((part) => part.text);
const blocks = (message, type, member) =>
  (message.content ?? []).filter((block) => block.type === type).map((block) => block[member]);
const ofChoice = {
  wording: "openai",
  outcome: "Complete",
  text: ({ choices: [choice] }) => (choice?.delta ?? choice?.message)?.content ?? "",
  reasoning: ({ choices: [choice] }) => (choice?.delta ?? choice?.message)?.reasoning_content ?? "",
};

// For each API: where requests go, how one is made, what the mock calls the end of the stream, and where an event or a
// body has its text. `wording` is how the module `chat` reads its events.
const APIS = {
  "OpenAI chat": {
    ...ofChoice,
    path: () => "/v1/chat/completions",
    request: (word, stream) => ({ model: "gpt-4o", stream, messages: messages(word) }),
  },
  OpenRouter: {
    ...ofChoice,
    path: () => "/api/v1/chat/completions",
    request: (word, stream) => ({ model: "openai/gpt-4o", stream, messages: messages(word) }),
  },
  Azure: {
    ...ofChoice,
    path: () => "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
    request: (word, stream) => ({ stream, messages: messages(word) }),
  },
  "OpenAI Responses": {
    wording: "responses",
    outcome: "Complete",
    path: () => "/v1/responses",
    request: (word, stream) => ({ model: "gpt-4o", stream, input: messages(word) }),
    text: (message) =>
      message.type
        ? message.type === "response.output_text.delta" ? message.delta : ""
        : message.output.filter((item) => item.type === "message").map((item) => item.content[0].text).join(""),
    reasoning: (message) =>
      message.type
        ? message.type === "response.reasoning_summary_text.delta" ? message.delta : ""
        : message.output.filter((item) => item.type === "reasoning").map((item) => item.summary[0].text).join(""),
  },
  Anthropic: {
    wording: "anthropic",
    outcome: "Complete",
    path: () => "/v1/messages",
    request: (word, stream) => ({ model: "claude-sonnet-4-5", max_tokens: 64, stream, messages: messages(word) }),
    text: (message) => message.delta?.text ?? blocks(message, "text", "text").join(""),
    reasoning: (message) => message.delta?.thinking ?? blocks(message, "thinking", "thinking").join(""),
  },
  // No end mark.
  Gemini: {
    wording: "other",
    outcome: "Unfinished",
    path: (stream) => `/v1beta/models/gemini-2.5-flash:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    request: (word) => ({ contents: contents(word) }),
    text: (message) => parts(message, false).join(""),
    reasoning: (message) => parts(message, true).join(""),
  },
  // Its reasoning is not streamed, and its end mark is a member of the data that only its clients know.
  "Gemini Interactions": {
    wording: "other",
    outcome: "Unfinished",
    path: () => "/v1beta/interactions",
    request: (word, stream) => ({ model: "gemini-2.5-flash", stream, input: word }),
    text: (message) =>
      message.delta?.text ?? (message.steps ?? []).flatMap((step) => step.content ?? []).map((part) => part.text).join(""),
  },
  // The mock gives the reasoning another name than Ollama does.
  "Ollama chat": {
    wording: "ollama",
    outcome: "Complete",
    isJsonStream: true,
    path: () => "/api/chat",
    request: (word, stream) => ({ model: "llama3", stream, messages: messages(word) }),
    text: (message) => message.message.content,
  },
  "Ollama generate": {
    wording: "ollama",
    outcome: "Complete",
    isJsonStream: true,
    path: () => "/api/generate",
    request: (word, stream) => ({ model: "llama3", stream, prompt: word }),
    text: (message) => message.response,
  },
  // The first block is the reasoning.
  Cohere: {
    wording: "other",
    outcome: "Complete",
    path: () => "/v2/chat",
    request: (word, stream) => ({ model: "command-r", stream, messages: messages(word) }),
    text: (message) =>
      message.index === 0 ? "" : message.delta?.message?.content?.text ?? cohereBlocks(message).at(-1) ?? "",
    reasoning: (message) =>
      message.index === 0 ? message.delta?.message?.content?.text ?? "" : cohereBlocks(message).at(-2) ?? "",
  },
};
const cohereBlocks = (message) => blocks(message.message ?? {}, "text", "text");

async function byParser(url, body, api, stream, throughTheProxy) {
  const order = {
    url,
    body: JSON.stringify(body),
    wording: stream ? api.wording : "other",
    is_json_stream: stream && !!api.isJsonStream,
    through_the_proxy: throughTheProxy,
  };
  const response = await fetch(process.env.INTEROP_READER, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(20_000),
  });
  if (!response.ok) throw new Error(`the parser: ${await response.text()}`);
  return response.json();
}

// The text of a response from a connection of its own, as far as it comes.
async function byFetch(url, body) {
  let text = "";
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    if (error.name === "TimeoutError") throw error;
  }
  return text;
}

// The events of a stream, or the values of its lines.
function decode(bytes, isJsonStream) {
  if (isJsonStream) return bytes.split("\n").slice(0, -1).filter(Boolean).map((data) => ({ event: "", id: "", data }));
  const events = [];
  const onEvent = ({ event = "", id = "", data }) => events.push({ event, id, data });
  createParser({ onEvent }).feed(bytes);
  return events;
}

const joined = (datas, of) =>
  datas.filter((data) => data !== "[DONE]").map((data) => of?.(JSON.parse(data)) ?? "").join("").toWellFormed();

const WAYS = { whole: [true, "hello"], cut: [true, "cut"], body: [false, "hello"], error: [true, "error"] };

async function compare(mock, name, way, throughTheProxy) {
  const api = APIS[name];
  const [stream, word] = WAYS[way];
  const url = mock.url + api.path(stream);
  const body = api.request(word, stream);
  const [report, fetched] = [await byParser(url, body, api, stream, throughTheProxy), await byFetch(url, body)];
  const { llm, standard } = report;
  const checks = { status: report.status === (way === "error" ? 429 : 200), broken: report.is_broken === (way === "cut") };
  let text = "";
  if (way === "body" || way === "error") {
    const events = llm.events.filter(({ kind }) => kind !== "done");
    const same = (bytes) => JSON.stringify(JSON.parse(bytes));
    checks["one body"] = events.length === 1 && same(events[0].data) === same(report.bytes);
    checks.outcome = llm.outcome === "Complete" || (stream && !!api.isJsonStream && llm.outcome === "Unfinished");
    checks["an error or not"] = events[0]?.is_error === (way === "error");
    if (way === "body") {
      text = joined([events[0]?.data ?? "{}"], api.text);
      checks.text = text === TEXT && joined([fetched], api.text) === TEXT;
    }
  } else {
    const ours = standard.events.filter(({ kind }) => kind === "data").map(({ event, id, data }) => ({ event, id, data }));
    const others = decode(report.bytes, !!api.isJsonStream);
    checks.events = JSON.stringify(ours) === JSON.stringify(others);
    // What the dialect of language models adds is the end mark.
    const marks = llm.events.filter(({ kind }) => ["data", "ping"].includes(kind)).map(({ data }) => data);
    const datas = others.map(({ data }) => data);
    checks["the other dialect"] = JSON.stringify(marks) === JSON.stringify(datas.filter((data) => data !== "[DONE]"));
    checks["nothing else"] = llm.events.every(({ kind }) => ["data", "done", "comment"].includes(kind));
    text = joined(datas, api.text);
    const reasoning = joined(datas, api.reasoning);
    const isWhole = way === "whole";
    const fits = (part, all) => (isWhole ? part === all : all.startsWith(part.replace(/\uFFFD$/, "")));
    checks.text = fits(text, TEXT);
    checks.reasoning = !api.reasoning || fits(reasoning, REASONING);
    checks["text of `chat`"] = api.wording === "other" || report.text === text;
    checks["reasoning of `chat`"] = api.wording === "other" || !api.reasoning || report.reasoning === reasoning;
    // Of two connections that break, one may lose more than the other.
    checks["text again"] = fits(joined(decode(fetched, !!api.isJsonStream).map(({ data }) => data), api.text), TEXT);
    checks.outcome = llm.outcome === (isWhole ? api.outcome : "Unfinished");
  }
  const wrong = Object.keys(checks).filter((check) => !checks[check]);
  let line =
    `${wrong.length ? "DIFFERS" : "ok"}\t${name}, ${way}, ${throughTheProxy ? "through the proxy" : "directly"}:` +
    ` ${report.chunks} chunks, ${llm.events.length} events, ${text.length} characters, ${llm.outcome}`;
  if (wrong.length) line += `\n\tnot the same: ${wrong.join(", ")}\n\t${JSON.stringify(report.bytes.slice(0, 3000))}`;
  return [!wrong.length, line];
}

// Silent before each chunk for longer than the proxy is: it inserts heartbeats, where they may stand.
const mock = new LLMock({ port: 0, chunkSize: 7, latency: 30 });
mock.onMessage("hello", { content: TEXT, reasoning: REASONING }, { openRouterProcessing: true });
mock.onMessage("cut", { content: TEXT, reasoning: REASONING }, { truncateAfterChunks: 10 });
mock.onMessage("error", ERROR);
await mock.start();
const cases = [];
for (const name of Object.keys(APIS)) {
  for (const way of Object.keys(WAYS)) for (const proxied of [false, true]) cases.push([name, way, proxied]);
}
const results = await Promise.all(
  cases.map(async (test) => {
    try {
      return await compare(mock, ...test);
    } catch (error) {
      return [false, `DIFFERS\t${test}: ${error.stack}`];
    }
  }),
);
for (const [, line] of results) console.log(line);
const failures = results.filter(([good]) => !good).length;
const version = (name) => {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(file)).version}`;
};
const versions = `${version("@copilotkit/aimock")} and ${version("eventsource-parser")}`;
console.log(`${versions}: ${results.length} responses of ${Object.keys(APIS).length} APIs, ${failures} differ`);
process.exit(failures > 0 ? 1 : 0);
