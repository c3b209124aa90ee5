import type { ChatRequest } from '../client/types.ts';
import { fieldsOf, isFields, parseJson } from '../core/json.ts';
import { parseOffset } from '../core/offset.ts';
import { sessionStorage } from './page.ts';

/** How far a job has been read. */
export interface Place {
  /** Of the last event. */
  readonly offset: string;
  /** The text of the first choice in the attempt that `offset` is in. */
  readonly text: string;
  /** The content of all its choices as it came, which is what the digest covers. */
  readonly content: string;
}

/** A request as it is submitted. */
export type CompletionBody = ChatRequest & Record<string, unknown>;

/** A completion: its job, or before that was accepted, what makes the same job when it is sent again. */
export type Question =
  | { readonly jobId: string }
  | { readonly request: CompletionBody; readonly idempotencyKey: string };

const JOB = 'sluice:job:';
const COMPLETION = 'sluice:completion:';
/** Jobs whose place is kept; those before are read from their start again. */
const MOST_JOBS = 20;
/** UTF-16 units. A page has some five million for everything. */
const LONGEST = 500_000;

/**
 * What outlives a refresh of the page, in the tab's sessionStorage. Without one, or with one that is full or forbidden,
 * nothing does, and jobs are read from their start.
 */
export const kept = {
  place(jobId: string): Place | null {
    const { offset, text, content = text } = fieldsOf(parseJson(read(JOB + jobId) ?? ''));
    const known = typeof offset === 'string' && parseOffset(offset) !== null;
    const whole = known && typeof text === 'string' && typeof content === 'string';
    return whole ? { offset, text, content } : null;
  },

  keepPlace(jobId: string, { offset, text, content }: Place): void {
    const value = JSON.stringify({ at: Date.now(), offset, text, ...(content !== text && { content }) });
    attempt(() => {
      const storage = sessionStorage();
      // What is kept already is still right, and further back.
      if (storage === null || value.length > LONGEST) return;
      if (storage.getItem(JOB + jobId) === null) makeRoom();
      storage.setItem(JOB + jobId, value);
    });
  },

  dropPlace(jobId: string): void {
    attempt(() => sessionStorage()?.removeItem(JOB + jobId));
  },

  /** What was asked under this name, and has not ended. */
  question(key: string): Question | null {
    const { jobId, request, idempotencyKey } = fieldsOf(parseJson(read(COMPLETION + key) ?? ''));
    if (typeof jobId === 'string') return { jobId };
    if (!isFields(request) || typeof idempotencyKey !== 'string') return null;
    return { request: request as CompletionBody, idempotencyKey };
  },

  keepQuestion(key: string, question: Question): void {
    const value = JSON.stringify(question);
    attempt(() => {
      // What stood there is over, whether or not this finds room.
      sessionStorage()?.removeItem(COMPLETION + key);
      if (value.length <= LONGEST) sessionStorage()?.setItem(COMPLETION + key, value);
    });
  },

  dropQuestion(key: string): void {
    attempt(() => sessionStorage()?.removeItem(COMPLETION + key));
  },
};

/** Forgets the oldest places where there are as many as there may be. */
function makeRoom(): void {
  const storage = sessionStorage();
  const names = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '');
  const age = (name: string): number => Number(fieldsOf(parseJson(read(name) ?? '')).at ?? 0);
  const jobs = names.filter((name) => name.startsWith(JOB)).sort((one, other) => age(other) - age(one));
  for (const name of jobs.slice(MOST_JOBS - 1)) storage?.removeItem(name);
}

function read(name: string): string | null {
  return attempt(() => sessionStorage()?.getItem(name) ?? null);
}

function attempt<Value>(use: () => Value): Value | null {
  try {
    return use();
  } catch {
    return null;
  }
}
