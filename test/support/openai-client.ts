import { OpenAI } from 'openai';
import { PROMPT } from './ask.ts';
import { keyedSluice } from './keyed-sluice.ts';

export const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }];

/** A request for the scripted provider, whose options the client does not know. */
export const ask = <Changes extends object>(
  mock_response: object | string,
  changes: Changes = {} as Changes,
) =>
  ({ model: 'scripted/echo', messages, mock_response, ...changes }) as {
    model: string;
    messages: OpenAI.ChatCompletionMessageParam[];
  } & Changes;

/**
 * A Sluice for the tests of the file that calls this, with a server that stands for OpenAI (`gpt-4o`); and OpenAI's own
 * client for it, unmodified.
 */
export async function openAiSluice() {
  const keyed = await keyedSluice((at) => [
    { model_name: 'gpt-4o', litellm_params: { ...at, model: 'openai/gpt-4o' } },
  ]);
  return {
    ...keyed,
    client: (options = {}, Client = OpenAI): OpenAI =>
      new Client({ baseURL: `${keyed.sluice.url}/v1`, apiKey: keyed.apiKey, ...options }),
  };
}
