import { ai21J2 } from './ai21-j2.ts';
import { ai21Jamba } from './ai21-jamba.ts';
import { anthropic } from './anthropic.ts';
import { azureChat, azureResponses, foundryChat, foundryClaude } from './azure.ts';
import { bedrockConverseUpstream } from './bedrock-converse.ts';
import { bedrockInvokeUpstreams } from './bedrock-invoke.ts';
import { cohere } from './cohere.ts';
import { gemini } from './gemini.ts';
import { huggingFace } from './huggingface.ts';
import { mistral } from './mistral.ts';
import { ollama } from './ollama.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { replicate } from './replicate.ts';
import type { UpstreamScripts } from './upstream-scripts.ts';
import { vertexAi } from './vertex-ai.ts';
import { watsonx, watsonxText } from './watsonx.ts';

/**
 * How the upstreams of the providers behave, by the names of the providers; one that speaks several formats has
 * several. Providers that are not here speak OpenAI's chat completions.
 */
export const OWN_UPSTREAMS: Readonly<Record<string, readonly UpstreamScripts[]>> = {
  openai: [openaiChat, openaiResponses],
  azure: [azureChat, azureResponses],
  azure_ai: [foundryChat, foundryClaude],
  anthropic: [anthropic],
  mistral: [mistral],
  cohere: [cohere],
  ollama: [ollama],
  ollama_chat: [ollama],
  ai21: [ai21Jamba, ai21J2],
  cohere_chat: [cohere],
  huggingface: huggingFace,
  replicate: [replicate],
  watsonx: [watsonx],
  watsonx_text: [watsonxText],
  gemini: [gemini],
  vertex_ai: vertexAi,
  bedrock: [bedrockConverseUpstream, ...bedrockInvokeUpstreams],
};
