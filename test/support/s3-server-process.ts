import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

// Keeps objects in the folder named, says its port in a line, and ends with the process that started it.
type Rver = new (options: object) => { run(): Promise<AddressInfo>; httpServer?: Server };
const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as Rver;

const [directory, bucket] = process.argv.slice(2);
const server = new S3rver({
  address: '127.0.0.1',
  port: 0,
  silent: true,
  directory,
  vhostBuckets: false,
  // It gets those of requests with a query wrong.
  allowMismatchedSignatures: true,
  configureBuckets: [{ name: bucket }],
});
const { port } = await server.run();
process.stdout.write(`${port}\n`);
