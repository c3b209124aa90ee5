import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import type { Job } from '../../src/core/job.ts';
import { eventOfBatch, eventsOfJob } from '../../src/core/webhook-event.ts';

const DIGITS = '0190c0de00007000800000000000abcd';
const JOB = {
  id: `job_${DIGITS}`,
  url: '/v1/responses',
  batchId: null,
  status: 'completed',
  finishReason: 'stop',
  finishedAt: 1_700_000_000_500,
} as Job;
const BATCH = { id: 'batch_0190c0de0000700080000000000', expiresAt: 0 } as Batch;

describe('what webhooks tell of a job', () => {
  it.each([
    ['completed', 'stop', 'response.completed', 'job.completed'],
    ['completed', 'length', 'response.incomplete', 'job.completed'],
    ['completed', 'content_filter', 'response.incomplete', 'job.completed'],
    ['failed', null, 'response.failed', 'job.failed'],
    ['cancelled', null, 'response.cancelled', 'job.cancelled'],
    ['expired', null, 'response.failed', 'job.expired'],
  ] as const)('that is %s (%s) is %s and %s', (status, finishReason, ofResponse, ofJob) => {
    const events = eventsOfJob({ ...JOB, status, finishReason });
    expect(events.map(({ type, data }) => [type, data.id])).toEqual([
      [ofResponse, `resp_${DIGITS}`],
      [ofJob, JOB.id],
    ]);
  });

  it('is the job alone where it is no response', () => {
    const events = eventsOfJob({ ...JOB, url: '/v1/chat/completions' });
    expect(events).toEqual([
      {
        id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
        object: 'event',
        created_at: 1_700_000_000,
        type: 'job.completed',
        data: { id: JOB.id },
      },
    ]);
  });

  it('has ids that depend on what happened alone', () => {
    const ids = (job: Job): string[] => eventsOfJob(job).map(({ id }) => id);
    expect(ids({ ...JOB, finishedAt: 5000 })).toEqual(ids(JOB));
    const all = [
      ...ids(JOB),
      ...ids({ ...JOB, status: 'failed' }),
      ...ids({ ...JOB, id: `job_${'0'.repeat(32)}` }),
    ];
    expect(new Set(all).size).toBe(6);
  });

  it('is nothing while it is open, or if it is the line of a batch', () => {
    expect(eventsOfJob({ ...JOB, status: 'in_progress', finishedAt: null })).toEqual([]);
    expect(eventsOfJob({ ...JOB, batchId: BATCH.id })).toEqual([]);
  });
});

describe('what webhooks tell of a batch', () => {
  it.each(['completed', 'failed', 'expired', 'cancelled'] as const)('that is %s', (status) => {
    const batch = { ...BATCH, status, since: { [status]: 9000 } } as Batch;
    expect(eventOfBatch(batch)).toMatchObject({
      created_at: 9,
      type: `batch.${status}`,
      data: { id: BATCH.id },
    });
  });

  it.each(['validating', 'in_progress', 'finalizing', 'cancelling'] as const)(
    'is nothing while it is %s',
    (status) => {
      expect(eventOfBatch({ ...BATCH, status, since: {} } as Batch)).toBeNull();
    },
  );
});
