// Preloaded into the processes that tests start: when the test process dies, however it dies, their standard
// input ends and so do they.
process.stdin.on('end', () => process.exit(1));
process.stdin.on('error', () => process.exit(1));
process.stdin.resume();
// What has nothing else to do may end.
process.stdin.unref();
