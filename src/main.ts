import { parseArgs } from 'node:util';
import { ConfigError } from './config/problems.ts';
import { type Roles, serve } from './serve.ts';

const USAGE = `Usage: node src/main.ts [--api] [--worker] [--feeder]

  (none)      all three in this process
  --api       the HTTP API
  --worker    a worker, which runs jobs
  --feeder    a feeder, which takes batches through the queue

Environment: PORT (4000), HOST (127.0.0.1), REDIS_URL (none: Sluice starts its own Redis in SLUICE_DATA_DIR),
SLUICE_CONFIG (sluice.yaml), SLUICE_DATA_DIR (.sluice), SLUICE_ARCHIVE_DIR (archive, in SLUICE_DATA_DIR),
SLUICE_FILES_DIR (files, in SLUICE_DATA_DIR) or SLUICE_S3_BUCKET, _REGION, _ENDPOINT, _PREFIX, _ACCESS_KEY_ID,
_SECRET_ACCESS_KEY, _FORCE_PATH_STYLE (none), SLUICE_WEBHOOK_SECRET (one is made), SLUICE_WEBHOOK_ALLOW_HOSTS (none),
SLUICE_MASTER_KEY, LOG_LEVEL (info).
The README describes the configuration file.
`;

/** A mistake on the command line. */
class UsageError extends Error {}

function readArguments() {
  try {
    return parseArgs({
      options: {
        api: { type: 'boolean' },
        worker: { type: 'boolean' },
        feeder: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // Its second sentence is about options that are meant as values, of which there are none here.
    const [what] = error instanceof Error ? error.message.split('. ') : [];
    throw new UsageError(`${what}.\n\n${USAGE}`);
  }
}

/** Null: show the usage. */
function readRoles(): Roles | null {
  const { values } = readArguments();
  if (values.help) return null;
  const { api = false, worker = false, feeder = false } = values;
  return api || worker || feeder ? { api, worker, feeder } : { api: true, worker: true, feeder: true };
}

async function main(): Promise<void> {
  const roles = readRoles();
  if (roles === null) {
    process.stdout.write(USAGE);
    return;
  }
  await serve(roles, process.env);
}

main().catch((error: unknown) => {
  // Mistakes of the operator, in the configuration or on the command line, need a message and no stack.
  const message = error instanceof ConfigError || error instanceof UsageError ? error.message : error;
  console.error(message);
  process.exit(1);
});
