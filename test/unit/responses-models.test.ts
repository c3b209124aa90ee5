import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { openai } from '../../src/providers/openai.ts';
import { isReasoningModel, mayReason, needsResponses } from '../../src/providers/openai-models.ts';
import { deployment, providerCall, userRequest } from '../support/provider-calls.ts';
import { sentRequest } from '../support/sent-request.ts';

describe('OpenAI’s models', () => {
  it.each([
    'o1-pro',
    'o1-pro-2025-03-19',
    'o3-pro',
    'gpt-5-pro',
    'gpt-5-pro-2025-10-06',
    'gpt-5.2-pro',
    'gpt-5.5-pro-2026-04-23',
    'codex-mini-latest',
    'gpt-5-codex',
    'gpt-5.1-codex-mini',
    'gpt-5.1-codex-max',
    'o3-deep-research',
    'o4-mini-deep-research-2025-06-26',
    'computer-use-preview',
    'computer-use-preview-2025-03-11',
    'gpt-5.6-cyber',
    'gpt-6-rosalind',
  ])('%s needs responses', (model) => {
    expect(needsResponses(model)).toBe(true);
  });

  it.each([
    'gpt-4o',
    'gpt-4o-mini-search-preview',
    'gpt-4o-audio-preview',
    'gpt-4.1-nano-2025-04-14',
    'gpt-3.5-turbo',
    'chatgpt-4o-latest',
    'o1',
    'o3-mini-2025-01-31',
    'o4-mini',
    'gpt-5',
    'gpt-5-mini',
    'gpt-5-chat-latest',
    'gpt-5.1',
    'gpt-6-astra',
    'ft:gpt-4o-2024-08-06:org:pro:1',
    'gemini-2.5-pro',
    'my-codex',
    'gpt-5-project',
  ])('%s does not', (model) => {
    expect(needsResponses(model)).toBe(false);
  });

  it.each([
    'o1',
    'o3-mini',
    'o4-mini-2025-04-16',
    'gpt-5',
    'gpt-5.1-mini',
    'gpt-6-sol',
    'my-gpt5',
    'eu-o3-mini',
  ])('%s is a reasoning model', (model) => {
    expect([isReasoningModel(model), mayReason(model)]).toEqual([true, true]);
  });

  it.each([
    'gpt-4o',
    'gpt-4.1',
    'gpt-35-turbo',
    'gpt-3.5-turbo',
    'chatgpt-4o-latest',
    'ft:gpt-4o:o1'.slice(0, 9),
  ])('%s is none', (model) => {
    expect([isReasoningModel(model), mayReason(model)]).toEqual([false, false]);
  });

  it('may be anything by a name that tells nothing', () => {
    expect([isReasoningModel('prod'), mayReason('prod')]).toEqual([false, true]);
    expect(mayReason('gpt-5-chat-latest')).toBe(false);
  });
});

describe('the route to a model', () => {
  const own = deployment();
  const elsewhere = deployment({ apiBase: 'http://127.0.0.1:8000/v1' });

  async function encode(name: string, place = own, fields: Partial<CompletionRequest> = {}) {
    const call = providerCall({ model: name, deployment: place });
    const { url, body } = await sentRequest(openai, userRequest('hi', fields), call);
    return { path: new URL(url).pathname, ...body };
  }

  it('is responses where OpenAI has nothing else, or where the prefix says so', async () => {
    expect(await encode('gpt-5-pro')).toMatchObject({
      path: '/v1/responses',
      model: 'gpt-5-pro',
      input: [{}],
    });
    expect(await encode('gpt-5.1')).toMatchObject({
      path: '/v1/chat/completions',
      model: 'gpt-5.1',
      messages: [{}],
    });
    expect(await encode('responses/gpt-5.1')).toMatchObject({ path: '/v1/responses', model: 'gpt-5.1' });
    const europe = deployment({ apiBase: 'https://eu.api.openai.com/v1' });
    expect(await encode('o3-pro', europe)).toMatchObject({ path: '/v1/responses' });
  });

  it('is chat on other servers, whatever a model is called there, but for the prefix', async () => {
    expect(await encode('gpt-5-pro', elsewhere)).toMatchObject({ path: '/v1/chat/completions' });
    expect(await encode('responses/org/m', elsewhere)).toMatchObject({
      path: '/v1/responses',
      model: 'org/m',
    });
    const lookalike = deployment({ apiBase: 'https://api.openai.com.evil.test/v1' });
    expect(await encode('gpt-5-pro', lookalike)).toMatchObject({ path: '/v1/chat/completions' });
  });

  it('asks for reasoning only of models that may have some', async () => {
    expect(await encode('responses/gpt-4o')).not.toHaveProperty('include');
    expect(await encode('responses/o3')).toMatchObject({ include: ['reasoning.encrypted_content'] });
  });

  it('says max_completion_tokens to OpenAI’s reasoning models, and nobody else', async () => {
    const fields = { max_tokens: 9 };
    expect(await encode('o3-mini', own, fields)).toMatchObject({ max_completion_tokens: 9 });
    expect(await encode('o3-mini', own, fields)).not.toHaveProperty('max_tokens');
    expect(await encode('gpt-4o', own, fields)).toMatchObject({ max_tokens: 9 });
    expect(await encode('o3-mini', elsewhere, fields)).toMatchObject({ max_tokens: 9 });
  });

  it('gives the signatures of Google’s calls back to other servers, and not to OpenAI', async () => {
    const extra_content = { google: { thought_signature: 's' } };
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
    const calls = [{ ...call, provider_specific_fields: { extra_content } }];
    const messages: CompletionRequest['messages'] = [
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'c', content: '1' },
    ];
    expect(await encode('gemini-3', elsewhere, { messages })).toMatchObject({
      messages: [{ tool_calls: [{ ...call, extra_content }] }, {}],
    });
    const sent: Record<string, unknown> = await encode('gpt-4o', own, { messages });
    expect(sent.messages).toMatchObject([{ tool_calls: [call] }, {}]);
    expect(JSON.stringify(sent.messages)).not.toContain('extra_content');
  });

  it('tells OpenAI who is charged', async () => {
    const settings = { organization: 'org-1', project: 'proj_1' };
    const call = providerCall({ deployment: deployment({ settings }) });
    expect((await sentRequest(openai, userRequest('hi'), call)).headers).toEqual({
      authorization: 'Bearer sk-test',
      'openai-organization': 'org-1',
      'openai-project': 'proj_1',
    });
    const bare = await sentRequest(openai, userRequest('hi'), providerCall());
    expect(bare.headers).toEqual({ authorization: 'Bearer sk-test' });
  });
});
