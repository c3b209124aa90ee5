import { type Request, type Response, Router } from 'express';
import type { ApiParts } from '../parts.ts';

/** `/metrics` for Prometheus. What only Redis knows (jobs, queues, workers) is read at each scrape. */
export function metricsRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { metrics } = parts;
  routes.get('/metrics', async (_request: Request, response: Response) => {
    await readStorage(parts);
    response.setHeader('Content-Type', metrics.registry.contentType);
    response.send(await metrics.registry.metrics());
  });
  return routes;
}

async function readStorage({ store, producer, metrics, logger }: ApiParts): Promise<void> {
  try {
    const [counts, workers, archiveTasks] = await Promise.all([
      store.jobs.index.counts(),
      store.workers.alive(),
      store.archived.tasks.count(),
    ]);
    metrics.workersAlive.set(workers);
    metrics.archiveTasks.set(archiveTasks);
    let running = 0;
    await Promise.all(
      producer.groups.map(async (group) => {
        const depth = await producer.depth(group);
        running += depth.active;
        for (const [state, count] of Object.entries(depth)) metrics.queueDepth.set({ group, state }, count);
      }),
    );
    // The index lists open jobs together; those that a worker has at this moment are the ones in progress.
    const { open, ...settled } = counts;
    const jobs = { queued: Math.max(0, open - running), in_progress: Math.min(open, running), ...settled };
    for (const [status, count] of Object.entries(jobs)) metrics.jobs.set({ status }, count);
  } catch (error) {
    logger.warn({ err: error }, 'metrics lack what only Redis knows');
  }
}
