import { once } from 'node:events';
import { expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { expectError } from '../support/expect-error.ts';
import { textFile as file, filesSluice, MAX_BATCH, MAX_FILE } from '../support/files-sluice.ts';
import { connectTo, rawHttp } from '../support/raw-http.ts';
import { type FormPart, LAST_BOUNDARY, rawForm, rawPart, sendForm } from '../support/send-form.ts';

const { url, leavesNothing, onDisk } = filesSluice();

const anything = ['file', file('x')] as const;
const evals = ['purpose', 'evals'] as const;
test.each<[string, FormPart[], string, string | null, (string | RegExp)?]>([
  ['no file', [evals], 'missing_required_parameter', 'file', "Missing required parameter: 'file'."],
  ['no purpose', [anything], 'missing_required_parameter', 'purpose'],
  ['an unknown purpose first', [['purpose', 'other'], anything], 'invalid_value', 'purpose'],
  ['an unknown purpose last', [anything, ['purpose', 'other']], 'invalid_value', 'purpose'],
  ["Sluice's own purpose", [anything, ['purpose', 'batch_output']], 'invalid_value', 'purpose'],
  ['two files', [evals, anything, anything], 'invalid_value', 'file', 'There must be one file, and no more.'],
  ['two purposes', [evals, evals, anything], 'invalid_value', 'purpose', "'purpose' was given twice."],
  ['an unknown field', [anything, evals, ['colour', 'red']], 'unknown_parameter', 'colour'],
  ['an unknown field first', [['colour', 'red'], anything, evals], 'unknown_parameter', 'colour'],
  ['an unknown file', [evals, ['document', file('x')]], 'unknown_parameter', 'document'],
  ['a file as text', [evals, ['file', 'x']], 'invalid_value', 'file'],
  ['a field without end', [['purpose', 'x'.repeat(9000)], anything], 'invalid_value', 'purpose'],
  [
    'a batch of another name',
    [
      ['purpose', 'batch'],
      ['file', file('{}', 'x.json')],
    ],
    'invalid_request_error',
    null,
    'Invalid file format for Batch API. Must be .jsonl',
  ],
  [
    'a batch of another name, told last',
    [
      ['file', file('{}', 'x.json')],
      ['purpose', 'batch'],
    ],
    'invalid_request_error',
    null,
    'Invalid file format for Batch API. Must be .jsonl',
  ],
  [
    'half an expiry',
    [anything, evals, ['expires_after[seconds]', '3600']],
    'missing_required_parameter',
    'expires_after.anchor',
  ],
  [
    'another anchor',
    [anything, evals, ['expires_after[anchor]', 'now'], ['expires_after[seconds]', '3600']],
    'invalid_value',
    'expires_after.anchor',
  ],
  [
    'too short a life',
    [anything, evals, ['expires_after[anchor]', 'created_at'], ['expires_after[seconds]', '3599']],
    'integer_below_min_value',
    'expires_after.seconds',
  ],
  [
    'no number of seconds',
    [anything, evals, ['expires_after[anchor]', 'created_at'], ['expires_after[seconds]', 'long']],
    'invalid_type',
    'expires_after.seconds',
  ],
  [
    'a name that is too long',
    [evals, ['file', file('x', 'n'.repeat(300))]],
    'string_above_max_length',
    'file',
  ],
])('refuses %s, and keeps nothing', async (_, parts, code, param, message) => {
  const answer = await leavesNothing(() => sendForm(url(), parts));
  expectError(answer, 400, code, param, message as string | undefined);
});

test.each<[string, FormPart[], number]>([
  ['purpose first', [evals, ['file', file('x'.repeat(MAX_FILE + 1))]], MAX_FILE],
  ['purpose last', [['file', file('x'.repeat(MAX_FILE + 1))], evals], MAX_FILE],
  [
    'batch first',
    [
      ['purpose', 'batch'],
      ['file', file('x'.repeat(MAX_BATCH + 1))],
    ],
    MAX_BATCH,
  ],
  [
    'batch last',
    [
      ['file', file('x'.repeat(MAX_BATCH + 1))],
      ['purpose', 'batch'],
    ],
    MAX_BATCH,
  ],
  ['far beyond', [['file', file('x'.repeat(2 * MAX_FILE))], evals], MAX_FILE],
])('refuses what is larger: %s', async (_, parts, most) => {
  const answer = await leavesNothing(() => sendForm(url(), parts));
  expectError(answer, 413, 'request_too_large', null, `The file is larger than the limit of ${most} bytes.`);
});

test.each([
  ['application/json', '{}'],
  ['text/plain', 'x'],
  ['multipart/form-data', 'x'],
  ['multipart/mixed; boundary=x', 'x'],
])('refuses a body that is %s', async (type, raw) => {
  const answer = await call('POST', url(), { raw, headers: { 'Content-Type': type } });
  expectError(answer, 415, 'unsupported_media_type', null);
});

test('refuses a request without a body', async () => {
  expectError(await call('POST', url()), 415, 'unsupported_media_type', null);
});

const begun = rawPart('name="purpose"', 'evals') + rawPart('name="file"; filename="x.txt"', 'some text');
test.each([
  ['without its last boundary', begun],
  ['in the middle of a file', begun.slice(0, -15)],
  ['in the middle of a header', begun.slice(0, -30)],
  ['of nothing', ''],
  ['without a boundary', 'some text\r\n'],
])('refuses a form that ends %s', async (_, form) => {
  const raw = await leavesNothing(() => rawHttp(url(), rawForm(url(), form)));
  expect([raw.status, JSON.parse(raw.body).error]).toEqual([
    400,
    {
      message: 'The form ends before its last boundary, or is damaged.',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_value',
    },
  ]);
});

test.each([
  ['a file without a name', 'name="file"', 'missing_required_parameter'],
  ['a file with an empty name', 'name="file"; filename=""', 'missing_required_parameter'],
  ['a part without a name', 'filename="x.txt"', 'unknown_parameter'],
])('refuses %s', async (_, disposition, code) => {
  const part = rawPart(disposition, 'x', 'Content-Type: application/octet-stream');
  const form = rawPart('name="purpose"', 'evals') + part + LAST_BOUNDARY;
  const raw = await leavesNothing(() => rawHttp(url(), rawForm(url(), form)));
  expect([raw.status, JSON.parse(raw.body).error.code]).toEqual([400, code]);
});

test('keeps nothing of a client that hangs up, and shows nothing of one that is still sending', async () => {
  const before = await onDisk();
  const listed = (await call('GET', url())).body.data.length;
  const socket = await connectTo(url());
  const form = `${begun.slice(0, -2)}${'x'.repeat(100_000)}`;
  socket.write(rawForm(url(), form, { 'Content-Length': '150000' }));
  await eventually('the file to be written', async () => (await onDisk()).length > before.length);
  expect((await call('GET', url())).body.data).toHaveLength(listed);
  socket.destroy();
  await once(socket, 'close');
  await eventually('the file to be gone', async () => (await onDisk()).length === before.length);
  expect((await call('GET', url())).body.data).toHaveLength(listed);
});
