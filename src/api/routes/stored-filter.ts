import type { Request } from 'express';
import { SluiceError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';

/** `?model=…&metadata[key]=value&…`: which jobs are asked for. All pairs must be there. */
export function storedFilter(model: string | undefined, request: Request): (job: Job) => boolean {
  const pairs = metadataParameter(request);
  return (job) =>
    (!model || job.model === model) && pairs.every(([key, value]) => own(job.metadata, key) === value);
}

function own(metadata: Job['metadata'], key: string): string | undefined {
  return metadata !== null && Object.hasOwn(metadata, key) ? metadata[key] : undefined;
}

/** Read from the address itself: to the parser of the query `metadata[1]` is a list, and `metadata[a][b]` a map of maps. */
function metadataParameter(request: Request): [key: string, value: string][] {
  const query = new URLSearchParams(request.originalUrl.split('?')[1]);
  return [...query].flatMap(([name, value]): [string, string][] => {
    if (!/^metadata(\[|$)/.test(name)) return [];
    const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
    if (key !== undefined) return [[key, value]];
    // What a client writes for none at all.
    if (name === 'metadata' && value === '') return [];
    throw new SluiceError('invalid_value', "Invalid value for 'metadata': expected metadata[key]=value.", {
      param: 'metadata',
    });
  });
}
