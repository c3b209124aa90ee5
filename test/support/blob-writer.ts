import { openBlobs } from '../../src/blobs/open-blobs.ts';

// Writes a blob that never ends, and says so once it has handed over as much as fills several parts of an upload.
const ENOUGH = 40 * 1024 * 1024;
const [settings = '{}', key = ''] = process.argv.slice(2);

async function* endless(): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  for (let sent = 0; ; sent += chunk.byteLength) {
    // The store takes no more than it writes: it waits here for ever.
    if (sent >= ENOUGH) {
      process.stdout.write('writing\n');
      await new Promise(() => {});
    }
    yield chunk;
  }
}

const blobs = await openBlobs(JSON.parse(settings));
// Keeps the process, which has nothing else to wait for.
setInterval(() => {}, 1000);
await blobs.write(key, endless());
