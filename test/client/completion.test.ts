import { describe, expect, it } from 'vitest';
import {
  acompletion as acompletionByEnvironment,
  type ChatCompletionChunk,
  completion as completionByEnvironment,
  type LoggedCall,
  Sluice,
  stream_chunk_builder,
} from '../../src/client/index.ts';
import { call } from '../support/api-client.ts';
import { PROMPT } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { startForgetfulProxy } from '../support/forgetful-proxy.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: {
    model_list: [
      { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
      {
        model_name: 'priced',
        litellm_params: { model: 'scripted/echo', input_cost_per_token: 0.5, output_cost_per_token: 1 },
      },
    ],
    router_settings: { num_retries: 1 },
  },
});
const client = () => new Sluice({ baseURL: sluice.url, apiKey: null });
const ask = (extra: Record<string, unknown> = {}) => ({
  model: 'scripted/echo',
  messages: [{ role: 'user' as const, content: `one two ${PROMPT}` }],
  extra_body: extra,
});
const jobIdOf = (chunk: ChatCompletionChunk | undefined) => chunk?.id.replace('chatcmpl-', 'job_') ?? '';
const statusOf = async (id: string) => (await call('GET', `${sluice.url}/v1/jobs/${id}`)).body.status;

describe('completion() with stream: true', () => {
  it('gives chunks at once, and the whole at the end', async () => {
    const stream = client().completion({ ...ask(), stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(`one two ${PROMPT}`);
    const whole = await stream.finalCompletion();
    expect(whole).toMatchObject({ object: 'chat.completion', choices: [{ message: { content: text } }] });
    expect(whole.usage?.total_tokens).toBeGreaterThan(0);
    const stored = await call('GET', `${sluice.url}/v1/jobs/${whole.id.replace('chatcmpl-', 'job_')}/result`);
    expect(whole).toEqual(stored.body);
  });

  it('can be awaited, as LiteLLM is', async () => {
    const stream = await client().completion({ ...ask(), stream: true });
    expect((await stream.finalCompletion()).choices[0]?.finish_reason).toBe('stop');
  });

  it('has no chunk without choices, unless usage is asked for', async () => {
    const chunks: ChatCompletionChunk[] = [];
    for await (const chunk of client().completion({ ...ask(), stream: true })) chunks.push(chunk);
    expect(chunks.every((chunk) => chunk.choices.length === 1 && !('usage' in chunk))).toBe(true);
    const asked: ChatCompletionChunk[] = [];
    const stream_options = { include_usage: true };
    for await (const chunk of client().completion({ ...ask(), stream: true, stream_options }))
      asked.push(chunk);
    expect(asked.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(stream_chunk_builder(asked)?.usage).toEqual(asked.at(-1)?.usage);
  });

  it('is read once', async () => {
    const stream = client().completion({ ...ask(), stream: true });
    await stream.finalCompletion();
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow('can be read once');
  });

  it('cancels its job when it is left early', async () => {
    const stream = client().completion({
      ...ask({ mock_response: { text: 'a b c', hang_after: 2 } }),
      stream: true,
    });
    let id = '';
    for await (const chunk of stream) {
      id = jobIdOf(chunk);
      break;
    }
    await eventually('the job to be cancelled', async () => (await statusOf(id)) === 'cancelled');
  });

  it('cancels its job when it is aborted, and rejects with the reason', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const params = ask({ mock_response: { text: 'a b c', hang_after: 2 } });
    let id = '';
    const reading = (async () => {
      for await (const chunk of client().completion({ ...params, stream: true, signal })) {
        id = jobIdOf(chunk);
        controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    await eventually('the job to be cancelled', async () => (await statusOf(id)) === 'cancelled');
  });

  it('cancels its job when it is aborted before anybody reads it', async () => {
    const controller = new AbortController();
    const model = 'scripted/lorem?deltas=8&hang_after=2';
    await client().acompletion({ ...ask(), model, stream: true, signal: controller.signal });
    controller.abort();
    await eventually('the job to be cancelled', async () => {
      const { data } = await client().jobs.list({ limit: 100 });
      return data.find((each) => each.model === model)?.status === 'cancelled';
    });
  });

  it('lets its job go on where it is told to', async () => {
    const params = ask({ mock_response: { text: 'a b c d', delay_ms: 50 } });
    let id = '';
    for await (const chunk of client().completion({ ...params, stream: true, onDisconnect: 'continue' })) {
      id = jobIdOf(chunk);
      break;
    }
    await eventually('the job to complete', async () => (await statusOf(id)) === 'completed');
  });

  it('throws what its job failed of', async () => {
    const params = ask({ mock_response: { text: 'a', error_after: 0, error_status: 400 } });
    await expect(
      client()
        .completion({ ...params, stream: true })
        .finalCompletion(),
    ).rejects.toMatchObject({
      name: 'JobFailedError',
      status: 400,
      retryable: false,
      jobId: expect.stringMatching(/^job_/),
    });
  });
});

describe('acompletion()', () => {
  it('gives the whole answer', async () => {
    const answer = await client().acompletion(ask());
    expect(answer.choices[0]?.message.content).toBe(`one two ${PROMPT}`);
  });

  it('gives chunks, once the request is accepted', async () => {
    const chunks = await client().acompletion({ ...ask(), stream: true });
    let text = '';
    for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(`one two ${PROMPT}`);
    const refused = client().acompletion({ ...ask(), model: 'nope', stream: true });
    await expect(refused).rejects.toMatchObject({ name: 'NotFoundError', code: 'model_not_found' });
  });

  it('fails with what the request got wrong', async () => {
    await expect(client().acompletion({ ...ask(), temperature: 9 })).rejects.toMatchObject({
      name: 'BadRequestError',
      status: 400,
      param: 'temperature',
      requestId: expect.stringMatching(/^req_/),
    });
  });

  it('expires with its timeout', async () => {
    const params = ask({ mock_response: { text: 'a b c', hang_after: 2 } });
    await expect(client().acompletion({ ...params, timeout: 0.2 })).rejects.toMatchObject({
      name: 'JobExpiredError',
    });
  });

  it('cancels its job when it is aborted', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const model = 'scripted/lorem?deltas=9&hang_after=2';
    const asked = client().acompletion({ ...ask(), model, signal });
    asked.catch(() => {});
    const find = async () =>
      (await client().jobs.list({ limit: 100 })).data.find((each) => each.model === model);
    await eventually('the job to run', async () => (await find())?.status === 'in_progress');
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await eventually('the job to be cancelled', async () => (await find())?.status === 'cancelled');
  });
});

describe('a call whose answers get lost', () => {
  it('makes one job all the same', async () => {
    const proxy = await startForgetfulProxy(sluice.url);
    try {
      proxy.lose(3);
      const lossy = new Sluice({ baseURL: proxy.url, apiKey: null });
      const answer = await lossy.acompletion({ ...ask(), model: 'scripted/echo?deltas=7' });
      expect(answer.choices[0]?.message.content).toBe(`one two ${PROMPT}`);
      expect(proxy.lost).toBe(3);
      const { data } = await client().jobs.list({ limit: 100 });
      expect(data.filter(({ model }) => model === 'scripted/echo?deltas=7')).toHaveLength(1);
    } finally {
      await proxy.stop();
    }
  });
});

describe('logger_fn', () => {
  async function logged(
    run: (logger_fn: (call: LoggedCall) => void) => Promise<unknown>,
  ): Promise<LoggedCall[]> {
    const calls: LoggedCall[] = [];
    await run((each) => calls.push(each)).catch(() => {});
    return calls;
  }

  it('is told of the call before and after it', async () => {
    const calls = await logged((logger_fn) =>
      client().acompletion({ ...ask(), model: 'priced', temperature: 0.5, logger_fn }),
    );
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatchObject({
      log_event_type: 'pre_api_call',
      model: 'priced',
      messages: [{ role: 'user', content: `one two ${PROMPT}` }],
      optional_params: { temperature: 0.5 },
      start_time: expect.any(Date),
      end_time: null,
      attempt: 0,
      usage: null,
      cost: null,
      error: null,
      job_id: null,
    });
    const usage = calls[1]?.usage;
    expect(calls[1]).toMatchObject({
      log_event_type: 'post_api_call',
      model: 'priced',
      end_time: expect.any(Date),
      attempt: 1,
      cost: { usd: 0.5 * Number(usage?.prompt_tokens) + Number(usage?.completion_tokens) },
      response: { object: 'chat.completion' },
      error: null,
      job_id: expect.stringMatching(/^job_/),
    });
  });

  it('is told of a stream, its attempts and its end', async () => {
    const params = ask({ mock_response: { text: 'fine', fail_attempts: 1 } });
    const calls = await logged((logger_fn) =>
      client()
        .completion({ ...params, stream: true, logger_fn })
        .finalCompletion(),
    );
    expect(calls.map(({ log_event_type }) => log_event_type)).toEqual(['pre_api_call', 'post_api_call']);
    expect(calls[1]).toMatchObject({ attempt: expect.any(Number), response: { object: 'chat.completion' } });
  });

  it.each([
    ['refused', { model: 'nope' }, { name: 'NotFoundError' }, null],
    [
      'failed',
      { extra_body: { mock_response: { text: 'a', error_after: 0, error_status: 400 } } },
      { name: 'JobFailedError' },
      expect.stringMatching(/^job_/),
    ],
  ])('is told of one that was %s', async (_, changes, error, job_id) => {
    for (const stream of [true, false]) {
      const calls = await logged(async (logger_fn) => {
        const answer = await client().acompletion({ ...ask(), ...changes, stream, logger_fn });
        if ('finalCompletion' in answer) await answer.finalCompletion();
      });
      expect(calls).toHaveLength(2);
      expect(calls[1]).toMatchObject({ error, job_id, response: null });
    }
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('logger');
      },
    ],
    ['rejects', () => Promise.reject(new Error('logger'))],
  ])('that %s breaks nothing', async (_, logger_fn) => {
    const answer = await client().acompletion({ ...ask(), logger_fn });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    await client()
      .completion({ ...ask(), stream: true, logger_fn })
      .finalCompletion();
  });
});

describe('the functions of the package', () => {
  it('ask the server that they are given', async () => {
    const params = { ...ask(), baseURL: sluice.url, apiKey: null };
    expect((await acompletionByEnvironment(params)).choices).toHaveLength(1);
    expect(
      (await completionByEnvironment({ ...params, stream: true }).finalCompletion()).choices,
    ).toHaveLength(1);
  });
});
