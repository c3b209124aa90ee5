import { call, scripted, submit } from './api-client.ts';
import { eventually } from './eventually.ts';

/** What stands in every prompt of {@link ask}: where the log repeats one, it is found out. */
export const PROMPT = 'zanzibar';

/** A request for the scripted provider whose prompt, and answer by default, must not be logged. */
export function ask(options: object | string = `pong ${PROMPT}`, changes: object = {}): object {
  return { ...scripted(options), messages: [{ role: 'user', content: PROMPT }], ...changes };
}

/** A job that has begun, has said `one two `, and will say no more. */
export async function hangingJob(base: string, options: object = {}): Promise<string> {
  const id = await submit(base, ask({ text: 'one two three', hang_after: 2 }), options);
  await eventually('the text so far', async () => {
    const { body } = await call('GET', `${base}/v1/jobs/${id}?partial=true`);
    return body.partial?.choices[0].message.content === 'one two ';
  });
  return id;
}

/** A job that has ended, one way or another. */
export async function settledJob(base: string, body: object, options: object = {}): Promise<string> {
  const id = await submit(base, body, options);
  await call('GET', `${base}/v1/jobs/${id}?wait=60`);
  return id;
}

export function cancel(base: string, jobId: string) {
  return call('POST', `${base}/v1/jobs/${jobId}/cancel`);
}
