/**
 * The parts of the Compose specification that docker-compose.yml uses, as JSON Schema. It is strict: what
 * it does not know is a mistake, because Compose refuses misspelt keys only when somebody starts it.
 */
export const COMPOSE_SCHEMA = {
  type: 'object',
  required: ['services'],
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' },
    services: { type: 'object', additionalProperties: { $ref: '#/definitions/service' } },
    volumes: { type: 'object', additionalProperties: { type: 'null' } },
  },
  patternProperties: { '^x-': {} },
  additionalProperties: false,
  definitions: {
    duration: { type: 'string', pattern: '^(\\d+(us|ms|s|m|h))+$' },
    words: { type: 'array', items: { type: 'string' } },
    service: {
      type: 'object',
      required: ['image'],
      properties: {
        build: { type: 'string' },
        image: { type: 'string' },
        command: { $ref: '#/definitions/words', minItems: 1 },
        restart: { enum: ['no', 'always', 'on-failure', 'unless-stopped'] },
        stop_grace_period: { $ref: '#/definitions/duration' },
        environment: {
          type: 'object',
          propertyNames: { pattern: '^[A-Z][A-Z0-9_]*$' },
          // A bare `yes`, `0` or `1.10` is no string to YAML, and would not arrive as it is written.
          additionalProperties: { type: 'string' },
        },
        env_file: { type: 'array', items: { $ref: '#/definitions/envFile' } },
        ports: { type: 'array', items: { type: 'string', pattern: '^(\\$\\{[A-Z]+:-\\d+\\}|\\d+):\\d+$' } },
        volumes: { type: 'array', items: { type: 'string', pattern: '^[\\w./-]+:/[\\w./-]*(:ro)?$' } },
        depends_on: { type: 'object', additionalProperties: { $ref: '#/definitions/dependency' } },
        healthcheck: { $ref: '#/definitions/healthcheck' },
      },
      additionalProperties: false,
    },
    envFile: {
      type: 'object',
      required: ['path'],
      properties: { path: { type: 'string' }, required: { type: 'boolean' } },
      additionalProperties: false,
    },
    dependency: {
      type: 'object',
      required: ['condition'],
      properties: { condition: { enum: ['service_started', 'service_healthy'] } },
      additionalProperties: false,
    },
    healthcheck: {
      oneOf: [
        {
          type: 'object',
          required: ['disable'],
          properties: { disable: { const: true } },
          additionalProperties: false,
        },
        {
          type: 'object',
          required: ['test'],
          properties: {
            test: {
              type: 'array',
              items: [{ enum: ['CMD', 'CMD-SHELL'] }],
              additionalItems: { type: 'string' },
              minItems: 2,
            },
            interval: { $ref: '#/definitions/duration' },
            timeout: { $ref: '#/definitions/duration' },
            retries: { type: 'integer', minimum: 1 },
          },
          additionalProperties: false,
        },
      ],
    },
  },
};
