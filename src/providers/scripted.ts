/**
 * The scripted provider: answers without an upstream, the same way every time. For tests, the demo and load
 * tests; it never needs a key.
 *
 * Models: `scripted/echo` answers with the text of the last user message, `scripted/lorem` with 69 words of
 * Latin. Options stand behind the model name, `scripted/lorem?deltas=50&delay_ms=20`, or in the request field
 * `mock_response`, which wins: a string is the text, an object has any of the options.
 *
 * - `text`: the answer in place of the model's own.
 * - `deltas`: text deltas, exactly; by default a word each. `lorem` is repeated until it has enough words.
 * - `delay_ms`: pause before every delta but the first; 0, the default, does not sleep.
 * - `first_delay_ms`: pause before the first delta.
 * - `reasoning`: streamed before the text, a word a delta.
 * - `refusal`: streamed after the text, which is empty unless `text` or `deltas` is set.
 * - `tool_calls`: `[{name, arguments?, id?}]`, or OpenAI's shape; streamed after the text, which is empty
 *   unless `text` or `deltas` is set. Only in `mock_response`.
 * - `finish_reason`: by default `stop`, or `tool_calls` where there are any.
 * - `error_after`: fail after so many deltas; 0 is before anything, as an HTTP error comes.
 * - `error_status`: the HTTP status of that failure, by default 500, with `retry_after` 429. Alone it means
 *   `error_after=0`.
 * - `retry_after`: seconds that the failure asks to wait. Alone it means `error_after=0`.
 * - `hang_after`: fall silent after so many deltas, until the deployment's `streamTimeout`.
 * - `truncate_after`: end without a finish after so many deltas.
 * - `fail_attempts`: go wrong only in so many first attempts. Alone it means `error_after=0` in these.
 *
 * Deltas of reasoning, text, refusals and tool calls count for the `…_after` options, which do nothing past the last
 * delta. Where the request sets `n`, every choice gets the same answer, in turns. Usage counts words.
 *
 * `scripted/embed` has embeddings: vectors of length 1 that depend on the text alone. Its options are `dimensions`, which
 * the request's own field overrides (16), `first_delay_ms`, and those of failures.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import type { EmbeddingList, EmbeddingRequest } from '../core/embedding.ts';
import { SluiceError } from '../core/errors.ts';
import { errorFromAnswer } from './errors/upstream-error.ts';
import type { Provider } from './provider.ts';
import type { ProviderCall } from './provider-call.ts';
import { planEmbeddings } from './scripted/embeddings.ts';
import { planOf, type ScriptedFate } from './scripted/plan.ts';

/** Answers as its options say; `scripted.ts` lists them. */
export class ScriptedProvider implements Provider {
  readonly name = 'scripted';

  async *stream(request: CompletionRequest, call: ProviderCall): AsyncGenerator<Delta, void, undefined> {
    const { signal } = call;
    signal.throwIfAborted();
    const plan = planOf(request, call);
    const { trouble, delayMs } = plan;
    const deadline = performance.now() + call.deployment.timeout * 1000;
    if (plan.firstDelayMs > 0) await pause(plan.firstDelayMs, call, deadline);
    if (trouble?.after === 0) await strike(plan, call, deadline);
    for (let choice = 0; choice < plan.choices; choice += 1) yield { type: 'start', choice };

    let sent = 0;
    for (const delta of plan.deltas) {
      if (delayMs > 0 && sent > 0) await pause(delayMs, call, deadline);
      signal.throwIfAborted();
      yield delta;
      sent += 1;
      if (trouble?.after === sent) await strike(plan, call, deadline);
    }
    signal.throwIfAborted();
    for (let choice = 0; choice < plan.choices; choice += 1) {
      yield { type: 'finish', choice, reason: plan.finish };
    }
    yield { type: 'usage', usage: plan.usage };
  }

  async embed(request: EmbeddingRequest, call: ProviderCall): Promise<EmbeddingList> {
    call.signal.throwIfAborted();
    const plan = planEmbeddings(request, call);
    const deadline = performance.now() + call.deployment.timeout * 1000;
    if (plan.firstDelayMs > 0) await pause(plan.firstDelayMs, call, deadline);
    if (plan.trouble) await strike(plan, call, deadline);
    return plan.embeddings;
  }
}

/** Waits; throws the signal's reason when it aborts, and the timeout that a real upstream would run into. */
async function pause(ms: number, call: ProviderCall, deadline: number): Promise<void> {
  const { deployment, signal } = call;
  const left = Math.max(0, deadline - performance.now());
  const silence = deployment.streamTimeout * 1000;
  const wait = Math.min(ms, silence, left);
  try {
    await sleep(wait, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
  if (wait === ms) return;
  throw new SluiceError(
    'upstream_timeout',
    wait === left
      ? `scripted did not finish in ${deployment.timeout} s.`
      : `scripted sent nothing for ${deployment.streamTimeout} s.`,
  );
}

async function strike(plan: ScriptedFate, call: ProviderCall, deadline: number): Promise<void> {
  call.signal.throwIfAborted();
  switch (plan.trouble?.kind) {
    case 'hang':
      return pause(Number.POSITIVE_INFINITY, call, deadline);
    case 'truncate':
      throw new SluiceError('upstream_truncated', 'scripted ended the stream in the middle of its answer.');
    default: {
      const body = JSON.stringify({ error: { message: 'This failure was asked for.' } });
      const headers = plan.retryAfter === null ? {} : { 'retry-after': String(plan.retryAfter) };
      throw errorFromAnswer({ provider: 'scripted', status: plan.errorStatus, headers, body });
    }
  }
}
