import type { RequestMessage } from '../../../core/completion.ts';
import { SluiceError } from '../../../core/errors.ts';
import { fieldsOf, isFields, parseJson } from '../../../core/json.ts';
import { argumentsObject, partsOf, textOf } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { callsOf } from '../../request/turns.ts';
import { encodePart, type Part } from './media.ts';
import { type ModelTraits, traitsOf } from './model.ts';

/** One turn, Google's `Content`. */
interface Content {
  readonly role: 'user' | 'model';
  readonly parts: Part[];
}

/**
 * Stands for a signature that is lost, because another model made the call or the client did not keep it:
 * https://ai.google.dev/gemini-api/docs/thought-signatures.
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** The messages as Google's `contents`, and the system's as `systemInstruction`. */
export function encodeContents(request: PreparedRequest, callIds: boolean): object {
  const turns = new Turns(traitsOf(request.model), callIds);
  const placed = request.messages.map((message, index) => ({ message, place: `messages[${index}]` }));
  for (const { message, place } of callIds ? placed : inOrderOfCalls(placed)) turns.add(message, place);
  const { contents, system } = turns;
  // Google wants somebody to speak.
  if (contents.length === 0) return { contents: [{ role: 'user', parts: system }] };
  return { ...(system.length > 0 && { systemInstruction: { parts: system } }), contents };
}

/** A message and its place in the request. */
interface Placed {
  readonly message: RequestMessage;
  readonly place: string;
}

/** Puts results in the order of their calls: without ids, nothing else tells those of one function apart. */
function inOrderOfCalls(placed: readonly Placed[]): readonly Placed[] {
  let turn = 0;
  let calls: string[] = [];
  const ranked = placed.map((one, index) => {
    const { role, tool_calls, tool_call_id } = one.message;
    if (role !== 'tool' || placed[index - 1]?.message.role !== 'tool') turn += 1;
    if (role === 'assistant') calls = (tool_calls ?? []).map(({ id }) => id);
    return { ...one, turn, rank: role === 'tool' ? calls.indexOf(tool_call_id ?? '') : 0 };
  });
  return ranked.sort((a, b) => a.turn - b.turn || a.rank - b.rank);
}

class Turns {
  readonly contents: Content[] = [];
  readonly system: Part[] = [];
  readonly #traits: ModelTraits;
  readonly #callIds: boolean;
  /** The functions that were called, by the ids of the calls: their results say the id only. */
  readonly #names = new Map<string, string>();

  constructor(traits: ModelTraits, callIds: boolean) {
    this.#traits = traits;
    this.#callIds = callIds;
  }

  /** `place` is the message's own: `messages[2]`. */
  add(message: RequestMessage, place: string): void {
    const { role } = message;
    if (role === 'system' || role === 'developer') this.system.push(...contentParts(message, place));
    else if (role === 'assistant') this.#push('model', this.#assistantParts(message, place));
    else if (role === 'tool') this.#push('user', this.#resultParts(message, place));
    else this.#push('user', contentParts(message, place));
  }

  /** Turns of one role are one turn. */
  #push(role: Content['role'], parts: readonly Part[]): void {
    if (parts.length === 0) return;
    const last = this.contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else this.contents.push({ role, parts: [...parts] });
  }

  #assistantParts(message: RequestMessage, place: string): Part[] {
    const parts = contentParts(message, place);
    const calls = this.#callParts(message, place);
    const signature = textSignature(message);
    // LiteLLM lists the signatures of calls among those of the message.
    if (signature !== null && !calls.some(({ thoughtSignature }) => thoughtSignature === signature)) {
      const last = parts.pop() ?? { text: '' };
      parts.push({ ...last, thoughtSignature: signature });
    }
    return [...parts, ...calls];
  }

  #callParts(message: RequestMessage, place: string): Part[] {
    const signatures = (message.tool_calls ?? []).map(callSignature);
    return callsOf(message, place).map((call, index) => {
      this.#names.set(call.id, call.name);
      const missing = index === 0 && this.#traits.checksSignatures ? NO_SIGNATURE : null;
      const thoughtSignature = signatures[index] ?? missing;
      const args = argumentsObject(call.arguments, call.param);
      return {
        functionCall: { ...(this.#callIds && { id: call.id }), name: call.name, args },
        ...(thoughtSignature !== null && { thoughtSignature }),
      };
    });
  }

  #resultParts(message: RequestMessage, place: string): Part[] {
    const id = message.tool_call_id ?? '';
    const name = this.#names.get(id) ?? message.name;
    if (!name) {
      const param = `${place}.tool_call_id`;
      throw new SluiceError('invalid_value', `'${param}' answers no tool call of an earlier message.`, {
        param,
      });
    }
    const media = contentParts(message, place).filter(({ text }) => text === undefined);
    const inside = media.length > 0 && this.#traits.checksSignatures;
    const functionResponse = {
      ...(this.#callIds && id !== '' && { id }),
      name,
      response: resultObject(textOf(message.content)),
      // Gemini 3 takes images as part of a result, models before it beside one.
      ...(inside && { parts: media }),
    };
    return [{ functionResponse }, ...(inside ? [] : media)];
  }
}

function contentParts({ content }: RequestMessage, place: string): Part[] {
  const parts = partsOf(content, place).map((part, index) => {
    const own = Array.isArray(content) ? content[index] : undefined;
    const { image_url: image, file } = (own ?? {}) as Record<string, { format?: unknown } | undefined>;
    return encodePart(part, (image ?? file)?.format, `${place}.content[${index}]`);
  });
  return parts.filter(({ text }) => text !== '');
}

/** Google wants objects; what is none is the `result` of one. */
function resultObject(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  if (Array.isArray(value)) return { result: value };
  // Most results are plain text.
  return isFields(value) ? value : { result: text };
}

/** In LiteLLM's places, and in that of Google's own endpoint for OpenAI's format. */
function callSignature(call: Readonly<Record<string, unknown>>): string | null {
  const { provider_specific_fields: own, function: called, extra_content: extra } = call;
  const places = [own, fieldsOf(called).provider_specific_fields, fieldsOf(extra).google];
  return places.map((place) => fieldsOf(place).thought_signature).find(isText) ?? null;
}

/** The signature of an answer's text, which is on its last part. */
function textSignature(message: RequestMessage): string | null {
  const { thought_signatures: all, thought_signature: one } = fieldsOf(message.provider_specific_fields);
  const google = fieldsOf(fieldsOf(message.extra_content).google).thought_signature;
  return [one, Array.isArray(all) ? all.at(-1) : null, google].find(isText) ?? null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
