'use client';

/**
 * Completions in React that survive a refresh of the page: `useCompletion()` asks and shows, `useJob()` shows a job that somebody
 * else has made. The browser talks to the app's own server, which hands on to Sluice with the key: `createRelay`, of
 * `sluice/relay`.
 */
export type { CompletionRequest, CompletionState } from './completion-store.ts';
export { SluiceProvider, type SluiceProviderProps } from './context.ts';
export type { FollowedStatus, JobState } from './job-state.ts';
export { type UseCompletionOptions, type UsedCompletion, useCompletion } from './use-completion.ts';
export { type FollowedJob, type UseJobOptions, useJob } from './use-job.ts';
