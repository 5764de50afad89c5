import { settingOf } from '../../syntaxes/appconfig/placeholder.ts';
import type { Span } from '../../syntaxes/document.ts';
import { defineRule, type Fix } from '../core/rule.ts';

/** Timeouts for which 0 means "for ever"; for idle, keep-alive and statement timeouts it means other things. */
const WAITS =
  /^(?:\w+_)?(?:connect|connection|read|request|acquire|acquire_connection|query|socket|http|response|queue|wait_queue)_timeout(?:_(ms|millis|milliseconds|msecs?|s|secs?|seconds))?$/;
const OTHER = /(?:^|_)(?:idle|keep_?alive|statement|lock|session|linger|header)(?:_|$)/;
const FOR_EVER = /^(?:0+(?:\.0+)?|-1|null|none|never|infinite|infinity|0(?:ms|s|m|h))$/i;

export const rule = defineRule({
  id: 'config/timeout-disabled',
  title: 'Timeout is switched off',
  kinds: ['appconfig'],
  severity: 'medium',
  confidence: 'medium',
  since: '0.1.0',
  dev: 'off',
  docs: {
    why: 'Without a timeout a call waits for a peer that has gone away until someone restarts the process. Each such call holds a connection and a worker, so one slow dependency takes the whole application down.',
    fix: 'Set a timeout that is a little longer than the slowest answer that is still worth having; 30 seconds is a common upper bound.',
    falsePositives:
      'Only timeouts for connecting, reading, requests, queries, sockets and for waiting for a connection are judged; `idle_timeout: 0` or `statement_timeout: 0` mean other things. The edit is offered only where the unit is certain.',
    cwe: [400, 1088],
    references: ['https://node-postgres.com/apis/pool'],
  },
  bad: [
    {
      name: 'waits for ever for a connection',
      files: { 'config.yaml': `database:\n  connectionTimeoutMillis: «0»\n  idleTimeoutMillis: 0\n` },
      fixed: `database:\n  connectionTimeoutMillis: 30000\n  idleTimeoutMillis: 0\n`,
    },
    {
      name: 'units in the value, in the key, and none at all',
      files: {
        'config.yaml': `client:\n  request_timeout: «0s»\n  read-timeout-seconds: «-1»\n  socket_timeout: «none»\n`,
      },
      fixed: `client:\n  request_timeout: 30s\n  read-timeout-seconds: -1\n  socket_timeout: none\n`,
    },
    {
      name: 'no unit: no fix',
      files: { 'config.yaml': `spring:\n  datasource:\n    hikari:\n      connection-timeout: «0»\n` },
    },
  ],
  good: [
    {
      name: 'timeouts',
      files: {
        'config.yaml': `http:\n  connect_timeout: 5s\n  read_timeout: 30\n  request_timeout_ms: 10000\n`,
      },
    },
    {
      name: '0 means something else',
      files: {
        'config.yaml': `a:\n  idle_timeout: 0\n  keepalive_timeout: 0\n  statement_timeout: 0\n  lock_timeout: 0\n  session_timeout: 0\n  timeout: 0\n  idle_connection_timeout: 0\n`,
      },
    },
    {
      name: 'nothing written',
      files: { 'config.yaml': `a:\n  read_timeout:\n  connect_timeout: \${TIMEOUT}\n` },
    },
    { name: 'on a developer’s machine', files: { 'config.dev.yaml': `a:\n  read_timeout: 0\n` } },
  ],
  check({ text, tree }, context) {
    for (const { key, scalar, place, pair } of tree.entries) {
      const name = WAITS.exec(key);
      if (!name || !scalar || OTHER.test(key)) continue;
      const setting = settingOf(text, scalar);
      if (setting.type !== 'literal' || setting.variable !== undefined || !FOR_EVER.test(setting.value))
        continue;
      context.report({
        span: setting.span,
        message: `\`${pair.key.value}: ${setting.value}\` waits for ever, so a peer that hangs holds connections and workers until a restart.`,
        place,
        fixes: () => [fixOf(pair.key.value, setting.span, timeout(setting.value, name[1]))],
      });
    }
  },
});

/** Half a minute in the unit of the key or the value; undefined where nobody says the unit. */
function timeout(value: string, keyUnit: string | undefined): string | undefined {
  const unit = /[a-z]+$/i.exec(value)?.[0].toLowerCase();
  if (unit === 'ms') return '30000ms';
  if (unit === 's' || unit === 'm' || unit === 'h') return '30s';
  if (keyUnit === undefined) return undefined;
  return keyUnit.startsWith('m') ? '30000' : '30';
}

function fixOf(key: string, span: Span, text: string | undefined): Fix | undefined {
  if (text === undefined) return undefined;
  return {
    title: `Set ${key} to ${text}`,
    safety: 'review',
    edits: [{ span, text }],
    risk: 'Calls that take longer than that and succeeded so far will fail.',
  };
}
