import { REQUEST_FIELDS } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import type { ChatDialect } from './dialect.ts';
import { ChatReader } from './reader.ts';
import { encode } from './request.ts';

/** OpenAI's chat completions in one vendor's dialect; without one, OpenAI's own. */
export function chatFormat(dialect: ChatDialect = {}): Format {
  const { unsupported = [], caches = false, name = 'OpenAI chat completions' } = dialect;
  return {
    name,
    supports: new Set(REQUEST_FIELDS.filter((field) => !unsupported.includes(field))),
    media: 'urls',
    anthropic: () => ({ fields: [], marks: caches ? ['cache_control'] : [], resultMedia: false }),
    encode: (request) => encode(request, dialect),
    read: (answer) => new ChatReader(answer, dialect),
  };
}
