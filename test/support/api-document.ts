import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** A JSON schema, as far as the tests look into it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly example?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | false;
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly schema: JsonSchema;
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { schema: JsonSchema; examples?: Record<string, { value: object }> }>
    >;
  };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

/** One operation of the document. */
export interface Operation extends OperationObject {
  readonly method: string;
  readonly path: string;
}

/** An answer as it is held against the document. */
export interface DescribedAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** The API's own description, as a Sluice serves it. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  readonly #root: Document;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  static async load(base: string): Promise<ApiDocument> {
    return new ApiDocument(await (await fetch(`${base}/openapi.json`)).json());
  }

  constructor(document: unknown) {
    this.#root = document as Document;
    this.#ajv.addSchema(document as object, 'document');
    this.operations = Object.entries(this.#root.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        path,
        method: method.toUpperCase(),
      })),
    );
  }

  /** The operation of this name. */
  operation(name: string): Operation {
    const found = this.operations.find(({ operationId }) => operationId === name);
    if (found === undefined) throw new Error(`The document has no operation ${name}.`);
    return found;
  }

  /** What a reference of the document names; anything else as it is. */
  resolve(schema: JsonSchema): JsonSchema {
    if (schema.$ref === undefined) return schema;
    const found = schema.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], this.#root);
    return this.resolve(found as JsonSchema);
  }

  /** What an answer has that its operation does not describe; empty if it is as described. */
  complaints(operation: Operation, answer: DescribedAnswer): string[] {
    const { operationId, path, method, responses } = operation;
    const { status, text } = answer;
    const response = responses[status];
    if (response === undefined) return [`${operationId} does not describe the status ${status}: ${text}`];
    const type = answer.type?.split(';')[0] ?? null;
    if (response.content === undefined) return text === '' ? [] : [`${operationId} ${status} has a body`];
    const offered = Object.keys(response.content);
    if (!offered.includes('*/*') && (type === null || !offered.includes(type))) {
      return [`${operationId} ${status} is ${type}, not ${offered.join(' or ')}`];
    }
    if (type !== 'application/json') return [];
    const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', type, 'schema'];
    const problems = this.#check(
      pointer.map((key) => escapePointer(String(key))).join('/'),
      JSON.parse(text),
    );
    return problems.map((problem) => `${operationId} ${status}: ${problem} in ${text}`);
  }

  #check(pointer: string, value: unknown): string[] {
    const $ref = `document#/${pointer}`;
    const validate = this.#validators.get($ref) ?? this.#ajv.compile({ $ref });
    this.#validators.set($ref, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
  }
}

function escapePointer(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}
