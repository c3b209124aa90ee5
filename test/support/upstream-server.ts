import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What the server does next: bytes are written as one chunk; a promise is waited for; `delay` milliseconds
 * pass; `hang` says nothing more; `reset` sends a TCP RST; `cut` closes the connection inside the answer.
 */
export type Step =
  | string
  | Uint8Array
  | Promise<unknown>
  | { readonly delay: number }
  | 'hang'
  | 'reset'
  | 'cut';

export interface Script {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Waited for before the status is sent; `hang` never sends one, `reset` and `cut` break off instead. */
  readonly before?: Promise<unknown> | 'hang' | 'reset' | 'cut';
  readonly steps: readonly Step[];
}

/** What answers a request whose `METHOD /path` fits, whenever it comes, and without using up a script. */
export interface Aside {
  readonly request: RegExp;
  readonly script: Script;
}

/** One request that the server got. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The number of the connection that carried it, from 0. */
  readonly connection: number;
  /** Resolves when that connection has closed. */
  readonly closed: Promise<void>;
}

const WORDS: ReadonlySet<unknown> = new Set(['hang', 'reset', 'cut']);

/** A real HTTP server on a free port of 127.0.0.1 that answers from scripts, the last one for ever. */
export class UpstreamServer {
  readonly exchanges: Exchange[] = [];
  /** What was answered aside. */
  readonly asideExchanges: Exchange[] = [];
  /** The calls that a provider makes beside the one for its answer: for tokens, to cancel. */
  asides: readonly Aside[] = [];
  /** Chooses the answer to each request, where it is set, in place of scripts and asides. */
  choose: ((exchange: Exchange) => Script | undefined) | null = null;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #connections = new Map<Socket, { number: number; closed: Promise<void> }>();
  readonly #waiting: (() => void)[] = [];
  #scripts: Script[] = [];
  #connectionCount = 0;

  static async start(): Promise<UpstreamServer> {
    const upstream = new UpstreamServer();
    upstream.#server.on('connection', (socket) => upstream.#onConnection(socket));
    upstream.#server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#connections.size;
  }

  /** Sets what the next requests are answered with, in order. */
  script(...scripts: Script[]): void {
    this.#scripts = scripts;
  }

  /** Waits until this many requests have arrived, and returns the last of them. */
  async received(count: number): Promise<Exchange> {
    for (;;) {
      const exchange = this.exchanges[count - 1];
      if (exchange) return exchange;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#connections.keys()) socket.destroy();
    await stopped;
  }

  #next(): Script | undefined {
    return this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0];
  }

  #onConnection(socket: Socket): void {
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => {
        this.#connections.delete(socket);
        resolve();
      });
    });
    socket.on('error', () => {});
    this.#connections.set(socket, { number: this.#connectionCount, closed });
    this.#connectionCount += 1;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const connection = this.#connections.get(socket);
    const parts: Buffer[] = [];
    for await (const bytes of request) parts.push(bytes as Buffer);
    const aside = this.asides.find((one) => one.request.test(`${request.method} ${request.url}`));
    const exchange: Exchange = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(parts).toString('utf8'),
      connection: connection?.number ?? -1,
      closed: connection?.closed ?? Promise.resolve(),
    };
    (aside ? this.asideExchanges : this.exchanges).push(exchange);
    for (const wake of this.#waiting.splice(0)) wake();
    const script = this.choose === null ? (aside?.script ?? this.#next()) : this.choose(exchange);
    if (script) await play(script, response, socket);
    else response.writeHead(599).end('no script');
  }
}

async function play(script: Script, response: ServerResponse, socket: Socket): Promise<void> {
  if (typeof script.before === 'string') return breakOff(script.before, socket);
  await script.before;
  response.writeHead(script.status ?? 200, script.headers ?? { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  for (const step of script.steps) {
    if (response.destroyed) return;
    if (WORDS.has(step)) return breakOff(step as 'hang' | 'reset' | 'cut', socket);
    if (step instanceof Promise) await step;
    else if (typeof step === 'string' || step instanceof Uint8Array) await write(response, step);
    else await sleep(step.delay);
  }
  response.end();
}

function breakOff(how: 'hang' | 'reset' | 'cut', socket: Socket): void {
  if (how === 'reset') socket.resetAndDestroy();
  if (how === 'cut') socket.destroy();
}

/** Resolves once the kernel has the bytes, so that the next ones travel apart from them. */
function write(response: ServerResponse, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(bytes, () => setImmediate(resolve));
  });
}
