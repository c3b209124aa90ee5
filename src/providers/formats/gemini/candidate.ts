import type { TokenLogprob } from '../../../core/completion.ts';
import { type Fields, isFields } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import { Calls } from './calls.ts';
import { type Finish, finishOf } from './finish.ts';
import { logprobsOf } from './logprobs.ts';
import { annotationsOf } from './sources.ts';
import { itemsOf, type WireCandidate, type WirePart } from './wire.ts';

/** One candidate of an answer, a choice: what it said so far, and what is told of it at its end. */
export class Candidate {
  readonly #answer: Answer;
  readonly #choice: number;
  readonly #calls: Calls;
  readonly #text: string[] = [];
  readonly #signatures: string[] = [];
  readonly #images: object[] = [];
  /** What OpenAI has no place for: code that Google ran, what came of it, … */
  readonly #others: Fields[] = [];
  /** By what they are, as they are repeated. */
  readonly #citations = new Map<string, Fields>();
  readonly #said: Record<string, unknown> = {};
  #grounding: Fields = {};
  #finish: Finish | null = null;
  #wentOn = false;

  constructor(answer: Answer, choice: number) {
    this.#answer = answer;
    this.#choice = choice;
    this.#calls = new Calls(answer, choice);
    answer.start(choice);
  }

  /** Whether its end has been seen. Ends of a server that writes one in every message are none. */
  get ended(): boolean {
    return this.#finish !== null && !this.#wentOn;
  }

  add(candidate: WireCandidate): void {
    const parts = itemsOf(candidate.content?.parts);
    if (this.#finish !== null && parts.length > 0) this.#wentOn = true;
    const logprobs = logprobsOf(candidate.logprobsResult);
    const last = parts.findLastIndex(isText);
    for (const [index, part] of parts.entries()) this.#onPart(part, index === last ? logprobs : []);
    if (last === -1) this.#answer.text(this.#choice, '', logprobs);
    this.#note(candidate);
    this.#finish = finishOf(candidate.finishReason) ?? this.#finish;
  }

  /** Ends it for a reason that is not its own: the prompt was refused. */
  block(native: string): void {
    this.#finish = { reason: 'content_filter', native };
  }

  /** Tells what is known at the end only, and the end, if it has been seen. */
  end(): void {
    if (this.#finish === null) return;
    const answer = this.#answer;
    const choice = this.#choice;
    this.#calls.close();
    const citations = [...this.#citations.values()];
    for (const annotation of annotationsOf(this.#text.join(''), this.#grounding, citations)) {
      answer.annotation(choice, annotation);
    }
    const specific = this.#specific();
    if (Object.keys(specific).length > 0) answer.providerSpecific(choice, specific);
    const { reason, native } = this.#finish;
    const called = reason === 'stop' && answer.hasToolCalls(choice);
    answer.finish(choice, called ? 'tool_calls' : reason, native);
  }

  #onPart(part: WirePart & Fields, logprobs: readonly TokenLogprob[]): void {
    const { text, thought, thoughtSignature: signature, functionCall, inlineData, ...rest } = part;
    if (isFields(functionCall)) {
      this.#calls.add(functionCall, signature);
      return;
    }
    if (typeof signature === 'string' && signature !== '') this.#signatures.push(signature);
    if (typeof text === 'string') {
      if (thought === true) this.#answer.reasoning(this.#choice, text);
      else {
        this.#text.push(text);
        this.#answer.text(this.#choice, text, logprobs);
      }
    } else if (isFields(inlineData) && String(inlineData.mimeType).startsWith('image/') && thought !== true) {
      this.#addImage(String(inlineData.mimeType), String(inlineData.data));
    } else {
      const other = { ...rest, ...(inlineData && { inlineData }) };
      if (Object.keys(other).length > 0)
        this.#others.push({ ...other, ...(thought === true && { thought }) });
    }
  }

  /** In LiteLLM's shape. */
  #addImage(mediaType: string, data: string): void {
    const url = `data:${mediaType};base64,${data}`;
    this.#images.push({ type: 'image_url', index: this.#images.length, image_url: { url } });
  }

  #note(candidate: WireCandidate): void {
    const { groundingMetadata, urlContextMetadata, citationMetadata, safetyRatings, finishMessage } =
      candidate;
    if (isFields(groundingMetadata)) this.#grounding = { ...this.#grounding, ...groundingMetadata };
    if (isFields(urlContextMetadata)) this.#said.url_context_metadata = urlContextMetadata;
    if (itemsOf(safetyRatings).length > 0) this.#said.safety_ratings = safetyRatings;
    if (typeof finishMessage === 'string') this.#said.finish_message = finishMessage;
    if (!isFields(citationMetadata)) return;
    // AI Studio's name for the list, and Vertex AI's.
    for (const source of itemsOf(citationMetadata.citationSources ?? citationMetadata.citations)) {
      this.#citations.set(JSON.stringify(source), source);
    }
  }

  #specific(): Fields {
    return {
      ...this.#said,
      ...(Object.keys(this.#grounding).length > 0 && { grounding_metadata: this.#grounding }),
      ...(this.#citations.size > 0 && { citations: [...this.#citations.values()] }),
      ...(this.#signatures.length > 0 && { thought_signatures: this.#signatures }),
      ...(this.#images.length > 0 && { images: this.#images }),
      ...(this.#others.length > 0 && { parts: this.#others }),
    };
  }
}

/** Text of the answer itself. */
function isText({ text, thought }: WirePart): boolean {
  return typeof text === 'string' && thought !== true;
}
