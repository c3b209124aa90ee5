import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { OPENAI, SCRIPTED } from '../support/provider-infos.ts';

const MODELS = 'model_list: [{model_name: a, litellm_params: {model: openai/a}}]\n';

/** The error's message without its first line; '' if there is no mistake. */
function report(text: string, environment: NodeJS.ProcessEnv = {}): string {
  try {
    readConfig(text, environment, { providers: [OPENAI, SCRIPTED], file: 'x.yaml' });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.replace(/^.*\n/, '');
  }
  return '';
}

function warnings(text: string): readonly string[] {
  return readConfig(text, { OPENAI_API_KEY: 'sk-1' }, { providers: [OPENAI, SCRIPTED] }).warnings;
}

describe('mistakes', () => {
  const MANY = `model_list:
  - model_name: a:b
    litellm_params:
      model: opnai/gpt
      api_key: os.environ/UNSET
  - litellm_params:
  - 3
general_settings:
  master_key: 12
  job_timeot: 3
router_settings: [1]
num_retries: 3
`;

  test('are all reported at once, each with its place, path and remedy', () => {
    expect(report(MANY, { PORT: 'abc' }).split('\n')).toEqual(
      [
        '  x.yaml:2:17  model_list[0].model_name  must not contain ":", "{", "}", spaces or control characters, because it names a queue; litellm_params.model may',
        '  x.yaml:4:14  model_list[0].litellm_params.model  unknown provider in "opnai/gpt"; did you mean "openai"? (docs/providers.md lists them; for a server that speaks OpenAI\'s API, write openai/<its model> and its api_base)',
        '  x.yaml:5:16  model_list[0].litellm_params.api_key  the environment variable UNSET is not set, or empty: set it',
        '  x.yaml:6:5   model_list[1].model_name  is required: the model name that clients ask for',
        '  x.yaml:6:20  model_list[1].litellm_params  is required: a map with at least `model: provider/name`',
        '  x.yaml:7:5   model_list[2]  must be a map of settings (lines of `name: value`, indented)',
        '  x.yaml:9:15  general_settings.master_key  must be text: put it in quotes',
        '  x.yaml:10:3  general_settings.job_timeot  unknown key; did you mean "job_timeout"?',
        '  x.yaml:11:18  router_settings  must be a map of settings (lines of `name: value`, indented)',
        '  x.yaml:12:1  num_retries  unknown key; it belongs at router_settings.num_retries',
        '  environment  PORT  must be a whole number from 0 to 65535 (0: any free port)',
      ].map((line) => line.replace(/^ {2}(\S+) +/, (_, place: string) => `  ${place.padEnd(12)}  `)),
    );
  });

  test('are counted, and there to be read one by one', () => {
    try {
      readConfig(MANY, {}, { providers: [OPENAI], file: 'x.yaml' });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      const { message, problems, name } = error as ConfigError;
      expect(name).toBe('ConfigError');
      expect(message).toMatch(/^The configuration has 10 mistakes:\n/);
      expect(problems).toHaveLength(10);
      expect(problems[7]).toEqual({
        file: 'x.yaml',
        place: { line: 10, column: 3 },
        path: 'general_settings.job_timeot',
        message: 'unknown key; did you mean "job_timeout"?',
      });
    }
  });

  test.each([
    ['general_settings', 'max_request_bytes', '1.5', 'must be a whole number of bytes from 1 to 536870912'],
    ['general_settings', 'max_output_bytes', '0', 'must be a whole number of bytes from 1 to 536870912'],
    ['general_settings', 'job_timeout', '2147484', 'must be a whole number of seconds from 1 to 2147483'],
    ['general_settings', 'result_ttl', '-1', 'must be a whole number of seconds from 1 to 315360000'],
    ['general_settings', 'log_ttl', '1h', 'must be a whole number of seconds from 1 to 315360000'],
    ['general_settings', 'stored_ttl', '0', 'must be a whole number of seconds from 1 to 315360000'],
    ['general_settings', 'max_lost_attempts', '0', 'must be a whole number of attempts from 1 to 1000'],
    ['general_settings', 'concurrency', '[1]', 'must be a whole number of jobs from 1 to 100000'],
    ['general_settings', 'drain_grace', '-1', 'must be a number of seconds from 0 to 2147483'],
    ['general_settings', 'reader_stall_timeout', '0', 'must be a number of seconds above 0, up to 2147483'],
    ['general_settings', 'keepalive_seconds', '0', 'must be a number of seconds above 0, up to 2147483'],
    [
      'general_settings',
      'master_key',
      '""',
      'must be visible ASCII characters only, without spaces or line breaks',
    ],
    ['router_settings', 'num_retries', '-1', 'must be a whole number of retries from 0 to 1000'],
    ['router_settings', 'retry_after', '.nan', 'must be a number of seconds from 0 to 2147483'],
    ['router_settings', 'timeout', '.inf', 'must be a number of seconds above 0, up to 2147483'],
    ['router_settings', 'stream_timeout', 'true', 'must be a number of seconds above 0, up to 2147483'],
    ['litellm_settings', 'request_timeout', '0', 'must be a number of seconds above 0, up to 2147483'],
  ])('%s.%s: %s', (section, key, value, message) => {
    const column = section.length + key.length + 6;
    expect(report(`${MODELS}${section}: {${key}: ${value}}`)).toBe(
      `  x.yaml:2:${column}  ${section}.${key}  ${message}`,
    );
  });

  test('include a missing model list', () => {
    const message =
      'model_list  must be a list of at least one model: `- model_name: gpt-4o` with `litellm_params: {model: openai/gpt-4o}`';
    for (const text of ['', '# nothing', 'model_list: []', 'general_settings: {concurrency: 1}']) {
      expect(report(text)).toMatch(/^ {2}x\.yaml:\d:\d+ /);
      expect(report(text)).toContain(message);
    }
  });

  test('include a file that is no map', () => {
    expect(report('- a')).toContain('x.yaml:1:1  must be a map with model_list, general_settings, …');
  });

  test('show neither secrets nor control characters', () => {
    const secrets = {
      KEY: 'sk-secret\n',
      NUMBER: 'sk-secret',
      OPENAI_API_KEY: 'sk-secret ',
      REDIS_URL: 'x://:sk-secret@h',
    };
    const text = `model_list:
  - model_name: os.environ/KEY
    litellm_params: {model: openai/a, timeout: os.environ/NUMBER, temperature: os.environ/NUMBER}
  - model_name: b
    litellm_params: {model: openai/b}
general_settings: {master_key: os.environ/KEY, concurrency: os.environ/NUMBER, "\\e[31m\\u202e": 1}
`;
    const found = report(text, secrets);
    expect(found.split('\n')).toHaveLength(8);
    expect(found.replaceAll('webhook_secret', '')).not.toContain('secret');
    expect(found).toContain('general_settings["\\u001b[31m\\u202e"]  unknown key');
  });
});

