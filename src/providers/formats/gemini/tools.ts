import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { ToolChoice, ToolDefinition } from '../../request/tools.ts';
import { traitsOf } from './model.ts';
import { openApiSchema } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The tools that Google runs by itself. */
const GOOGLE_TOOLS: ReadonlySet<string> = new Set([
  'googleSearch',
  'googleSearchRetrieval',
  'enterpriseWebSearch',
  'codeExecution',
  'urlContext',
  'googleMaps',
  'computerUse',
  'fileSearch',
  'retrieval',
]);

/** OpenAI's names for a search. */
const WEB_SEARCH = /^web_?search(_?preview)?$/i;

/** Whether a tool of this type is one that Google runs by itself: `google_search`, `codeExecution`, `web_search`. */
export function isGoogleTool(type: string): boolean {
  return WEB_SEARCH.test(type) || GOOGLE_TOOLS.has(camelCase(type));
}

/** Google's `tools` and `toolConfig`, where there are tools. */
export function encodeTools(request: PreparedRequest): object {
  const { tools: functions, toolChoice: choice, ownTools } = request;
  const { jsonSchema } = traitsOf(request.model);
  const declarations = functions.map((definition) => declaration(definition, jsonSchema));
  const tools = [
    ...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []),
    ...ownTools.map(googleTool),
    ...webSearch(request),
  ];
  return {
    ...(tools.length > 0 && { tools }),
    ...(choice !== null && { toolConfig: { functionCallingConfig: callingConfig(choice) } }),
  };
}

/** `googleSearch` for `google_search`; keys of Google's JSON have one spelling of two. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The options of a tool are under its own name, or beside its type. */
function googleTool({ type, ...options }: Fields): Fields {
  const name = camelCase(String(type));
  if (WEB_SEARCH.test(name)) return { googleSearch: {} };
  const named = Object.entries(options).find(([key]) => camelCase(key) === name);
  return { [name]: named ? named[1] : options };
}

function webSearch({ fields, refuse }: PreparedRequest): Fields[] {
  const options = fields.web_search_options;
  if (typeof options !== 'object' || options === null) return [];
  for (const [option, value] of Object.entries(options)) {
    if (value === null || (option === 'search_context_size' && value === 'medium')) continue;
    refuse(`web_search_options.${option}`, 'Google searches without options');
  }
  return [{ googleSearch: {} }];
}

function declaration({ name, description, parameters }: ToolDefinition, jsonSchema: boolean): Fields {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters && !isEmpty(parameters) && schemaOf(parameters, jsonSchema)),
  };
}

function schemaOf(parameters: Fields, jsonSchema: boolean): Fields {
  return jsonSchema ? { parametersJsonSchema: parameters } : { parameters: openApiSchema(parameters) };
}

/** An object without properties, which Google refuses to be told of. */
function isEmpty({ properties, additionalProperties, ...rest }: Fields): boolean {
  const open = typeof additionalProperties === 'object' && additionalProperties !== null;
  const named = typeof properties === 'object' && properties !== null && Object.keys(properties).length > 0;
  return !open && !named && !['$ref', 'anyOf', 'oneOf', 'allOf'].some((keyword) => keyword in rest);
}

function callingConfig(choice: ToolChoice): Fields {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  return { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[choice] };
}
