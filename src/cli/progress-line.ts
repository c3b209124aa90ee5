import type { BatchProgress } from '../client/index.ts';
import { dollars, duration } from './format.ts';
import type { Activity, Terminal } from './terminal.ts';

const BAR = 24;
/** What is around the rest of the line: spinner, spaces. */
const MARGIN = 4;

/** Shows how a batch comes along, on one line that changes. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #activity: Activity;

  constructor(terminal: Terminal, what: string) {
    this.#terminal = terminal;
    this.#activity = terminal.activity(what);
  }

  show(progress: BatchProgress): void {
    this.#activity.update(this.#line(progress, (process.stderr.columns || 80) - MARGIN));
  }

  stop(): void {
    this.#activity.stop();
  }

  /** The parts that fit, the most wanted first: a line that wraps would be drawn again and again. */
  #line(progress: BatchProgress, width: number): string {
    const { failed } = progress.request_counts;
    const parts = describeProgress(progress);
    let line = `${bar(progress)} ${parts[0]}`;
    for (const part of parts.slice(1)) if (line.length + part.length + 3 <= width) line += ` · ${part}`;
    line = line.length <= width ? line : (parts[0] ?? '').slice(0, Math.max(0, width));
    return failed > 0
      ? line.replace(`${failed} failed`, this.#terminal.noteStyle('red', `${failed} failed`))
      : line;
  }
}

/** What there is to say of a batch's progress, the most wanted first. */
export function describeProgress({
  status,
  request_counts: counts,
  lines_per_second,
  eta,
  cost,
}: BatchProgress): string[] {
  const { total, completed, failed } = counts;
  const done = completed + failed;
  if (total === 0) return [status];
  const percent = Math.floor((100 * done) / total);
  return [
    `${done}/${total} ${percent}%`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(eta === null || done === total ? [] : [`${duration(eta)} to go`]),
    ...(lines_per_second === null ? [] : [`${rate(lines_per_second)}/s`]),
    ...(cost.usd > 0 ? [`${dollars(cost.usd)}${cost.unpriced > 0 ? '+' : ''}`] : []),
    ...(status === 'in_progress' ? [] : [status]),
  ];
}

function rate(perSecond: number): string {
  return perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

function bar({ request_counts: { total, completed, failed } }: BatchProgress): string {
  const full = total === 0 ? 0 : Math.floor((BAR * (completed + failed)) / total);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}
