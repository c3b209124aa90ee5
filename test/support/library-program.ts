/** A program that uses the library, given `baseURL` and `print`. Plain JavaScript, for every runtime. */
export const PROGRAM = `
  import { acompletion, completion, Sluice, NotFoundError } from 'sluice';
  const messages = [{ role: 'user', content: 'läuft überall 😀' }];
  let streamed = '';
  for await (const chunk of completion({ model: 'scripted/echo', messages, stream: true, baseURL })) {
    streamed += chunk.choices[0].delta.content ?? '';
  }
  const whole = await acompletion({ model: 'scripted/echo', messages, baseURL });
  const client = new Sluice({ baseURL });
  const job = await client.jobs.submit({ body: { model: 'scripted/lorem?deltas=30&delay_ms=10', messages } });
  let deltas = 0;
  for await (const delta of job.stream()) deltas += 1;
  const missing = await client.jobs.retrieve('job_none').catch((error) => error);
  print(JSON.stringify({
    streamed,
    whole: whole.choices[0].message.content,
    deltas,
    finish: (await job.result()).choices[0].finish_reason,
    missing: missing instanceof NotFoundError && missing.code,
  }));
`;
/** What that prints, as JSON. */
export const PRINTED = {
  streamed: 'läuft überall 😀',
  whole: 'läuft überall 😀',
  deltas: 33,
  finish: 'stop',
  missing: 'job_not_found',
};
