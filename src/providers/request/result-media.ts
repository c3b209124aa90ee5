import type { MessagePart, RequestMessage } from '../../core/completion.ts';

/** What stands in a result whose pictures and files come behind it. */
const BEHIND = '[The result is in the next message of the user.]';

/**
 * Messages in which tools answer by text alone, as most formats have it: what else their results hold is said by the user,
 * behind all results of the turn.
 */
export function mediaBehindResults(messages: readonly RequestMessage[]): RequestMessage[] {
  const told: RequestMessage[] = [];
  let media: MessagePart[] = [];
  const tell = (): void => {
    if (media.length > 0) told.push({ role: 'user', content: media });
    media = [];
  };
  for (const message of messages) {
    if (message.role !== 'tool') tell();
    const others = message.role === 'tool' ? partsBesideText(message) : [];
    media.push(...others);
    told.push(others.length > 0 ? { ...message, content: textsOf(message) } : message);
  }
  tell();
  return told;
}

function partsBesideText({ content }: RequestMessage): MessagePart[] {
  return Array.isArray(content) ? content.filter(({ type }) => type !== 'text') : [];
}

function textsOf({ content }: RequestMessage): RequestMessage['content'] {
  const texts = Array.isArray(content) ? content.filter(({ type }) => type === 'text') : [];
  return texts.length > 0 ? texts : BEHIND;
}
