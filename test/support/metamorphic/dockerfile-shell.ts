import { edited, type Replacement, treeOf } from './dockerfile-edit.ts';
import { byPlace, byText, type Example, type Found, type Transformation, type Variant } from './example.ts';

/* The same commands in other words of the shell, and the same Dockerfile in another file. */

export const dockerfileShells: readonly Transformation[] = [
  {
    name: 'a RUN with an option',
    atLeast: 200,
    apply: (example) => wrapped(example, (code) => `--network=default ${code}`),
  },
  {
    name: 'a RUN behind set -eux',
    atLeast: 200,
    apply: (example) => wrapped(example, (code, mark) => `set -eux; ${mark}\n  ${code}`),
  },
  {
    name: 'a RUN behind another command',
    atLeast: 200,
    apply: (example) => wrapped(example, (code) => `mkdir -p /opt/x && ${code}`),
  },
  {
    name: 'a RUN before another command',
    atLeast: 200,
    apply: (example) => wrapped(example, (code) => `${code} && mkdir -p /opt/x`),
  },
  {
    name: 'a RUN in a subshell',
    atLeast: 200,
    apply: (example) => wrapped(example, (code) => `( ${code} )`),
  },
  { name: 'a RUN in a group', atLeast: 200, apply: (example) => wrapped(example, (code) => `{ ${code}; }`) },
  {
    name: 'a RUN in a condition',
    atLeast: 200,
    apply: (example) => wrapped(example, (code) => `if [ -n "$BASH" ]; then ${code}; fi`),
  },
  {
    name: 'a RUN in the exec form of a shell',
    atLeast: 70,
    // No `SHELL` counts in it, so that a good example may become a bad one.
    apply: (example) => (example.found.length === 0 ? [] : wrapped(example, execForm)),
  },
  ...['Containerfile', 'Dockerfile.prod', 'api.Dockerfile', 'build/Dockerfile'].map(
    (name): Transformation => ({
      name: `as ${name}`,
      atLeast: 100,
      apply: (example) => renamed(example, name),
    }),
  ),
  { name: 'inside a Compose file', atLeast: 360, apply: inCompose },
];

/** Each `RUN` in the shell form with other code, in which all is done that was done. */
function wrapped(
  example: Example,
  wrap: (code: string, mark: string) => string | undefined,
): readonly Variant[] {
  const { text } = example;
  const { instructions, escape: mark } = treeOf(text);
  const replacements = instructions.flatMap((each): readonly Replacement[] => {
    const { start, end } = each.arguments;
    const code = text.slice(start, end);
    if (each.keyword !== 'RUN' || each.heredocs.length > 0 || each.json || code === '') return [];
    const wrapping = wrap(code, mark);
    return wrapping === undefined ? [] : [{ at: start, end, text: wrapping }];
  });
  return replacements.length === 0 ? [] : edited(example, replacements);
}

function execForm(code: string): string | undefined {
  // JSON would need a backslash before each of these, so that what is marked is written otherwise.
  if (/["\\\n]/.test(code)) return undefined;
  return `["/bin/sh", "-c", ${JSON.stringify(code)}]`;
}

/** Where no other file names it. */
function renamed(example: Example, name: string): readonly Variant[] {
  if (Object.keys(example.files).length > 1 || example.path !== 'Dockerfile') return [];
  const look = { path: name, expected: example.found.map(byPlace), show: byPlace };
  return [{ files: { [name]: example.text }, looks: [look] }];
}

/** As `build.dockerfile_inline`, in which Compose takes `$$` for a dollar sign. */
function inCompose(example: Example): readonly Variant[] {
  const { [example.path]: text = '', ...others } = example.files;
  const isAlone = !Object.keys(others).some((path) => /Dockerfile|compose/.test(path));
  if (example.path !== 'Dockerfile' || !isAlone || /^[ \t]|\t/.test(text)) return [];
  const lines = text.replaceAll('$', '$$$$').replaceAll(/^(?=.)/gm, '        ');
  const compose = `services:\n  web:\n    build:\n      context: .\n      dockerfile_inline: |\n${lines}`;
  const show = (found: Found): string => byText({ ...found, text: found.text.replaceAll('$$', '$') });
  return [
    {
      files: { 'compose.yaml': compose, ...others },
      looks: [{ path: 'compose.yaml', expected: example.found.map(byText), show }],
    },
  ];
}
