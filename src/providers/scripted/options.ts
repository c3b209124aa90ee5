import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { FINISH_REASONS } from '../../core/completion.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Fields } from '../../core/json.ts';
import type { ProviderCall } from '../provider-call.ts';

const count = z.int().min(0).max(1_000_000);
const milliseconds = z.number().min(0).max(86_400_000);
const argumentsOf = z.union([z.string(), z.record(z.string(), z.unknown())]).default('{}');

const toolCall = z.union([
  z.strictObject({ id: z.string().optional(), name: z.string(), arguments: argumentsOf }),
  z
    .looseObject({
      id: z.string().optional(),
      function: z.looseObject({ name: z.string(), arguments: argumentsOf }),
    })
    .transform((call) => ({ id: call.id, name: call.function.name, arguments: call.function.arguments })),
]);

const shape = {
  text: z.string(),
  deltas: count.min(1),
  delay_ms: milliseconds,
  first_delay_ms: milliseconds,
  reasoning: z.string(),
  refusal: z.string(),
  tool_calls: z.array(toolCall).max(128),
  finish_reason: z.enum(FINISH_REASONS),
  error_after: count,
  error_status: z.int().min(400).max(599),
  retry_after: z.number().min(0),
  hang_after: count,
  truncate_after: count,
  fail_attempts: count,
  dimensions: z.int().min(1).max(100_000),
};

const schema = z.strictObject(shape).partial();
const NAMES = Object.keys(shape);
/** Characters of a name that an error repeats, and looks for the like of. */
const LONGEST_NAME = 64;
const WORDS: ReadonlySet<string> = new Set(['text', 'reasoning', 'refusal', 'finish_reason']);

/** The options of a scripted answer, as `scripted.ts` describes them. */
export type ScriptedOptions = z.infer<typeof schema>;

/**
 * Reads the options of a call: those of the model name, overridden by those of `mock_response`. Throws
 * `upstream_bad_request` for an option that does not exist or has a value that it cannot have.
 */
export function readOptions(request: Fields, call: ProviderCall): ScriptedOptions {
  const mock = request.mock_response ?? call.deployment.params.mock_response ?? {};
  return { ...check(suffixOf(call.model), 'model'), ...check(mock, 'mock_response') };
}

function suffixOf(model: string): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(model.split('?')[1])) {
    options[name] = WORDS.has(name) || value === '' ? value : Number(value);
  }
  return options;
}

function check(given: unknown, place: string): ScriptedOptions {
  const options = typeof given === 'string' ? { text: given } : given;
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const name = (issue.keys[0] ?? '').slice(0, LONGEST_NAME);
    throw refusal(`has no option '${name}'; did you mean '${nearest(name)}'?`, `${place}.${name}`);
  }
  const path = [place, ...(issue?.path ?? [])].join('.');
  throw refusal(`cannot use ${path}: ${issue?.message ?? 'invalid'}.`, path);
}

function nearest(name: string): string {
  return NAMES.find((option) => option.startsWith(name)) ?? closest(name, NAMES);
}

/** What the scripted provider answers to options that make no sense. `what` follows its name. */
export function refusal(what: string, param: string): SluiceError {
  return new SluiceError('upstream_bad_request', `The scripted provider ${what}`, { param });
}
