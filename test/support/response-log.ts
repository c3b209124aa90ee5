import type { LogEntry } from '../../src/core/log-entry.ts';
import { responsesSurface } from '../../src/surfaces/responses/surface.ts';
import type { StreamStart } from '../../src/surfaces/stream-start.ts';

export const DIGITS = '0123456789abcdef0123456789abcdef';

export const JOB = {
  id: `job_${DIGITS}`,
  model: 'm',
  createdAt: 1_700_000_000_999,
  metadata: null,
  stored: true,
};

/** An event of a response's stream, parsed. */
export interface StreamedEvent {
  readonly type: string;
  readonly sequence_number: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
  readonly [field: string]: any;
}

/** What one reader of a log is sent, an event each, and whether its stream ended. */
export function readLog(
  log: readonly LogEntry[],
  echo: Record<string, unknown> = {},
  from?: StreamStart,
): { frames: string[]; ended: boolean } {
  const stream = responsesSurface.open(JOB, echo, from);
  let sent = stream.begin();
  for (const entry of log) {
    if (stream.ended) break;
    sent += stream.write(entry);
  }
  return { frames: sent.split(/(?<=\n\n)/).filter((frame) => frame !== ''), ended: stream.ended };
}

/** The same, parsed. */
export function eventsOf(...asked: Parameters<typeof readLog>): StreamedEvent[] {
  return readLog(...asked).frames.map((frame) => {
    const [, type, data] = /^event: ([^\n]*)\ndata: ([^\n]*)\n\n$/.exec(frame) ?? [];
    const event = JSON.parse(data ?? 'null');
    if (event === null || event.type !== type) throw new Error(`This is no event of a response: ${frame}`);
    return event;
  });
}
