import { settingOf } from '../../syntaxes/appconfig/placeholder.ts';
import type { ConfigEntry } from '../../syntaxes/appconfig/tree.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule, type Safety } from '../core/rule.ts';
import { isProduction } from './shared/files.ts';
import { flipped, switchOf } from './shared/switches.ts';

const APPLICATION =
  /^(?:server|app|application|api|flask|django|express|web|http|fastapi|service|global|general|rails|symfony|framework)$/;
const SQL = /^(?:database|db|sqlalchemy|sql|datasource|orm|postgres|postgresql|mysql)$/;
const LOGGING = /^(?:log|logs|logging|logger|loggers|root)$/;

export const rule = defineRule({
  id: 'config/debug-enabled',
  title: 'Debug mode is on in production',
  kinds: ['appconfig'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  docs: {
    why: 'Debug modes show stack traces, settings and queries to whoever makes a request fail, some of them a console. Debug logs hold headers, tokens and personal data, and fill disks.',
    fix: 'Switch it off in the production file; a variable that can be set for an hour is the better tool when something has to be looked at.',
    falsePositives:
      'Only files that say that they are production’s (`config.prod.yaml`, `production.yaml`, `prod/app.yaml`) are judged. Log levels of single packages are not reported.',
    cwe: [489, 215],
    references: [
      'https://docs.djangoproject.com/en/stable/ref/settings/#debug',
      'https://docs.spring.io/spring-boot/reference/actuator/endpoints.html',
    ],
  },
  bad: [
    {
      name: 'a debug mode and its friends',
      files: {
        'config/production.yaml': `debug: «true»
logging:
  level: «debug»
server:
  expose_stacktrace: «yes»
sqlalchemy:
  echo: «true»
`,
      },
      fixed: `debug: false
logging:
  level: debug
server:
  expose_stacktrace: yes
sqlalchemy:
  echo: true
`,
    },
    {
      name: 'a log level',
      files: { 'conf/app.prod.yml': `log_level: "«TRACE»"\n` },
      fixed: `log_level: "INFO"\n`,
    },
    {
      name: 'every endpoint of Spring Boot Actuator',
      files: {
        'src/main/resources/application-prod.yml': `management:\n  endpoints:\n    web:\n      exposure:\n        include: "«*»"\n`,
      },
      fixed: `management:\n  endpoints:\n    web:\n      exposure:\n        include: "health,info"\n`,
    },
    {
      name: 'error details for every request',
      files: { 'config/prod/app.yml': `server.error.include-stacktrace: «always»\n` },
      fixed: `server.error.include-stacktrace: never\n`,
    },
  ],
  good: [
    { name: 'off', files: { 'config/production.yaml': `debug: false\nlogging:\n  level: info\n` } },
    { name: 'not production’s', files: { 'config/development.yaml': `debug: true\n`, 'x.yaml': '' } },
    { name: 'nobody says whose', files: { 'config.yaml': `debug: true\nlog_level: debug\n` } },
    {
      name: 'debug of something else; levels of packages',
      files: {
        'config/production.yaml': `metrics:\n  debug: true\nlogging:\n  level:\n    org.acme.shop: debug\nfeatures:\n  echo: true\nbuttons:\n  level: debug\n`,
      },
    },
    {
      name: 'from a variable',
      files: { 'config/production.yaml': `debug: \${DEBUG}\nlog_level: \${LOG_LEVEL:info}\n` },
    },
  ],
  check({ text, tree }, context) {
    if (!isProduction(context.path)) return;
    for (const entry of tree.entries) {
      const smell = smellOf(text, entry);
      if (!smell) continue;
      const key = entry.pair.key.value;
      context.report({
        span: smell.span,
        message: `\`${key}\` ${smell.consequence}, in a file for production.`,
        place: entry.place,
        fixes: () => [
          {
            title: `Set ${key} to ${smell.value}`,
            safety: smell.safety,
            edits: [{ span: smell.span, text: smell.value }],
            ...(smell.safety === 'review' && {
              risk: 'What reads the other endpoints (a metrics scraper) is locked out.',
            }),
          },
        ],
      });
    }
  },
});

interface Smell {
  readonly span: Span;
  readonly value: string;
  readonly consequence: string;
  readonly safety: Safety;
}

function smellOf(text: string, entry: ConfigEntry): Smell | undefined {
  const { key, keys } = entry;
  const above = keys.at(-2) ?? '';
  const found = switchOf(text, entry);
  if (found) {
    const consequence = switchConsequence(key, keys.length, above);
    return found.on && consequence
      ? { span: found.span, value: flipped(found), consequence, safety: 'safe' }
      : undefined;
  }
  const setting = entry.scalar && settingOf(text, entry.scalar);
  if (setting?.type !== 'literal') return undefined;
  const { span, value } = setting;
  const isLevel =
    /^(?:log_level|loglevel|logging_level)$/.test(key) ||
    (/^(?:level|root)$/.test(key) && (LOGGING.test(above) || above === 'level'));
  if (isLevel && /^(?:debug|trace|silly|verbose)$/i.test(value)) {
    return {
      span,
      value: value === value.toUpperCase() ? 'INFO' : 'info',
      consequence: 'logs requests and data in detail',
      safety: 'safe',
    };
  }
  if (/^(?:include_stacktrace|include_stack_trace|show_error_details)$/.test(key) && value === 'always') {
    return {
      span,
      value: 'never',
      consequence: 'sends stack traces to whoever makes a request fail',
      safety: 'safe',
    };
  }
  const isExposure = keys.join('.').endsWith('management.endpoints.web.exposure.include');
  return isExposure && value === '*'
    ? {
        span,
        value: 'health,info',
        consequence: 'opens all actuator endpoints, among them environment and heap dump',
        safety: 'review',
      }
    : undefined;
}

function switchConsequence(key: string, depth: number, above: string): string | undefined {
  if (/^(?:debug|debug_mode|app_debug)$/.test(key) && (depth === 1 || APPLICATION.test(above)))
    return 'shows internals to whoever makes a request fail';
  if (/^(?:expose_stacktraces?|show_stacktraces?|show_stack_traces?|expose_stack_traces?)$/.test(key))
    return 'sends stack traces to whoever makes a request fail';
  return key === 'echo' && SQL.test(above) ? 'logs every query with its data' : undefined;
}
