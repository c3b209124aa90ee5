import { describe, expect, it } from 'vitest';
import { submit } from '../support/api-client.ts';
import { commandSluice } from '../support/command-sluice.ts';

const { sluice, run, terminal } = commandSluice();

/** Names the window, clears the screen, and does it once more with the control characters of one character. */
const HOSTILE = '\u001b]0;OWNED\u0007\u001b[2J\u009b2J\u001b[35m';
/** What of it a terminal would obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OBEYED = /\u001b\]0|\u0007|\u001b\[2J|\u009b|\u001b\[35m/;
const request = (model: string, text: string) => ({
  model,
  messages: [{ role: 'user', content: 'x' }],
  mock_response: { text },
});

describe('what others wrote', () => {
  it('cannot do anything to the terminal that shows it', async () => {
    const answered = await submit(sluice.url, request('scripted/echo', `one ${HOSTILE} two`));
    const failed = await submit(sluice.url, request(`scripted/no${HOSTILE}`, 'x'));
    await run(['get', answered, '--wait', '30']);
    await run(['get', failed, '--wait', '30']);
    for (const args of [
      ['tail', answered],
      ['tail', answered, '--json'],
      ['get', answered],
      ['get', answered, '--result'],
      ['get', answered, '--json'],
      ['get', failed],
      ['get', failed, '--json'],
      ['tail', failed],
      ['list'],
      ['list', '--json'],
    ]) {
      await using screen = terminal(args);
      await screen.exited;
      expect(screen.raw, args.join(' ')).toMatch(/job_|one |has no model/);
      expect(screen.raw, args.join(' ')).not.toMatch(OBEYED);
    }
    await using screen = terminal(['tail', answered]);
    await screen.shows('one ␛]0;OWNED␇␛[2J\ufffd2J␛[35m two');
  });

  it('goes into a pipe as it is', async () => {
    const id = await submit(sluice.url, request('scripted/echo', `${HOSTILE}\r\nend`));
    expect((await run(['tail', id])).stdout).toBe(`${HOSTILE}\r\nend\n`);
    expect((await run(['get', id, '--result'])).stdout).toBe(`${HOSTILE}\r\nend\n`);
    const { stdout } = await run(['get', id, '--json']);
    expect(stdout).not.toMatch(OBEYED);
    expect(JSON.parse(stdout).result.choices[0].message.content).toBe(`${HOSTILE}\r\nend`);
  });
});
