import { z } from 'zod';
import { FILE_PURPOSES, LONGEST_LIFE, SHORTEST_LIFE, UPLOAD_PURPOSES } from '../../../core/stored-file.ts';

const seconds = z.int().meta({ description: 'Unix seconds.' });

/** Of a file, in paths. */
export const fileId = z.string().meta({
  description: 'The id of a file.',
  example: 'file-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
});

/** What a file is for, as those say who upload it. */
export const uploadPurpose = z.enum(UPLOAD_PURPOSES);

/** How long a file is kept. Without it: for batches 30 days, else until it is deleted. */
export const expiresAfter = z.strictObject({
  anchor: z.literal('created_at'),
  seconds: z.int().min(SHORTEST_LIFE).max(LONGEST_LIFE),
});

/** A file, in OpenAI's words. `routes/files.ts` writes it. */
export const file = z
  .strictObject({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.int(),
    created_at: seconds,
    expires_at: seconds.optional(),
    filename: z.string(),
    purpose: z.enum(FILE_PURPOSES),
    status: z.literal('processed'),
  })
  .meta({
    id: 'File',
    example: {
      id: 'file-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
      object: 'file',
      bytes: 120_000,
      created_at: 1_793_675_183,
      expires_at: 1_796_267_183,
      filename: 'requests.jsonl',
      purpose: 'batch',
      status: 'processed',
    },
  });

/** What is left to say of a file that was deleted. */
export const deletedFile = z.strictObject({
  id: z.string(),
  object: z.literal('file'),
  deleted: z.literal(true),
});

/** An upload. `routes/uploads.ts` writes it. */
export const upload = z
  .strictObject({
    id: z.string(),
    object: z.literal('upload'),
    bytes: z.int(),
    created_at: seconds,
    expires_at: seconds,
    filename: z.string(),
    purpose: z.enum(FILE_PURPOSES),
    status: z.enum(['pending', 'completed', 'cancelled', 'expired']),
    file: file.nullable(),
  })
  .meta({ id: 'Upload' });

/** A part of an upload. */
export const uploadPart = z.strictObject({
  id: z.string(),
  object: z.literal('upload.part'),
  created_at: seconds,
  upload_id: z.string(),
});
