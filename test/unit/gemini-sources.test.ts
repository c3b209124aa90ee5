import { describe, expect, it } from 'vitest';
import { Fold } from '../../src/core/fold.ts';
import { geminiFormat } from '../../src/providers/formats/gemini/format.ts';
import { annotationsOf } from '../../src/providers/formats/gemini/sources.ts';
import { decode } from '../support/decode.ts';

/** Characters of one byte, two, three, and four. */
const TEXT = 'aü世🙂b. Next.';

function web(uri: string, title?: string): object {
  return { web: { uri, ...(title && { title }) } };
}

function cited(url: string, more: object = {}): object {
  return { type: 'url_citation', url_citation: { url, ...more } };
}

function support(segment: object, ...groundingChunkIndices: number[]): object {
  return { segment, groundingChunkIndices };
}

describe('the sources of a Gemini answer', () => {
  it('are where Google’s bytes are, in characters', () => {
    const groundingChunks = [web('https://a.example', 'A'), web('https://b.example')];
    const groundingSupports = [
      support({ endIndex: 12, text: 'aü世🙂b.' }, 0, 1),
      support({ startIndex: 6, endIndex: 10, text: '🙂' }, 1),
      support({ startIndex: 13, endIndex: 18 }, 0),
    ];
    expect(annotationsOf(TEXT, { groundingChunks, groundingSupports }, [])).toEqual([
      cited('https://a.example', { title: 'A', start_index: 0, end_index: 6 }),
      cited('https://b.example', { start_index: 0, end_index: 6 }),
      cited('https://b.example', { start_index: 3, end_index: 4 }),
      cited('https://a.example', { title: 'A', start_index: 7, end_index: 12 }),
    ]);
  });

  it('are looked for where the offsets lead elsewhere, and are nowhere if not found', () => {
    const groundingChunks = [web('https://a.example')];
    const groundingSupports = [
      support({ startIndex: 2, endIndex: 7, text: 'Next.' }, 0),
      support({ startIndex: 90, endIndex: 99 }, 0),
      support({ startIndex: 0, endIndex: 1, text: 'absent' }, 0),
      support({}, 7),
    ];
    expect(annotationsOf(TEXT, { groundingChunks, groundingSupports }, [])).toEqual([
      cited('https://a.example', { start_index: 7, end_index: 12 }),
      cited('https://a.example'),
      cited('https://a.example'),
    ]);
  });

  it('are of Google’s kind where they are not on the web, and without a place where none is told', () => {
    const retrievedContext = { uri: 'gs://bucket/a.pdf', title: 'A', text: 'found' };
    const groundingChunks = [
      { retrievedContext },
      { maps: { uri: 'https://maps.google.com/1', title: 'M' } },
    ];
    expect(annotationsOf(TEXT, { groundingChunks }, [])).toEqual([
      { type: 'retrievedContext', retrievedContext },
      cited('https://maps.google.com/1', { title: 'M' }),
    ]);
  });

  it('are those of citations too, each once', () => {
    const event = (candidate: object) => `data: ${JSON.stringify({ candidates: [candidate] })}\r\n\r\n`;
    const first = { startIndex: 1, endIndex: 3, uri: 'https://a.example', license: 'MIT' };
    const second = { endIndex: 1, title: 'A book' };
    const { deltas } = decode(geminiFormat(), [
      event({ content: { parts: [{ text: TEXT }] }, citationMetadata: { citationSources: [first] } }),
      event({
        citationMetadata: { citations: [first, second] },
        groundingMetadata: { webSearchQueries: ['q'] },
      }),
      event({ finishReason: 'STOP', groundingMetadata: { groundingChunks: [web('https://b.example')] } }),
    ]);
    const fold = new Fold();
    for (const delta of deltas) fold.add(delta);
    const { message } = fold.completion({ id: 'i', created: 0, model: 'm' }).choices[0] ?? {};
    expect(message?.annotations).toEqual([
      cited('https://b.example'),
      cited('https://a.example', { start_index: 1, end_index: 2 }),
      { type: 'citation', citation: { title: 'A book', start_index: 0, end_index: 1 } },
    ]);
    expect(message?.provider_specific_fields).toEqual({
      grounding_metadata: { webSearchQueries: ['q'], groundingChunks: [web('https://b.example')] },
      citations: [first, second],
    });
  });
});