describe('os.environ/NAME', () => {
  test('stands for the variable, and a number where one is due', () => {
    const text = `${MODELS}general_settings: {concurrency: os.environ/MANY, max_request_bytes: "16_777_216"}`;
    const { config } = readConfig(text, { MANY: '12' }, { providers: [OPENAI] });
    expect(config.limits).toMatchObject({ concurrency: 12, maxRequestBytes: 16_777_216 });
  });

  test.each([
    ['os.environ/UNSET', 'the environment variable UNSET is not set, or empty: set it'],
    ['os.environ/EMPTY', 'the environment variable EMPTY is not set, or empty: set it'],
    ['os.environ/', 'os.environ/ must be followed by the name of an environment variable'],
    ['os.environ/A B', 'os.environ/ must be followed by the name of an environment variable'],
  ])('%s is a mistake', (value, message) => {
    const text = `${MODELS}general_settings: {master_key: ${value}}`;
    expect(report(text, { EMPTY: '' })).toBe(`  x.yaml:2:32  general_settings.master_key  ${message}`);
  });
});

describe('unknown keys', () => {
  test.each([
    ['genral_settings: {}', 'genral_settings  unknown key; did you mean "general_settings"?'],
    ['modellist: []', 'modellist  unknown key; did you mean "model_list"?'],
    ['environment_variable: {}', 'environment_variable  unknown key; did you mean "environment_variables"?'],
    [
      'wholly: 1',
      'wholly  unknown key; known here: model_list, general_settings, router_settings, litellm_settings, storage, webhook_endpoints',
    ],
    [
      'general_settings: {jab_tamaout: 1}',
      'general_settings.jab_tamaout  unknown key; did you mean "job_timeout"?',
    ],
    [
      'general_settings: {jab_tamaoat: 1}',
      'general_settings.jab_tamaoat  unknown key; known here: master_key, max_request_bytes, max_output_bytes, ' +
        'job_timeout, result_ttl, log_ttl, stored_ttl, max_lost_attempts, concurrency, drain_grace, reader_stall_timeout, keepalive_seconds, max_file_bytes, max_batch_lines, max_batch_bytes, batch_timeout, batch_window, webhook_secret, webhook_allow_hosts, webhook_timeout, webhook_retry',
    ],
    [
      'general_settings: {masterKey: a}',
      'general_settings.masterKey  unknown key; did you mean "master_key"?',
    ],
    [
      'general_settings: {num_retries: 1}',
      'general_settings.num_retries  unknown key; it belongs at router_settings.num_retries',
    ],
    [
      'router_settings: {num_retires: 1}',
      'router_settings.num_retires  unknown key; did you mean "num_retries"?',
    ],
    ['router_settings: {fallback: []}', 'router_settings.fallback  unknown key; did you mean "fallbacks"?'],
    [
      'router_settings: {wholly: 1}',
      'router_settings.wholly  unknown key; known here: num_retries, retry_after, timeout, stream_timeout',
    ],
    [
      'router_settings: {__proto__: 1}',
      'router_settings.__proto__  unknown key; known here: num_retries, retry_after, timeout, stream_timeout',
    ],
    [
      'litellm_settings: {num_retrys: 1}',
      'litellm_settings.num_retrys  unknown key; did you mean "num_retries"?',
    ],
  ])('%s', (line, message) => {
    expect(report(MODELS + line)).toMatch(/^ {2}x\.yaml:2:\d+ {2}/);
    expect(report(MODELS + line).replace(/^ {2}\S+ {2}/, '')).toBe(message);
  });

  test('in an entry of model_list', () => {
    expect(report('model_list: [{model_nam: a, litellm_params: {model: openai/a}}]')).toBe(
      '  x.yaml:1:14  model_list[0].model_name  is required: the model name that clients ask for\n' +
        '  x.yaml:1:15  model_list[0].model_nam  unknown key; did you mean "model_name"?',
    );
  });
});

