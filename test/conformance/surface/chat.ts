import { type End, NOTHING, openAiErrorMessage, type Said, type SurfaceClient } from './surface-client.ts';

/** OpenAI's chat completions. */
export const chatClient: SurfaceClient = {
  name: 'chat completions',
  path: '/v1/chat/completions',
  abilities: new Set(['reasoning', 'tools', 'refusal']),
  body: (mock, changes) => ({
    model: 'scripted/echo',
    messages: [{ role: 'user', content: 'zanzibar' }],
    mock_response: mock,
    ...changes,
  }),
  readWhole: ({ choices: [{ message, finish_reason }] }) => ({
    text: message.content ?? '',
    reasoning: message.reasoning_content ?? '',
    refusal: message.refusal ?? '',
    calls: (message.tool_calls ?? []).map((call: { function: object }) => call.function),
    end: finish_reason,
    error: null,
  }),
  readStream: (events) => {
    const said = { ...NOTHING, calls: [] as { name: string; arguments: string }[] };
    let finish: End = 'cut';
    for (const { data } of events) {
      if (data === '[DONE]') return { ...said, end: finish };
      const { error, choices } = JSON.parse(data);
      if (error) return { ...said, end: 'failed', error: error.message };
      for (const { delta, finish_reason } of choices) {
        said.text += delta.content ?? '';
        said.reasoning += delta.reasoning_content ?? '';
        said.refusal += delta.refusal ?? '';
        for (const { index, function: piece } of delta.tool_calls ?? []) {
          const call = said.calls[index] ?? { name: piece.name, arguments: '' };
          call.arguments += piece.arguments;
          said.calls[index] = call;
        }
        finish = finish_reason ?? finish;
      }
    }
    return said satisfies Said;
  },
  errorMessage: openAiErrorMessage,
};
