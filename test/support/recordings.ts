import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Completion, Usage } from '../../src/core/completion.ts';
import type { ErrorCode } from '../../src/core/errors.ts';

const FOLDER = new URL('../../../shared/recordings/', import.meta.url);

/** Whether the recordings are there; they are not part of the project. */
export const RECORDINGS_PRESENT = existsSync(FOLDER);

/** What a recorded exchange must become, in the words of `expected.json`. */
export interface Expected {
  readonly protocol: string;
  readonly http_status: number;
  readonly content?: string;
  /** A pattern where only {@link AMENDED} says it. */
  readonly reasoning?: string | RegExp;
  readonly refusal?: string;
  readonly other_choices?: Record<string, string>;
  /** An id of null: the provider sent none. */
  readonly tool_calls?: { id: string | null; name: string; arguments: string }[];
  readonly finish_reason?: string;
  readonly finish_reason_native?: string;
  readonly usage?: Record<string, number>;
  readonly error?: { class: string; retryable: boolean | null };
}

/** One recorded exchange, as it can be replayed. */
export interface Recording {
  /** `gemini/stream-max-tokens`. */
  readonly name: string;
  readonly expected: Expected;
  /** The provider that it is an exchange with, and the model to ask for. */
  readonly provider: string;
  readonly model: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, in the pieces in which it arrived where that is known. */
  readonly pieces: readonly Buffer[];
}

/** Where `expected.json` says less than the recording does, with what is missing there, and why it belongs there. */
const AMENDED: Readonly<Record<string, { readonly why: string; readonly expected: Partial<Expected> }>> = {
  'cohere/v2-stream-thinking': {
    why: 'its usage tells reasoning_tokens',
    expected: {
      usage: {
        prompt_tokens: 1501,
        completion_tokens: 346,
        total_tokens: 1847,
        cached_tokens: 1008,
        reasoning_tokens: 304,
      },
    },
  },
  'cohere/v2-stream-error-finish': {
    why: 'the plan for its tools is reasoning: Cohere wants it back beside the calls',
    expected: { reasoning: /^I will / },
  },
  'cohere/v2-stream-tool-empty-arguments': {
    why: 'the plan for its tools is reasoning: Cohere wants it back beside the calls',
    expected: { reasoning: /^I will / },
  },
  'bedrock/invoke-stream-llama-length': {
    why: 'its last message has the counts by which AWS bills',
    expected: { usage: { prompt_tokens: 10, completion_tokens: 60, total_tokens: 70 } },
  },
  'bedrock/invoke-stream-cohere-command-r': {
    why: 'its last message has the counts by which AWS bills',
    expected: { usage: { prompt_tokens: 7, completion_tokens: 7, total_tokens: 14 } },
  },
  'bedrock/invoke-ai21-j2': {
    why: 'it lists the tokens of prompt and answer, which are its usage',
    expected: { usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 } },
  },
};

const PROVIDERS: Readonly<Record<string, string>> = {
  vertex: 'vertex_ai',
  together: 'together_ai',
  fireworks: 'fireworks_ai',
};

/** Of recordings that lack the header. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  'gemini-sse': 'text/event-stream',
  'openai-chat-sse': 'text/event-stream',
  ollama: 'application/json',
  error: 'application/json',
};

interface File {
  readonly request: { readonly path: string; readonly body?: { readonly model?: unknown } | string } | null;
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly bodyBase64: string;
    readonly chunkLengths?: number[];
  };
}

/** Every recording, in the order of `expected.json`; none where they are absent. */
export function recordings(): Recording[] {
  if (!RECORDINGS_PRESENT) return [];
  const all: Record<string, Expected> = JSON.parse(readFileSync(new URL('expected.json', FOLDER), 'utf8'));
  return Object.entries(all).map(([name, expected]) => {
    return load(name, { ...expected, ...AMENDED[name]?.expected });
  });
}

function load(name: string, expected: Expected): Recording {
  const { request, response }: File = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  const [folder = ''] = name.split('/');
  const { status, headers, bodyBase64, chunkLengths } = response;
  const body = Buffer.from(bodyBase64, 'base64');
  return {
    name,
    expected,
    provider: PROVIDERS[folder] ?? folder,
    model: modelOf(request),
    status,
    headers: { 'content-type': MEDIA_TYPES[expected.protocol] ?? 'text/event-stream', ...headers },
    pieces: cut(body, chunkLengths),
  };
}

