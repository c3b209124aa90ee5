import { describe, expect, it } from 'vitest';
import { call } from '../support/api-client.ts';
import { PROMPT } from '../support/ask.ts';
import { endOf, runCommand, startCommand } from '../support/command.ts';
import { commandSluice } from '../support/command-sluice.ts';
import { eventually } from '../support/eventually.ts';

const { sluice, env, run, file } = commandSluice();

const submit = async (...args: string[]): Promise<string> => {
  const { stdout, code, stderr } = await run(['submit', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
};
const jobOf = async (id: string) => (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body;

describe('sluice run', () => {
  it('prints the answer and nothing else into a pipe', async () => {
    expect(await run(['run', `say ${PROMPT}`, '-m', 'scripted/echo'])).toEqual({
      code: 0,
      stdout: `say ${PROMPT}\n`,
      stderr: '',
    });
  });

  it('adds standard input to the prompt', async () => {
    const { stdout } = await run(['run', 'Sum this up:', '-m', 'scripted/echo'], { input: 'one\ntwo\n' });
    expect(stdout).toBe('Sum this up:\n\none\ntwo\n');
    expect((await run(['run', '-m', 'scripted/echo'], { input: 'only this' })).stdout).toBe('only this\n');
  });

  it('says what it waits for where standard input does not end', async () => {
    const child = startCommand(['run', 'hello', '-m', 'scripted/echo'], { env: env() });
    const end = endOf(child);
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.stdin.end();
    expect(await end).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect((await end).stderr).toContain('Waiting for standard input to end.');
  });

  it('prints the whole completion as JSON', async () => {
    const { stdout } = await run(['run', 'hi', '-m', 'scripted/echo', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ object: 'chat.completion', usage: { total_tokens: 2 } });
    expect(stdout.trimEnd()).not.toContain('\n');
  });

  it('asks the first model with a name of its own, or the one in SLUICE_MODEL', async () => {
    expect(JSON.parse((await run(['run', 'hi', '--json'])).stdout).model).toBe('priced');
    const named = await run(['run', 'hi', '--json'], { env: { SLUICE_MODEL: 'scripted/lorem' } });
    expect(JSON.parse(named.stdout).model).toBe('scripted/lorem');
  });

  it('passes on what was asked for', async () => {
    const { stdout } = await run([
      'run',
      'hi',
      '-m',
      'scripted/echo',
      '-s',
      'Be brief.',
      '-t',
      '0.5',
      '--max-tokens',
      '7',
      '--json',
    ]);
    expect(JSON.parse(stdout).choices[0].message.content).toBe('hi');
    const { stderr, code } = await run(['run', 'hi', '-t', '9', '-m', 'scripted/echo']);
    expect(stderr).toContain('temperature');
    expect(code).toBe(2);
  });

  it('prints nothing of an answer that fails', async () => {
    const { code, stdout, stderr } = await run([
      'run',
      'a b c',
      '-m',
      'scripted/echo?error_after=2&error_status=400',
    ]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).not.toBe('');
  });

  it('prints the last attempt alone where there were two', async () => {
    const model = 'scripted/echo?delay_ms=30&error_after=3&error_status=500&fail_attempts=1';
    const { code, stdout, stderr } = await run(['run', 'a b c d', '-m', model]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a b c d\n' });
    expect(stderr).toMatch(/^The attempt ended: .* The next begins in \d+ s\.\n$/);
  });

  it('cancels its job at ctrl-C', async () => {
    const child = startCommand(['run', 'x', '-m', 'scripted/lorem?deltas=50&hang_after=3'], { env: env() });
    child.stdin.end();
    const end = endOf(child);
    const running = async () => {
      const { data } = (await call('GET', `${sluice.url}/v1/jobs?status=in_progress`)).body;
      return data.find(({ model }: { model: string }) => model.includes('deltas=50&hang_after=3'));
    };
    const { id } = await eventually('the job to run', running);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, stdout: '', stderr: `Cancelled ${id}.\n` });
    expect((await jobOf(id)).status).toBe('cancelled');
  });
});

describe('sluice submit, tail and get', () => {
  it('make a job, follow it, and show it', async () => {
    const id = await submit(
      'hello there',
      '-m',
      'priced',
      '--custom-id',
      'mine',
      '--metadata',
      'a=b',
      '--metadata',
      'c=d=e',
    );
    expect(id).toMatch(/^job_[0-9a-f]{32}$/);
    expect(await run(['tail', id])).toEqual({ code: 0, stdout: 'hello there\n', stderr: '' });
    const { stdout } = await run(['get', id]);
    expect(stdout).toContain(id);
    expect(stdout).toMatch(/status +completed/);
    expect(stdout).toMatch(/tokens +2 in, 2 out/);
    expect(stdout).toMatch(/cost +~?\$0\.004/);
    expect(JSON.parse((await run(['get', id, '--json'])).stdout)).toMatchObject({
      custom_id: 'mine',
      metadata: { a: 'b', c: 'd=e' },
      status: 'completed',
    });
    expect((await run(['get', id, '--result'])).stdout).toBe('hello there\n');
  });

  it('submit a whole request, to any endpoint', async () => {
    const body = file('request.json', JSON.stringify({ model: 'scripted/echo', input: 'from a file' }));
    const id = await submit('--file', body, '--url', '/v1/responses', '--idempotency-key', 'k1');
    expect(await submit('--file', body, '--url', '/v1/responses', '--idempotency-key', 'k1')).toBe(id);
    const { stdout } = await run(['get', id, '--wait', '30', '--result']);
    expect(JSON.parse(stdout)).toMatchObject({ object: 'response', status: 'completed' });
    const piped = await run(['submit', '--file', '-'], {
      input: '{"model":"scripted/echo","messages":[{"role":"user","content":"x"}]}',
    });
    expect(piped.stdout).toMatch(/^job_/);
  });

  it('follow as lines of JSON, from any offset', async () => {
    const id = await submit('one two three', '-m', 'scripted/echo');
    const all = (await run(['tail', id, '--json'])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(all[0]).toMatchObject({ event: 'attempt', epoch: 1 });
    expect(all.at(-1)).toMatchObject({ event: 'end', status: 'completed' });
    const deltas = all.filter(({ event }) => event === 'delta');
    expect(deltas.map(({ offset }) => offset)).toEqual(deltas.map((_, index) => `1-${index + 1}`));
    const rest = (await run(['tail', id, '--json', '--after', '1-3'])).stdout.trimEnd().split('\n');
    expect(rest.map((line) => JSON.parse(line))).toEqual(all.slice(4));
  });

  it('leave a job alone at ctrl-C', async () => {
    const id = await submit('x', '-m', 'scripted/lorem?deltas=9&hang_after=2');
    const child = startCommand(['tail', id, '--json'], { env: env() });
    child.stdin.end();
    const end = endOf(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    expect(await end).toMatchObject({ code: 130, stderr: expect.stringContaining(`${id} goes on.`) });
    expect((await jobOf(id)).status).toBe('in_progress');
    expect(await run(['cancel', id])).toEqual({ code: 0, stdout: `${id}  cancelled\n`, stderr: '' });
    expect((await run(['tail', id])).code).toBe(4);
    expect((await run(['get', id, '--result'])).code).toBe(4);
  });

  it('end where their reader does, without a word', async () => {
    const id = await submit('one two three', '-m', 'scripted/echo');
    const child = startCommand(['tail', id, '--json'], { env: env() });
    child.stdout.once('data', () => child.stdout.destroy());
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const stderr: string[] = [];
    child.stderr.on('data', (data) => stderr.push(String(data)));
    expect(await exited).toBe(0);
    expect(stderr).toEqual([]);
  });
});

describe('sluice list and models', () => {
  it('list what there is', async () => {
    const id = await submit('listed', '-m', 'scripted/echo');
    await run(['tail', id]);
    const { stdout } = await run(['list', '-n', '5', '--status', 'completed']);
    expect(stdout.split('\n')[0]).toMatch(/^job +status +created +model +tokens +cost$/);
    expect(stdout).toMatch(new RegExp(`${id} +completed +\\d+ s ago +scripted/echo +2`));
    expect(JSON.parse((await run(['list', '--json', '-n', '1'])).stdout)).toHaveLength(1);
    expect(await run(['models'])).toMatchObject({ code: 0, stdout: 'priced\nscripted/*\n' });
  });
});

describe('a mistake', () => {
  it.each([
    [['frobnicate'], 2, "unknown command 'frobnicate'"],
    [['lits'], 2, 'Did you mean list?'],
    [['get'], 2, "missing required argument 'job'"],
    [['list', '--status', 'done'], 2, 'Allowed choices are queued'],
    [['list', '-n', 'many'], 2, 'Expected a whole number from 1'],
    [['submit', 'x', '--metadata', 'novalue'], 2, 'Expected name=value'],
    [['get', 'job_none'], 2, "There is no job 'job_none'"],
    [['tail', 'job_none', '--after', 'x'], 2, "Invalid offset 'x'"],
    [['run', 'x', '-m', 'nope'], 2, "The model 'nope' does not exist. Did you mean '"],
    [['run'], 2, 'There is no prompt.'],
    [['submit', '--file', 'nonesuch.json'], 2, 'nonesuch.json does not exist.'],
    [['chat'], 2, 'needs a terminal'],
  ])('as %j has exit code %i and says %j', async (args, code, message) => {
    const end = await run(args);
    expect(end).toMatchObject({ code, stdout: '' });
    expect(end.stderr).toContain(message);
    expect(end.stderr).not.toMatch(/^ +at /m);
  });

  it('is JSON for who reads JSON', async () => {
    const { code, stderr, stdout } = await run(['get', 'job_none', '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'job_not_found', status: 404, retryable: false },
    });
  });

  it('has its exit code where nobody hears its message', async () => {
    const child = startCommand(['get', 'job_none'], { env: env() });
    child.stderr.destroy();
    child.stdin.end();
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(2);
  });

  it('of a file is JSON then as well', async () => {
    const { code, stderr } = await run(['submit', '--file', 'nonesuch.json', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { message: 'nonesuch.json does not exist.', code: null },
    });
  });

  it('of the address has a code of its own, and says what to do', async () => {
    const { code, stderr } = await runCommand(['list', '--base-url', 'http://127.0.0.1:9']);
    expect(code).toBe(5);
    expect(stderr).toContain('`sluice serve` starts it');
    expect((await runCommand(['list', '--base-url', 'nonsense'])).stderr).toContain(
      "Invalid baseURL 'nonsense'",
    );
    const secret = await runCommand(['list', '--base-url', 'http://me:secret@127.0.0.1:9']);
    expect(secret).toMatchObject({ code: 2, stderr: expect.stringContaining('SLUICE_API_KEY') });
    expect(secret.stderr).not.toContain('secret');
  });
});
