import { defineRule } from '../core/rule.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';

export const rule = defineRule({
  id: 'compose/build-and-image',
  title: 'Service has both build and image',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'low',
  profile: 'strict',
  since: '0.1.0',
  mentions: /build/,
  docs: {
    why: `With both keys it is the machine that decides what runs: Compose pulls the image where the registry has it and builds it where
not, unless \`pull_policy\` or \`--build\` says otherwise. Two machines can run different code under one name.`,
    fix: `Keep \`build\` in the file for development and \`image\` in the one for production, or say with \`pull_policy: build\` which of them is
meant.`,
    falsePositives: `Only in the strict profile: with both, \`image\` gives the result its name, and that is the way to build images and push
them. Silent where \`pull_policy\` is set.`,
    references: ['https://docs.docker.com/reference/compose-file/build/#using-build-and-image'],
  },
  bad: [
    {
      name: 'both, in either order and style',
      files: {
        'compose.yaml': `services:
  web:
    build: .
    «image»: registry.example.com/web:1
  worker: { «image»: "registry.example.com/worker:1", build: { context: worker } }
`,
      },
    },
    {
      name: 'one of them from an anchor',
      files: {
        'compose.yaml': `x-app: &app
  build: .
services:
  web:
    <<: *app
    «image»: registry.example.com/web:1
`,
      },
    },
  ],
  good: [
    {
      name: 'one of them',
      files: {
        'compose.yaml': `services:\n  web:\n    build: .\n  db:\n    image: postgres:18\n`,
      },
    },
    {
      name: 'it is said which one is meant',
      files: {
        'compose.yaml': `services:\n  web:\n    build: .\n    image: registry.example.com/web:1\n    pull_policy: build\n`,
      },
    },
    {
      name: 'taken back',
      files: {
        'compose.yaml': `x-app: &app
  build: .
services:
  web:
    <<: *app
    image: !reset null
`,
      },
    },
  ],
  check(document, context) {
    const origins = eachOrigin(
      document.tree,
      ({ effective: { entries } }) => {
        const image = entries.get('image');
        const both = image?.value && entries.get('build')?.value && !entries.has('pull_policy');
        return both ? [image] : [];
      },
      ({ pair }) => pair.key.span.start,
    );
    for (const { service, subject, sharers } of origins) {
      context.report({
        span: subject.pair.key.span,
        message: withSharers(
          `\`${service.name}\` has \`build\` too: whether it runs this image or its own build depends on the machine`,
          sharers,
        ),
        place: `services.${service.name}.image`,
      });
    }
  },
});
