import { type Request, type Response, Router } from 'express';
import type { Lane } from '../../queue/queue-options.ts';
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
  const readDepths = async (groups: readonly string[], lane: Lane): Promise<number> => {
    const depths = await Promise.all(groups.map((group) => producer.depth(group, lane)));
    for (const [index, depth] of depths.entries()) {
      const group = groups[index] ?? '';
      for (const [state, count] of Object.entries(depth)) {
        metrics.queueDepth.set({ group, lane, state }, count);
      }
    }
    return depths.reduce((sum, { active }) => sum + active, 0);
  };
  try {
    const [counts, workers, archiveTasks, webhooksPending] = await Promise.all([
      store.jobs.index.counts(),
      store.workers.alive(),
      store.archived.tasks.count(),
      store.deliveries.pending(),
    ]);
    metrics.workersAlive.set(workers);
    metrics.archiveTasks.set(archiveTasks);
    metrics.webhooksPending.set(webhooksPending);
    const running = await readDepths(producer.groups, 'interactive');
    const lineGroups = await producer.lineGroups();
    await readDepths(
      producer.groups.filter((group) => lineGroups.includes(group)),
      'batch',
    );
    // The index lists open jobs together; those that a worker has at this moment are the ones in progress.
    const { open, ...settled } = counts;
    const jobs = { queued: Math.max(0, open - running), in_progress: Math.min(open, running), ...settled };
    for (const [status, count] of Object.entries(jobs)) metrics.jobs.set({ status }, count);
  } catch (error) {
    logger.warn({ err: error }, 'metrics lack what only Redis knows');
  }
}
