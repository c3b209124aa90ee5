import type { RequestMessage } from '../../../core/completion.ts';
import type { CompletionContent } from '../../../core/job.ts';
import { textIn } from '../../../core/json.ts';

/**
 * A conversation up to the answer of an earlier response. Its instructions stay behind: they are for one response only,
 * unless the client repeats them.
 */
export function conversationOf({ request, echo, result }: CompletionContent): RequestMessage[] {
  const instructed = textIn(echo?.instructions) !== '';
  const messages = instructed ? request.messages.slice(1) : request.messages;
  const message = result?.choices[0]?.message;
  if (message === undefined) return messages;
  const { annotations: _, tool_calls: called = [], ...said } = message;
  if (!said.content && !said.refusal && called.length === 0) return messages;
  const calls = called.length > 0 && { tool_calls: called.map((call) => ({ ...call })) };
  return [...messages, { ...said, ...calls }];
}
