import type { Script } from './upstream-server.ts';

/** What the upstream of these scripts says that it used. */
export const USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };

function chunk(choices: readonly object[], more: object = {}): string {
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices, ...more })}\n\n`;
}

/** One choice begins. */
const BEGIN = chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]);

/** Text of it. */
function says(content: string): string {
  return chunk([{ index: 0, delta: { content }, finish_reason: null }]);
}

const FINISH = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
const DONE = 'data: [DONE]\n\n';

/** A whole answer of OpenAI's chat completions, a chunk for each text. `usage`: null for none. */
export function answers(texts: readonly string[], usage: object | null = USAGE): Script {
  const used = usage === null ? [] : [chunk([], { usage })];
  return { steps: [BEGIN, ...texts.map(says), FINISH, ...used, DONE] };
}

/** An answer that begins so, and then says nothing more. */
export function hangs(texts: readonly string[]): Script {
  return { steps: [BEGIN, ...texts.map(says), 'hang'] };
}

/**
 * An answer that ends in the middle, after `until`. Not with its connection: what has come and was not read yet would be lost
 * with that.
 */
export function endsEarly(texts: readonly string[], until?: Promise<unknown>): Script {
  return { steps: [BEGIN, ...texts.map(says), until ?? []].flat() };
}

/** A refusal with this status. */
export function refuses(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Script {
  const body = JSON.stringify({ error: { message, type: 'error' } });
  return { status, headers: { 'content-type': 'application/json', ...headers }, steps: [body] };
}
