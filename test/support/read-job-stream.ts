import { type JobDelta, Sluice, type StreamOptions } from '../../src/client/index.ts';
import type { UpstreamServer } from './upstream-server.ts';

/** The job that scripted logs are of. */
export const JOB = 'job_1';

/** A client of a server that is scripted. */
export function clientOf(server: UpstreamServer, settings: object = {}): Sluice {
  return new Sluice({ baseURL: server.url, apiKey: null, ...settings });
}

/** Everything that the stream of {@link JOB} yields, and what it throws. */
export async function readJobStream(
  server: UpstreamServer,
  options: StreamOptions = {},
  settings: object = {},
) {
  const stream = clientOf(server, settings).jobs.stream(JOB, options);
  const deltas: JobDelta[] = [];
  let error: unknown = null;
  try {
    for await (const delta of stream) deltas.push(delta);
  } catch (thrown) {
    error = thrown;
  }
  return { stream, deltas, error, text: deltas.map(({ text }) => text).join('') };
}
