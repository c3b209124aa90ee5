import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Limits } from '../../src/config/config.ts';
import { DEFAULT_LIMITS } from '../../src/config/defaults.ts';
import { validateInput } from '../../src/feeder/validation.ts';
import { Router } from '../../src/routing/router.ts';
import { chatLine, chatLines } from '../support/batch-client.ts';

const router = new Router([{ name: 'scripted/*', deployments: [] }]);
const BATCH = { kind: 'openai', endpoint: '/v1/chat/completions', dedupe: false } as const;

function check(input: string | Buffer, changes: object = {}, limits: Partial<Limits> = {}) {
  const bytes = Readable.from([Buffer.from(input)]);
  return validateInput({ ...BATCH, ...changes }, bytes, router, { ...DEFAULT_LIMITS, ...limits });
}

/** The mistakes, each as its code, line and param. */
async function mistakes(...args: Parameters<typeof check>): Promise<unknown[]> {
  const found = await check(...args);
  if ('leaders' in found) throw new Error('no mistakes');
  return found.map(({ code, line, param }) => [code, line, param]);
}

const FINE = { custom_id: 'b', method: 'POST', url: BATCH.endpoint, body: { model: 'scripted/echo' } };
const line = (changes: object): string => JSON.stringify({ ...FINE, ...changes });

describe('a line that cannot be one', () => {
  const rows: [string, string, string | null, string | Buffer][] = [
    ['no JSON', 'invalid_json_line', null, '{'],
    ['no object', 'invalid_json_line', null, '[1]'],
    ['no UTF-8', 'invalid_json_line', null, Buffer.from([0x22, 0xff, 0x22])],
    ['too long', 'line_too_long', null, line({ more: 'x'.repeat(1000) })],
    ['without a custom_id', 'invalid_custom_id', 'custom_id', line({ custom_id: undefined })],
    ['with an empty custom_id', 'invalid_custom_id', 'custom_id', line({ custom_id: '' })],
    ['with a number as custom_id', 'invalid_custom_id', 'custom_id', line({ custom_id: 1 })],
    ['with a custom_id too long', 'invalid_custom_id', 'custom_id', line({ custom_id: 'x'.repeat(513) })],
    [
      'with half a surrogate pair in its custom_id',
      'invalid_custom_id',
      'custom_id',
      line({ custom_id: '\ud83d' }),
    ],
    ['with the custom_id of another', 'duplicate_custom_id', 'custom_id', line({ custom_id: 'a' })],
    ['without a method', 'invalid_method', 'method', line({ method: undefined })],
    ['with another method', 'invalid_method', 'method', line({ method: 'GET' })],
    ['with another URL', 'url_mismatch', 'url', line({ url: '/v1/embeddings' })],
    ['without a body', 'missing_body', 'body', line({ body: undefined })],
    ['with a text as body', 'missing_body', 'body', line({ body: 'x' })],
    ['without a model', 'missing_model', 'body.model', line({ body: {} })],
    ['with another model', 'model_mismatch', 'body.model', line({ body: { model: 'scripted/other' } })],
  ];

  test.each(rows)('%s: %s', async (_, code, param, bad) => {
    const input = Buffer.concat([Buffer.from(`${chatLine('a')}\n\n`), Buffer.from(bad), Buffer.from('\n')]);
    expect(await mistakes(input, {}, { maxRequestBytes: 900 })).toEqual([[code, 3, param]]);
  });

  test('with a model that nobody serves: model_not_found, once', async () => {
    const unknown = ['a', 'b'].map((id) => line({ custom_id: id, body: { model: 'scripted' } })).join('\n');
    expect(await mistakes(unknown)).toEqual([['model_not_found', 1, 'body.model']]);
  });

  test('is told a hundred times, and then how many more there are', async () => {
    const found = await check('{\n'.repeat(130));
    expect(found).toHaveLength(101);
    expect((found as unknown[])[100]).toMatchObject({ code: 'more_errors', line: null });
    expect(JSON.stringify((found as unknown[])[100])).toContain('30 more');
  });
});

describe('an input that cannot be one', () => {
  test.each(['', '\n\n', ' \r\n'])('without lines: empty_file for %j', async (input) => {
    expect(await mistakes(input)).toEqual([['empty_file', null, null]]);
  });

  test('with too many lines, at the first of them', async () => {
    expect(await mistakes(chatLines(4), {}, { maxBatchLines: 3 })).toEqual([['too_many_tasks', 4, null]]);
    expect(await check(chatLines(3), {}, { maxBatchLines: 3 })).toMatchObject({ total: 3 });
    expect(await check(chatLines(6), { kind: 'anthropic' }, { maxBatchLines: 3 })).toMatchObject({
      total: 6,
    });
  });

  test('with too many bytes', async () => {
    const input = chatLine('a');
    expect(await mistakes(input, {}, { maxBatchBytes: input.length - 1 })).toEqual([
      ['file_too_large', null, null],
    ]);
    expect(await check(input, {}, { maxBatchBytes: input.length })).toMatchObject({ total: 1 });
  });
});

describe('an input that is valid', () => {
  test('has a total and a model', async () => {
    expect(await check(chatLines(3))).toEqual({ total: 3, model: 'scripted/echo', leaders: new Map() });
  });

  test('may mix models, and unknown ones, where it is of Anthropic', async () => {
    const input = [
      line({ custom_id: 'a', body: { model: 'nothing' } }),
      line({}),
      line({ custom_id: 'c', body: {} }),
    ];
    expect(await check(input.join('\n'), { kind: 'anthropic' })).toMatchObject({ total: 3, model: null });
  });

  test('has leaders where lines with the same body are to be computed once', async () => {
    const input = ['a', 'b', 'a', 'a'].map((text, index) => chatLine(String(index), text)).join('\n');
    const leaders = new Map([
      [3, 1],
      [4, 1],
    ]);
    expect(await check(input, { dedupe: true })).toMatchObject({ total: 4, leaders });
    expect(await check(input)).toMatchObject({ leaders: new Map() });
  });
});
