import type { FinishReason } from '../../../core/completion.ts';

/** A finish reason in OpenAI's word, and Google's own. */
export interface Finish {
  readonly reason: FinishReason;
  readonly native: string;
}

const WITHHELD = /^(IMAGE_|NO_IMAGE$|MODEL_ARMOR$)/;

const REASONS: Readonly<Record<string, FinishReason>> = {
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  OTHER: 'content_filter',
};

/** Old SDKs write the number of the value. Beyond these, Google's two services number differently. */
const NUMBERED = ['', 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER'];
const LAST_FILTER = 8;

/**
 * A `finishReason`; null where there is none yet. Those that nobody knows are `stop`, and so are failures of the model
 * to call a function, whose name is kept.
 */
export function finishOf(native: unknown): Finish | null {
  if (typeof native === 'number' && native > 0) {
    const name = NUMBERED[native];
    if (name !== undefined) return finishOf(name);
    return { reason: native <= LAST_FILTER ? 'content_filter' : 'stop', native: String(native) };
  }
  if (typeof native !== 'string' || native === '') return null;
  return { reason: REASONS[native] ?? (WITHHELD.test(native) ? 'content_filter' : 'stop'), native };
}
