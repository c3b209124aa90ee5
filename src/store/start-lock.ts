import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** The right to start a server in a folder. */
export interface StartLock {
  /** False once another process took it for abandoned. */
  isMine(): boolean;
  release(): void;
}

interface Owner {
  readonly pid: number;
  /** Tells the process from a later one with the same id. */
  readonly started: string;
  readonly token: string;
}

/** Takes the lock file, or answers null when a living process has it. An abandoned one is removed. */
export function tryStartLock(path: string): StartLock | null {
  const mine: Owner = { pid: process.pid, started: startOf(process.pid) ?? '', token: randomUUID() };
  const draft = `${path}.${mine.token}`;
  writeFileSync(draft, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
  try {
    // A link, because it appears with its content: a file created in place could be read while empty.
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    removeIfAbandoned(path);
    return null;
  } finally {
    rmSync(draft);
  }
  const isMine = (): boolean => read(path)?.token === mine.token;
  return {
    isMine,
    release: () => {
      if (isMine()) rmSync(path, { force: true });
    },
  };
}

/**
 * Two processes may find the same lock abandoned, and the slower one then moves the faster one's new lock
 * away: it is put back, and `isMine` tells the owner if that failed because a third was quicker.
 */
function removeIfAbandoned(path: string): void {
  const owner = read(path);
  if (owner === null ? !existsSync(path) : isAlive(owner)) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (read(aside)?.token !== owner?.token) linkSync(aside, path);
  } catch {
    // Somebody else removed it or holds it: the next try will tell.
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): Owner | null {
  try {
    const { pid, started, token } = JSON.parse(readFileSync(path, 'utf8'));
    return { pid: Number(pid), started: String(started), token: String(token) };
  } catch {
    return null;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  return startOf(pid) === started;
}

/** When a process started, in whatever unit the system has; null when there is no such process. */
function startOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return null;
  }
  try {
    // The name in the second field may hold spaces; what follows its bracket does not.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? '');
  } catch {
    return '';
  }
}
