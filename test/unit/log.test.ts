import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/core/errors.ts';
import { createLogger, type Logger } from '../../src/log.ts';

type Line = Record<string, unknown> & { err?: Record<string, unknown> };

/** What `use` logs, as the text of a file that it was written to, and line by line. */
async function logged(use: (logger: Logger) => void, level: 'info' | 'silent' = 'info') {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  try {
    const stream = createWriteStream(join(directory, 'log'));
    use(createLogger(level, stream));
    stream.end();
    await finished(stream);
    const text = await readFile(join(directory, 'log'), 'utf8');
    const lines = text
      .split('\n')
      .slice(0, -1)
      .map((line): Line => JSON.parse(line));
    return { text, lines };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function parsingError(text: string): Error {
  try {
    JSON.parse(text);
  } catch (error) {
    return error as Error;
  }
  throw new Error('This was meant not to be JSON.');
}

test('a line is a JSON object with its level as a word and its time in ISO 8601', async () => {
  const { lines } = await logged((logger) => {
    logger.debug('unheard');
    logger.child({ worker: 'w1' }).info({ jobId: 'job_1', epoch: 2 }, 'claimed');
  });
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      pid: process.pid,
      hostname: expect.any(String),
      worker: 'w1',
      jobId: 'job_1',
      epoch: 2,
      msg: 'claimed',
    },
  ]);
});

test('silent is silent', async () => {
  const { text } = await logged((logger) => logger.fatal('unheard'), 'silent');
  expect(text).toBe('');
});

test('lines go to standard output by default', async () => {
  const script = `
    import { createLogger } from ${JSON.stringify(new URL('../../src/log.ts', import.meta.url).href)};
    createLogger('warn').warn({ apiKey: 'sk-secret' }, 'hello');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toMatchObject({ level: 'warn', msg: 'hello', apiKey: '[redacted]' });
});

describe('private things', () => {
  test.each([
    ...[
      'apiKey',
      'api_key',
      'masterKey',
      'authorization',
      'Authorization',
      'headers',
      'redisUrl',
      'password',
    ],
    ...[
      'request',
      'body',
      'messages',
      'prompt',
      'content',
      'text',
      'params',
      'result',
      'completion',
      'deltas',
    ],
  ])('under %s are not written, at any depth', async (key) => {
    const secret = { [key]: { inner: 'sk-secret' } };
    const { text, lines } = await logged((logger) => {
      logger.info(secret, 'top');
      logger.info({ a: secret }, 'nested');
      logger.info({ a: { b: { c: [{ d: secret }] } }, kept: 1 }, 'deep');
      logger.child(secret).info('child');
    });
    expect(text).not.toContain('sk-secret');
    expect(lines.map((line) => line.msg)).toEqual(['top', 'nested', 'deep', 'child']);
    expect(lines[0]).toHaveProperty([key], '[redacted]');
    expect(lines[2]).toMatchObject({ a: { b: { c: [{ d: { [key]: '[redacted]' } }] } }, kept: 1 });
    expect(lines[3]).toHaveProperty([key], '[redacted]');
  });

  test('in what was logged are still there for the caller', async () => {
    const request = { id: 'job_1', messages: ['hello'] };
    await logged((logger) => logger.info({ job: request }, 'kept'));
    expect(request).toEqual({ id: 'job_1', messages: ['hello'] });
  });

  test('are not written as bytes, nor endlessly', async () => {
    const circular: Record<string, unknown> = { name: 'loop' };
    circular.self = circular;
    const { text, lines } = await logged((logger) =>
      logger.info({ chunk: Buffer.from('secret'), circular, at: new Date(0) }, 'odd'),
    );
    expect(lines[0]).toMatchObject({
      chunk: '[6 bytes]',
      circular: { name: 'loop' },
      at: '1970-01-01T00:00:00.000Z',
    });
    expect(text).toContain('[nested too deeply]');
  });
});

describe('errors', () => {
  test('of ours keep what they say, their cause included', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new SluiceError('upstream_unreachable', 'The provider is down.', { cause });
    const { lines } = await logged((logger) =>
      logger.error({ err: error, jobId: 'job_1' }, 'attempt failed'),
    );
    expect(lines[0]).toMatchObject({
      msg: 'attempt failed',
      jobId: 'job_1',
      err: {
        type: 'SluiceError',
        code: 'upstream_unreachable',
        status: 502,
        retryable: true,
        message: 'The provider is down.',
        stack: expect.stringMatching(/^SluiceError: The provider is down\.\n {4}at .*log\.test\.ts/),
        cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
      },
    });
  });

  test('of libraries lose the requests and commands that they carry, wherever they stand', async () => {
    const error = Object.assign(new Error('ERR wrong type'), {
      command: { name: 'hset', args: ['sk-secret'] },
      response: { data: 'sk-secret' },
      extra: 'sk-secret',
    });
    const { text, lines } = await logged((logger) => {
      logger.error(error);
      logger.error({ err: error }, 'as err');
      logger.error({ failure: error, all: [error] }, 'elsewhere');
      logger.error(new AggregateError([error], 'all failed'));
      logger.child({ err: error }).error('child');
      logger.error(new Error('outer', { cause: error }));
    });
    expect(lines).toHaveLength(6);
    expect(text).not.toContain('sk-secret');
    expect(text.match(/ERR wrong type/g)?.length).toBeGreaterThanOrEqual(6);
    expect(lines[0]).toMatchObject({ msg: 'ERR wrong type', err: { message: 'ERR wrong type' } });
    expect(lines[3]).toMatchObject({ err: { errors: [{ message: 'ERR wrong type' }] } });
  });

  test.each([
    ['JSON.parse', parsingError('sk-secret'), "Unexpected token 's': not valid JSON"],
    [
      'JSON.parse within',
      parsingError('{"a": sk-secret, "b": "and much more that would not fit"}'),
      "Unexpected token 's': not valid JSON",
    ],
    [
      'Redis',
      new Error("ERR unknown command 'X', with args beginning with: 'sk-secret' 'b'"),
      "ERR unknown command 'X', with args beginning with: …",
    ],
  ])('of %s do not quote what it was given', async (_source, error, message) => {
    expect(error.message).toContain('sk-secret');
    const { text, lines } = await logged((logger) => {
      logger.error(error);
      logger.error({ err: error });
      logger.error({ err: error }, 'with a message');
    });
    expect(text).not.toContain('sk-secret');
    expect(lines.map((line) => line.msg)).toEqual([message, message, 'with a message']);
    expect(lines.map((line) => line.err?.message)).toEqual([message, message, message]);
  });
});
