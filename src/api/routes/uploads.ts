import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { unixSeconds } from '../../core/unix-time.ts';
import { LARGEST_PART, type Upload } from '../../core/upload.ts';
import { type ReceivedPart, Uploads } from '../../files/uploads.ts';
import { validate } from '../../surfaces/validate.ts';
import { completeRequest, partForm, uploadRequest } from '../endpoints/uploads.ts';
import { mostBytes, refuseName } from '../file-rules.ts';
import { type FormFile, readForm, upTo } from '../form.ts';
import type { ApiParts } from '../parts.ts';
import { writeFile } from './write-file.ts';

type ById = Request<{ id: string }>;

/** `/v1/uploads`: files that come in parts. */
export function uploadRoutes({ store, files, config }: ApiParts): Router {
  const routes = Router();
  const uploads = new Uploads(store.uploads, files);

  routes.post('/v1/uploads', async (request: Request, response: Response) => {
    const { filename, purpose, bytes, expires_after } = validate(uploadRequest, request.body);
    refuseName(purpose, filename);
    const most = mostBytes(config.limits, purpose);
    if (bytes > most) {
      const message = `Invalid 'bytes': integer above maximum value. Expected a value <= ${most}, but got ${bytes} instead.`;
      throw new SluiceError('integer_above_max_value', message, { param: 'bytes' });
    }
    const life = expires_after?.seconds ?? null;
    response.json(write(await uploads.create({ filename, purpose, bytes, life })));
  });

  routes.post('/v1/uploads/:id/parts', async (request: ById, response: Response) => {
    const { id } = request.params;
    const taken: { part: ReceivedPart | null } = { part: null };
    const take = async ({ content }: FormFile): Promise<void> => {
      taken.part = await uploads.receivePart(id, upTo(content, LARGEST_PART));
    };
    try {
      await readForm(request, partForm, LARGEST_PART, take);
    } catch (error) {
      await taken.part?.discard();
      throw error;
    }
    const partId = await taken.part?.keep();
    const createdAt = unixSeconds(Date.now());
    response.json({ id: partId, object: 'upload.part', created_at: createdAt, upload_id: id });
  });

  routes.post('/v1/uploads/:id/complete', async (request: ById, response: Response) => {
    const { part_ids, md5 = null } = validate(completeRequest, request.body);
    response.json(write(await uploads.complete(request.params.id, part_ids, md5)));
  });

  routes.post('/v1/uploads/:id/cancel', async (request: ById, response: Response) => {
    response.json(write(await uploads.cancel(request.params.id)));
  });

  return routes;
}

/** An upload in OpenAI's words. */
function write({ id, bytes, createdAt, expiresAt, filename, purpose, status, file }: Upload): object {
  return {
    id,
    object: 'upload',
    bytes,
    created_at: unixSeconds(createdAt),
    expires_at: unixSeconds(expiresAt),
    filename,
    purpose,
    status,
    file: file && writeFile(file),
  };
}
