import { createInterface } from 'node:readline';
import { startEmbeddedRedis } from '../../src/store/embedded-redis.ts';

// A process that uses the embedded Redis of the folder it is given, for tests that kill it. It reports on
// standard output, a line a step, and does what standard input says.
const [dataDir = ''] = process.argv.slice(2);
try {
  const redis = await startEmbeddedRedis({ dataDir });
  console.log(`ready ${redis.socketPath}`);
  for await (const command of createInterface({ input: process.stdin })) {
    if (command === 'close') await redis.close();
    if (command === 'ensure') await redis.ensureRunning();
    console.log(`done ${command}`);
  }
} catch (error) {
  console.log(`failed ${error instanceof Error ? error.message : error}`);
}
