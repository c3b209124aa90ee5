import type { Deployment } from '../config/config.ts';

/** Whom one attempt calls. */
export interface ProviderCall {
  readonly deployment: Deployment;
  /** The model to ask upstream for: the deployment's, with `*` filled in. */
  readonly model: string;
  /** The number of the attempt that makes this call, from 1. */
  readonly epoch: number;
  readonly signal: AbortSignal;
}
