import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Sluice } from '../client/sluice.ts';
import type { ChatMessage } from '../client/types.ts';
import { type CompletionRequest, type CompletionState, CompletionStore } from './completion-store.ts';
import { useClient } from './context.ts';

/** What to ask, but for the messages: the fields of a chat completion. And how. */
export type UseCompletionOptions = CompletionRequest & {
  /**
   * A name for this completion, one of its own in the tab. With it, a refresh of the page goes on with the job that runs.
   */
  readonly key?: string | undefined;
  /** Default: that of the nearest `SluiceProvider`. The same one at every render. */
  readonly client?: Sluice | undefined;
};

/** The last completion as far as it has come, and what can be done. */
export interface UsedCompletion extends CompletionState {
  /**
   * Asks. A completion that is under way is cancelled. `changes`: fields of this request alone. Resolves with the job's
   * id once it is accepted; with null where it was not, and `error` says why. Never rejects.
   */
  complete(
    prompt: string | readonly ChatMessage[],
    changes?: Partial<CompletionRequest>,
  ): Promise<string | null>;
  /**
   * Cancels the job, and with it the call to the provider; `text` stays. Does nothing without a job.
   *
   * @throws {APIError} where the server could not be reached. The job goes on.
   */
  stop(): Promise<void>;
}

/**
 * Asks a model, and shows the answer as it comes: each question is a job, followed as `useJob` does it. A component that goes
 * away leaves its job alone; with a `key`, the next one of that name goes on with it.
 */
export function useCompletion({ key, client, ...request }: UseCompletionOptions): UsedCompletion {
  const clientOf = useClient(client);
  const store = useMemo(() => new CompletionStore(clientOf, key), [clientOf, key]);
  const state = useSyncExternalStore(store.subscribe, store.snapshot, store.firstSnapshot);
  const latest = useRef(request);
  useEffect(() => {
    latest.current = request;
  });
  const complete = useCallback<UsedCompletion['complete']>(
    (prompt, changes) => store.complete(prompt, { ...latest.current, ...changes }),
    [store],
  );
  return useMemo(() => ({ ...state, complete, stop: store.stop }), [state, complete, store]);
}
