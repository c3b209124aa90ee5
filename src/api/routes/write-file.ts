import type { Fields } from '../../core/json.ts';
import type { StoredFile } from '../../core/stored-file.ts';
import { unixSeconds } from '../../core/unix-time.ts';

/** A file in OpenAI's words; its own answers have no `expires_at` where nothing expires. */
export function writeFile({ id, bytes, filename, purpose, createdAt, expiresAt }: StoredFile): Fields {
  return {
    id,
    object: 'file',
    bytes,
    created_at: unixSeconds(createdAt),
    ...(expiresAt !== null && { expires_at: unixSeconds(expiresAt) }),
    filename,
    purpose,
    status: 'processed',
  };
}
