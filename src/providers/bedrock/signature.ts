import { createHash } from 'node:crypto';

/** What proves to AWS who is asking. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys that were lent for a while. */
  readonly sessionToken?: string | undefined;
}

/** One POST, as it will be sent. */
export interface Unsigned {
  readonly url: string;
  /** Those that are signed too; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const SERVICE = 'bedrock';

/**
 * The request's headers with those of AWS's Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html): the path is signed as it is sent,
 * encoded once more. `now` is the time of the signature, which AWS takes for five minutes.
 */
export async function signed(
  { url, headers, body }: Unsigned,
  keys: AwsKeys,
  region: string,
  now = new Date(),
): Promise<Record<string, string>> {
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-crypto/sha256-js'),
  ]);
  const signer = new SignatureV4({
    service: SERVICE,
    region,
    credentials: withoutGaps(keys),
    sha256: Sha256,
  });
  const { protocol, host, hostname, pathname, searchParams } = new URL(url);
  // Hashed here, since images make bodies of megabytes, which the library would hash in JavaScript.
  const digest = createHash('sha256').update(body).digest('hex');
  const request = await signer.sign(
    {
      method: 'POST',
      protocol,
      hostname,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { ...headers, host, 'x-amz-content-sha256': digest },
    },
    { signingDate: now },
  );
  const { host: _host, ...sent } = request.headers;
  return sent;
}

/** The library's types want absence where there is nothing. */
function withoutGaps({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys) {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}
