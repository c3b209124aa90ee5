import type { RequestMessage } from '../../core/completion.ts';
import { partsOf } from './content.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { callsOf } from './turns.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A conversation for models that take one piece of text. */
export interface Prompt {
  readonly text: string;
  /** The system messages, where they were asked for apart; empty if there are none. */
  readonly system: string;
  /** `PreparedRequest.extras` without those that shaped the prompt. */
  readonly extras: Readonly<Record<string, unknown>>;
}

export interface PromptOptions {
  /** Whether the model takes the system messages apart. */
  readonly systemApart: boolean;
  /** How the model was taught to read a conversation, where nobody gave a template. */
  readonly write?: (turns: readonly Turn[]) => string;
}

/** One message as text, of role `system`, `user`, `assistant` or `tool`. */
export interface Turn {
  readonly role: string;
  readonly text: string;
}

/** LiteLLM's keys for the template of a prompt. */
const TEMPLATE_FIELDS = ['roles', 'initial_prompt_value', 'final_prompt_value', 'bos_token', 'eos_token'];

/** Who speaks, in a conversation of which no template is known. */
const SPEAKERS: Readonly<Record<string, string>> = {
  system: 'System',
  developer: 'System',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
};

/**
 * Writes the conversation as one text: by LiteLLM's template, if the deployment or the request has one
 * (`roles` with `pre_message` and `post_message`, `initial_prompt_value`, `final_prompt_value`); else as
 * `write` does it; else a single question as it is, and anything longer as a dialogue. Refuses content that
 * is not text.
 */
export function writePrompt(request: PreparedRequest, { systemApart, write }: PromptOptions): Prompt {
  const { roles } = request.extras;
  const template = typeof roles === 'object' && roles !== null ? (roles as Fields) : null;
  const turns = turnsOf(request);
  const system = turns.filter(({ role }) => role === 'system').map(({ text }) => text);
  const told = systemApart && !template ? turns.filter(({ role }) => role !== 'system') : turns;
  const extras = Object.entries(request.extras).filter(([name]) => !TEMPLATE_FIELDS.includes(name));
  return {
    text: template ? byTemplate(told, template, request.extras) : (write ?? asDialogue)(told),
    system: systemApart && !template ? system.join('\n\n') : '',
    extras: Object.fromEntries(extras),
  };
}

/** The messages as text alone, the calls of tools among it. Refuses content that is not text. */
export function turnsOf(request: PreparedRequest): Turn[] {
  return request.messages.map((message, index) => ({
    role: message.role === 'developer' ? 'system' : message.role,
    text: textOf(message, `messages[${index}]`, request),
  }));
}

function byTemplate(turns: readonly Turn[], roles: Fields, options: Fields): string {
  const written = turns.map(({ role, text }) => {
    const { pre_message, post_message } = (roles[role] ?? {}) as Fields;
    return `${word(pre_message)}${text}${word(post_message)}`;
  });
  const { bos_token, initial_prompt_value, final_prompt_value } = options;
  return `${word(bos_token)}${word(initial_prompt_value)}${written.join('')}${word(final_prompt_value)}`;
}

function asDialogue(turns: readonly Turn[]): string {
  const [only, ...others] = turns.filter(({ role }) => role !== 'system');
  if (others.length === 0 && only?.role !== 'assistant') return turns.map(({ text }) => text).join('\n\n');
  const lines = turns.map(({ role, text }) => `${SPEAKERS[role] ?? role}: ${text}`);
  return `${lines.join('\n\n')}\n\nAssistant:`;
}

function textOf(message: RequestMessage, place: string, request: PreparedRequest): string {
  const parts = partsOf(message.content, place).map((part, index) => {
    if (part.type === 'text') return part.text;
    request.refuse(`${place}.content[${index}]`, 'only text can be put into its prompt');
    return '';
  });
  const calls = callsOf(message, place).map(({ name, arguments: args }) => `${name}(${args})`);
  return [parts.join(''), ...calls].filter((text) => text !== '').join('\n');
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
