import { replicatePrediction } from '../../../src/providers/formats/replicate/format.ts';
import type { Aside } from '../../support/upstream-server.ts';
import { TEXT, type UpstreamScripts } from './upstream-scripts.ts';

const ID = 'gm3qorzdhgbfurvjtvhg6dckhu';

function output(text: string, id: string): string {
  const data = text.split('\n').map((line) => `data: ${line}\n`);
  return `event: output\nid: ${id}\n${data.join('')}\n`;
}

function json(request: RegExp, payload: object, status = 200): Aside {
  const headers = { 'content-type': 'application/json' };
  return { request, script: { status, headers, steps: [JSON.stringify(payload)] } };
}

const done = 'event: done\nid: 1690212292:3\ndata: {}\n\n';
const begin = output(TEXT.slice(0, 2), '1690212292:0');
const middle = output(TEXT.slice(2), '1690212292:1');

/** Replicate: the scripts are streams of predictions, which another call creates. */
export const replicate: UpstreamScripts = {
  model: 'meta/meta-llama-3-8b-instruct',
  format: replicatePrediction,
  contentType: 'text/event-stream; charset=utf-8',
  asides: (base) => [
    json(
      /^POST .*\/models\/.*\/predictions$/,
      { id: ID, status: 'starting', error: null, urls: { stream: `${base}/v1/streams/${ID}` } },
      201,
    ),
    json(/^POST .*\/cancel$/, { id: ID, status: 'canceled' }),
    json(/^GET .*\/predictions\/\w+$/, {
      id: ID,
      status: 'succeeded',
      output: [],
      metrics: { input_token_count: 5, output_token_count: 4, predict_time: 0.1 },
    }),
  ],
  answer: [begin, middle, done],
  twoChoices: null,
  empty: [done],
  cut: [output(TEXT, '1690212292:0')],
  overloaded: [
    output(TEXT, '1690212292:0'),
    'event: error\ndata: {"title":"Unavailable","detail":"Overloaded","status":503}\n\n',
  ],
  tools: null,
  errorBody: (status, message) => JSON.stringify({ title: 'Error', detail: message, status }),
};
