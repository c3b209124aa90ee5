import { MODULES } from '../../src/providers/registry.ts';
import { describeProvider } from './provider-suite.ts';
import { OWN_UPSTREAMS } from './upstreams/all.ts';
import { openaiChat } from './upstreams/openai-chat.ts';

for (const { info, about } of MODULES) {
  const [format] = about.formats;
  if (format && !Object.hasOwn(OWN_UPSTREAMS, info.name)) {
    const twoChoices = format.supports.has('n') ? openaiChat.twoChoices : null;
    describeProvider(info.name, { ...openaiChat, format, twoChoices });
  }
}
