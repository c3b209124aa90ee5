import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { anthropicFormat } from '../../src/providers/formats/anthropic/format.ts';
import { encodeRequest } from '../support/encode-request.ts';

const MODEL = 'claude-sonnet-4-5-20250929';

function body(fields: Partial<CompletionRequest>, model = MODEL): Record<string, unknown> {
  return encodeRequest(anthropicFormat(), model, fields);
}

const text = (words: string) => ({ type: 'text', text: words });
describe('a request to Anthropic', () => {
  it('is streamed, names its model, and has max_tokens', () => {
    expect(body({})).toEqual({
      model: MODEL,
      stream: true,
      max_tokens: 64_000,
      messages: [{ role: 'user', content: [text('hi')] }],
    });
    expect(body({ max_completion_tokens: 7 }).max_tokens).toBe(7);
  });

  it.each([
    ['claude-3-opus-20240229', 4096],
    ['claude-3-5-haiku-20241022', 8192],
    ['claude-3-7-sonnet-latest', 32_000],
    ['claude-sonnet-4-20250514', 32_000],
    ['us.anthropic.claude-opus-4-1-20250805-v1:0', 32_000],
    ['claude-haiku-4-5@20251001', 64_000],
    ['claude-opus-5', 64_000],
    ['claude-mythos-preview', 64_000],
    ['my-deployment', 4096],
    ['claude-next-20300101', 4096],
  ])('of %s without max_tokens gets %i', (model, maxTokens) => {
    expect(body({}, model).max_tokens).toBe(maxTokens);
  });

  it('has its version in the body, and no model, where others serve it', () => {
    const vertex = encodeRequest(anthropicFormat({ version: 'vertex-2023-10-16' }), MODEL, { betas: ['a'] });
    expect(vertex).toMatchObject({ anthropic_version: 'vertex-2023-10-16', stream: true });
    expect(Object.keys(vertex).sort()).toEqual(['anthropic_version', 'max_tokens', 'messages', 'stream']);
    const format = anthropicFormat({ version: 'bedrock-2023-05-31' });
    const bedrock = encodeRequest(format, MODEL, { user: 'u', anthropic_beta: 'a, b', betas: ['c'] });
    expect(bedrock).toMatchObject({
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: ['c', 'a', 'b'],
    });
    expect(Object.keys(bedrock).sort()).toEqual([
      'anthropic_beta',
      'anthropic_version',
      'max_tokens',
      'messages',
    ]);
  });

  it('passes Anthropic’s own fields on, without the names of betas', () => {
    const own = {
      top_k: 5,
      container: 'c',
      context_management: { edits: [] },
      cache_control: { type: 'ephemeral' },
    };
    const sent = body({ ...own, betas: ['x'], anthropic_beta: 'y', output_config: { effort: 'low' } });
    expect(sent).toMatchObject({ ...own, output_config: { effort: 'low' } });
    expect(sent).not.toHaveProperty('betas');
    expect(sent).not.toHaveProperty('anthropic_beta');
  });

  it.each([
    [{ user: 'u-1' }, 'u-1'],
    [{ user: 'u-1', safety_identifier: 's-1' }, 's-1'],
    [{ user: 'u-1', metadata: { user_id: 'm-1', other: 'x' } }, 'm-1'],
    [{ user: 'someone@example.org' }, undefined],
    [{ user: '+49 89 1234567' }, undefined],
    [{ metadata: { other: 'x' } }, undefined],
  ])('says whom %j is for: %s', (fields, id) => {
    expect(body(fields).metadata).toEqual(id === undefined ? undefined : { user_id: id });
  });

  it('refuses blank stop sequences', () => {
    expect(() => body({ stop: ['a', ' \n'] })).toThrow(expect.objectContaining({ param: 'stop' }));
    expect(body({ stop: ['a', ' \n'], drop_params: true }).stop_sequences).toEqual(['a']);
    expect(body({ stop: 'a' }).stop_sequences).toEqual(['a']);
  });

  it.each([
    ['auto', undefined],
    ['default', 'standard_only'],
    ['standard_only', 'standard_only'],
  ])('has the service tier %s as %s', (asked, tier) => {
    expect(body({ service_tier: asked }).service_tier).toBe(tier);
  });

  it('refuses tiers that there are not, and all of them elsewhere', () => {
    expect(() => body({ service_tier: 'flex' })).toThrow(expect.objectContaining({ param: 'service_tier' }));
    const vertex = anthropicFormat({ version: 'vertex-2023-10-16' });
    expect(() => encodeRequest(vertex, MODEL, { service_tier: 'standard_only' })).toThrow('service_tier');
  });
});

describe('files in a request to Anthropic', () => {
  function block(
    part: { type: string; [key: string]: unknown },
    fields: Partial<CompletionRequest> = {},
  ): unknown {
    const sent = body({ ...fields, messages: [{ role: 'user', content: [text('see'), part] }] });
    return (sent.messages as { content: unknown[] }[])[0]?.content[1];
  }

  it.each([
    [
      'an address',
      { type: 'image_url', image_url: { url: 'https://a.example/a.png' } },
      { type: 'image', source: { type: 'url', url: 'https://a.example/a.png' } },
    ],
    [
      'a PDF',
      { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD', filename: 'a.pdf' } },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'QUJD' },
        title: 'a.pdf',
      },
    ],
    [
      'a PDF’s address',
      { type: 'file', file: { file_id: 'https://a.example/a.pdf' } },
      { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
    ],
    [
      'text',
      { type: 'file', file: { file_data: 'data:text/markdown;base64,w7w=' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ü' } },
    ],
    [
      'an image as a file',
      { type: 'file', file: { file_data: 'data:image/png;base64,QUJD' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
    ],
    [
      'a document of Anthropic’s own',
      { type: 'document', source: { type: 'url', url: 'https://a.example' }, citations: { enabled: true } },
      { type: 'document', source: { type: 'url', url: 'https://a.example' }, citations: { enabled: true } },
    ],
    [
      'an uploaded file',
      { type: 'file', file: { file_id: 'file_011' } },
      { type: 'document', source: { type: 'file', file_id: 'file_011' } },
    ],
  ])('are written: %s', (_name, part, written) => {
    expect(block(part)).toEqual(written);
  });

  it.each([
    ['audio', { type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } }],
    ['an archive', { type: 'file', file: { file_data: 'data:application/zip;base64,QUJD' } }],
  ])('are refused: %s', (_name, part) => {
    const refusal = { code: 'unsupported_value', param: 'messages[0].content[1]' };
    expect(() => block(part)).toThrow(expect.objectContaining(refusal));
    expect(block(part, { drop_params: true })).toBeUndefined();
  });

  it('must be at an address that Anthropic reads', () => {
    const part = { type: 'image_url', image_url: { url: 'gs://bucket/a.png' } };
    const error = { code: 'invalid_value', param: 'messages[0].content[1]' };
    expect(() => block(part)).toThrow(expect.objectContaining(error));
    const { media, readsUrl } = anthropicFormat();
    expect([media, readsUrl?.('https://a.example'), readsUrl?.('http://a.example')]).toEqual([
      'bytes',
      true,
      false,
    ]);
    expect(anthropicFormat({ media: 'bytes' }).readsUrl?.('https://a.example')).toBe(false);
  });
});
