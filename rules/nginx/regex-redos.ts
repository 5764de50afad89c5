import { allDirectives, type NginxDirective, type NginxWord } from '../../syntaxes/nginx/tree.ts';
import { defineRule } from '../core/rule.ts';
import { placeOf } from './shared/place.ts';
import { parseRegex, type RegexBody, type RegexGroup, type RegexItem } from './shared/regex.ts';
import { regexesOf } from './shared/variables.ts';

export const rule = defineRule({
  id: 'nginx/regex-redos',
  title: 'Expression whose time doubles with each character',
  kinds: ['nginx'],
  severity: 'low',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /\)[*+{]/,
  docs: {
    why: 'A repetition in a repetition, `(a+)+$`, can divide a text in so many ways that PCRE tries millions of them before it gives up. One request keeps a worker busy, and a worker answers all others too.',
    fix: 'Repeat once (`a+`), make the parts differ, or forbid going back: `(?>a+)`, `a++`.',
    falsePositives:
      "PCRE stops after a number of steps and nginx limits the length of a request's first line, so one request costs a part of a second; that is why the rule is off by default.",
    cwe: [1333],
    references: ['https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS'],
  },
  bad: [
    {
      name: 'a repetition in a repetition',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ~ «^/(\\w+)*$» { root /srv; }
    location ~ «^/(.|x)+/path$» { root /srv; }
    location ~ «"^/([a-z]+-?)+\\.html$"» { root /srv; }
    rewrite «^/((?:.*)+)/x$» /y last;
}
`,
      },
    },
    {
      name: 'alternatives that take the same, in a condition',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    if ($http_user_agent ~ «"^(?:\\w|\\d)+$"») { return 403; }\n}\n',
      },
    },
  ],
  good: [
    {
      name: 'parts that differ, one repetition, no way back',
      files: {
        'nginx/conf.d/app.conf': `server {
    listen 80;
    location ~ ^/(\\w+/)*$ { root /srv; }
    location ~ ^/([a-z]+-)+x$ { root /srv; }
    location ~ ^/(?>\\w+)*$ { root /srv; }
    location ~ ^/(\\w++)*$ { root /srv; }
    location ~ ^/(a|b)+$ { root /srv; }
    location ~ ^/(\\w+)* { root /srv; }
}
`,
      },
    },
    {
      name: 'repetitions with an end',
      files: {
        'nginx/conf.d/app.conf':
          'server {\n    listen 80;\n    location ~ "^/(\\w{1,3}){1,3}$" { root /srv; }\n}\n',
      },
    },
  ],
  check(document, context) {
    for (const directive of allDirectives(document.tree.root)) {
      for (const { source } of regexesOf(directive)) {
        const regex = /\)[*+{]/.test(source) ? parseRegex(source) : undefined;
        if (!regex || !isExponential(regex.body)) continue;
        context.report({
          span: wordOf(directive, source)?.span ?? directive.nameSpan,
          message:
            'A path that nearly matches makes this expression try millions of ways, which keeps a worker busy.',
          place: `${placeOf(directive)}[${source.slice(0, 80)}]`,
        });
      }
    }
  },
});

function wordOf({ args }: NginxDirective, source: string): NginxWord | undefined {
  return args.find(({ value }) => value === source) ?? args.find(({ value }) => value.includes(source));
}

/** Whether a repeated group, with something behind it that may fail, can take one text in many ways. */
function isExponential(body: RegexBody, failsBehind = false): boolean {
  return body.some((items) =>
    items.some(({ group, max, possessive }, index) => {
      if (!group || group.looks) return false;
      const mayFail = failsBehind || items.slice(index + 1).some(({ anchor, min }) => anchor || min > 0);
      if (!group.atomic && isExponential(group.body, mayFail)) return true;
      return mayFail && max === Infinity && !possessive && isAmbiguous(group);
    }),
  );
}

function isAmbiguous(group: RegexGroup): boolean {
  return !group.atomic && (group.body.some(repeatsAlone) || hasOverlap(group.body));
}

/** One item that is repeated without end, and nothing that has to stand beside it: `(a+)`, `(a+b?)`, `((?:a*))`. */
function repeatsAlone(items: readonly RegexItem[]): boolean {
  const needed = items.filter(({ min, anchor }) => min > 0 && !anchor);
  if (needed.length > 1) return false;
  return items.some((item) => {
    if (item.possessive || (needed.length === 1 && needed[0] !== item)) return false;
    if (item.group) return item.max === Infinity || item.group.body.some(repeatsAlone);
    return item.max === Infinity;
  });
}

const SAMPLES = [...'aZ0_-./'];

/** Alternatives of one character each that take the same one. */
function hasOverlap(body: RegexBody): boolean {
  const single = body.flatMap((items) => {
    const [item] = items;
    return items.length === 1 && item && !item.group ? [item] : [];
  });
  const samples = [...SAMPLES, ...single.flatMap(({ literal }) => literal ?? [])];
  return samples.some((character) => single.filter((item) => item.takes(character)).length > 1);
}
