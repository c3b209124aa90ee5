import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answers, hangs } from '../support/chat-upstream.ts';
import { deployment } from '../support/local-sluice.ts';
import { runScript } from '../support/run-script.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
beforeEach(async () => {
  upstream = await UpstreamServer.start();
});
afterEach(() => upstream.stop());

const environment = () => ({ OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: upstream.url });

const BEGINNING = `
  import { completion, acompletion } from LIBRARY;
  const ask = { model: 'gpt-4o', messages: [{ role: 'user', content: 'go' }] };
`;

describe('a script', () => {
  it('ends by itself after its last line', async () => {
    upstream.script(answers(['whole']));
    const ran = await runScript(
      `${BEGINNING}
      for await (const { choices } of completion({ ...ask, stream: true })) process.stdout.write(choices[0].delta.content ?? '');
      process.stdout.write(' ' + (await acompletion(ask)).choices[0].message.content);`,
      environment(),
    );
    expect(ran).toEqual({ code: 0, stdout: 'whole whole', stderr: '' });
  });

  it('ends by itself where tokens had to be counted', async () => {
    upstream.script(answers(['one two three'], null));
    const ran = await runScript(
      `${BEGINNING}
      console.log((await completion(ask)).usage.estimated);`,
      environment(),
    );
    expect(ran).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
  });

  it('ends by itself where it left a stream early', async () => {
    upstream.script(hangs(['one']));
    const ran = await runScript(
      `${BEGINNING}
      for await (const { choices } of completion({ ...ask, stream: true, timeout: 3600 })) {
        if (choices[0].delta.content) break;
      }
      console.log('left');`,
      environment(),
    );
    expect(ran).toEqual({ code: 0, stdout: 'left\n', stderr: '' });
  });

  it('ends by itself where nobody reads what it asked for, and nobody handles a mistake', async () => {
    const ran = await runScript(
      `${BEGINNING}
      completion({ ...ask, stream: true });
      completion({ model: 'nobody/m', stream: true });`,
      environment(),
    );
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('finds sluice.yaml in its folder, and is warned of what that does not do', async () => {
    upstream.script(answers(['whole']));
    const config = { model_list: [deployment('mine', upstream.url)], litellm_settings: { cache: true } };
    const ran = await runScript(
      `${BEGINNING}
      console.log((await completion({ ...ask, model: 'mine' })).choices[0].message.content);`,
      {},
      { 'sluice.yaml': JSON.stringify(config) },
    );
    expect(ran).toMatchObject({ code: 0, stdout: 'whole\n' });
    expect(ran.stderr).toMatch(/SluiceWarning: litellm_settings\.cache: /);
  });
});
