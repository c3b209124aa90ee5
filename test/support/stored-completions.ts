import type { OpenAI } from 'openai';
import { keys } from '../../src/store/keys.ts';
import { call } from './api-client.ts';
import { PROMPT } from './ask.ts';
import { eventually } from './eventually.ts';
import { sharedSluice } from './shared-sluice.ts';

/** A request for the scripted provider whose answer is to be stored. */
export const askStored = (text: string, changes: object = {}) =>
  ({
    model: 'scripted/echo',
    messages: [{ role: 'user', content: PROMPT }],
    mock_response: { text },
    store: true,
    ...changes,
  }) as OpenAI.ChatCompletionCreateParamsNonStreaming;

/** A Sluice for the tests of the file that calls this, and what they all ask of it. */
export function storedSluice(settings: object = {}) {
  const sluice = sharedSluice({
    config: {
      model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
      general_settings: settings,
    },
  });
  const url = (path = ''): string => `${sluice.url}/v1/chat/completions${path}`;
  return {
    sluice,
    url,
    get: (path: string) => call('GET', url(path)),
    /** Creates a completion; its answer. */
    create: async (text: string, changes: object = {}) => {
      const answer = await call('POST', url(), { body: askStored(text, changes) });
      if (answer.status !== 200) throw new Error(`the completion was answered with ${answer.status}`);
      return answer.body;
    },
    /** Waits until a completion is in the archive, and takes it out of Redis. */
    leaveToArchive: async (id: string): Promise<void> => {
      const jobId = id.replace('chatcmpl-', 'job_');
      // Its record lives for `stored_ttl` until then, and for `result_ttl`, a day, from then on.
      await eventually('the job to be archived', async () => {
        const seconds = await sluice.redis.ttl(keys.record(jobId));
        return seconds >= 0 && seconds <= 86_400;
      });
      await sluice.redis.del(keys.record(jobId), keys.log(jobId));
    },
  };
}
