import { type End, NOTHING, openAiErrorMessage, type SurfaceClient } from './surface-client.ts';

/** OpenAI's older completions: text, and nothing else. */
export const completionsClient: SurfaceClient = {
  name: 'completions',
  path: '/v1/completions',
  abilities: new Set(),
  body: (mock, changes) => ({ model: 'scripted/echo', prompt: 'zanzibar', mock_response: mock, ...changes }),
  readWhole: ({ choices: [{ text, finish_reason }] }) => ({ ...NOTHING, text, end: finish_reason }),
  readStream: (events) => {
    let text = '';
    let finish: End = 'cut';
    for (const { data } of events) {
      if (data === '[DONE]') return { ...NOTHING, text, end: finish };
      const { error, choices } = JSON.parse(data);
      if (error) return { ...NOTHING, text, end: 'failed', error: error.message };
      for (const choice of choices) {
        text += choice.text;
        finish = choice.finish_reason ?? finish;
      }
    }
    return { ...NOTHING, text };
  },
  errorMessage: openAiErrorMessage,
};
