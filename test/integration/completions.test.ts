import { describe, expect, test } from 'vitest';
import { type Answer, call } from '../support/api-client.ts';
import { chatSluice } from '../support/chat-sluice.ts';
import { expectError } from '../support/expect-error.ts';

const { sluice, job, jobsOf } = chatSluice();

const post = (body: object, path = '/v1/completions'): Promise<Answer> =>
  call('POST', `${sluice.url}${path}`, { body });

/** The `data` of a stream's events. */
async function stream(body: object): Promise<string[]> {
  const response = await fetch(`${sluice.url}/v1/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  });
  const text = await response.text();
  return text.split('\n\n').flatMap((frame) => (frame.startsWith('data: ') ? [frame.slice(6)] : []));
}

const model = 'scripted/echo';
const good = { model, prompt: 'one two' };

describe('a request that is refused', () => {
  test.each<[object, string, string, string]>([
    [{ model }, 'missing_required_parameter', 'prompt', "Missing required parameter: 'prompt'."],
    [
      { ...good, prompt: 7 },
      'invalid_type',
      'prompt',
      "Invalid type for 'prompt': expected one of a string or array, but got an integer instead.",
    ],
    [
      { ...good, prompt: ['a', 'b'] },
      'unsupported_value',
      'prompt',
      "Unsupported 'prompt': there must be one prompt, not 2; send a request for each.",
    ],
    [
      { ...good, prompt: [] },
      'unsupported_value',
      'prompt',
      "Unsupported 'prompt': there must be one prompt, not 0; send a request for each.",
    ],
    ...[[1, 2], [[1, 2]]].map((prompt): [object, string, string, string] => [
      { ...good, prompt },
      'unsupported_value',
      'prompt',
      "Unsupported 'prompt': tokens differ from model to model; send the text of the prompt.",
    ]),
    [
      { ...good, suffix: 'end' },
      'unsupported_value',
      'suffix',
      "Unsupported 'suffix': text cannot be inserted between a prompt and a suffix; put both into the prompt.",
    ],
    [
      { ...good, best_of: 3, n: 2 },
      'unsupported_value',
      'best_of',
      "Unsupported 'best_of': every answer that was made is returned; leave it out, or set it to n.",
    ],
    [
      { ...good, echo: true, logprobs: 1 },
      'unsupported_value',
      'logprobs',
      "Unsupported 'logprobs': the tokens of an echoed prompt have none; leave out echo or logprobs.",
    ],
    [
      { ...good, logprobs: true },
      'invalid_type',
      'logprobs',
      "Invalid type for 'logprobs': expected an integer, but got a boolean instead.",
    ],
    [
      { ...good, max_tokens: 0 },
      'integer_below_min_value',
      'max_tokens',
      "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    ],
    [
      { ...good, reasoning_summary: 'auto' },
      'unknown_parameter',
      'reasoning_summary',
      "Unknown parameter: 'reasoning_summary'. Only /v1/responses has summaries: ask there, with reasoning.summary.",
    ],
    [
      { ...good, messages: [] },
      'unknown_parameter',
      'messages',
      "Unknown parameter: 'messages'. Use 'prompt' here, or ask /v1/chat/completions.",
    ],
  ])('%j', async (body, code, param, message) => {
    expectError(await post(body), 400, code, param, message);
  });

  test('GET is no method of it', async () => {
    const answer = await call('GET', `${sluice.url}/v1/completions`);
    expectError(answer, 405, 'method_not_allowed', null);
    expect(answer.headers.get('allow')).toBe('POST');
  });
});

test('a job has the text completion as its result', async () => {
  const { body } = await post({ url: '/v1/completions', body: { ...good, echo: true } }, '/v1/jobs');
  const settled = await job(body.id, '?wait=60');
  const result = {
    id: `cmpl-${body.id.slice('job_'.length)}`,
    object: 'text_completion',
    created: body.created_at,
    model,
    choices: [{ text: 'one twoone two', index: 0, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
  };
  expect(settled).toMatchObject({ status: 'completed', result });
  expect((await call('GET', `${sluice.url}/v1/jobs/${body.id}/result`)).body).toEqual(result);
});

describe('a second attempt', () => {
  test('before any text is not noticed', async () => {
    const data = await stream({ ...good, mock_response: { error_after: 0, fail_attempts: 1 } });
    expect(data.slice(0, -1).map((each) => JSON.parse(each).choices[0].text)).toEqual(['one ', 'two', '']);
    expect(data.at(-1)).toBe('[DONE]');
  });

  test('after text ends the stream with an error that names the job', async () => {
    const data = await stream({
      ...good,
      model: 'impatient',
      mock_response: { text: 'one two three', hang_after: 2, fail_attempts: 1 },
    });
    const texts = data.slice(0, -1).map((each) => JSON.parse(each).choices[0].text);
    expect(texts).toEqual(['one ', 'two ']);
    const [{ id }] = await jobsOf('impatient');
    expect(JSON.parse(data.at(-1) ?? '').error).toMatchObject({
      code: 'attempt_interrupted',
      message: expect.stringContaining(id),
    });
    expect(await job(id, '?wait=60')).toMatchObject({ status: 'completed' });
  });
});
