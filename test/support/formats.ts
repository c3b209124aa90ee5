import type { Deployment } from '../../src/config/config.ts';
import type { CompletionChoice, CompletionRequest, Usage } from '../../src/core/completion.ts';
import { Fold } from '../../src/core/fold.ts';
import type { Format } from '../../src/providers/formats/format.ts';
import type { ProviderModule } from '../../src/providers/provider.ts';
import { MODULES } from '../../src/providers/registry.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { decode } from './decode.ts';
import { deployment } from './provider-calls.ts';

export function moduleOf(name: string): ProviderModule {
  const found = MODULES.find(({ info }) => info.name === name);
  if (!found) throw new Error(`There is no provider ${name}.`);
  return found;
}

/** The usual format of a provider. */
export function formatOf(name: string): Format {
  const [format] = moduleOf(name).about.formats;
  if (!format) throw new Error(`${name} speaks no format.`);
  return format;
}

/** The body that a request becomes. */
export function bodyOf(
  format: Format,
  request: CompletionRequest,
  { model = 'the-model', ...place }: Partial<Deployment> = {},
): Record<string, unknown> {
  const call = { deployment: deployment(place), model };
  return { ...format.encode(new PreparedRequest(request, call, format.supports)) };
}

/** What an answer amounts to: its first choice, its usage, and what was thrown. */
export function answerOf(
  format: Format,
  pieces: readonly string[],
  contentType?: string,
): { choice: CompletionChoice | undefined; usage: Usage | undefined; error: unknown } {
  const { deltas, error } = decode(format, pieces, contentType);
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  const { choices, usage } = fold.completion({ id: 'i', created: 0, model: 'm' });
  return { choice: choices[0], usage, error };
}

/** One event of a stream, as OpenAI writes them. */
export function event(payload: unknown): string {
  return `data: ${JSON.stringify(payload)}\n\n`;
}

/** One event for the first choice. `others` are fields of the chunk. */
export function chunk(delta: unknown, finish_reason: string | null = null, others: object = {}): string {
  return event({ choices: [{ index: 0, delta, finish_reason }], ...others });
}
