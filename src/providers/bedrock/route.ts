import type { Deployment } from '../../config/config.ts';
import { bedrockConverse } from '../formats/bedrock-converse/format.ts';
import { invokeFormat, jurassic2 } from '../formats/bedrock-invoke/formats.ts';
import type { Format } from '../formats/format.ts';

/** How a model is asked for. */
export interface Route {
  readonly format: Format;
  /** What the address asks for: the id of a model or of an inference profile, or an ARN. */
  readonly id: string;
  /** The model whose rules hold, as far as that is known: the id may say nothing. */
  readonly model: string;
  /** The region that the model's name says; null where it says none. */
  readonly region: string | null;
  /** The last step of the address. */
  readonly method: 'converse-stream' | 'invoke-with-response-stream' | 'invoke';
}

const REGION = /^[a-z]{2}(-[a-z]+){1,3}-\d$/;
const ARN = /^arn:aws[\w-]*:bedrock:(?<region>[\w-]*):/;

/** What LiteLLM has in front of names: how to ask, where, and how it is paid for. */
const PREFIX = new RegExp(
  [
    '^(?:(?<way>converse|invoke)',
    '(?<region>[a-z]{2}(?:-[a-z]+){1,3}-\\d)',
    '\\d+-month-commitment',
    '(?<family>\\w+)(?=/arn:))/',
  ].join('|'),
);

/**
 * Reads a model's name, in LiteLLM's ways of writing it: `anthropic.claude-…`, `us.anthropic.claude-…`, an
 * ARN, a family and the ARN of an imported model (`llama/arn:…`), each with `converse/` or `invoke/` and a
 * region in front.
 */
export function routeOf(name: string, { settings, baseModel }: Deployment): Route {
  let rest = name;
  let way: string | null = null;
  let region: string | null = null;
  let family: string | null = null;
  for (let match = PREFIX.exec(rest); match !== null; match = PREFIX.exec(rest)) {
    way = match.groups?.way ?? way;
    region = match.groups?.region ?? region;
    family = match.groups?.family ?? family;
    rest = rest.slice(match[0].length);
  }
  const id = settings.model_id ?? rest;
  const told = ARN.test(rest) ? (family ?? baseModel?.replace(/^bedrock\//, '') ?? rest) : rest;
  const inArn = ARN.exec(id)?.groups?.region;
  const found = { id, model: told, region: region ?? (inArn && REGION.test(inArn) ? inArn : null) };
  const native = invokeFormat(told);
  // Jurassic-2 does not stream, and the families are those of models that Converse did not know.
  if (native === jurassic2) return { ...found, format: native, method: 'invoke' };
  if (way === 'invoke' || (way === null && family !== null)) {
    return { ...found, format: native, method: 'invoke-with-response-stream' };
  }
  return { ...found, format: bedrockConverse, method: 'converse-stream' };
}

/** Whether this is the name of a region, which goes into addresses. */
export function isRegion(text: string): boolean {
  return REGION.test(text);
}
