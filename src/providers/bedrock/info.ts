import type { ProviderInfo } from '../../config/provider-info.ts';
import { bedrockConverse } from '../formats/bedrock-converse/format.ts';
import { INVOKE_FORMATS } from '../formats/bedrock-invoke/formats.ts';
import type { ProviderAbout } from '../provider.ts';

/** What the configuration has to know of Bedrock. */
export const info: ProviderInfo = {
  name: 'bedrock',
  title: 'AWS Bedrock',
  keyVariables: ['AWS_BEARER_TOKEN_BEDROCK'],
  // Without one, requests are signed.
  keyOptional: true,
  baseVariables: ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'],
  apiBase: null,
  settings: [
    {
      name: 'aws_region_name',
      variables: ['AWS_REGION_NAME', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
      about: 'the region, as `eu-central-1`; not needed where the model’s name or ARN says it',
    },
    {
      name: 'aws_access_key_id',
      variables: ['AWS_ACCESS_KEY_ID'],
      about: 'the id of the key that requests are signed with, where there is no `api_key`',
    },
    {
      name: 'aws_secret_access_key',
      variables: ['AWS_SECRET_ACCESS_KEY'],
      about: 'the secret of that key',
      secret: true,
    },
    {
      name: 'aws_session_token',
      variables: ['AWS_SESSION_TOKEN'],
      about: 'the token that came with that key, if it was lent for a while',
      secret: true,
    },
    {
      name: 'aws_profile_name',
      variables: [],
      about: 'a profile of `~/.aws`, which goes before a key; it may assume a role',
    },
    {
      name: 'aws_bedrock_runtime_endpoint',
      variables: ['AWS_BEDROCK_RUNTIME_ENDPOINT'],
      about: 'the address, in place of `api_base`',
    },
    {
      name: 'model_id',
      variables: [],
      about: 'the ARN to ask for, such as that of an inference profile, if `model` says which model that is',
    },
  ],
};

/** For `docs/providers.md`. */
export const about: ProviderAbout = {
  formats: [bedrockConverse, ...INVOKE_FORMATS],
  docs: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html',
  notes: [
    'An `api_key` is one of Bedrock’s API keys; without one, requests are signed: with the key in the settings, else with what AWS’s credential chain finds (environment, `~/.aws`, SSO, the role of a container or a machine).',
    'Models are named by their id, that of an inference profile (`us.anthropic.…`) or an ARN, with a region in front where it matters: `bedrock/eu-central-1/…`.',
    'An ARN does not tell whose model it is: name the model and put the ARN into `model_id`, or set `base_model`.',
    'All models are asked by Converse, Jurassic-2 and imported models (`llama/arn:…`) by InvokeModel; `bedrock/invoke/…` and `bedrock/converse/…` choose.',
    'InvokeModel means the model’s own format: Anthropic’s, Nova’s, OpenAI’s for open models, and the prompts that Llama, Mistral, Titan, DeepSeek R1 and Command were taught (or LiteLLM’s `roles`), then without tools.',
    '`guardrailConfig`, `performanceConfig`, `requestMetadata`, `promptVariables` and `additionalModelResponseFieldPaths` are Bedrock’s own; all else that OpenAI does not have goes into `additionalModelRequestFields`.',
    'Claude’s thinking, sampling, tools and schemas follow the rules under `anthropic`; its own tools (`computer_…`) work better with `invoke/`.',
    '`reasoning_effort` works for Claude, Nova 2 and OpenAI’s models; `parallel_tool_calls: false` for Claude.',
    'A `json_schema` is `outputConfig.textFormat`; Nova and older Claude models have to call a tool instead, whose input is the answer. Other models without structured outputs refuse it.',
    'Bedrock has no `tool_choice: none`: the tools are left out then, and earlier calls and results, which it takes only beside tools, become text. So it is without `tools`.',
    'A conversation that does not begin with a user’s message gets “(The conversation begins here.)” in front; blank texts are left out, and results of tools without content are “(no output)”.',
    'Ids of tool calls that Bedrock would refuse are replaced, for call and result alike.',
    '`cache_control` becomes a cache point behind the part, for Claude and Nova; others get none.',
    'Images, documents, audio and video are sent as bytes, and fetched if they are named by address.',
    'Documents that come without a text, which Bedrock refuses, get “(See the document.)” beside them.',
    'What a guardrail did is in `provider_specific_fields.trace`; a citation without an address is a `bedrock_citation`.',
    'Nova writes its `<thinking>` into the text, where it stays.',
  ],
};
