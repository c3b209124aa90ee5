import type { Socket } from 'node:net';

/**
 * Makes what is written to a socket in one turn of the event loop leave in one system call. ioredis writes
 * every command by itself, and under load these calls were the largest share of a process's time.
 */
export function gatherWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let corked = false;
  const uncork = (): void => {
    corked = false;
    socket.uncork();
  };
  socket.write = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(uncork);
    }
    return write(...args);
  };
}
