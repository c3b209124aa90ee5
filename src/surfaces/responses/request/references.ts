import type { Completion } from '../../../core/completion.ts';
import { type Fields, objectsIn, textIn } from '../../../core/json.ts';
import { refuse, requireText } from '../../refuse.ts';
import { outputOf } from '../answer/output.ts';
import { ItemIds } from '../ids.ts';
import type { ResponseRequest } from '../schema.ts';

/** An item of the input that stands for one of an earlier output: `item_reference`, or an id and nothing else. */
function isReference({ type, role, id }: Fields): boolean {
  return type === 'item_reference' || (type == null && role == null && id != null);
}

/** The jobs of whose output the input names items. */
export function referencedJobs({ input }: ResponseRequest): string[] {
  return objectsIn(input)
    .filter(isReference)
    .flatMap(({ id }) => ItemIds.of(textIn(id))?.jobId ?? []);
}

/**
 * The input with the items themselves where it only names them.
 *
 * @throws {SluiceError} `invalid_value` for a name that no item has.
 */
export function resolveReferences(
  input: readonly Fields[],
  answers: ReadonlyMap<string, Completion>,
): Fields[] {
  return input.map((item, index) => {
    if (!isReference(item)) return item;
    const param = `input[${index}].id`;
    const id = requireText(item.id, param);
    return (
      find(id, answers) ?? refuse('invalid_value', `Item with id '${id.slice(0, 80)}' not found.`, param)
    );
  });
}

function find(id: string, answers: ReadonlyMap<string, Completion>): Fields | undefined {
  const place = ItemIds.of(id);
  const result = place && answers.get(place.jobId);
  if (!place || !result) return undefined;
  // With all that its provider wants back: that is what references are for.
  const terms = { ids: place.ids, whole: true, asSummary: false, sealed: true };
  return outputOf(result, terms).find((item) => item.id === id);
}
