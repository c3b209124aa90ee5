import type { Turn } from '../../request/prompt.ts';

/** How Llama 3 and 4 were taught: each turn with its speaker in front and a mark behind. */
export function llamaPrompt(turns: readonly Turn[], version: 3 | 4): string {
  const [open, close, end] =
    version === 4
      ? ['<|header_start|>', '<|header_end|>', '<|eot|>']
      : ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>'];
  const header = (role: string): string => `${open}${role}${close}\n\n`;
  const written = turns.map(({ role, text }) => `${header(role === 'tool' ? 'ipython' : role)}${text}${end}`);
  return `<|begin_of_text|>${written.join('')}${header('assistant')}`;
}

/**
 * How Llama 2 was taught: pairs of an instruction and its answer, the system within the first instruction.
 */
export function llama2Prompt(turns: readonly Turn[]): string {
  const begin = (system: string): string => `<<SYS>>\n${system}\n<</SYS>>\n\n`;
  return byInstructions(turns, begin, ' </s><s>');
}

/** How Mistral's first models were taught. */
export function mistralPrompt(turns: readonly Turn[]): string {
  return byInstructions(turns, (system) => `${system}\n\n`, '</s>');
}

function byInstructions(turns: readonly Turn[], begin: (system: string) => string, end: string): string {
  const system = systemIn(turns);
  let written = '';
  let asked: string[] = [];
  const instruct = (): void => {
    const first = written === '' && system !== '' ? begin(system) : '';
    written += `[INST] ${first}${asked.join('\n\n')} [/INST]`;
    asked = [];
  };
  for (const { role, text } of turns.filter((turn) => turn.role !== 'system')) {
    if (role !== 'assistant') {
      asked.push(text);
      continue;
    }
    instruct();
    written += ` ${text}${end}`;
  }
  if (asked.length > 0 || written === '') instruct();
  return `<s>${written}`;
}

/** How DeepSeek R1 was taught. */
export function deepseekPrompt(turns: readonly Turn[]): string {
  const said = turns.map(({ role, text }) => {
    if (role === 'system') return '';
    return role === 'assistant' ? `<｜Assistant｜>${text}<｜end▁of▁sentence｜>` : `<｜User｜>${text}`;
  });
  return `<｜begin▁of▁sentence｜>${systemIn(turns)}${said.join('')}<｜Assistant｜>`;
}

/** How Amazon asks for conversations to be written for Titan. */
export function titanPrompt(turns: readonly Turn[]): string {
  const lines = turns.map(({ role, text }) => {
    if (role === 'system') return text;
    return `${role === 'assistant' ? 'Bot' : 'User'}: ${text}`;
  });
  return `${lines.join('\n')}\nBot:`;
}

function systemIn(turns: readonly Turn[]): string {
  const said = turns.filter(({ role }) => role === 'system').map(({ text }) => text);
  return said.join('\n\n');
}
