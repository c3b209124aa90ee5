import type { Deployment } from '../../src/config/config.ts';
import type { CompletionRequest, Usage } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import type { BillableCall } from '../../src/pricing/pricing.ts';

/** A deployment of `provider/model`, as the configuration makes it. */
export function deploymentOf(name: string, changes: Partial<Deployment> = {}): Deployment {
  const slash = name.indexOf('/');
  return {
    id: `${name}#1`,
    provider: name.slice(0, slash),
    model: name.slice(slash + 1),
    apiBase: null,
    apiKey: null,
    settings: {},
    extraHeaders: {},
    dropParams: false,
    additionalDropParams: [],
    timeout: 60,
    streamTimeout: 60,
    params: {},
    prices: null,
    baseModel: null,
    ...changes,
  };
}

const REQUEST: CompletionRequest = { model: 'any', messages: [{ role: 'user', content: 'go' }] };

/** A moment at which nothing is cheaper or dearer than usual. */
const NOON = new Date('2026-09-23T12:00:00Z');

export interface PricedOptions extends Partial<Omit<BillableCall, 'fold' | 'deployment'>> {
  readonly deployment?: Partial<Deployment>;
  /** What came of the answer before its usage; by default a whole one. */
  readonly deltas?: readonly Delta[];
}

export const WHOLE: readonly Delta[] = [
  { type: 'start', choice: 0 },
  { type: 'text', choice: 0, text: 'Hello, world!' },
  { type: 'finish', choice: 0, reason: 'stop' },
];

/** The same, cut off in the middle. */
export const CUT: readonly Delta[] = WHOLE.slice(0, -1);

/** A call to `provider/model` that answered with this usage. */
export function pricedCall(name: string, usage: Usage | null, options: PricedOptions = {}): BillableCall {
  const { deployment, deltas = WHOLE, ...others } = options;
  const target = deploymentOf(name, deployment);
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  if (usage !== null) fold.add({ type: 'usage', usage });
  return { request: REQUEST, deployment: target, model: target.model, fold, startedAt: NOON, ...others };
}

/** Usage of so many tokens. */
export function tokens(prompt: number, completion: number, more: Partial<Usage> = {}): Usage {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...more,
  };
}
