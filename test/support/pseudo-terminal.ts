import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { BIN, type CommandOptions, commandEnvironment } from './command.ts';
import { eventually } from './eventually.ts';

/** `sluice` as somebody sees it who sits at a terminal. */
export interface PseudoTerminal {
  /** What the screen shows now, line by line, however they wrap, those that have scrolled away included. */
  readonly lines: readonly string[];
  /** Everything that was written to it, escapes and all. */
  readonly raw: string;
  /** Waits until the screen shows it. */
  shows(what: string | RegExp): Promise<void>;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** The terminal's window is closed: SIGHUP. */
  hangUp(): void;
  /** What a shell does at fg: SIGCONT. */
  goOn(): void;
  readonly exited: Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';
export const CTRL_Z = '\u001a';

/** Opens a terminal of that size in which `sluice` runs with these arguments. */
export function openTerminal(
  args: readonly string[],
  { columns = 80, rows = 24, env, cwd }: CommandOptions & { columns?: number; rows?: number } = {},
): PseudoTerminal {
  const pty: IPty = spawn(process.execPath, [BIN, ...args], {
    cols: columns,
    rows,
    name: 'xterm-256color',
    env: commandEnvironment({ TERM: 'xterm-256color', ...env }),
    ...(cwd !== undefined && { cwd }),
  });
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  let raw = '';
  let ended = false;
  pty.onData((data) => {
    raw += data;
    screen.write(data);
  });
  const exited = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => {
      ended = true;
      // Once the screen has taken what was written to it.
      screen.write('', () => resolve(exitCode));
    });
  });
  const read = (): string[] => {
    const { active } = screen.buffer;
    const lines: string[] = [];
    for (let index = 0; index < active.length; index += 1) {
      const line = active.getLine(index);
      const goesOn = active.getLine(index + 1)?.isWrapped === true;
      const shown = line?.translateToString(!goesOn) ?? '';
      if (line?.isWrapped) lines.push((lines.pop() ?? '') + shown);
      else lines.push(shown);
    }
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  };
  return {
    get lines() {
      return read();
    },
    get raw() {
      return raw;
    },
    shows: async (what) => {
      const isShown = (): boolean => {
        const all = read().join('\n');
        return typeof what === 'string' ? all.includes(what) : what.test(all);
      };
      await eventually(`the terminal to show ${what}`, isShown, { describe: () => read().join('\n') });
    },
    type: (keys) => pty.write(keys),
    resize: (toColumns, toRows) => {
      screen.resize(toColumns, toRows);
      pty.resize(toColumns, toRows);
    },
    hangUp: () => pty.kill('SIGHUP'),
    goOn: () => pty.kill('SIGCONT'),
    exited,
    [Symbol.asyncDispose]: async () => {
      if (!ended) pty.kill('SIGKILL');
      await exited;
      screen.dispose();
    },
  };
}
