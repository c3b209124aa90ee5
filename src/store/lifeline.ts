import { execFileSync } from 'node:child_process';
import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * Tells Redis who still needs it, and everybody whether Redis runs, by a FIFO: who uses Redis holds it open
 * for writing, who runs Redis for reading. The kernel closes both for a process that is killed, so neither
 * side can leave behind a stale file, an orphan, or a process id that has become somebody else's.
 */
export class Lifeline {
  readonly #path: string;
  #held: number | null = null;

  constructor(path: string) {
    this.#path = path;
    if (isFifo(path)) return;
    try {
      execFileSync('mkfifo', ['-m', '600', path], { stdio: 'pipe' });
    } catch (error) {
      // Another process may have been first.
      if (!isFifo(path)) throw error;
    }
  }

  /** Keeps the server running from now on. False when none is. */
  hold(): boolean {
    this.#held ??= this.#openForWriting();
    return this.#held !== null;
  }

  /** Lets go; the server stops when everybody has. */
  release(): void {
    if (this.#held !== null) closeSync(this.#held);
    this.#held = null;
  }

  /** Whether a server runs: one that starts and one that stops count too. */
  isServed(): boolean {
    const descriptor = this.#openForWriting();
    if (descriptor === null) return false;
    closeSync(descriptor);
    return true;
  }

  /** Whether anybody holds it, this object included. */
  isHeld(): boolean {
    const descriptor = this.announce();
    try {
      // Nothing is ever written: with no writer this is the end of file, with one there is a wait.
      readSync(descriptor, Buffer.alloc(1));
      return false;
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return true;
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  /** A descriptor that, while open, lets everybody see a server that is about to start. */
  announce(): number {
    return openSync(this.#path, O_RDONLY | O_NONBLOCK);
  }

  /** The descriptor for the server's process. Its reads block, so it can only be had by a holder. */
  openForServer(): number {
    return openSync(this.#path, O_RDONLY);
  }

  #openForWriting(): number | null {
    try {
      return openSync(this.#path, O_WRONLY | O_NONBLOCK);
    } catch (error) {
      // What POSIX answers a writer when nobody reads.
      if (codeOf(error) === 'ENXIO') return null;
      throw error;
    }
  }
}

function isFifo(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
