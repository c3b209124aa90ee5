import { z } from 'zod';
import type { ErrorCode } from '../../../core/errors.ts';
import { SURFACES } from '../../../surfaces/registry.ts';
import type { Surface } from '../../../surfaces/surface.ts';
import type { Endpoint } from '../endpoint.ts';
import { JOB_ERRORS, SUBMISSION_ERRORS } from '../errors.ts';
import { acceptedHeaders, completionHeaders } from '../parameters.ts';
import { job } from '../schemas/job.ts';
import { chatDescription } from './chat.ts';
import { completionsDescription } from './completions.ts';
import type { SurfaceDescription } from './description.ts';
import { embeddingsDescription } from './embeddings.ts';
import { messagesDescription } from './messages.ts';
import { responsesDescription } from './responses.ts';

/** By the surface's `url`. A surface that is missing here makes the tests of the catalogue fail. */
const DESCRIPTIONS: Readonly<Record<string, SurfaceDescription>> = {
  '/v1/chat/completions': chatDescription,
  '/v1/messages': messagesDescription,
  '/v1/responses': responsesDescription,
  '/v1/completions': completionsDescription,
  '/v1/embeddings': embeddingsDescription,
};

/** A whole answer of any surface. */
export const anyAnswer = z.union(Object.values(DESCRIPTIONS).map(({ answer }) => answer));

/** What only some surface may refuse with. */
export const ownErrors: readonly ErrorCode[] = Object.values(DESCRIPTIONS).flatMap(
  ({ errors = [] }) => errors,
);

/** The endpoints whose requests become jobs, one a surface. */
export const surfaceEndpoints: readonly Endpoint[] = SURFACES.flatMap((surface) => {
  const about = DESCRIPTIONS[surface.url];
  return about ? [endpointOf(surface, about)] : [];
});

function endpointOf({ url, schema }: Surface, about: SurfaceDescription): Endpoint {
  const { name, summary, description, request, answer, events, errors = [], examples } = about;
  const body = schema.meta({ id: request });
  return {
    method: 'post',
    path: url,
    name,
    group: 'Completions',
    summary,
    description,
    takes: { headers: completionHeaders, body, examples },
    answers: {
      200: {
        description: 'The answer. With `Prefer: respond-async, wait=N`: the job, settled in that time.',
        headers: acceptedHeaders,
        json: z.union([answer, job]),
        ...(events !== null && { events }),
      },
      202: { description: 'With `Prefer: respond-async`: the job.', headers: acceptedHeaders, json: job },
    },
    errors: [...SUBMISSION_ERRORS, ...JOB_ERRORS, ...errors],
  };
}
