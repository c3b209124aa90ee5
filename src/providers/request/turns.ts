import type { RequestMessage } from '../../core/completion.ts';
import { SluiceError } from '../../core/errors.ts';

/** One call of a function in an assistant's message. */
export interface CalledFunction {
  readonly id: string;
  readonly name: string;
  /** JSON text; `{}` where there is none. */
  readonly arguments: string;
  /** Where the arguments are in the request, for errors. */
  readonly param: string;
}

/**
 * The functions that a message calls. `place` is the message's: `messages[2]`.
 *
 * @throws {SluiceError} `unsupported_value` for a call of anything else.
 */
export function callsOf(message: RequestMessage, place: string): CalledFunction[] {
  return (message.tool_calls ?? []).map(({ id, type, function: called }, index) => {
    const at = `${place}.tool_calls[${index}]`;
    if (!called) {
      const what = `Calls of type '${String(type)}' are not supported, only those of functions.`;
      throw new SluiceError('unsupported_value', what, { param: `${at}.type` });
    }
    const text = called.arguments.trim() === '' ? '{}' : called.arguments;
    return { id, name: called.name, arguments: text, param: `${at}.function.arguments` };
  });
}

/** The reasoning of an earlier turn as text, however the client kept it; empty if there is none. */
export function reasoningOf(message: RequestMessage): string {
  const { reasoning_content: text, reasoning, thinking_blocks: blocks } = message;
  if (typeof text === 'string' && text !== '') return text;
  if (typeof reasoning === 'string' && reasoning !== '') return reasoning;
  if (!Array.isArray(blocks)) return '';
  return blocks.map((block) => (typeof block?.thinking === 'string' ? block.thinking : '')).join('');
}
