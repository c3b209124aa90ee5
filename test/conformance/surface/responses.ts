import { type End, openAiErrorMessage, type Said, type SurfaceClient } from './surface-client.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
type Json = any;

function textsOf(output: Json[], type: string, field: string): string {
  const parts = output.flatMap(({ content, summary }) => [...(summary ?? []), ...(content ?? [])]);
  return parts
    .filter((part) => part.type === type)
    .map((part) => part[field])
    .join('');
}

function endOf({ status, incomplete_details, output }: Json): End {
  if (status === 'incomplete') {
    return incomplete_details.reason === 'max_output_tokens' ? 'length' : 'content_filter';
  }
  if (status === 'failed' || status === 'cancelled') return status;
  if (status !== 'completed') return 'cut';
  return output.some((item: Json) => item.type === 'function_call') ? 'tool_calls' : 'stop';
}

function read(response: Json): Said {
  const { output, error } = response;
  return {
    text: textsOf(output, 'output_text', 'text'),
    reasoning: textsOf(output, 'reasoning_text', 'text') + textsOf(output, 'summary_text', 'text'),
    refusal: textsOf(output, 'refusal', 'refusal'),
    calls: output
      .filter((item: Json) => item.type === 'function_call')
      .map((item: Json) => ({ name: item.name, arguments: item.arguments })),
    end: endOf(response),
    error: error?.message ?? null,
  };
}

const TERMINAL = ['response.completed', 'response.incomplete', 'response.failed'];

/** OpenAI's responses. */
export const responsesClient: SurfaceClient = {
  name: 'responses',
  path: '/v1/responses',
  abilities: new Set(['reasoning', 'tools', 'refusal']),
  body: (mock, changes) => ({ model: 'scripted/echo', input: 'zanzibar', mock_response: mock, ...changes }),
  readWhole: read,
  readStream: (events) => {
    const texts: Record<string, string> = {};
    const all = events.map(({ event, data }) => ({ event, ...JSON.parse(data) }));
    let previous = -1;
    for (const { event, type, sequence_number, delta } of all) {
      if (event !== type) throw new Error(`an event ${event} has the type ${type}`);
      if (sequence_number <= previous) throw new Error(`${sequence_number} follows ${previous}`);
      previous = sequence_number;
      if (typeof delta === 'string') texts[type] = (texts[type] ?? '') + delta;
    }
    const streamed = {
      text: texts['response.output_text.delta'] ?? '',
      reasoning:
        (texts['response.reasoning_text.delta'] ?? '') +
        (texts['response.reasoning_summary_text.delta'] ?? ''),
      refusal: texts['response.refusal.delta'] ?? '',
    };
    const last = all.at(-1);
    if (last?.type === 'error') {
      return { ...streamed, calls: [], end: 'failed', error: last.error.message };
    }
    if (!TERMINAL.includes(last?.type)) return { ...streamed, calls: [], end: 'cut', error: null };
    // What was streamed, and how the response itself says that it ended.
    return { ...read(last.response), ...streamed };
  },
  errorMessage: openAiErrorMessage,
};
