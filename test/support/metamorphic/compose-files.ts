import type { ExampleFiles } from '../../../rules/core/rule.ts';
import { byPlace, type Example, type Transformation, type Variant } from './example.ts';

/* The same file with another name, and as a part of another one. */

export const composeFiles: readonly Transformation[] = [
  ...['docker-compose.yml', 'docker-compose.prod.yml', 'compose.production.yaml', 'stack.yml'].map(
    (name): Transformation => ({
      name: `as ${name}`,
      atLeast: 150,
      apply: (example) => (name === 'stack.yml' && !isTold(example) ? [] : renamed(example, name)),
    }),
  ),
  {
    name: 'included by another file',
    atLeast: 320,
    apply: (example) =>
      renamed(example, 'docker-compose.yml', { 'compose.yaml': 'include:\n  - docker-compose.yml\n' }),
  },
];

/** Whether lines of the file say that it is one of Compose, whatever its name. */
function isTold({ text }: Example): boolean {
  return /^services:\n {2,}\w+:\n {4,}(?:image|build):/m.test(text);
}

function renamed(example: Example, name: string, more: ExampleFiles = {}): readonly Variant[] {
  const { [example.path]: text = '', ...others } = example.files;
  // A file that other files name keeps its name.
  if (example.path !== 'compose.yaml' || JSON.stringify(others).includes('compose')) return [];
  if (Object.keys({ ...more, [name]: '' }).some((path) => path in others)) return [];
  const look = { path: name, expected: example.found.map(byPlace), show: byPlace };
  return [{ files: { [name]: text, ...others, ...more }, looks: [look] }];
}
