import { describe, expect, it } from 'vitest';
import { errorFromAnswer } from '../../src/providers/errors/upstream-error.ts';

const CORAL = ':http://internal.amazon.com/coral/com.amazon.bedrock/';

describe('an error of Bedrock', () => {
  it.each([
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'upstream_bad_request', false],
    [400, 'ValidationException', 'Input is too long for requested model.', 'context_length_exceeded', false],
    [400, 'ValidationException', 'Input Tokens Exceeded: 9 > 8.', 'context_length_exceeded', false],
    [403, 'AccessDeniedException', 'You have no access.', 'upstream_permission_denied', false],
    [403, 'ExpiredTokenException', 'The security token is expired', 'upstream_authentication', false],
    [403, 'UnrecognizedClientException', 'No such client.', 'upstream_authentication', false],
    [403, 'InvalidSignatureException', 'Signature expired.', 'upstream_authentication', false],
    [
      403,
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
      'upstream_authentication',
      false,
    ],
    [404, 'ResourceNotFoundException', 'This model has reached its end.', 'upstream_not_found', false],
    [408, 'ModelTimeoutException', 'It took too long.', 'upstream_timeout', true],
    [424, 'ModelErrorException', 'The model failed.', 'upstream_error', true],
    [429, 'ThrottlingException', 'Too many tokens, please wait.', 'rate_limit_exceeded', true],
    [429, 'ModelNotReadyException', 'Not ready.', 'rate_limit_exceeded', true],
    [500, 'InternalServerException', 'Failed.', 'upstream_error', true],
    [503, 'ServiceUnavailableException', 'Busy.', 'upstream_overloaded', true],
  ])('%i %s: %s', (status, type, message, code, retryable) => {
    const headers = { 'x-amzn-errortype': type + CORAL };
    const body = JSON.stringify({ message });
    const error = errorFromAnswer({ provider: 'bedrock', status, headers, body });
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(type);
  });

  it.each(['Authentication failed: Please make sure your API Key is valid.', 'Bearer Token has expired'])(
    'of a bad API key is one of credentials: %s',
    (Message) => {
      const body = JSON.stringify({ Message });
      const error = errorFromAnswer({ provider: 'bedrock', status: 403, headers: {}, body });
      expect(error.code).toBe('upstream_authentication');
    },
  );
});
