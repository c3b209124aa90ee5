/** How an upstream answers a request to embed two texts, in its own bytes: with (0.5, -2) and (1.25, 0). */
export interface EmbeddingScript {
  readonly answer: object;
  /** Tokens that the answer says were read; null where it says nothing. */
  readonly tokens: number | null;
  /** The same with one vector too few. */
  readonly lacking: object;
  /** With a vector that is none. */
  readonly broken: object;
}

const VECTORS = [
  [0.5, -2],
  [1.25, 0],
];

/** By the name of the format. */
export const EMBEDDING_SCRIPTS: Readonly<Record<string, EmbeddingScript>> = {
  'OpenAI embeddings': scriptOf((vectors) => ({
    object: 'list',
    // Nothing promises an order.
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })).reverse(),
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 5, total_tokens: 5 },
  })),
  'Gemini embeddings': scriptOf((vectors) => ({ embeddings: vectors.map((values) => ({ values })) }), null),
  'Cohere embed': scriptOf((float) => ({
    id: '5807ee2e-0cda-445a-9ec8-864c60a06606',
    embeddings: { float },
    texts: ['one', 'two'],
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: 5 } },
    response_type: 'embeddings_by_type',
  })),
  'Ollama embed': scriptOf((embeddings) => ({
    model: 'all-minilm',
    embeddings,
    total_duration: 14143917,
    load_duration: 1019500,
    prompt_eval_count: 5,
  })),
};

function scriptOf(write: (vectors: unknown[]) => object, tokens: number | null = 5): EmbeddingScript {
  return {
    answer: write(VECTORS),
    tokens,
    lacking: write(VECTORS.slice(0, 1)),
    broken: write([
      [0.5, -2],
      [1.25, null],
    ]),
  };
}
