// npm's `openai` and `eventsource-parser` against what the parser says.

import OpenAI from "openai";
import { createParser } from "eventsource-parser";
import { readFileSync } from "node:fs";

async function byClient({ url, scenario }) {
  const defaultHeaders = { "x-scenario": scenario };
  const client = new OpenAI({ apiKey: "none", baseURL: url, maxRetries: 0, timeout: 20_000, defaultHeaders });
  let text = "";
  try {
    const chunks = await client.chat.completions.create({ model: "m", messages: [], stream: true });
    for await (const chunk of chunks) text += chunk.choices[0]?.delta?.content ?? "";
  } catch (error) {
    return [text, error.constructor.name];
  }
  return [text, "no error"];
}

async function byParser({ url, scenario }) {
  let text = "";
  const onEvent = ({ data }) => {
    if (data !== "[DONE]") text += JSON.parse(data).choices?.[0]?.delta?.content ?? "";
  };
  const parser = createParser({ onEvent });
  try {
    const response = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "x-scenario": scenario },
      body: JSON.stringify({ model: "m", messages: [], stream: true }),
      signal: AbortSignal.timeout(20_000),
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body) parser.feed(decoder.decode(chunk, { stream: true }));
  } catch (error) {
    if (error.name === "TimeoutError" || error instanceof SyntaxError) throw error;
  }
  return text;
}

async function compare(test) {
  const [text, error] = await byClient(test);
  const parsed = await byParser(test);
  // A client may lose what is buffered when a connection breaks, and may not invent any.
  const fits = (other) => other === test.text || (test.scenario === "reset" && test.text.startsWith(other));
  const good = fits(text) && fits(parsed);
  const line =
    `${good ? "ok" : "DIFFERS"}\t${test.scenario}, ${test.way}: openai ${text.length} characters, ${error};` +
    ` eventsource-parser ${parsed.length}; the parser ${test.text.length}, ${test.outcome}`;
  return [good, line];
}

const results = await Promise.all(JSON.parse(process.env.INTEROP_CASES).map(compare));
for (const [, line] of results) console.log(line);
const failures = results.filter(([good]) => !good).length;
const version = (name) => {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(file)).version}`;
};
const versions = `${version("openai")} and ${version("eventsource-parser")}`;
console.log(`${versions} for Node: ${results.length} responses, ${failures} differ`);
process.exit(failures > 0 ? 1 : 0);
