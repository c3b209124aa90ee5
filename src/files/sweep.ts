import { blobKey, FILES_FOLDER, type Files } from './files.ts';
import { UPLOADS_FOLDER, type Uploads } from './uploads.ts';

/** Files and uploads taken at a time. */
const BATCH = 100;
/** Ms after which a blob that nothing names is nobody's: the longest upload has ended long before. */
const NOBODYS = 86_400_000;
/** Ms between two looks through all blobs, of all processes together. */
const LOOK = 6 * 3_600_000;

/** Removes files and uploads that have expired. `stopping`: whether to end early. */
export async function sweepExpired(files: Files, uploads: Uploads, stopping: () => boolean): Promise<void> {
  while (!stopping() && (await uploads.sweep(BATCH)) === BATCH);
  for (;;) {
    const ids = await files.store.takeExpired(BATCH);
    for (const id of ids) {
      // The blob first: without it in the list of what is due, nobody would come for it before the next look.
      await files.blobs.delete(blobKey(id));
      await files.store.remove(id);
    }
    if (ids.length < BATCH || stopping()) return;
  }
}

/** Removes blobs that nothing names, now and then; `now` in unix ms. */
export async function sweepBlobs(files: Files, now: number): Promise<void> {
  if (!(await files.store.takeSweep(LOOK))) return;
  const { blobs, store } = files;
  const before = now - NOBODYS;
  for await (const { key, writtenAt } of blobs.list(FILES_FOLDER)) {
    const id = key.slice(FILES_FOLDER.length + 1);
    if (writtenAt >= before || (await store.has(id))) continue;
    await blobs.delete(key);
    // Whoever died before writing the record had listed it.
    await store.remove(id);
  }
  for await (const { key, writtenAt } of blobs.list(UPLOADS_FOLDER)) {
    if (writtenAt < before) await blobs.delete(key);
  }
  await blobs.tidy(before);
}
