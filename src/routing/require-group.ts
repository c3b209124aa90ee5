import type { ModelGroup } from '../config/config.ts';
import { LONGEST_MODEL_NAME } from '../core/completion.ts';
import { SluiceError } from '../core/errors.ts';
import type { Router } from './router.ts';

/** The group that serves a model, or the 404 that names the models nearest to it. */
export function requireGroup(router: Router, model: string, param: string): ModelGroup {
  const tooLong = model.length > LONGEST_MODEL_NAME;
  const group = tooLong ? null : router.groupOf(model);
  if (group !== null) return group;
  const nearest = tooLong ? [] : router.nearest(model).map((name) => `'${name}'`);
  const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : '';
  const name = model.slice(0, LONGEST_MODEL_NAME);
  throw new SluiceError('model_not_found', `The model '${name}' does not exist.${hint}`, { param });
}
