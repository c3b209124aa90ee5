import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Completion, Usage } from '../../src/core/completion.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { Fold } from '../../src/core/fold.ts';
import { chatFormat } from '../../src/providers/formats/openai-chat/format.ts';
import { createProviders, type Providers } from '../../src/providers/registry.ts';
import { decode } from '../support/decode.ts';
import { deployment, type Outcome, providerCall, run, userRequest } from '../support/provider-calls.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

const RECORDINGS = new URL('../../../shared/recordings/', import.meta.url);
const PRESENT = existsSync(RECORDINGS);

interface Expected {
  readonly protocol: string;
  readonly content?: string;
  readonly reasoning?: string;
  readonly refusal?: string;
  readonly other_choices?: Record<string, string>;
  readonly tool_calls?: { id: string; name: string; arguments: string }[];
  readonly finish_reason?: string;
  readonly usage?: Record<string, number>;
  readonly error?: { class: string; retryable: boolean };
}

interface Recording {
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly bodyBase64: string;
    readonly chunkLengths?: number[];
  };
}

const CODES: Record<string, ErrorCode> = {
  bad_request: 'upstream_bad_request',
  authentication: 'upstream_authentication',
  permission_denied: 'upstream_permission_denied',
  not_found: 'upstream_not_found',
  rate_limit: 'rate_limit_exceeded',
  overloaded: 'upstream_overloaded',
  upstream_error: 'upstream_error',
  context_window_exceeded: 'context_length_exceeded',
};

/** Quirks that plain `openai` does not cater for; a preset of the vendor has to. */
const EXCLUDED: Record<string, string> = {
  'openrouter/stream-empty': 'no finish reason at all, which plain openai takes for a truncation',
  'openrouter/stream-no-finish-reason': 'no finish reason at all, which plain openai takes for a truncation',
  'snowflake/stream-no-finish-reason': 'no finish reason at all; reasoning only in reasoning_details',
  'minimax/stream-text-reasoning': 'reasoning only in reasoning_details',
};

/** Its usage comes after its error, at which reading stops: an error is not held back for a number. */
const USAGE_TOO_LATE = 'openrouter/stream-midstream-error-502';

const all: Record<string, Expected> = PRESENT
  ? JSON.parse(readFileSync(new URL('expected.json', RECORDINGS), 'utf8'))
  : {};
const names = Object.keys(all).filter((name) => /^(openai-chat-sse|error)$/.test(all[name]?.protocol ?? ''));
const plain = names.filter((name) => !Object.hasOwn(EXCLUDED, name));

function load(name: string): { expected: Expected; recording: Recording; body: Buffer } {
  const { usage, ...others } = all[name] ?? { protocol: '' };
  const expected = usage === undefined || name === USAGE_TOO_LATE ? others : { ...others, usage };
  const recording: Recording = JSON.parse(readFileSync(new URL(`${name}.json`, RECORDINGS), 'utf8'));
  return { expected, recording, body: Buffer.from(recording.response.bodyBase64, 'base64') };
}

/** The body in its recorded pieces, or where they are not known in pieces that fit no event. */
function pieces(body: Buffer, lengths: number[] = Array(Math.ceil(body.length / 509)).fill(509)): Buffer[] {
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return body.subarray(at - length, at);
  });
}

function check(outcome: Outcome, expected: Expected): void {
  const fold = new Fold();
  for (const delta of outcome.deltas) fold.add(delta);
  const completion = fold.completion({ id: 'i', created: 0, model: 'm' });
  if (expected.error) {
    const { class: word, retryable } = expected.error;
    expect(outcome.error).toMatchObject({ name: 'SluiceError', code: CODES[word], retryable });
  } else {
    expect(outcome.error).toBeNull();
    expect(completion.choices[0]?.finish_reason).toBe(expected.finish_reason);
  }
  checkMessage(completion, expected);
  checkUsage(fold.usage, expected.usage);
}

function checkMessage({ choices }: Completion, expected: Expected): void {
  const message = choices[0]?.message;
  expect(message?.content ?? '').toBe(expected.content ?? '');
  expect(message?.reasoning_content).toBe(expected.reasoning);
  expect(message?.refusal ?? undefined).toBe(expected.refusal);
  const calls = message?.tool_calls?.map(({ id, function: { name, arguments: args } }) => ({
    id,
    name,
    arguments: args,
  }));
  expect(calls).toEqual(expected.tool_calls);
  const others = choices.slice(1).map(({ index, message: { content } }) => [String(index), content]);
  expect(Object.fromEntries(others)).toEqual(expected.other_choices ?? {});
}

function checkUsage(usage: Usage | null, expected: Expected['usage']): void {
  if (!expected) {
    expect(usage).toBeNull();
    return;
  }
  const {
    prompt_tokens,
    completion_tokens,
    total_tokens,
    cached_tokens = 0,
    reasoning_tokens = 0,
  } = expected;
  expect(usage).toMatchObject({ prompt_tokens, completion_tokens, total_tokens });
  expect(usage?.prompt_tokens_details?.cached_tokens ?? 0).toBe(cached_tokens);
  expect(usage?.completion_tokens_details?.reasoning_tokens ?? 0).toBe(reasoning_tokens);
}

describe.skipIf(!PRESENT)('recordings of OpenAI-compatible providers (../shared/recordings)', () => {
  let upstream: UpstreamServer;
  let providers: Providers;

  beforeAll(async () => {
    upstream = await UpstreamServer.start();
    providers = createProviders();
  });
  afterAll(async () => {
    await providers.close();
    await upstream.stop();
  });

  async function replay(name: string): Promise<void> {
    const { expected, recording, body } = load(name);
    const { status, headers, chunkLengths } = recording.response;
    upstream.script({ status, headers, steps: pieces(body, chunkLengths) });
    const call = providerCall({ deployment: deployment({ apiBase: upstream.url }) });
    const openai = providers.get('openai');
    if (!openai) throw new Error('There is no provider openai.');
    check(await run(openai, userRequest('hi'), call), expected);
  }

  it('are there', () => {
    expect(plain.length).toBeGreaterThan(35);
    expect(names).toEqual(expect.arrayContaining(Object.keys(EXCLUDED)));
  });

  it.each(plain)('%s', replay);

  for (const [name, reason] of Object.entries(EXCLUDED)) {
    it.fails(`${name} is excluded: ${reason}`, () => replay(name));
  }

  it.each(names.filter((name) => all[name]?.protocol === 'openai-chat-sse'))(
    '%s is the same byte by byte',
    (name) => {
      const { body } = load(name);
      const [whole, bytes] = [[body], pieces(body, Array(body.length).fill(1))].map((parts) =>
        decode(chatFormat(), parts),
      );
      expect(bytes).toEqual(whole);
    },
  );
});
