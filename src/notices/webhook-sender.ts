import type { WebhookSettings } from '../config/config.ts';
import type { DeliveryAttempt } from '../core/webhook-delivery.ts';
import { GuardedSender, NoReply, type Reply } from '../outbound/guarded-sender.ts';
import { signedHeaders } from './signature.ts';

/** What came of a request to an endpoint. */
export interface SentWebhook {
  readonly attempt: DeliveryAttempt;
  readonly retryAfter: string | null;
}

/** One event for one URL. */
export interface Message {
  readonly url: string;
  readonly eventId: string;
  /** The event, byte for byte. */
  readonly body: string;
}

/** Signs events and sends them. */
export class WebhookSender {
  readonly #sender: GuardedSender;

  constructor({ allowHosts, timeout }: WebhookSettings) {
    this.#sender = new GuardedSender(allowHosts, 1000 * timeout);
  }

  /** Never rejects because of the endpoint; `stop` ends it with its reason. */
  async send(message: Message, secrets: readonly string[], stop?: AbortSignal): Promise<SentWebhook> {
    const { url, eventId, body } = message;
    const at = Date.now();
    const begun = performance.now();
    const reply = await this.#reply(url, signedHeaders(eventId, body, secrets, new Date(at)), body, stop);
    const duration = Math.round(performance.now() - begun);
    if (reply instanceof NoReply) {
      return { attempt: { at, duration, statusCode: null, error: reply.message }, retryAfter: null };
    }
    const { statusCode, retryAfter } = reply;
    return { attempt: { at, duration, statusCode, error: judge(statusCode) }, retryAfter };
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  async #reply(
    url: string,
    headers: Record<string, string>,
    body: string,
    stop: AbortSignal | undefined,
  ): Promise<Reply | NoReply> {
    try {
      return await this.#sender.post(url, headers, body, stop);
    } catch (thrown) {
      if (thrown instanceof NoReply) return thrown;
      throw thrown;
    }
  }
}

/** Why this status is a failure; null if it is none. */
function judge(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  return status === 410 ? 'answered 410: gone for good' : `answered ${status}`;
}
