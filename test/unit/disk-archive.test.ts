import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiskArchive } from '../../src/store/archive/disk-archive.ts';

let folder: string;
let archive: DiskArchive;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-archive-'));
  archive = new DiskArchive(join(folder, 'archive'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** 2026-03-04 23:59:59.999 UTC, and a millisecond later. */
const LATE = 'job_019cbb4b4bff7a3c9d2e4f5061728394';
const NEXT = 'job_019cbb4b4c007a3c9d2e4f5061728394';
const RECORD = { version: '1', status: 'completed', request: '{"model":"ä✓"}' };

const days = async () => (await readdir(join(folder, 'archive'))).sort();

describe('a document', () => {
  test('is the record as it is, in the folder of the day of its job', async () => {
    await archive.write(LATE, RECORD);
    await archive.write(NEXT, RECORD);
    const path = join(folder, 'archive/2026-03-04', `${LATE}.json`);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(RECORD);
    expect(await days()).toEqual(['2026-03-04', '2026-03-05']);
    expect(await archive.read(LATE)).toEqual(RECORD);
  });

  test('is for its owner alone', async () => {
    await archive.write(LATE, RECORD);
    const modes = ['archive', 'archive/2026-03-04', `archive/2026-03-04/${LATE}.json`].map(async (path) => {
      return (await stat(join(folder, path))).mode & 0o777;
    });
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o600]);
  });

  test('is replaced, and deleted once or twice', async () => {
    await archive.write(LATE, RECORD);
    await archive.write(LATE, { ...RECORD, status: 'failed' });
    expect(await archive.read(LATE)).toMatchObject({ status: 'failed' });
    await archive.delete(LATE);
    await archive.delete(LATE);
    expect(await archive.read(LATE)).toBeNull();
    await archive.delete(NEXT);
  });

  test('that is not there is null', async () => {
    expect(await archive.read(LATE)).toBeNull();
  });

  test('that is damaged is an error that does not quote it', async () => {
    await archive.write(LATE, RECORD);
    await writeFile(join(folder, 'archive/2026-03-04', `${LATE}.json`), 'secret {');
    const reading = archive.read(LATE);
    await expect(reading).rejects.toThrow(`The archived document of ${LATE} is damaged.`);
  });

  test.each(['job_x', '../../etc/passwd', `${LATE}/../x`, `job_${'A'.repeat(32)}`, ''])(
    'of %j cannot be',
    async (id) => {
      await expect(archive.write(id, RECORD)).rejects.toThrow('no job id');
      await expect(archive.read(id)).rejects.toThrow('no job id');
      await expect(archive.delete(id)).rejects.toThrow('no job id');
    },
  );
});

describe('while it is written', () => {
  test('readers see the old document or the new one', async () => {
    const versions = Array.from({ length: 40 }, (_, version) => ({
      version: String(version),
      text: String(version % 10).repeat(300_000),
    }));
    await archive.write(LATE, versions[0] ?? {});
    let writing = true;
    const written = (async () => {
      for (const version of versions) await archive.write(LATE, version);
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      const seen = await archive.read(LATE);
      expect(seen?.text).toBe(String(Number(seen?.version) % 10).repeat(300_000));
      reads += 1;
    }
    await written;
    expect(reads).toBeGreaterThan(1);
    expect(await readdir(join(folder, 'archive/2026-03-04'))).toEqual([`${LATE}.json`]);
  });

  test('a disk that fills up leaves the old one, and no rest', async () => {
    await archive.write(LATE, RECORD);
    // A limit on the size of files ends a write as a full disk does: some bytes are taken, and then no more.
    const script = `
      import { DiskArchive } from './src/store/archive/disk-archive.ts';
      process.on('SIGXFSZ', () => {});
      const archive = new DiskArchive(${JSON.stringify(join(folder, 'archive'))});
      try {
        await archive.write('${LATE}', { text: 'x'.repeat(200_000) });
      } catch (error) {
        process.exit(error.code === 'EFBIG' ? 7 : 1);
      }
    `;
    const shell = 'ulimit -f 64; exec "$0" --input-type=module -e "$1"';
    const child = spawn('sh', ['-c', shell, process.execPath, script], { stdio: 'inherit' });
    expect((await once(child, 'exit'))[0]).toBe(7);
    expect(await archive.read(LATE)).toEqual(RECORD);
    expect(await readdir(join(folder, 'archive/2026-03-04'))).toEqual([`${LATE}.json`]);
  });
});

describe('trim', () => {
  const midnight = Date.UTC(2026, 2, 5);

  test('forgets whole days', async () => {
    await archive.write(LATE, RECORD);
    await archive.write(NEXT, RECORD);
    await archive.trim(midnight - 1);
    expect(await days()).toEqual(['2026-03-04', '2026-03-05']);
    await archive.trim(midnight);
    expect(await days()).toEqual(['2026-03-05']);
    expect(await archive.read(NEXT)).toEqual(RECORD);
  });

  test('leaves alone what is not its own', async () => {
    await archive.write(LATE, RECORD);
    await writeFile(join(folder, 'archive/notes.txt'), 'mine');
    await writeFile(join(folder, 'archive/2020-01-01.bak'), 'mine');
    await archive.trim(midnight);
    expect(await days()).toEqual(['2020-01-01.bak', 'notes.txt']);
  });

  test('of an archive that has never been written does nothing', async () => {
    await archive.trim(midnight);
    expect(await readdir(folder)).toEqual([]);
  });
});
