/**
 * Makes the input of a batch out of a book: one chat completion a line, each about a passage of the text.
 *
 *   node examples/batch/make-prompts.ts > prompts.jsonl
 *   node examples/batch/make-prompts.ts --count 50 --model openai/gpt-4o-mini --text another-book.txt > prompts.jsonl
 *
 * The text that it has by default is Lewis Carroll's "Alice's Adventures in Wonderland" (1865), which belongs to nobody.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const BOOK = join(import.meta.dirname, 'alice.txt');
/** Needs no key: the answer repeats the prompt. */
const MODEL = 'scripted/echo';
/** Sentences of a passage. */
const PASSAGE = 3;

/** `count` lines of a batch's input, each with a line break at its end. */
export function makePrompts(count: number, { model = MODEL, file = BOOK } = {}): string[] {
  const sentences = sentencesOf(readFileSync(file, 'utf8'));
  if (sentences.length < PASSAGE) throw new Error(`${file} has fewer than ${PASSAGE} sentences.`);
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * sentences.length) / count);
    const passage = sentences
      .slice(Math.min(start, sentences.length - PASSAGE))
      .slice(0, PASSAGE)
      .join(' ');
    const line = {
      custom_id: `passage-${index + 1}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: {
        model,
        messages: [
          { role: 'system', content: 'Retell the passage in one sentence, for a child.' },
          { role: 'user', content: passage },
        ],
      },
    };
    return `${JSON.stringify(line)}\n`;
  });
}

function sentencesOf(text: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  return text
    .split('\n')
    .flatMap((paragraph) => [...segmenter.segment(paragraph)].map(({ segment }) => segment.trim()))
    .filter((sentence) => sentence !== '');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '1000' },
      model: { type: 'string', default: MODEL },
      text: { type: 'string', default: BOOK },
    },
  });
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 1) throw new Error('--count must be a whole number from 1.');
  process.stdout.write(makePrompts(count, { model: values.model, file: values.text }).join(''));
}
