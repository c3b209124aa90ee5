import { describe, expect, it } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { commandSluice } from '../support/command-sluice.ts';
import { eventually } from '../support/eventually.ts';
import { CTRL_C, openTerminal } from '../support/pseudo-terminal.ts';

const { sluice, env, run, terminal, file } = commandSluice();

const jobOf = async (id: string) => (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body;
const idOn = (lines: readonly string[]) => /job_[0-9a-f]{32}/.exec(lines.join('\n'))?.[0] ?? '';
/** The colour that a word has on the terminal. */
const ESCAPE = '\u001b[';

describe('sluice run in a terminal', () => {
  it('shows the answer as it comes, and cancels it at ctrl-C', async () => {
    await using screen = terminal(['run', 'x', '-m', 'scripted/lorem?deltas=20&delay_ms=20&hang_after=4']);
    await screen.shows('Lorem ipsum dolor sit amet');
    screen.type(CTRL_C);
    expect(await screen.exited).toBe(130);
    const id = idOn(screen.lines);
    expect(screen.lines.at(-1)).toBe(`Cancelled ${id}.`);
    expect((await jobOf(id)).status).toBe('cancelled');
  });

  it('draws nothing where a log is shown, as in CI', async () => {
    const args = ['run', 'hello', '-m', 'scripted/echo?first_delay_ms=300'];
    await using screen = openTerminal(args, { env: { ...env(), CI: 'true' } });
    expect(await screen.exited).toBe(0);
    expect(screen.lines).toEqual(['hello']);
  });

  it('shows where another attempt begins', async () => {
    const model = 'scripted/echo?delay_ms=30&error_after=3&error_status=500&fail_attempts=1';
    await using screen = terminal(['run', 'one two three four', '-m', model]);
    expect(await screen.exited).toBe(0);
    const shown = screen.lines.join('\n');
    expect(shown).toMatch(/^one two/);
    expect(shown).toMatch(/— attempt 2 begins anew, with scripted\//);
    expect(screen.lines.at(-1)).toBe('one two three four');
  });

  it('waits on a line that leaves nothing behind', async () => {
    await using screen = terminal(['run', 'hello', '-m', 'scripted/echo?first_delay_ms=500']);
    await screen.shows('waiting for the first delta');
    expect(await screen.exited).toBe(0);
    expect(screen.lines).toEqual(['hello']);
  });
});

describe('sluice tail in a terminal', () => {
  const body = { model: 'scripted/echo', messages: [{ role: 'user', content: 'one two three' }] };

  it('shows what is thought before it is answered', async () => {
    const mock_response = { reasoning: 'let me think', text: 'fine', delay_ms: 30 };
    const id = await submit(sluice.url, { ...body, mock_response });
    await using screen = terminal(['tail', id]);
    expect(await screen.exited).toBe(0);
    expect(screen.lines).toEqual(['let me think', '', 'fine']);
  });

  it('shows calls of tools, each on a line', async () => {
    const tools = [{ type: 'function', function: { name: 'look', parameters: {} } }];
    const mock_response = { tool_calls: [{ name: 'look', arguments: { at: 'it' } }] };
    const id = await submit(sluice.url, { ...body, tools, mock_response });
    await using screen = terminal(['tail', id]);
    expect(await screen.exited).toBe(0);
    expect(screen.lines).toEqual(['→ look({"at":"it"})']);
    expect(screen.raw).toMatch(/\)\S*\r\n/);
  });

  it('says on a line of its own that an attempt ended', async () => {
    const failing = {
      text: 'one two three',
      delay_ms: 30,
      error_after: 2,
      error_status: 500,
      fail_attempts: 1,
    };
    const id = await submit(sluice.url, { ...body, mock_response: failing });
    await using screen = terminal(['tail', id]);
    expect(await screen.exited).toBe(0);
    expect(screen.lines.map((line) => line.trimEnd())).toEqual([
      expect.stringMatching(/^one( two)?$/),
      expect.stringMatching(/^The attempt ended: /),
      expect.stringMatching(/^— attempt 2 begins anew/),
      'one two three',
    ]);
  });

  it('shows nothing but events with --json', async () => {
    const id = await submit(sluice.url, { ...body, mock_response: { text: 'fine', first_delay_ms: 300 } });
    await using screen = terminal(['tail', id, '--json'], { columns: 400 });
    expect(await screen.exited).toBe(0);
    for (const line of screen.lines) expect(JSON.parse(line)).toHaveProperty('event');
  });

  it('follows a job to its end, and leaves it alone at ctrl-C', async () => {
    const id = await submit(sluice.url, { ...body, mock_response: { text: 'one two three', hang_after: 2 } });
    await using screen = terminal(['tail', id]);
    await screen.shows('one two');
    screen.type(CTRL_C);
    expect(await screen.exited).toBe(130);
    await screen.shows(`${id} goes on.`);
    expect((await jobOf(id)).status).toBe('in_progress');
    await run(['cancel', id]);
  });
});

describe('sluice batch run in a terminal', () => {
  const lines = (count: number, suffix = '') =>
    Array.from({ length: count }, (_, index) =>
      JSON.stringify({
        model: `scripted/echo${suffix}`,
        messages: [{ role: 'user', content: `line ${index}` }],
      }),
    ).join('\n');

  it('draws progress on one line, whatever the width becomes', async () => {
    const input = file('slow.jsonl', lines(400, '?first_delay_ms=1200'));
    await using screen = terminal(['batch', 'run', input, '-o', 'slow-out.jsonl'], { columns: 100 });
    await screen.shows(/█+░* \d+\/400 \d+%.*\/s/);
    screen.resize(44, 20);
    await eventually('progress in the narrow terminal', () =>
      /[█░]+ \d+\/400 \d+%/.test(screen.lines.at(-1) ?? ''),
    );
    const drawn = screen.lines.filter((line) => line.includes('/400'));
    expect(await screen.exited).toBe(0);
    expect(drawn.length).toBeLessThanOrEqual(2);
    expect(screen.lines.at(-1)).toBe('400 of 400 lines completed, in slow-out.jsonl.');
    expect(screen.lines.filter((line) => /[█░]/.test(line))).toEqual([]);
  });

  it('goes on after the terminal was closed, with the same batch', async () => {
    const input = file('long.jsonl', lines(60, '?first_delay_ms=2000'));
    const args = ['batch', 'run', input, '-o', 'long-out.jsonl'];
    let id: string;
    {
      await using screen = terminal(args);
      await screen.shows(/\d+\/60/);
      id = /batch_[0-9a-f]{32}/.exec(screen.lines.join('\n'))?.[0] ?? '';
      screen.hangUp();
      await screen.exited;
    }
    await using again = terminal(args);
    await again.shows(`Going on with ${id}.`);
    expect(await again.exited).toBe(0);
    await again.shows('60 of 60 lines completed');
    const { body } = await call('GET', `${sluice.url}/v1/batches?limit=100`);
    expect(
      body.data.filter((batch: { request_counts: { total: number } }) => batch.request_counts.total === 60),
    ).toHaveLength(1);
  });

  it('lets the batch go on at ctrl-C, and says how to end it', async () => {
    const input = file('left.jsonl', lines(50, '?first_delay_ms=5000'));
    await using screen = terminal(['batch', 'run', input, '-o', 'left-out.jsonl']);
    await screen.shows(/\d+\/50/);
    screen.type(CTRL_C);
    expect(await screen.exited).toBe(130);
    await screen.shows('goes on. The same command goes on watching it');
    const id = /batch_[0-9a-f]{32}/.exec(screen.lines.join('\n'))?.[0] ?? '';
    expect((await run(['batch', 'cancel', id])).code).toBe(0);
    expect((await run(['batch', 'tail', id])).code).toBe(4);
  });
});

describe('colours', () => {
  it('are there in a terminal, unless they are not wanted', async () => {
    const id = await submit(sluice.url, {
      model: 'scripted/echo',
      messages: [{ role: 'user', content: 'x' }],
    });
    await run(['tail', id]);
    await using screen = terminal(['get', id]);
    await screen.exited;
    expect(screen.raw).toContain(`${ESCAPE}32mcompleted${ESCAPE}39m`);
    await using plain = terminal(['get', id, '--no-color']);
    await plain.exited;
    expect(plain.raw).not.toContain(ESCAPE);
  });
});
