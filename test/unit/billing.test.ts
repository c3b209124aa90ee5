import { expect, it } from 'vitest';
import { DigestBuilder } from '../../src/core/digest.ts';
import { createLogger } from '../../src/log.ts';
import { Metrics } from '../../src/metrics.ts';
import { Pricing } from '../../src/pricing/pricing.ts';
import { bill } from '../../src/worker/billing.ts';
import type { AttemptContext, RunnerParts } from '../../src/worker/runner-parts.ts';
import { pricedCall } from '../support/priced-call.ts';

it('does not fail over counts that no counter takes', async () => {
  const usage = { prompt_tokens: -1, completion_tokens: -1, total_tokens: -2 };
  const { fold, request, ...route } = pricedCall('openai/gpt-4o', usage);
  const parts = { metrics: new Metrics(), pricing: new Pricing(), logger: createLogger('silent') };
  const context = { ticket: { jobId: 'j', group: 'g' }, claim: { epoch: 1, request }, route };
  const streamed = {
    startedAt: new Date(),
    end: { kind: 'finished' },
    fold,
    digest: new DigestBuilder(),
    last: '0-0',
    tail: [],
    firstDelta: 1,
  };
  const billed = bill(
    parts as unknown as RunnerParts,
    context as unknown as AttemptContext,
    streamed as unknown as Parameters<typeof bill>[2],
  );
  await expect(billed).resolves.toMatchObject({ end: { kind: 'finished' } });
});