describe('keys that only LiteLLM knows', () => {
  test('are ignored with a warning each, unset references in them included', () => {
    const text = `model_list:
  - model_name: a
    litellm_params: {model: openai/a, rpm: 480, input_cost_per_second: 0.1, mock_timeout: true}
    model_info: {id: "1", health_check_timeout: 1}
  - model_name: a
    litellm_params: {model: openai/b, rpm: 480}
    model_info: {mode: chat}
  - model_name: c
    litellm_params: {model: openai/b, rpm: 480}
litellm_settings:
  drop_params: True
  num_retries: 5
  success_callback: ["langfuse"]
  something_new: true
finetune_settings: [{custom_llm_provider: azure}]
router_settings:
  routing_strategy: usage-based-routing-v2
  redis_host: os.environ/REDIS_HOST
  model_group_alias: {b: a}
general_settings:
  store_model_in_db: True
  database_url: os.environ/DATABASE_URL
  max_request_size_mb: 5
  alerting: ["slack"]
environment_variables: {REDIS_HOST: localhost}
`;
    const IGNORED = 'known from LiteLLM, ignored by Sluice';
    expect(warnings(text)).toEqual([
      `finetune_settings: ${IGNORED}`,
      `environment_variables: ${IGNORED}: set them in the environment itself`,
      `general_settings.store_model_in_db: ${IGNORED}`,
      `general_settings.database_url: ${IGNORED}`,
      `general_settings.max_request_size_mb: ${IGNORED}: set max_request_bytes`,
      `general_settings.alerting: ${IGNORED}`,
      `router_settings.routing_strategy: ${IGNORED}`,
      `router_settings.redis_host: ${IGNORED}: its Redis is the one that REDIS_URL names`,
      `router_settings.model_group_alias: ${IGNORED}`,
      `litellm_settings.success_callback: ${IGNORED}`,
      `litellm_settings.something_new: ${IGNORED}`,
      `model_list[0].litellm_params.rpm (and 2 more like it): ${IGNORED}`,
      `model_list[0].litellm_params.input_cost_per_second: ${IGNORED}`,
      `model_list[0].litellm_params.mock_timeout: ${IGNORED}`,
      'model_list[0].model_info (and 1 more like it): Sluice uses base_model and the prices of it, and ignores the rest',
    ]);
  });
});
