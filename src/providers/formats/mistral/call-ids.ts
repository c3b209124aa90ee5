import { createHash } from 'node:crypto';
import type { RequestMessage } from '../../../core/completion.ts';

/** Mistral refuses every other id: `must be a-z, A-Z, 0-9, with a length of 9`. */
const ACCEPTED = /^[A-Za-z0-9]{9}$/;

/**
 * Translates the tool call ids of a request into ones that Mistral accepts: its own stay, others become hashes of
 * themselves, the same in every request, so that a call and its result still fit. Different ids stay different.
 */
export function callIds(messages: readonly RequestMessage[]): (id: string) => string {
  const given = new Set(messages.flatMap(idsOf));
  const taken = new Set([...given].filter((id) => ACCEPTED.test(id)));
  const translated = new Map<string, string>();
  for (const id of given) {
    if (ACCEPTED.test(id)) continue;
    const free = firstFree(id, taken);
    taken.add(free);
    translated.set(id, free);
  }
  return (id) => translated.get(id) ?? id;
}

function idsOf({ tool_calls, tool_call_id }: RequestMessage): string[] {
  const ids = (tool_calls ?? []).map(({ id }) => id);
  return typeof tool_call_id === 'string' ? [...ids, tool_call_id] : ids;
}

function firstFree(id: string, taken: ReadonlySet<string>): string {
  for (let attempt = 0; ; attempt += 1) {
    const hash = createHash('sha256').update(`${attempt} ${id}`).digest('hex').slice(0, 9);
    if (!taken.has(hash)) return hash;
  }
}
