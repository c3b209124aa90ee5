import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/api/endpoints/catalogue.ts';
import { openApiDocument } from '../../src/api/endpoints/document.ts';
import { ApiDocument, type Operation } from '../support/api-document.ts';
import { type FuzzedRequest, requestFor } from '../support/request-arbitrary.ts';
import { type Hints, valid } from '../support/schema-arbitrary.ts';
import { type FuzzedAnswer, send } from '../support/send-fuzzed.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

/** Seconds for all operations together: `FUZZ_SECONDS=600` looks longer. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 20);
/** `FUZZ_SEED` repeats a run; a failure prints its seed. */
const SEED = process.env.FUZZ_SEED === undefined ? {} : { seed: Number(process.env.FUZZ_SEED) };
/** Requests that are made before the clock is looked at. */
const BATCH = 20;
/** Ms after which a stream has been read enough: the events of a job that waits never end. */
const GLANCE = 200;

const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    router_settings: { num_retries: 0 },
  },
});

const document = new ApiDocument(
  JSON.parse(JSON.stringify(openApiDocument(catalogue({ jobTimeout: 3600 })))),
);
/** What deletes comes last, or the others find nothing. */
const operations = document.operations.toSorted(
  (a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'),
);
const whole = operations.reduce((sum, operation) => sum + weight(operation), 0);
/** Of what has been made. */
const ids: string[] = [];
const statuses = new Set<string>();

describe('no request makes it fail, or answer otherwise than described', () => {
  test.each(operations.map((operation): [string, Operation] => [operation.operationId, operation]))(
    '%s',
    async (name, operation) => {
      const requests = requestFor(document, operation, hintsFor(document), () => ids);
      const property = fc.asyncProperty(requests, async (request) => {
        const answer = await send(sluice.url, operation.method, request, GLANCE);
        statuses.add(`${name} ${answer.status}`);
        expect(problems(operation, request, answer)).toEqual([]);
        remember(answer);
      });
      const end = performance.now() + 1000 * SECONDS * (weight(operation) / whole);
      do await fc.assert(property, { ...SEED, numRuns: BATCH });
      while (performance.now() < end);
    },
    1000 * SECONDS + 60_000,
  );

  test('and it has come past the doors', () => {
    for (const reached of [
      'createChatCompletion 200',
      'createJob 202',
      'getJob 200',
      'streamJobEvents 200',
      'createFile 200',
      'getFileContent 200',
      'addUploadPart 200',
    ]) {
      expect([...statuses]).toContain(reached);
    }
  });
});

/** What there is to try in an operation: most where there is a body. */
function weight({ parameters = [], requestBody }: Operation): number {
  return requestBody ? 10 : parameters.length > 0 ? 4 : 0;
}

/** What a schema cannot tell: which models there are, and that a job's body is a request of the endpoint it names. */
function hintsFor(document: ApiDocument): Hints {
  const model = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.constantFrom(
        'scripted/echo',
        'scripted/lorem',
        'scripted/lorem?deltas=3',
        'scripted/embed',
      ),
    },
    fc.string({ unit: 'binary' }),
  );
  const bodies = document.operations.flatMap(({ operationId, requestBody }): Arbitrary<unknown>[] => {
    const schema = requestBody?.content['application/json']?.schema;
    return schema === undefined || operationId === 'createJob' ? [] : [valid(document, schema, { model })];
  });
  const filename = fc.oneof(fc.constantFrom('lines.jsonl', 'notes.txt'), fc.string({ unit: 'binary' }));
  return { model, filename, body: fc.oneof(...bodies) };
}

/** What is wrong with an answer. */
function problems(operation: Operation, request: FuzzedRequest, answer: FuzzedAnswer): string[] {
  const { status, requestId = '', type, text } = answer;
  const found: string[] = [];
  if (status >= 500 && !wasAskedFor(text)) found.push(`${status}: ${text}`);
  if (!/^req_[0-9a-f]{32}$/.test(requestId)) found.push(`x-request-id is ${requestId}`);
  // Another path is another operation, or none; what is too long has not been read.
  if (status >= 400 && (!request.plain || status === 431)) {
    if (type !== 'application/json; charset=utf-8') found.push(`an error is ${type}`);
    return [...found, ...errorShape(text)];
  }
  return request.plain ? [...found, ...document.complaints(operation, answer)] : found;
}

/** What a generated `mock_response`, model or `timeout` may have asked for; in both vendors' shapes of errors. */
function wasAskedFor(text: string): boolean {
  return /"message":"[^"]*(scripted|This failure was asked for|before its deadline)/.test(text);
}

function errorShape(text: string): string[] {
  const { error } = JSON.parse(text);
  return typeof error?.message === 'string' && typeof error.type === 'string' ? [] : [`no error: ${text}`];
}

/** Keeps the ids of what has been made, for the operations on it. The newest are asked for most. */
function remember({ status, text }: FuzzedAnswer): void {
  if (status >= 300 || !text.startsWith('{')) return;
  // Of several lines, the first.
  const { id } = JSON.parse(text.split('\n{')[0] ?? '');
  if (typeof id === 'string' && !ids.includes(id)) ids.push(id);
  if (ids.length > 500) ids.shift();
}
