import { describe, expect, it } from 'vitest';
import { newSigningSecret, signedHeaders } from '../../src/notices/signature.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';

const BODY =
  '{"id":"evt_1","object":"event","created_at":1,"type":"response.completed","data":{"id":"resp_1"}}';

describe.each(OPENAI_VERSIONS)('%s', (_, Client) => {
  const { webhooks } = new Client({ apiKey: 'unused' });

  it('accepts what either of two secrets has signed', async () => {
    const secrets = [newSigningSecret(), newSigningSecret()];
    const headers = signedHeaders('evt_1', BODY, secrets, new Date());
    for (const secret of secrets) {
      await expect(webhooks.unwrap(BODY, headers, secret)).resolves.toEqual(JSON.parse(BODY));
      await expect(webhooks.verifySignature(BODY, headers, secret)).resolves.toBeUndefined();
    }
  });

  it('refuses another body, another id and another secret', async () => {
    const secret = newSigningSecret();
    const headers = signedHeaders('evt_1', BODY, [secret], new Date());
    const refused = expect.objectContaining({ name: expect.any(String) });
    await expect(webhooks.verifySignature(`${BODY} `, headers, secret)).rejects.toEqual(refused);
    await expect(
      webhooks.verifySignature(BODY, { ...headers, 'webhook-id': 'evt_2' }, secret),
    ).rejects.toEqual(refused);
    await expect(webhooks.verifySignature(BODY, headers, newSigningSecret())).rejects.toEqual(refused);
  });
});
