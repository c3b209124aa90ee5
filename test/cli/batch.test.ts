import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call } from '../support/api-client.ts';
import { startBreakingProxy } from '../support/breaking-proxy.ts';
import { commandEnvironment } from '../support/command.ts';
import { commandSluice } from '../support/command-sluice.ts';

const { sluice, folder, env, run, file } = commandSluice();

const request = (content: string) => ({ model: 'scripted/echo', messages: [{ role: 'user', content }] });
const line = (custom_id: string, body: object) => ({
  custom_id,
  method: 'POST',
  url: '/v1/chat/completions',
  body,
});
const jsonl = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const written = (name: string) =>
  readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
const failing = { ...request('x'), mock_response: { text: 'x', error_after: 0, error_status: 400 } };

describe('sluice batch run', () => {
  it('takes lines of a batch, requests and prompts, and writes the results', async () => {
    file('in.jsonl', jsonl([line('a', request('first')), request('second'), 'third']));
    const { code, stdout, stderr } = await run([
      'batch',
      'run',
      'in.jsonl',
      '-o',
      'out.jsonl',
      '-m',
      'scripted/echo',
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^batch_\w+ has 3 lines\.\n(.*\n)*3 of 3 lines completed, in out\.jsonl\.\n$/);
    const answers = written('out.jsonl').map(({ custom_id, response }) => [
      custom_id,
      response.body.choices[0].message.content,
    ]);
    expect(Object.fromEntries(answers)).toEqual({ a: 'first', 'line-2': 'second', 'line-3': 'third' });
    expect(existsSync(join(folder, 'out.jsonl.sluice-batch'))).toBe(false);
    expect(existsSync(join(folder, 'out.errors.jsonl'))).toBe(false);
  });

  it('sends what is a batch already as it is', async () => {
    const text = jsonl([line('a', request('as it is'))]);
    file('whole.jsonl', text);
    const { stdout } = await run(['batch', 'run', 'whole.jsonl', '-o', 'whole-out.jsonl', '--json']);
    const { input_file_id } = JSON.parse(stdout);
    const response = await fetch(`${sluice.url}/v1/files/${input_file_id}/content`);
    expect(await response.text()).toBe(text);
  });

  it('takes a batch from a pipe, which can be read once', async () => {
    file('piped.jsonl', jsonl([line('a', request('first')), line('b', request('second'))]));
    const shell = 'cat piped.jsonl | "$0" "$1" batch run /dev/stdin -o piped-out.jsonl';
    execFileSync('bash', ['-c', shell, process.execPath, join(import.meta.dirname, '../../bin/sluice.js')], {
      cwd: folder,
      env: commandEnvironment(env()),
      stdio: 'pipe',
    });
    expect(written('piped-out.jsonl').map(({ custom_id }) => custom_id)).toEqual(['a', 'b']);
  });

  it.each([
    ['a byte order mark', `\ufeff${jsonl([line('a', request('x')), line('b', request('y'))])}`],
    [
      'lines that end as those of Windows',
      jsonl([line('a', request('x')), request('y')]).replaceAll('\n', '\r\n'),
    ],
    ['a prompt behind lines of a batch', `${jsonl([line('a', request('x')), line('b', request('y'))])}"z"`],
  ])('takes %s', async (_, content) => {
    file('odd.jsonl', content);
    const { code, stderr } = await run([
      'batch',
      'run',
      'odd.jsonl',
      '-o',
      'odd-out.jsonl',
      '-m',
      'scripted/echo',
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(written('odd-out.jsonl').map(({ custom_id }) => custom_id)).toContain('a');
    expect(written('odd-out.jsonl')).toHaveLength(content.trim().split('\n').length);
  });

  it('says by its exit code that lines failed, and where they are', async () => {
    file('half.jsonl', jsonl([request('fine'), failing]));
    const { code, stderr } = await run(['batch', 'run', 'half.jsonl', '-o', 'half-out.jsonl']);
    expect(code).toBe(3);
    expect(stderr).toContain(
      '1 of 2 lines completed, in half-out.jsonl.\n1 did not, in half-out.errors.jsonl.',
    );
    expect(stderr).toMatch(/`sluice batch retry batch_\w+` runs those again\./);
    expect(written('half-out.errors.jsonl')[0]).toMatchObject({
      custom_id: 'line-2',
      response: { status_code: 400 },
    });
  });

  it('tells what is wrong with the input, and begins anew with the next', async () => {
    file('double.jsonl', jsonl([line('a', request('x')), line('a', request('y'))]));
    const refused = await run(['batch', 'run', 'double.jsonl', '-o', 'double-out.jsonl']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/was not run, because its input is not valid:\n {2}line 2: .*custom_id/);
    file('double.jsonl', jsonl([line('a', request('x')), line('b', request('y'))]));
    expect((await run(['batch', 'run', 'double.jsonl', '-o', 'double-out.jsonl'])).code).toBe(0);
  });

  it.each([
    ['an empty file', '', 'has no lines'],
    ['a list', '[1]\n', ':1 is not what a batch is made of'],
    ['half a line', `${JSON.stringify(request('x'))}\n{"messages":`, ':2 is not what a batch is made of'],
  ])('refuses %s before anything is sent', async (_, content, message) => {
    file('wrong.jsonl', content);
    const { code, stderr } = await run(['batch', 'run', 'wrong.jsonl', '-o', 'wrong-out.jsonl']);
    expect(code).toBe(2);
    expect(stderr).toContain(`wrong.jsonl${message === 'has no lines' ? ' ' : ''}${message}`);
    expect(existsSync(join(folder, 'wrong-out.jsonl.sluice-batch'))).toBe(false);
  });

  it.each([
    [
      'a folder that is not there',
      'no/such/out.jsonl',
      'The folder no/such of no/such/out.jsonl does not exist',
    ],
    ['a folder', '.', '. is no file'],
    ['a device', '/dev/null', '/dev/null is no file'],
    ['a folder where nothing can be written', '/proc/out.jsonl', '/proc/out.jsonl.sluice-batch'],
    ['the input', 'mine.errors.jsonl', 'mine.errors.jsonl is the input'],
    ['a name whose errors would take the place of the input', 'mine.jsonl', 'mine.errors.jsonl is the input'],
  ])('refuses %s as its output before anything is sent', async (_, output, message) => {
    const text = jsonl([request('x')]);
    const input = file('mine.errors.jsonl', text);
    const before = (await call('GET', `${sluice.url}/v1/batches?limit=1`)).body.data;
    const end = await run(['batch', 'run', 'mine.errors.jsonl', '-o', output]);
    expect(end).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect((await call('GET', `${sluice.url}/v1/batches?limit=1`)).body.data).toEqual(before);
    expect(readFileSync(input, 'utf8')).toBe(text);
  });

  it('does not mix up two inputs with one output', async () => {
    file('one.jsonl', jsonl([request('one')]));
    file('kept.jsonl.sluice-batch', JSON.stringify({ key: 'k', sha256: 'another', batchId: 'batch_1' }));
    const { code, stderr } = await run(['batch', 'run', 'one.jsonl', '-o', 'kept.jsonl']);
    expect(code).toBe(2);
    expect(stderr).toContain('kept.jsonl.sluice-batch remembers batch_1 of another input.');
  });

  it('reads results again that broke off', async () => {
    await using proxy = await startBreakingProxy(sluice.url, { path: /\/content$/, times: 2 });
    file('broken.jsonl', jsonl([request('x'), request('y')]));
    const args = ['batch', 'run', 'broken.jsonl', '-o', 'broken-out.jsonl', '--base-url', proxy.url];
    const { code, stderr } = await run(args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(proxy.broken).toBe(2);
    expect(written('broken-out.jsonl')).toHaveLength(2);
  });

  it('asks before it pays again for what it cannot remember', async () => {
    file('garbled.jsonl', jsonl([request('x')]));
    file('garbled-out.jsonl.sluice-batch', '{"key"');
    const { code, stderr } = await run(['batch', 'run', 'garbled.jsonl', '-o', 'garbled-out.jsonl']);
    expect(code).toBe(2);
    expect(stderr).toContain('garbled-out.jsonl.sluice-batch should remember a batch, and cannot be read.');
  });

  it('submits one batch where the same command runs twice at once', async () => {
    file('twice.jsonl', jsonl([request('x'), request('y')]));
    const batches = async () => (await call('GET', `${sluice.url}/v1/batches?limit=100`)).body.data.length;
    const before = await batches();
    const args = ['batch', 'run', 'twice.jsonl', '-o', 'twice-out.jsonl'];
    const ends = await Promise.all([run(args), run(args), run(args)]);
    expect(ends.map(({ code }) => code)).toContain(0);
    expect(await batches()).toBe(before + 1);
    expect(written('twice-out.jsonl')).toHaveLength(2);
  });

  it('submits no second batch where the answer to the first was lost', async () => {
    file('lost.jsonl', jsonl([request('lost')]));
    const first = await run(['batch', 'run', 'lost.jsonl', '-o', 'lost-out.jsonl', '--json']);
    const { id, input_file_id } = JSON.parse(first.stdout);
    // As the command leaves it that ends between the submission and the note of it.
    const { body } = await call('POST', `${sluice.url}/v1/batches`, {
      headers: { 'Idempotency-Key': 'lost-key' },
      body: { input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' },
    });
    expect(body.id).not.toBe(id);
    const state = { key: 'lost-key', sha256: await stateOf('lost.jsonl'), fileId: input_file_id };
    file('lost-out.jsonl.sluice-batch', JSON.stringify(state));
    const again = await run(['batch', 'run', 'lost.jsonl', '-o', 'lost-out.jsonl', '--json']);
    expect(JSON.parse(again.stdout).id).toBe(body.id);
  });
});

/** The hash that the command remembers of an input. */
async function stateOf(name: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
  const hash = createHash('sha256').update('/v1/chat/completions');
  for (const text of lines) hash.update(text);
  return hash.digest('hex');
}

describe('sluice batch get, list, tail, cancel and retry', () => {
  it('show what there is', async () => {
    file('some.jsonl', jsonl([request('fine'), failing]));
    const { id } = JSON.parse(
      (await run(['batch', 'run', 'some.jsonl', '-o', 'some-out.jsonl', '--json'])).stdout,
    );
    expect((await run(['batch', 'get', id])).stdout).toMatch(/lines +1 of 2 completed, 1 failed/);
    expect((await run(['batch', 'list', '-n', '1'])).stdout).toMatch(
      new RegExp(`${id} +completed +\\d+ s ago +2 +1`),
    );
    const tail = await run(['batch', 'tail', id, '--json']);
    expect(tail.code).toBe(3);
    const events = tail.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(events.map(({ event }) => event)).toEqual(['line', 'line', 'end']);
    expect(events[0]).toMatchObject({ offset: 1, result: { response: {} } });
    expect(JSON.parse((await run(['batch', 'retry', id, '--json'])).stdout)).toMatchObject({ retry_of: id });
    expect((await run(['batch', 'cancel', id])).code).toBe(0);
    const { code, stderr } = await run(['batch', 'get', 'batch_none']);
    expect(code).toBe(2);
    expect(stderr).toContain('batch_none');
  });
});
