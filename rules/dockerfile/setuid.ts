import { defineRule } from '../core/rule.ts';
import { runCommands, stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/setuid',
  title: 'A file gets the setuid bit',
  kinds: ['dockerfile'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /chmod|install/i,
  docs: {
    why: `A file with the setuid bit runs as its owner, root mostly, whoever starts it. Every mistake in it turns an unprivileged
process of the container into root, and \`USER\` is worth nothing.`,
    fix: 'Do without the bit: give the file a capability (`setcap cap_net_bind_service=+ep`), or the process the group that it needs.',
    falsePositives:
      'Only `chmod`, `install -m` and `COPY --chmod` are read; bits that packages set are not seen.',
    cwe: [250],
    controls: ['CIS Docker 1.6.0 4.8'],
    references: ['https://man7.org/linux/man-pages/man2/execve.2.html'],
  },
  bad: [
    {
      name: 'letters',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod «u+s» /usr/bin/tool\nRUN chmod «+s» /a && chmod «ug+sx» /b && chmod «u=srwx,go=rx» /c\n`,
      },
    },
    {
      name: 'numbers',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod «04755» /usr/bin/tool && install -o root -m «4711» b /b\nCOPY --chmod=«6755» a /a\n`,
      },
      fixed: `FROM alpine:3.22\nRUN chmod 0755 /usr/bin/tool && install -o root -m 4711 b /b\nCOPY --chmod=6755 a /a\n`,
    },
  ],
  good: [
    {
      name: 'other bits',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod 0755 /a && chmod 1777 /tmp && chmod 2775 /srv && chmod g+s /srv && chmod u+x /b\n`,
      },
    },
    {
      name: 'taken away',
      files: {
        Dockerfile: `FROM alpine:3.22\nRUN chmod u-s /bin/su && find / -perm /6000 -exec chmod a-s {} +\n`,
      },
    },
  ],
  check({ tree }, context) {
    const commands = runCommands(tree, /chmod|install/).flatMap(({ stage, name, args }) => {
      const at =
        name === 'chmod'
          ? args.findIndex(({ value }) => !/^-(?![stugo])/.test(value))
          : name === 'install'
            ? args.findIndex((_, index) => /^-[a-zA-Z]*m$|^--mode$/.test(args[index - 1]?.value ?? ''))
            : -1;
      const word = args[at];
      return word
        ? [
            {
              span: word.span,
              text: word.value,
              place: `${stagePlace(stage)}.${name}[${args[at + 1]?.value ?? ''}]`,
            },
          ]
        : [];
    });
    const copies = tree.stages.flatMap((stage) =>
      stage.instructions.flatMap(({ keyword, flags, words }) =>
        flags.flatMap(({ name, value, valueSpan }) =>
          name === 'chmod' && value !== undefined && valueSpan
            ? [
                {
                  span: valueSpan,
                  text: value,
                  place: `${stagePlace(stage)}.${keyword}[${words.at(-1)?.text ?? ''}]`,
                },
              ]
            : [],
        ),
      ),
    );
    for (const { span, text, place } of [...commands, ...copies]) {
      if (!/^0?[4-7][0-7]{3}$/.test(text) && !/^(?:[go]*[ua][ugoa]*)?[+=][rwxX]*s[rwxXs]*(?:,|$)/.test(text))
        continue;
      context.report({
        span,
        message: `Mode \`${text}\` sets the setuid bit: whoever starts the file is its owner, and a mistake in it makes anyone root.`,
        place,
        fixes: () => [
          /^\d/.test(text)
            ? {
                title: `Set mode to 0${text.slice(-3)}`,
                safety: 'review',
                edits: [{ span, text: `0${text.slice(-3)}` }],
                risk: 'A user other than the owner can no longer do with the program what only its owner may.',
                verify: 'docker build .',
              }
            : undefined,
        ],
      });
    }
  },
});
