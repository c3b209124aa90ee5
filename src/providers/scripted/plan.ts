import type { CompletionRequest, FinishReason, Usage } from '../../core/completion.ts';
import type { Delta } from '../../core/delta.ts';
import { SluiceError } from '../../core/errors.ts';
import type { ProviderCall } from '../provider-call.ts';
import { readOptions, refusal, type ScriptedOptions } from './options.ts';

/** How an attempt goes wrong, and after how many deltas of the answer. */
export interface Trouble {
  readonly kind: 'error' | 'hang' | 'truncate';
  readonly after: number;
}

/** What happens to an attempt, whatever it was asked for. */
export interface ScriptedFate {
  readonly firstDelayMs: number;
  readonly trouble: Trouble | null;
  readonly errorStatus: number;
  /** Seconds. */
  readonly retryAfter: number | null;
}

/** Everything that a scripted answer will do, decided before it begins. */
export interface ScriptedPlan extends ScriptedFate {
  /** Choices that begin, from 0: the request's `n`. */
  readonly choices: number;
  /** The answer itself, all choices interleaved, without start and finish. */
  readonly deltas: readonly Delta[];
  readonly finish: FinishReason;
  readonly usage: Usage;
  readonly delayMs: number;
}

/** The text of `scripted/lorem`: 69 words. */
export const LOREM =
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut ' +
  'labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris ' +
  'nisi ut aliquip ex ea commodo consequat. Duis aute irure dolor in reprehenderit in voluptate velit ' +
  'esse cillum dolore eu fugiat nulla pariatur. Excepteur sint occaecat cupidatat non proident, sunt ' +
  'in culpa qui officia deserunt mollit anim id est laborum.';

const ARGUMENTS_PIECE = 12;

/** Plans the answer to one call; the same call gets the same plan. Throws what {@link readOptions} does. */
export function planOf(request: CompletionRequest, call: ProviderCall): ScriptedPlan {
  const options = readOptions(request, call);
  const reasoning = wordsOf(options.reasoning ?? '');
  const refusal = wordsOf(options.refusal ?? '');
  const calls = options.tool_calls ?? [];
  const text = textOf(request, call.model, options);
  const pieces = options.deltas === undefined ? wordsOf(text) : split(text, options.deltas);
  const choices = request.n ?? 1;
  const answer: Delta[] = [
    ...reasoning.map((piece): Delta => ({ type: 'reasoning', choice: 0, text: piece })),
    ...pieces.map((piece): Delta => ({ type: 'text', choice: 0, text: piece })),
    ...refusal.map((piece): Delta => ({ type: 'refusal', choice: 0, text: piece })),
    ...calls.flatMap(toolCallDeltas),
  ];
  const deltas = choices === 1 ? answer : answer.flatMap((delta) => copies(delta, choices));
  const words =
    wordsOf(text).length +
    refusal.length +
    calls.reduce((sum, { arguments: args }) => sum + wordCount(args), 0);
  return {
    choices,
    deltas,
    finish: options.finish_reason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    usage: usageOf(request, words * choices, reasoning.length * choices),
    delayMs: options.delay_ms ?? 0,
    ...fateOf(options, call.epoch),
  };
}

/** What the options have in store for an attempt. */
export function fateOf(options: ScriptedOptions, epoch: number): ScriptedFate {
  return {
    firstDelayMs: options.first_delay_ms ?? 0,
    trouble: troubleOf(options, epoch),
    errorStatus: options.error_status ?? (options.retry_after === undefined ? 500 : 429),
    retryAfter: options.retry_after ?? null,
  };
}

function textOf(request: CompletionRequest, model: string, options: ScriptedOptions): string {
  const name = model.split('?')[0];
  if (name !== 'echo' && name !== 'lorem') {
    const message = `The scripted provider has no model '${name}', only 'echo' and 'lorem'.`;
    throw new SluiceError('upstream_not_found', message, { param: 'model' });
  }
  if (options.text !== undefined) return options.text;
  const isOther = options.tool_calls !== undefined || options.refusal !== undefined;
  if (isOther && options.deltas === undefined) return '';
  if (name === 'echo') return contentOf(request.messages.findLast(({ role }) => role === 'user'));
  const words = wordsOf(LOREM).length;
  return Array.from({ length: Math.max(1, Math.ceil((options.deltas ?? 0) / words)) }, () => LOREM).join(' ');
}

/** Exactly `count` pieces of nearly the same number of words; of characters, where there are fewer words. */
function split(text: string, count: number): string[] {
  const words = wordsOf(text);
  const units = words.length >= count ? words : [...text];
  if (units.length < count) {
    throw refusal(`cannot make ${count} deltas of a text of ${units.length} characters.`, 'deltas');
  }
  const edge = (piece: number): number => Math.floor((piece * units.length) / count);
  return Array.from({ length: count }, (_, piece) => units.slice(edge(piece), edge(piece + 1)).join(''));
}

/** Words with the white space around them; joined they are the text again. */
export function wordsOf(text: string): string[] {
  // White space at the start is no part of the pattern: where nothing follows it, that would be tried at each character.
  const [first, ...rest] = text.match(/\S+\s*/g) ?? [];
  if (first === undefined) return text === '' ? [] : [text];
  return [text.slice(0, text.search(/\S/)) + first, ...rest];
}

type PlannedCall = NonNullable<ScriptedOptions['tool_calls']>[number];

function toolCallDeltas(call: PlannedCall, index: number): Delta[] {
  const id = call.id ?? `call_scripted_${index}`;
  const text = [...argumentsText(call.arguments)];
  const deltas: Delta[] = [{ type: 'tool_call', choice: 0, call: index, id, name: call.name }];
  for (let at = 0; at < text.length; at += ARGUMENTS_PIECE) {
    const piece = text.slice(at, at + ARGUMENTS_PIECE).join('');
    deltas.push({ type: 'tool_call', choice: 0, call: index, arguments: piece });
  }
  return deltas;
}

function argumentsText(args: PlannedCall['arguments']): string {
  return typeof args === 'string' ? args : JSON.stringify(args);
}

function wordCount(args: PlannedCall['arguments']): number {
  return wordsOf(argumentsText(args)).length;
}

function copies(delta: Delta, choices: number): Delta[] {
  return Array.from({ length: choices }, (_, choice) => ({ ...delta, choice }));
}

function usageOf(request: CompletionRequest, words: number, reasoning: number): Usage {
  const prompt = request.messages.reduce((sum, message) => sum + wordsOf(contentOf(message)).length, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: words + reasoning,
    total_tokens: prompt + words + reasoning,
    ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

function contentOf(message: CompletionRequest['messages'][number] | undefined): string {
  const content = message?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((part) => (typeof part.text === 'string' ? part.text : '')).join('');
}

function troubleOf(options: ScriptedOptions, epoch: number): Trouble | null {
  const { error_after, hang_after, truncate_after, fail_attempts } = options;
  if (fail_attempts !== undefined && epoch > fail_attempts) return null;
  const quiet = hang_after === undefined && truncate_after === undefined;
  const asked =
    options.error_status !== undefined ||
    options.retry_after !== undefined ||
    (quiet && fail_attempts !== undefined);
  const error = error_after ?? (asked ? 0 : undefined);
  const troubles: Trouble[] = [];
  if (error !== undefined) troubles.push({ kind: 'error', after: error });
  if (hang_after !== undefined) troubles.push({ kind: 'hang', after: hang_after });
  if (truncate_after !== undefined) troubles.push({ kind: 'truncate', after: truncate_after });
  return troubles.sort((a, b) => a.after - b.after)[0] ?? null;
}
