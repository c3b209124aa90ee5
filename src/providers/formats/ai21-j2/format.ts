import type { RequestField } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import { J2Reader } from './reader.ts';
import { encodeRequest } from './request.ts';

const SUPPORTED: ReadonlySet<RequestField> = new Set([
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'n',
  'frequency_penalty',
  'presence_penalty',
]);

/** Completions of AI21's Jurassic-2 models, which continue a text and do not stream. */
export const j2Complete: Format = {
  name: 'AI21 Jurassic-2 complete',
  supports: SUPPORTED,
  media: 'urls',
  encode: encodeRequest,
  read: (answer) => new J2Reader(answer),
};
