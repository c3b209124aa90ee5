/** A JSON answer: status, headers, body. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
  readonly body: any;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request as curl would make it. */
export async function call(method: string, url: string, options: CallOptions = {}): Promise<Answer> {
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...options.headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** A request for the scripted provider: `options` is its `mock_response`. */
export function scripted(options: object | string, model = 'scripted/echo'): object {
  return { model, messages: [{ role: 'user', content: 'go' }], mock_response: options };
}

/** Submits a job and returns its id. */
export async function submit(base: string, body: object, options: object = {}): Promise<string> {
  const answer = await call('POST', `${base}/v1/jobs`, { body: { body, ...options } });
  if (answer.status !== 202)
    throw new Error(`submission answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}
