import type { Config } from '../config/config.ts';
import type { BlobStore } from './blob-store.ts';
import { DiskBlobs } from './disk-blobs.ts';

/** Where the configuration wants files to be. S3's client is large: who uses the disk does without it. */
export async function openBlobs({
  storage,
  filesDir,
}: Pick<Config, 'storage' | 'filesDir'>): Promise<BlobStore> {
  if (storage === null) return new DiskBlobs(filesDir);
  const { S3Blobs } = await import('./s3-blobs.ts');
  return new S3Blobs(storage);
}
