import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError } from 'commander';
import type { ChatMessage, ChatRequest } from '../client/index.ts';
import { EXIT, Exit } from './exit-codes.ts';
import type { Session } from './session.ts';

/** The options that say what to ask, and whom. */
export interface AskOptions {
  readonly model?: string;
  readonly system?: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
}

/**
 * `-m`, else SLUICE_MODEL, else the first model of the server's that has a name of its own; the scripted one, which needs no
 * key, where there is no other.
 */
export async function chooseModel({ client }: Session, { model }: AskOptions): Promise<string> {
  const named = model ?? process.env.SLUICE_MODEL;
  if (named) return named;
  const ids = (await client.models()).map(({ id }) => id);
  const exact = ids.find((id) => !id.endsWith('*'));
  if (exact !== undefined) return exact;
  const [wildcard] = ids.filter((id) => !id.startsWith('scripted/'));
  if (wildcard === undefined) return 'scripted/echo';
  const example = wildcard.replace('*', '…');
  throw new Exit(
    EXIT.usage,
    `Which model? Name one with -m (${example}) or SLUICE_MODEL; \`sluice models\` lists them.`,
  );
}

/** Prompt and standard input together, where both are there. */
export async function readPrompt(prompt: string | undefined): Promise<string> {
  const piped = process.stdin.isTTY ? '' : await readStandardInput();
  const asked = [prompt ?? '', piped.trimEnd()].filter((part) => part !== '').join('\n\n');
  if (asked === '')
    throw new Exit(EXIT.usage, 'There is no prompt. Give one: sluice run "Say hello", or pipe one in.');
  return asked;
}

/** Milliseconds of silence after which it is said what is waited for: programs often start others with a pipe that never ends. */
const SILENCE = 2000;

async function readStandardInput(): Promise<string> {
  const note = 'Waiting for standard input to end. Without any: sluice run "…" < /dev/null';
  const silent = setTimeout(() => process.stderr.write(`${note}\n`), SILENCE);
  try {
    return await text(process.stdin);
  } finally {
    clearTimeout(silent);
  }
}

/** A request of these messages. */
export async function requestOf(
  session: Session,
  options: AskOptions,
  messages: readonly ChatMessage[],
): Promise<ChatRequest> {
  const { system, temperature, maxTokens } = options;
  const first: ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }];
  return {
    model: await chooseModel(session, options),
    messages: [...first, ...messages],
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  };
}

/** The JSON of a file; `-` is standard input. */
export async function readJsonFile(path: string): Promise<Record<string, unknown>> {
  const content =
    path === '-' ? await text(process.stdin) : await readFile(path, 'utf8').catch(unreadable(path));
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Exit(
    EXIT.usage,
    `${path} is not a JSON object: expected a request, as {"model": …, "messages": […]}.`,
  );
}

/** Says why a file cannot be read. */
export function unreadable(path: string): (error: NodeJS.ErrnoException) => never {
  return ({ code }) => {
    throw new Exit(
      EXIT.usage,
      code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read (${code}).`,
    );
  };
}

/** A number of the command line. */
export function numberArgument(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}

/** A whole number of the command line, from 1. */
export function countArgument(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(value);
}

/** `name=value`, as often as it is given. */
export function pairArgument(value: string, before: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value.');
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}
