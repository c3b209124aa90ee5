import { afterEach, beforeEach } from 'vitest';
import { type JobDelta, Sluice, type StreamOptions } from '../../src/client/index.ts';
import { UpstreamServer } from './upstream-server.ts';

/** The job that scripted logs are of. */
export const JOB = 'job_1';

/** A server for each test of a file, which scripts the log of {@link JOB}, and a client of it. */
export function scriptedLog() {
  let server: UpstreamServer;
  beforeEach(async () => {
    server = await UpstreamServer.start();
  });
  afterEach(() => server.stop());

  const client = (settings: object = {}) => new Sluice({ baseURL: server.url, apiKey: null, ...settings });

  /** Everything that the stream of the job yields, and what it throws. */
  async function read(options: StreamOptions = {}, settings: object = {}) {
    const stream = client(settings).jobs.stream(JOB, options);
    const deltas: JobDelta[] = [];
    let error: unknown = null;
    try {
      for await (const delta of stream) deltas.push(delta);
    } catch (thrown) {
      error = thrown;
    }
    return { stream, deltas, error, text: deltas.map(({ text }) => text).join('') };
  }

  return {
    get server() {
      return server;
    },
    client,
    read,
    lastIds: () => server.exchanges.map(({ headers }) => headers['last-event-id']),
  };
}
