import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { endOf, startCommand } from '../support/command.ts';
import { commandSluice } from '../support/command-sluice.ts';
import { eventually } from '../support/eventually.ts';

const { sluice, folder, run, file } = commandSluice();

/** Takes every request, and answers none. */
const silent = createServer((request) => request.resume());
let url: string;
beforeAll(async () => {
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

const request = { model: 'scripted/echo', messages: [{ role: 'user', content: 'x' }] };

describe('ctrl-C', () => {
  it('before a job is known says what it waits for, and leaves at the second', async () => {
    const child = startCommand(['run', 'x', '-m', 'scripted/echo'], { env: { SLUICE_BASE_URL: url } });
    child.stdin.end();
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
    });
    const exited = once(child, 'exit');
    await once(silent, 'request');
    child.kill('SIGINT');
    await eventually('a word about it', () => said.includes('The server has not answered yet'));
    child.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
  });

  it('ends a batch that is being submitted, which the same command goes on with', async () => {
    file('held.jsonl', JSON.stringify(request));
    const args = ['batch', 'run', 'held.jsonl', '-o', 'held-out.jsonl'];
    const child = startCommand(args, { env: { SLUICE_BASE_URL: url }, cwd: folder });
    const end = endOf(child);
    await once(silent, 'request');
    child.kill('SIGINT');
    expect(await end).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('the same command goes on'),
    });
    expect((await run(args)).code).toBe(0);
  });
});

describe('sluice cancel', () => {
  it('tells which jobs it has cancelled, whatever became of the others', async () => {
    const mock_response = { text: 'x', hang_after: 0 };
    const id = await submit(sluice.url, { ...request, mock_response });
    const end = await run(['cancel', 'job_none', id]);
    expect(end).toMatchObject({ code: 2, stdout: `${id}  cancelled\n` });
    expect(end.stderr).toContain("There is no job 'job_none'");
    expect((await call('GET', `${sluice.url}/v1/jobs/${id}`)).body.status).toBe('cancelled');
  });
});
