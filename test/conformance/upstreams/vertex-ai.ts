import { anthropicFormat } from '../../../src/providers/formats/anthropic/format.ts';
import { geminiFormat } from '../../../src/providers/formats/gemini/format.ts';
import { chatFormat } from '../../../src/providers/formats/openai-chat/format.ts';
import { anthropic } from './anthropic.ts';
import { gemini } from './gemini.ts';
import { openaiChat } from './openai-chat.ts';
import type { UpstreamScripts } from './upstream-scripts.ts';

const deployment = { settings: { vertex_project: 'a-project', vertex_location: 'europe-west4' } };

/** Vertex AI's Gemini, Claude, and an open model. */
export const vertexAi: readonly UpstreamScripts[] = [
  { ...gemini, deployment, format: geminiFormat({ labels: true }) },
  {
    ...anthropic,
    deployment,
    model: 'claude-sonnet-4-5@20250929',
    format: anthropicFormat({ version: 'vertex-2023-10-16', media: 'bytes' }),
  },
  { ...openaiChat, deployment, model: 'meta/llama-test', format: chatFormat() },
];
