import { geminiFormat } from '../../../src/providers/formats/gemini/format.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

const MODEL = 'gemini-2.5-flash';

/** One response of a stream: lines end with CRLF, and every response has usage, not all of it at first. */
function response(candidate: object, usage: object = { promptTokenCount: 1, totalTokenCount: 1 }): string {
  const said = {
    usageMetadata: { ...usage, trafficType: 'ON_DEMAND' },
    modelVersion: MODEL,
    responseId: 'r',
  };
  return `data: ${JSON.stringify({ candidates: [{ index: 0, ...candidate }], ...said })}\r\n\r\n`;
}

function parts(...all: object[]): object {
  return { content: { parts: all, role: 'model' } };
}

const USAGE = { promptTokenCount: 1, candidatesTokenCount: 2, thoughtsTokenCount: 3, totalTokenCount: 6 };

function texts(index = 0): string[] {
  return [
    response({ ...parts({ text: '' }), index }),
    response({ ...parts({ text: TEXT }), index }),
    response({ ...parts({ text: '' }), finishReason: 'STOP', index }, USAGE),
  ];
}

const [begin = '', middle = ''] = texts();

const ERROR = {
  code: 503,
  message: 'The model is overloaded. Please try again later.',
  status: 'UNAVAILABLE',
};

/** Gemini's streamed `generateContent`, of AI Studio and of Vertex AI. */
export const gemini: UpstreamScripts = {
  model: MODEL,
  format: geminiFormat({ callIds: true }),
  contentType: 'text/event-stream',
  answer: texts(),
  twoChoices: [...texts(0), ...texts(1)],
  empty: [response({ finishReason: 'STOP' }, USAGE)],
  cut: [begin, middle],
  // After a finish, and outside the framing.
  overloaded: [...texts(), JSON.stringify({ error: ERROR }, null, 2).replaceAll('\n', '\r\n')],
  // Whole, and without ids. The finish reason does not say that there are any.
  tools: [
    response(parts({ functionCall: { name: 'look', args: { at: TEXT } }, thoughtSignature: 'c2ln' })),
    response({ ...parts({ functionCall: { name: 'stop', args: {} } }), finishReason: 'STOP' }, USAGE),
  ],
  errorBody: (code, message) => JSON.stringify([{ error: { code, message, status: 'UNKNOWN' } }], null, 2),
};
