import { type ErrorBody, SluiceError } from '../../../core/errors.ts';
import type { Fields } from '../../../core/json.ts';
import type { StreamedJob } from '../../surface.ts';
import { isBackground } from '../echo.ts';
import { responseId } from '../ids.ts';

/** What a stream says that ends before its response. `number`: of the last event before whatever comes next. */
export function interruption({ id }: StreamedJob, echo: Fields, number: number, why: string): ErrorBody {
  const path = `/v1/responses/${responseId(id)}`;
  const advice = isBackground(echo)
    ? `GET ${path}?stream=true&starting_after=${number}`
    : `its end is at GET ${path}`;
  return new SluiceError('attempt_interrupted', `${why}; the response goes on: ${advice}.`).body;
}
