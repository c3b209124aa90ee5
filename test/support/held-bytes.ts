import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of buffers that this process holds on to, garbage aside. */
export function heldBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}
