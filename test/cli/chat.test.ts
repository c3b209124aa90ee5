import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { call } from '../support/api-client.ts';
import { commandSluice } from '../support/command-sluice.ts';
import { eventually } from '../support/eventually.ts';
import { CTRL_C, CTRL_D, CTRL_Z } from '../support/pseudo-terminal.ts';

const { sluice, terminal } = commandSluice();

const jobs = async () => (await call('GET', `${sluice.url}/v1/jobs?limit=100`)).body.data;
const jobOf = async (id: string) => (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body;
const idOn = (lines: readonly string[]) => /job_[0-9a-f]{32}/.exec(lines.join('\n'))?.[0] ?? '';

describe('sluice chat', () => {
  it('answers, remembers what was said, and goes on where it was left', async () => {
    let id: string;
    {
      await using screen = terminal(['chat', '-m', 'scripted/echo']);
      await screen.shows('Ctrl-D leaves.');
      await screen.shows(/^> $/m);
      screen.type('my name is Ada\r');
      await screen.shows(/^my name is Ada$/m);
      await screen.shows(/tokens/);
      screen.type('and yours\r');
      await screen.shows(/^and yours$/m);
      await eventually('the next prompt', () => screen.lines.at(-1) === '> ');
      screen.type(CTRL_D);
      expect(await screen.exited).toBe(0);
      id = /sluice chat --resume (job_[0-9a-f]{32})/.exec(screen.lines.join('\n'))?.[1] ?? '';
    }
    const { body: kept } = await call(
      'GET',
      `${sluice.url}/v1/chat/completions/${id.replace('job_', 'chatcmpl-')}/messages`,
    );
    const said = ({ role, content }: { role: string; content: string }) => `${role}: ${content}`;
    expect(kept.data.map(said)).toEqual([
      'user: my name is Ada',
      'assistant: my name is Ada',
      'user: and yours',
    ]);

    await using again = terminal(['chat', '--resume', id]);
    await again.shows(/^and yours$/m);
    await eventually('the prompt', () => again.lines.at(-1) === '> ');
    again.type('third\r');
    await again.shows(/^third$/m);
    await eventually('the next prompt', () => again.lines.at(-1) === '> ');
    again.type('/exit\r');
    expect(await again.exited).toBe(0);
    const [last] = await jobs();
    const { body } = await call(
      'GET',
      `${sluice.url}/v1/chat/completions/${last.id.replace('job_', 'chatcmpl-')}/messages`,
    );
    expect(body.data.map(said)).toEqual([
      'user: my name is Ada',
      'assistant: my name is Ada',
      'user: and yours',
      'assistant: and yours',
      'user: third',
    ]);
  });

  it('cancels an answer at ctrl-C, and goes on', async () => {
    await using screen = terminal(['chat', '-m', 'scripted/lorem?deltas=20&hang_after=3']);
    await screen.shows(/^> $/m);
    screen.type('speak\r');
    await screen.shows('Lorem ipsum');
    screen.type(CTRL_C);
    await screen.shows('Cancelled job_');
    const id = idOn(screen.lines);
    expect((await jobOf(id)).status).toBe('cancelled');
    await eventually('the next prompt', () => screen.lines.at(-1) === '> ');
    screen.type(CTRL_C);
    expect(await screen.exited).toBe(0);
  });

  it('shows an answer to its end whose terminal was closed', async () => {
    let id: string;
    {
      await using screen = terminal(['chat', '-m', 'scripted/lorem?deltas=30&delay_ms=30']);
      await screen.shows(/^> $/m);
      screen.type('speak\r');
      await screen.shows('Lorem ipsum');
      id = idOn(screen.lines);
      screen.hangUp();
      await screen.exited;
    }
    expect((await jobOf(id)).status).toBe('in_progress');
    await using again = terminal(['chat', '--resume', id]);
    await again.shows('id est laborum.');
    await eventually('the prompt', () => again.lines.at(-1) === '> ');
    expect(again.lines.join(' ').match(/Lorem ipsum/g)).toHaveLength(1);
    again.type(CTRL_D);
    expect(await again.exited).toBe(0);
  });

  it('takes what is pasted as one question', async () => {
    await using screen = terminal(['chat', '-m', 'scripted/echo']);
    await screen.shows(/^> $/m);
    screen.type('first line\r\rthird line\rand the');
    await screen.shows('and the');
    screen.type(' last\r');
    await screen.shows(/tokens/);
    expect(screen.lines.join('\n')).toMatch(/\njob_.*\nfirst line\n\nthird line\nand the last\n/);
    await eventually('the next prompt', () => screen.lines.at(-1) === '> ');
    screen.type(CTRL_D);
    expect(await screen.exited).toBe(0);
  });

  it('goes on behind ctrl-Z and fg', async () => {
    await using screen = terminal(['chat', '-m', 'scripted/echo']);
    await screen.shows(/^> $/m);
    screen.type('half');
    await screen.shows('> half');
    const before = screen.raw.length;
    screen.type(CTRL_Z);
    await eventually('the prompt again', () => {
      // Whoever has not stopped yet does not notice it.
      screen.goOn();
      return screen.raw.slice(before).includes('half');
    });
    screen.type(' a line\r');
    await screen.shows(/^half a line$/m);
    await eventually('the next prompt', () => screen.lines.at(-1) === '> ');
    screen.type(CTRL_D);
    expect(await screen.exited).toBe(0);
  });

  it('goes on with conversations alone', async () => {
    const { body } = await call('POST', `${sluice.url}/v1/jobs`, {
      body: { url: '/v1/responses', body: { model: 'scripted/echo', input: 'x' } },
    });
    await using screen = terminal(['chat', '--resume', body.id]);
    expect(await screen.exited).toBe(2);
    expect(screen.lines.join('')).toContain(`${body.id} is a request to /v1/responses`);
  });

  it('goes on at ctrl-C where the server is gone', async () => {
    const upstream = new URL(sluice.url);
    const doors = createServer((socket) => {
      const there = connect(Number(upstream.port), upstream.hostname);
      socket.on('error', () => there.destroy()).on('close', () => there.destroy());
      there.on('error', () => socket.destroy());
      socket.pipe(there).pipe(socket);
      doors.once('shut', () => socket.destroy());
    });
    await new Promise<void>((resolve) => doors.listen(0, '127.0.0.1', resolve));
    const { port } = doors.address() as AddressInfo;
    const args = [
      'chat',
      '-m',
      'scripted/lorem?deltas=20&hang_after=3',
      '--base-url',
      `http://127.0.0.1:${port}`,
    ];
    await using screen = terminal(args);
    await screen.shows(/^> $/m);
    screen.type('speak\r');
    await screen.shows('Lorem ipsum');
    doors.close();
    doors.emit('shut');
    screen.type(CTRL_C);
    await screen.shows('may go on: Could not reach Sluice');
    await eventually('the next prompt', () => screen.lines.at(-1) === '> ');
    screen.type(CTRL_D);
    expect(await screen.exited).toBe(0);
  });

  it('says what is wrong with a question, and goes on', async () => {
    await using screen = terminal(['chat', '-m', 'scripted/nope']);
    await screen.shows(/^> $/m);
    screen.type('speak\r');
    await screen.shows("has no model 'nope'");
    await eventually('the next prompt', () => screen.lines.at(-1) === '> ');
    screen.type(CTRL_D);
    expect(await screen.exited).toBe(0);
  });
});
