import { expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { batchEnded, batchLines, createBatch, fileLines } from '../support/batches.ts';
import { startRedis } from '../support/redis-server.ts';
import { startS3 } from '../support/s3-server.ts';
import { startSluice } from '../support/sluice-process.ts';

test('a batch runs the same where files are in a bucket, and survives its processes there', async () => {
  const [redis, s3] = await Promise.all([startRedis(), startS3()]);
  try {
    const start = () => startSluice({ redisUrl: redis.connectionUrl, env: s3.env });
    const first = await start();
    const { id } = await createBatch(first.url, batchLines(300));
    await first[Symbol.asyncDispose]();
    await using second = await start();
    const ended = await batchEnded(second.url, id, 60_000);
    expect(ended.request_counts).toMatchObject({ total: 300, completed: 300, failed: 0 });
    const lines = await fileLines(second.url, ended.output_file_id);
    expect([lines.length, new Set(lines.map(({ custom_id }) => custom_id)).size]).toEqual([300, 300]);
    const jobs = await call('GET', `${second.url}/v1/batches/${id}/jobs?limit=2`);
    const job = await call('GET', `${second.url}/v1/jobs/${jobs.body.data[1].id}`);
    expect(job.body).toMatchObject({
      status: 'completed',
      custom_id: 'line-2',
      result: { object: 'chat.completion' },
    });
  } finally {
    await Promise.all([redis.stop(), s3.stop()]);
  }
});
