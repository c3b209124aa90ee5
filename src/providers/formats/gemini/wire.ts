import { isFields } from '../../../core/json.ts';

/** `GenerateContentResponse`, which is also every message of a stream, as far as a server can be trusted. */
export interface GenerateContentResponse {
  readonly candidates?: unknown;
  readonly promptFeedback?: { readonly blockReason?: unknown } | null;
  readonly usageMetadata?: unknown;
}

/** `Candidate`. */
export interface WireCandidate {
  readonly index?: unknown;
  readonly content?: { readonly parts?: unknown } | null;
  readonly finishReason?: unknown;
  readonly finishMessage?: unknown;
  readonly safetyRatings?: unknown;
  readonly groundingMetadata?: unknown;
  readonly urlContextMetadata?: unknown;
  readonly citationMetadata?: unknown;
  readonly logprobsResult?: unknown;
}

/** `Part`. */
export interface WirePart {
  readonly text?: unknown;
  readonly thought?: unknown;
  readonly thoughtSignature?: unknown;
  readonly functionCall?: WireCall | null;
  readonly inlineData?: { readonly mimeType?: unknown; readonly data?: unknown } | null;
}

/** `FunctionCall`, whole or, from Vertex AI on request, a piece of one. */
export interface WireCall {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly args?: unknown;
  readonly partialArgs?: unknown;
  readonly willContinue?: unknown;
}

/** The objects of what should be a list of objects. */
export function itemsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** A count or an offset; null for anything else. */
export function countOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}
