import { bearerEndpoint } from './endpoint.ts';
import { j2Complete } from './formats/ai21-j2/format.ts';
import { jambaChat } from './formats/ai21-jamba/format.ts';
import type { ProviderModule } from './provider.ts';

const API_BASE = 'https://api.ai21.com/studio/v1';

/** AI21 Studio: the Jamba models, and Jurassic-2 before them. */
export const ai21: ProviderModule = {
  info: {
    name: 'ai21',
    title: 'AI21',
    keyVariables: ['AI21_API_KEY'],
    baseVariables: ['AI21_API_BASE'],
    apiBase: API_BASE,
    promptTemplates: true,
    settings: [],
  },
  about: {
    formats: [jambaChat, j2Complete],
    docs: 'https://docs.ai21.com/reference/jamba-1-6-api-ref',
    notes: [
      'Models that begin with `j2-` are asked to complete a text; all others are Jamba models, which chat.',
      'For `j2-` models a conversation becomes one text: a lone question as it is, anything longer as a dialogue with `User:` and `Assistant:`, unless LiteLLM’s `roles` say how.',
      '`j2-` models do not stream: their answer arrives as one piece. Its usage is counted from its lists of tokens.',
      'Jamba models take text only, and decide by themselves about tools: `tool_choice` is `auto` or `none`.',
      '`documents` are passed on.',
      'Where nothing sets `max_tokens`, AI21 ends the answers of `j2-` models after 16 tokens.',
    ],
  },
  create: (upstream) => (request, call) => {
    const legacy = call.model.startsWith('j2-');
    const path = legacy ? `/${encodeURIComponent(call.model)}/complete` : '/chat/completions';
    return upstream.stream(legacy ? j2Complete : jambaChat, request, call, () =>
      bearerEndpoint(call.deployment, API_BASE, path),
    );
  },
};
