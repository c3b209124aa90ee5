import { type Request, type Response, Router } from 'express';
import { completionRequestSchema } from '../../core/completion.ts';
import { handleCompletion } from '../handle-completion.ts';
import type { ApiParts } from '../parts.ts';
import { idempotencyKey, preference } from '../request-options.ts';
import type { Submission } from '../submission.ts';
import { validate } from '../validate.ts';
import { answerSubmission } from './jobs.ts';

const URL = '/v1/chat/completions';

/** `POST /v1/chat/completions`: OpenAI's contract, carried by the queue. */
export function chatCompletionRoutes(parts: ApiParts): Router {
  const routes = Router();
  routes.post(URL, async (request: Request, response: Response) => {
    const body = validate(completionRequestSchema, request.body);
    const key = idempotencyKey(request);
    const submission: Submission = {
      url: URL,
      request: body,
      customId: null,
      metadata: null,
      priority: 0,
      delay: 0,
      timeout: null,
      idempotencyKey: key,
    };
    const accepted = await parts.submissions.accept(submission, 'model');
    if (preference(request).respondAsync) return answerSubmission(parts, request, response, accepted);
    const goesOn =
      key !== null ||
      body.store === true ||
      request.get('X-Sluice-On-Disconnect')?.toLowerCase() === 'continue';
    return handleCompletion(parts, { accepted, request: body, cancelOnDisconnect: !goesOn }, response);
  });
  return routes;
}
