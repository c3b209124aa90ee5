import { expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { expectError } from '../support/expect-error.ts';
import { ask, responsesSluice } from '../support/responses-sluice.ts';

const { headers, url } = await responsesSluice();

const create = (body: object) => call('POST', url(''), { body, headers });
const get = (path: string) => call('GET', url(path), { headers });

test('a stream has what its request included, and nothing else', async () => {
  const { body } = await create(ask({ text: 'a' }, { background: true }));
  const sealed = 'include[]=reasoning.encrypted_content';
  expectError(await get(`/${body.id}?stream=true&${sealed}`), 400, 'unsupported_value', 'include');
  const { body: other } = await create(
    ask({ text: 'a' }, { background: true, include: ['reasoning.encrypted_content'] }),
  );
  for (const query of [sealed, 'include=message.output_text.logprobs', '']) {
    const response = await fetch(url(`/${other.id}?stream=true&${query}`), { headers });
    expect(await response.text()).toMatch(/event: response.completed\n[^\n]*\n\n$/);
  }
});

test.each([
  ['', 'include[]=x'],
  ['', 'include=x'],
  ['', 'include[a]=x'],
  ['/input_items', 'include[]=message.input_image.image_url&include[]=x'],
])('includes nothing unknown: %s?%s', async (path, query) => {
  const { body } = await create(ask({ text: 'a' }));
  expectError(await get(`/${body.id}${path}?${query}`), 400, 'invalid_value', 'include');
});
