import type { Annotation } from '../../../core/completion.ts';

interface Source {
  readonly document?: { readonly url?: unknown; readonly title?: unknown } | null;
  readonly tool_output?: { readonly url?: unknown; readonly title?: unknown } | null;
}

interface Citation {
  readonly start?: unknown;
  readonly end?: unknown;
  readonly sources?: unknown;
  /** What is cited for: the answer itself unless it says thinking or plan. */
  readonly type?: unknown;
}

/**
 * A citation as annotations: one for every source on the web, and one of type `cohere_citation`, with Cohere's own
 * fields in it, for sources that are not, or for what is no part of the answer's text.
 */
export function annotationsOf(citation: object): Annotation[] {
  const { start, end, sources, type }: Citation = citation;
  const list = (Array.isArray(sources) ? sources : []) as (Source | null)[];
  const inText = type === undefined || type === null || type === 'TEXT_CONTENT';
  const cited = inText ? list.flatMap((source) => urlCitation(source, start, end)) : [];
  if (cited.length > 0 && cited.length === list.length) return cited;
  return [...cited, { type: 'cohere_citation', cohere_citation: citation }];
}

function urlCitation(source: Source | null, start: unknown, end: unknown): Annotation[] {
  const { url, title } = source?.document ?? source?.tool_output ?? {};
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const citation = {
    url,
    ...(typeof title === 'string' && { title }),
    ...(typeof start === 'number' && { start_index: start }),
    ...(typeof end === 'number' && { end_index: end }),
  };
  return [{ type: 'url_citation', url_citation: citation }];
}
