import { describe, expect, it } from 'vitest';
import { azureUrl, azureVersion, hasStreamOptions } from '../../src/providers/azure-address.ts';
import { deployment } from '../support/provider-calls.ts';

const HOST = 'https://r.openai.azure.com';

function at(apiBase: string | null, version?: string) {
  return deployment({ provider: 'azure', apiBase, settings: version ? { api_version: version } : {} });
}

describe('the address of a chat deployment', () => {
  it.each([
    ['', '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21'],
    ['/', '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21'],
    ['/openai', '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21'],
    ['/openai/', '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21'],
    ['/openai/v1', '/openai/v1/chat/completions'],
    ['/openai/v1/', '/openai/v1/chat/completions'],
    ['/openai/v1/chat/completions', '/openai/v1/chat/completions'],
    ['/openai/deployments/other', '/openai/deployments/other/chat/completions?api-version=2024-10-21'],
    [
      '/openai/deployments/other/chat/completions?api-version=2025-01-01-preview',
      '/openai/deployments/other/chat/completions?api-version=2025-01-01-preview',
    ],
    ['/team/openai', '/team/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21'],
    ['/team?key=1', '/team/openai/deployments/my%20gpt/chat/completions?key=1&api-version=2024-10-21'],
  ])('below %j is %s', (path, expected) => {
    const place = at(HOST + path);
    const version = azureVersion(place, '/chat/completions', false);
    expect(azureUrl(place, 'my gpt', '/chat/completions', version)).toBe(HOST + expected);
  });

  it.each(['v1', 'latest', 'preview'])('with version %s is that of v1', (told) => {
    const place = at(HOST, told);
    const version = azureVersion(place, '/chat/completions', false);
    expect(azureUrl(place, 'm', '/chat/completions', version)).toBe(`${HOST}/openai/v1/chat/completions`);
  });

  it('has the version that was told, and without one v1 for reasoning models', () => {
    expect(azureVersion(at(HOST, '2024-06-01'), '/chat/completions', true)).toBe('2024-06-01');
    expect(azureVersion(at(HOST), '/chat/completions', true)).toBe('v1');
    const pasted = at(`${HOST}/openai/deployments/o?api-version=2025-01-01-preview`, '2024-06-01');
    expect(azureVersion(pasted, '/chat/completions', true)).toBe('2025-01-01-preview');
    expect(azureVersion(at(`${HOST}/openai/v1`, '2024-06-01'), '/chat/completions', false)).toBe('v1');
  });

  it('is an error where the base is none', () => {
    for (const base of ['nowhere', null]) {
      const place = at(base);
      expect(azureVersion(place, '/chat/completions', false)).toBe('2024-10-21');
      expect(() => azureUrl(place, 'm', '/chat/completions', 'v1')).toThrow(
        expect.objectContaining({ code: 'upstream_unreachable', retryable: false }),
      );
    }
  });
});

describe('the address of responses', () => {
  it.each([
    [HOST, undefined, '/openai/v1/responses'],
    [HOST, '2024-10-21', '/openai/v1/responses'],
    [HOST, '2025-03-01-preview', '/openai/responses?api-version=2025-03-01-preview'],
    [`${HOST}/openai/v1`, '2025-04-01-preview', '/openai/v1/responses'],
    [
      `${HOST}/openai/deployments/m`,
      '2025-04-01-preview',
      '/openai/responses?api-version=2025-04-01-preview',
    ],
    [
      `${HOST}/openai/responses?api-version=2025-04-01-preview`,
      undefined,
      '/openai/responses?api-version=2025-04-01-preview',
    ],
  ])('at %s, version %s, is %s', (base, told, expected) => {
    const place = at(base, told);
    const version = azureVersion(place, '/responses', false);
    expect(azureUrl(place, 'm', '/responses', version)).toBe(HOST + expected);
  });
});

it.each([
  ['2023-05-15', false],
  ['2024-06-01', false],
  ['2024-08-01-preview', false],
  ['2024-09-01-preview', true],
  ['2024-10-21', true],
  ['v1', true],
])('version %s takes stream_options: %s', (version, takes) => {
  expect(hasStreamOptions(version)).toBe(takes);
});
