import { expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { expectError } from '../support/expect-error.ts';
import { ask, responsesSluice } from '../support/responses-sluice.ts';

const LIMIT = 10_000;
const { headers, url } = await responsesSluice({ general_settings: { max_request_bytes: LIMIT } });

const create = (body: object) => call('POST', url(''), { body, headers });
const reference = ({ output }: { output: { id: string }[] }) => ({
  type: 'item_reference',
  id: output.at(-1)?.id,
});
const TOO_LARGE =
  `The conversation is larger than the limit of ${LIMIT} bytes: what a request goes on from or names counts as if it were ` +
  'sent. Begin a new conversation with what matters of this one as input.';

test('a conversation grows from turn to turn as far as one request may', async () => {
  let previous: string | undefined;
  for (let turn = 1; turn <= 3; turn += 1) {
    const { status, body } = await create(ask('b'.repeat(3000), { previous_response_id: previous }));
    expect(status).toBe(200);
    previous = body.id;
  }
  const fourth = await create(ask('b', { previous_response_id: previous, input: 'c'.repeat(2000) }));
  expectError(fourth, 413, 'request_too_large', null, TOO_LARGE);
});

test('an item that is named many times counts as often', async () => {
  const { body: long } = await create(ask('b'.repeat(4000)));
  const named = (times: number) =>
    create(ask('c', { input: [...Array(times).fill(reference(long)), { role: 'user', content: 'go on' }] }));
  expect((await named(2)).status).toBe(200);
  expectError(await named(3), 413, 'request_too_large', null, TOO_LARGE);
});

test('answers of which items are named count whole', async () => {
  const answers = [];
  for (let index = 0; index < 4; index += 1)
    answers.push((await create(ask({ reasoning: 'b'.repeat(3000), text: 'd' }))).body);
  expectError(
    await create(ask('c', { input: answers.map(reference) })),
    413,
    'request_too_large',
    null,
    TOO_LARGE,
  );
});

test('letters count as the bytes that they take', async () => {
  const { body } = await create(ask('语'.repeat(3000)));
  const next = await create(ask('c', { previous_response_id: body.id, input: '语'.repeat(1000) }));
  expectError(next, 413, 'request_too_large', null, TOO_LARGE);
});
