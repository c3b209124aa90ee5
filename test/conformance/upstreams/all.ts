import { openaiChat } from './openai-chat.ts';
import type { UpstreamScripts } from './upstream-scripts.ts';

/**
 * How the upstreams of the providers behave, by the names of the providers; one that speaks several formats has
 * several. Providers that are not here speak OpenAI's chat completions.
 */
export const OWN_UPSTREAMS: Readonly<Record<string, readonly UpstreamScripts[]>> = {
  openai: [openaiChat],
};
