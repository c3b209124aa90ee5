import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { MODULES } from '../../src/providers/registry.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { RICH_FIELDS, richRequest } from '../support/rich-request.ts';
import { sharedProviders } from '../support/shared-providers.ts';
import { OWN_UPSTREAMS } from './upstreams/all.ts';
import { openaiChat } from './upstreams/openai-chat.ts';
import type { UpstreamScripts } from './upstreams/upstream-scripts.ts';

const shared = sharedProviders();

const cases = MODULES.flatMap(({ info: { name }, about }) => {
  const [format = openaiChat.format] = about.formats;
  const own = OWN_UPSTREAMS[name] ?? [{ ...openaiChat, format }];
  return own.map(
    (scripts, index) => [own.length > 1 ? `${name}-${index + 1}` : name, name, scripts] as const,
  );
});

/** What tells who is asking, and when, is not part of a format. */
const PRIVATE =
  /^(authorization|x-api-key|api-key|x-goog-api-key|x-amz-.*|host|connection|content-length|.*-id)$/;

describe.each(cases)('a rich request to %s', (file, name, scripts: UpstreamScripts) => {
  async function send(request: CompletionRequest): Promise<Outcome> {
    const { model, contentType, answer } = scripts;
    shared.upstream.exchanges.length = 0;
    shared.upstream.asideExchanges.length = 0;
    shared.upstream.asides = scripts.asides?.(shared.upstream.url) ?? [];
    shared.upstream.script({ headers: { 'content-type': contentType }, steps: answer });
    const place = deployment({ provider: name, apiBase: shared.upstream.url, ...scripts.deployment });
    return collect(shared.provider(name).stream(request, providerCall({ model, deployment: place })));
  }

  /** The fields that are refused, one by one; tools are there where a field is about them. */
  async function refused(): Promise<string[]> {
    const names: string[] = [];
    for (const [field, value] of Object.entries(RICH_FIELDS)) {
      const about = /tool_/.test(field) && scripts.format.supports.has('tools');
      const tools = about && { tools: RICH_FIELDS.tools };
      const { error } = await send(userRequest('hi', { ...tools, [field]: value }));
      if (error === null) continue;
      expect(error).toMatchObject({ code: expect.stringMatching(/^unsupported_(parameter|value)$/) });
      expect(error).toMatchObject({ param: expect.stringContaining(field) });
      names.push(field);
    }
    return names;
  }

  it('is written as its snapshot says, and what it cannot carry is refused by name', async () => {
    const { error } = await send({ ...richRequest(), drop_params: true });
    expect(error).toBeNull();
    const asking = [...shared.upstream.asideExchanges, ...shared.upstream.exchanges].findLast(
      (one) => one.body !== '',
    );
    const { method, path, headers, body } = asking ?? {};
    const shown = Object.fromEntries(Object.entries(headers ?? {}).filter(([key]) => !PRIVATE.test(key)));
    const sent = { method, path, headers: shown, body: JSON.parse(body ?? ''), refused: await refused() };
    await expect(`${JSON.stringify(sent, null, 2)}\n`).toMatchFileSnapshot(`requests/${file}.json`);
  });
});
