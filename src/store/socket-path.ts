import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The socket's name in the folder that Redis runs in. */
export const SOCKET_NAME = 'redis.sock';

/** The system's limit is 104 bytes on macOS and 108 on Linux. */
const LONGEST = 100;

/**
 * A path to the folder's socket that clients can connect to: the plain one, or one by way of a link where
 * that is too long, or has a question mark, after which ioredis would read options. The socket itself is in
 * the folder either way, so processes that see different temporary folders still meet there.
 */
export function shortSocketPath(directory: string): string {
  const plain = join(directory, SOCKET_NAME);
  if (isUsable(plain)) return plain;
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const links = [tmpdir(), '/tmp'].map((parent) => join(parent, `sluice-${process.getuid?.() ?? 0}`));
  const folder = links.find((candidate) => isUsable(join(candidate, name, SOCKET_NAME)));
  if (folder === undefined) throw new Error(`the path ${plain} is too long for a socket`);
  makePrivate(folder);
  const link = join(folder, name);
  try {
    symlinkSync(directory, link);
  } catch (error) {
    if (readlinkSync(link) !== directory) throw error;
  }
  return join(link, SOCKET_NAME);
}

function isUsable(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST && !path.includes('?');
}

/** Anybody may create names in a temporary folder: what is there already must be ours alone. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = lstatSync(folder);
  const isOurs = process.getuid === undefined || uid === process.getuid();
  if (!isOurs || (mode & 0o077) !== 0) throw new Error(`${folder} belongs to others or is open to them`);
}
