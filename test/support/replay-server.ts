import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Recording } from './recordings.ts';

/** Headers that belong to the connection that was recorded. */
const CONNECTION = /^(content-length|content-encoding|transfer-encoding|connection|keep-alive)$/i;

/**
 * A real HTTP server on loopback that answers with recordings: whatever is asked below `/recordings/<name>` with
 * that one, and whatever is asked below `/providers/<name>` with the one that plays for this provider.
 */
export class ReplayServer {
  readonly #recordings: ReadonlyMap<string, Recording>;
  readonly #playing = new Map<string, Recording>();
  readonly #server = createServer((request, response) => {
    request.resume().once('end', () => void this.#answer(request.url ?? '', response));
  });

  private constructor(recordings: readonly Recording[]) {
    this.#recordings = new Map(recordings.map((recording) => [recording.name, recording]));
  }

  static async start(recordings: readonly Recording[]): Promise<ReplayServer> {
    const replay = new ReplayServer(recordings);
    await new Promise<void>((resolve) => replay.#server.listen(0, '127.0.0.1', resolve));
    return replay;
  }

  /** The address below which this recording is replayed. */
  base({ name }: Recording): string {
    return `${this.#origin}/recordings/${name}`;
  }

  /** The address of a provider, whose next answers {@link play} chooses. */
  providerBase(provider: string): string {
    return `${this.#origin}/providers/${provider}/api`;
  }

  /** From now on, the recording's provider answers with it. */
  play(recording: Recording): void {
    this.#playing.set(recording.provider, recording);
  }

  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await stopped;
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const [, where, first = '', second] = path.split(/[/?]/);
    const named = where === 'recordings';
    const recording = named ? this.#recordings.get(`${first}/${second}`) : this.#playing.get(first);
    if (recording === undefined) {
      response.writeHead(599).end('no such recording');
      return;
    }
    const headers = Object.entries(recording.headers).filter(([name]) => !CONNECTION.test(name));
    response.writeHead(recording.status, Object.fromEntries(headers));
    for (const piece of recording.pieces) {
      await new Promise<void>((resolve) => {
        response.write(piece, () => setImmediate(resolve));
      });
    }
    response.end();
  }
}
