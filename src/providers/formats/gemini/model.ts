/** What a model's name tells of what it can do. */
export interface ModelTraits {
  /** 2.5 of `gemini-2.5-flash`; null where the name has no version. */
  readonly version: number | null;
  /** Whether it takes JSON schemas; Gemini 1 has a subset of OpenAPI's only. */
  readonly jsonSchema: boolean;
  /** Whether it refuses calls of functions from earlier turns that have no signature: Gemini 3 and later. */
  readonly checksSignatures: boolean;
  readonly pro: boolean;
  readonly flash: boolean;
  readonly lite: boolean;
}

const FIRST_GENERATION = /^gemini-(pro|ultra)(-vision)?(-\d+)?$/;

/** Reads a model's name, with or without what is before its last slash. */
export function traitsOf(model: string): ModelTraits {
  const name = model.slice(model.lastIndexOf('/') + 1);
  const match = /^gemini-(\d+(?:\.\d+)?)/.exec(name);
  const version = match ? Number(match[1]) : null;
  return {
    version,
    jsonSchema: version === null ? !FIRST_GENERATION.test(name) : version >= 2,
    // `gemini-flash-latest` and the like have been Gemini 3 since it is out.
    checksSignatures: version === null ? name.endsWith('-latest') : version >= 3,
    pro: /\bpro\b/.test(name),
    flash: /\bflash\b/.test(name),
    lite: /\blite\b/.test(name),
  };
}
