import { huggingface } from '../../../src/providers/huggingface.ts';
import { openaiChat } from './openai-chat.ts';
import { tgi } from './tgi.ts';
import type { UpstreamScripts } from './upstream-scripts.ts';

const [chat = openaiChat.format] = huggingface.about.formats;

/** Hugging Face's router, then TGI's own route. */
export const huggingFace: readonly UpstreamScripts[] = [
  { ...openaiChat, model: 'openai/gpt-oss-120b:groq', format: chat },
  tgi,
];
