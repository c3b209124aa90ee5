import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { expiryOf, FILE_ID, type StoredFile } from '../../core/stored-file.ts';
import type { Received } from '../../files/files.ts';
import { validate } from '../../surfaces/validate.ts';
import { fileForm, fileListQuery } from '../endpoints/files.ts';
import { mostBytes, refuseName } from '../file-rules.ts';
import { type FormFile, readForm, tooLarge, upTo } from '../form.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { sendFile } from '../send-file.ts';
import { writePage } from './page.ts';
import { writeFile } from './write-file.ts';

type ById = Request<{ id: string }>;

/** `/v1/files`: upload, list, show, read and delete files. */
export function fileRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { files } = parts;

  routes.post('/v1/files', async (request: Request, response: Response) => {
    response.json(writeFile(await receive(parts, request)));
  });

  routes.get('/v1/files', async (request: Request, response: Response) => {
    const { purpose = null, order, limit, after = '' } = readQuery(request, fileListQuery);
    if (after !== '' && !FILE_ID.test(after)) {
      throw new SluiceError('invalid_value', "Invalid value for 'after': expected the id of a file.", {
        param: 'after',
      });
    }
    const page = await files.store.list({ purpose, order, after: after || null, limit });
    response.json(writePage(page.files.map(writeFile), page.more));
  });

  routes.get('/v1/files/:id', async (request: ById, response: Response) => {
    response.json(writeFile(await requireFile(parts, request.params.id)));
  });

  routes.delete('/v1/files/:id', async (request: ById, response: Response) => {
    const { id } = request.params;
    if (!(await files.delete(id))) throw notFound(id);
    response.json({ id, object: 'file', deleted: true });
  });

  routes.get('/v1/files/:id/content', async (request: ById, response: Response) => {
    const file = await requireFile(parts, request.params.id);
    const stall = 1000 * parts.config.limits.readerStallTimeout;
    const found = await sendFile(request, response, file, stall, (start, end) =>
      files.read(file.id, start, end),
    );
    if (!found) throw notFound(file.id);
  });

  return routes;
}

/** Keeps the file of a form. Whatever is wrong with the form, nothing of it is left then. */
async function receive({ files, config }: ApiParts, request: Request): Promise<StoredFile> {
  const { limits } = config;
  const most = Math.max(limits.maxFileBytes, limits.maxBatchBytes);
  const taken: { filename: string; received: Received | null } = { filename: '', received: null };
  const take = async ({ filename, content, fieldsSoFar }: FormFile): Promise<void> => {
    taken.filename = requireName(filename);
    const { purpose } = fieldsSoFar;
    if (purpose !== undefined) refuseName(validate(purposeAlone, { purpose }).purpose, taken.filename);
    const limit = purpose === undefined ? most : mostBytes(limits, purpose);
    taken.received = await files.receive(upTo(content, limit));
  };
  try {
    const { purpose, expires_after } = validate(
      fileForm.fields,
      await readForm(request, fileForm, most, take),
    );
    const { filename, received } = taken;
    refuseName(purpose, filename);
    if (received === null) throw new Error('A form without a file was taken for one.');
    if (received.bytes > mostBytes(limits, purpose)) throw tooLarge(mostBytes(limits, purpose));
    const expiresAt = expiryOf(purpose, expires_after?.seconds ?? null, Date.now());
    // What becomes of it from here on is not for this request to undo: a lost answer may have been a yes.
    taken.received = null;
    return await received.keep({ filename, purpose, expiresAt });
  } catch (error) {
    await taken.received?.discard();
    throw error;
  }
}

const purposeAlone = fileForm.fields.pick({ purpose: true });

const LONGEST_NAME = 255;

function requireName(filename: string | undefined): string {
  if (filename === undefined || filename === '') {
    throw new SluiceError('missing_required_parameter', "The part 'file' needs a filename.", {
      param: 'file',
    });
  }
  if (filename.length <= LONGEST_NAME) return filename;
  const message = `The name of the file is longer than ${LONGEST_NAME} characters.`;
  throw new SluiceError('string_above_max_length', message, { param: 'file' });
}

async function requireFile({ files }: ApiParts, id: string): Promise<StoredFile> {
  const file = await files.store.get(id);
  if (file === null) throw notFound(id);
  return file;
}

function notFound(id: string): SluiceError {
  return new SluiceError('file_not_found', `No such File object: ${id.slice(0, 80)}`, { param: 'id' });
}
