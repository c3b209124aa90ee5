import { completionRequestSchema } from '../../core/completion.ts';
import { metadata } from '../metadata.ts';

/**
 * A chat completion request. The `metadata` of one that is to be stored becomes its job's, so it is checked here; of any
 * other one it is the provider's.
 */
export const chatRequestSchema = completionRequestSchema.superRefine((body, context) => {
  if (body.store !== true || body.metadata == null) return;
  const { error } = metadata.safeParse(body.metadata);
  for (const issue of error?.issues ?? []) {
    context.addIssue({ ...issue, path: ['metadata', ...issue.path] });
  }
});
