import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { type ComposeService, type EffectiveItem, itemsAt } from '../../syntaxes/compose/tree.ts';
import { defineRule } from '../core/rule.ts';
import { fixOf, removeItemOrKey } from './shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './shared/origin.ts';

const DISABLED: readonly (readonly [RegExp, string])[] = [
  [/^seccomp[:=]unconfined$/i, 'the filter of system calls'],
  [/^apparmor[:=]unconfined$/i, 'the AppArmor profile'],
  [/^label[:=]disable$/i, 'the SELinux label'],
  [/^label[:=]type:spc_t$/i, 'the SELinux label'],
  [/^systempaths[:=]unconfined$/i, 'the mask over /proc and /sys'],
];

export const rule = defineRule({
  id: 'compose/security-profile-disabled',
  title: 'Security profile is switched off',
  kinds: ['compose'],
  severity: 'high',
  confidence: 'high',
  since: '0.1.0',
  mentions: /security_opt/,
  docs: {
    why: `Docker's seccomp, AppArmor and SELinux profiles and the masked paths stop most known escapes from a container. Switched off,
the kernel's whole surface is open to whoever is in.`,
    fix: 'Delete the option, or name a profile of your own that allows the one system call that is missing.',
    falsePositives: 'Profiles of your own (`seccomp:./profile.json`) are fine.',
    cwe: [693],
    controls: ['CIS Docker 1.6.0 5.2 and 5.22', 'OWASP Docker Security Cheat Sheet, rule 6'],
    references: [
      'https://docs.docker.com/engine/security/seccomp/',
      'https://docs.docker.com/engine/security/apparmor/',
    ],
  },
  bad: [
    {
      name: 'one of several options',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    security_opt:
      - no-new-privileges:true
      - «seccomp:unconfined»
      - «"apparmor=unconfined"»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    security_opt:
      - no-new-privileges:true
      - "apparmor=unconfined"
`,
    },
    {
      name: 'the only option goes with its key',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    security_opt: [«label:disable»]
    restart: always
  b:
    image: ghcr.io/acme/b:1
    security_opt:
      - «systempaths=unconfined»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    restart: always
  b:
    image: ghcr.io/acme/b:1
    security_opt:
      - systempaths=unconfined
`,
    },
    {
      name: 'other separators and cases, and labels that confine nothing',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    security_opt: [«seccomp=Unconfined», no-new-privileges=true, «"label:type:spc_t"», «apparmor:unconfined»]
  b:
    image: ghcr.io/acme/b:1
    security_opt:
      - «label=disable»
      - «'label=type:spc_t'»
      - «systempaths:unconfined»
      - «"\${SECCOMP:-seccomp=unconfined}"»
`,
      },
      fixed: `services:
  a:
    image: ghcr.io/acme/a:1
    security_opt: [no-new-privileges=true, "label:type:spc_t", apparmor:unconfined]
  b:
    image: ghcr.io/acme/b:1
    security_opt:
      - label=disable
      - 'label=type:spc_t'
      - systempaths:unconfined
      - "\${SECCOMP:-seccomp=unconfined}"
`,
    },
  ],
  good: [
    {
      name: "profiles of one's own",
      files: {
        'compose.yaml': `services:
  web:
    image: ghcr.io/acme/web:1
    security_opt:
      - seccomp:./profiles/web.json
      - apparmor=acme-web
      - label:type:acme_web_t
`,
      },
    },
    {
      name: 'profiles of one’s own, and labels that confine',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    security_opt:
      - seccomp:./seccomp.json
      - apparmor=docker-acme
      - label:type:svirt_apache_t
      - no-new-privileges
      - \${SECURITY_OPT}
`,
      },
    },
  ],
  check(document, context) {
    const pick = (service: ComposeService) =>
      itemsAt(service.effective, 'security_opt').flatMap((item) => disabled(item) ?? []);
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      pick,
      ({ item }) => item.node.span.start,
    )) {
      const { item, option, what } = subject;
      context.report({
        span: item.node.span,
        message: withSharers(
          `\`${option}\` takes ${what} from \`${service.name}\`, which stops most known escapes`,
          sharers,
        ),
        place: `services.${service.name}.security_opt[${option}]`,
        fixes: () => {
          const fix = fixOf(removeItemOrKey(document.text, service, 'security_opt', item), {
            title: `Delete ${option}`,
            safety: 'review',
            risk: 'A program that needs what the default profile forbids stops working.',
          });
          return [atOrigin(fix, sharers)];
        },
      });
    }
  },
});

function disabled(
  item: EffectiveItem,
): { readonly item: EffectiveItem; readonly option: string; readonly what: string } | undefined {
  const option = item.value?.type === 'scalar' ? interpolate(item.value.node.value).text?.trim() : undefined;
  const what = option === undefined ? undefined : DISABLED.find(([pattern]) => pattern.test(option))?.[1];
  return option === undefined || what === undefined ? undefined : { item, option, what };
}
