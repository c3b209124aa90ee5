import type { Command } from 'commander';
import { EXIT, Exit } from '../exit-codes.ts';
import { openSession } from '../session.ts';

const SIGNS = { ok: ['green', '✓'], doubtful: ['yellow', '!'], wrong: ['red', '✗'] } as const;

/** `sluice doctor`: what is wrong on this machine, and what mends it. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'look for what is wrong: Node, configuration, keys, Redis, the server; and say what mends it',
    )
    .addHelpText(
      'after',
      `
Looks at what \`sluice serve\` would use from here: the same environment, working directory and configuration.
Exits with 1 if something is wrong; doubts alone are no error.

Examples:
  sluice doctor
  REDIS_URL=redis://10.0.0.5 sluice doctor --json`,
    )
    .action(async (_options: object, command: Command) => {
      const session = openSession(command);
      const { terminal, json } = session;
      const { examine } = await import('../doctor/examine.ts');
      const looking = terminal.activity('looking around');
      const findings = await examine(session).finally(looking.stop);
      if (json) terminal.json(findings);
      else {
        for (const { state, what, found, mend } of findings) {
          const [colour, sign] = SIGNS[state];
          terminal.line(`${terminal.style(colour, sign)} ${terminal.style('bold', what)}  ${found}`);
          if (mend !== undefined) terminal.line(`    ${terminal.style('dim', '→')} ${mend}`);
        }
      }
      const wrong = findings.filter(({ state }) => state === 'wrong').length;
      if (wrong > 0)
        throw new Exit(
          EXIT.error,
          json ? '' : `\n${wrong === 1 ? 'One thing is' : `${wrong} things are`} wrong.`,
        );
    });
}