/** The model that was asked for, with the prefix that makes its provider use the endpoint that was used. */
function modelOf(request: File['request']): string {
  const { path, body } = request ?? { path: '' };
  const asked = typeof body === 'object' && typeof body?.model === 'string' ? body.model : null;
  const inPath = /\/(?:models?|deployments)\/([^/?]+?)(?::\w+Content.*)?(?:[/?]|$)/.exec(path)?.[1];
  const model = (asked ?? decodeURIComponent(inPath ?? 'any-model')).replace(/^models\//, '');
  if (path.endsWith('/responses')) return `responses/${model}`;
  return path.includes('/invoke') ? `invoke/${model}` : model;
}

/** In the recorded pieces, or where they are not known in pieces that fit no event. */
function cut(body: Buffer, lengths: number[] = Array(Math.ceil(body.length / 509)).fill(509)): Buffer[] {
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return body.subarray(at - length, at);
  });
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  bad_request: 'upstream_bad_request',
  authentication: 'upstream_authentication',
  permission_denied: 'upstream_permission_denied',
  not_found: 'upstream_not_found',
  rate_limit: 'rate_limit_exceeded',
  overloaded: 'upstream_overloaded',
  upstream_error: 'upstream_error',
  upstream_cancelled: 'upstream_error',
  context_window_exceeded: 'context_length_exceeded',
};

/** The code of Sluice's error for an error class of `expected.json`. */
export function codeOf(expected: Expected): ErrorCode | null {
  if (!expected.error) return null;
  const code = CODES[expected.error.class];
  if (code === undefined) throw new Error(`No code for the error class ${expected.error.class}.`);
  return code;
}

/** Holds a completion, perhaps a partial one, against what is expected. */
export function checkCompletion(completion: Completion, expected: Expected): void {
  const { choices, usage } = completion;
  const choice = choices[0];
  if (!expected.error) {
    expect(choice?.finish_reason).toBe(expected.finish_reason);
    checkNative(choice?.native_finish_reason, expected);
  }
  expect(choice?.message.content ?? '').toBe(expected.content ?? '');
  checkReasoning(choice?.message.reasoning_content, expected);
  expect(choice?.message.refusal ?? undefined).toBe(expected.refusal);
  checkCalls(choice, expected);
  const others = choices.slice(1).map(({ index, message: { content } }) => [String(index), content]);
  expect(Object.fromEntries(others)).toEqual(expected.other_choices ?? {});
  // Where the provider sent none, Sluice counts for itself, and says so.
  checkUsage(usage === undefined || usage.estimated ? null : usage, expected.usage);
}

function checkReasoning(text: string | undefined, { reasoning }: Expected): void {
  if (reasoning instanceof RegExp) expect(text).toMatch(reasoning);
  else expect(text).toBe(reasoning);
}

/** The provider's own word is kept, and only where it is another one. */
function checkNative(native: string | undefined, expected: Expected): void {
  const { finish_reason, finish_reason_native: own } = expected;
  // Responses and the like have no finish reason; `completed` is the status of the whole.
  if (own === undefined || own === null || expected.protocol === 'openai-responses-sse') return;
  expect(native ?? finish_reason).toBe(own);
}

function checkCalls(choice: Completion['choices'][number] | undefined, { tool_calls }: Expected): void {
  const calls = choice?.message.tool_calls?.map(({ id, function: called }, index) => {
    expect(id).not.toBe('');
    const sent = tool_calls?.[index]?.id !== null;
    return { id: sent ? id : null, name: called.name, arguments: JSON.parse(called.arguments) };
  });
  const wanted = tool_calls?.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) }));
  expect(calls).toEqual(wanted);
  expect(new Set(choice?.message.tool_calls?.map(({ id }) => id)).size).toBe(calls?.length ?? 0);
}

function checkUsage(usage: Usage | null, expected: Expected['usage']): void {
  if (!expected) {
    expect(usage).toBeNull();
    return;
  }
  const { cached_tokens = 0, reasoning_tokens = 0, cache_creation_tokens = 0, ...totals } = expected;
  expect(usage).toMatchObject(totals);
  expect(usage?.prompt_tokens_details?.cached_tokens ?? 0).toBe(cached_tokens);
  expect(usage?.prompt_tokens_details?.cache_creation_tokens ?? 0).toBe(cache_creation_tokens);
  expect(usage?.completion_tokens_details?.reasoning_tokens ?? 0).toBe(reasoning_tokens);
}
