import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { S3Settings } from '../../src/config/config.ts';

/** A server that speaks like S3, in a process of its own, with one bucket. */
export interface S3Server {
  /** How to reach it; keys begin with a prefix. */
  readonly settings: S3Settings;
  /** The same, as a process is told. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it; a second time changes nothing. */
  stop(): Promise<void>;
}

const BUCKET = 'sluice-tests';
/** What the server takes for its owner's. */
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export async function startS3(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-s3-'));
  const child = spawn(
    process.execPath,
    ['--import', './test/support/orphan-guard.ts', 'test/support/s3-server-process.ts', folder, BUCKET],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH } },
  );
  const exited = once(child, 'exit');
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    settings: {
      bucket: BUCKET,
      region: 'us-east-1',
      endpoint,
      prefix: 'team/sluice',
      credentials: CREDENTIALS,
      forcePathStyle: true,
    },
    env: {
      SLUICE_S3_BUCKET: BUCKET,
      SLUICE_S3_ENDPOINT: endpoint,
      SLUICE_S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      SLUICE_S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      SLUICE_S3_FORCE_PATH_STYLE: 'true',
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
