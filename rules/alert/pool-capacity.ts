import type { Document, Span } from '../../syntaxes/document.ts';
import {
  COMPARISONS,
  constantOf,
  type PromqlBinary,
  type PromqlExpr,
  type PromqlSelector,
  withoutParens,
} from '../../syntaxes/promql/tree.ts';
import { type Context, defineRule, type Edit, type Fix } from '../core/rule.ts';
import { configPoolFacts } from '../facts/config-pools.ts';
import { findAll, soundExpressions } from '../promql/shared/expressions.ts';

export const rule = defineRule({
  id: 'alert/pool-capacity',
  title: 'Use of a connection pool is measured against its base size',
  kinds: ['prometheus-rules'],
  severity: 'medium',
  confidence: 'high',
  since: '0.1.0',
  mentions: /checked_?out/i,
  docs: {
    why: `A pool of SQLAlchemy has \`size\` connections and up to \`max_overflow\` more. \`checkedout()\` counts those of the overflow too, and
\`overflow()\` starts at \`-size\`. Divided by the base size the share is 100 % long before the pool is exhausted, and with the overflow added
it is nonsense: -1 when idle, several hundred percent when full. The alert comes when nothing is wrong, until nobody reads it.`,
    fix: 'Divide what is checked out by `size + max_overflow`, the pool’s real capacity.',
    falsePositives: `Only the names of SQLAlchemy's own numbers are judged (\`…checked_out\`, \`…overflow\`, \`…size\` with the same start). Without the
overflow in the expression, a pool with \`max_overflow\` has to be configured in the workspace.`,
    references: [
      'https://docs.sqlalchemy.org/en/20/core/pooling.html#sqlalchemy.pool.QueuePool.params.max_overflow',
      'https://docs.sqlalchemy.org/en/20/core/engines.html#sqlalchemy.create_engine.params.max_overflow',
    ],
  },
  bad: [
    {
      name: 'the overflow added, and divided by the base',
      files: {
        'prometheus/alerts.yml': `groups:
  - name: db
    rules:
      - alert: DatabasePoolExhausted
        expr: «(aidb_db_pool_checked_out + aidb_db_pool_overflow) / aidb_db_pool_size» > 0.9
        for: 5m
        labels: {severity: critical}
`,
        'config/config.yaml': `database:
  pool:
    size: 20
    max_overflow: 30
`,
      },
      fixed: `groups:
  - name: db
    rules:
      - alert: DatabasePoolExhausted
        expr: aidb_db_pool_checked_out / (aidb_db_pool_size + 30) > 0.9
        for: 5m
        labels: {severity: critical}
`,
    },
    {
      name: 'a share of the base, in percent and as a factor',
      files: {
        'prometheus/alerts.yml': `groups:
  - name: db
    rules:
      - alert: Exhausted
        expr: «sum(db_pool_checked_out) / sum(db_pool_size)» * 100 > 80
        labels: {severity: critical}
      - alert: Leaking
        expr: «db_pool_checked_out > (db_pool_size * 0.7)»
        labels: {severity: warning}
`,
        'config/config.yaml': `sqlalchemy:
  pool_size: 5
  max_overflow: 10
`,
      },
      fixed: `groups:
  - name: db
    rules:
      - alert: Exhausted
        expr: sum(db_pool_checked_out) / (sum(db_pool_size) + 10) * 100 > 80
        labels: {severity: critical}
      - alert: Leaking
        expr: db_pool_checked_out > (db_pool_size * 0.7)
        labels: {severity: warning}
`,
    },
    {
      name: 'the overflow added, without a configuration in sight',
      files: {
        'alerts.yml': `groups:
  - name: db
    rules:
      - alert: A
        expr: |
          (
            «(sqlalchemy_pool_overflow + sqlalchemy_pool_checkedout)
            / sqlalchemy_pool_size»
          ) > 0.9
        labels: {severity: critical}
`,
      },
    },
    {
      name: 'a factor, with the pool in the configuration',
      files: {
        'alerts.yml': `groups:
  - name: db
    rules:
      - alert: Leaking
        expr: «db_pool_checked_out > db_pool_size * 0.7»
        labels: {severity: warning}
`,
        'config/app.yaml': `database: {pool_size: 20, max_overflow: 30}
`,
      },
      fixed: `groups:
  - name: db
    rules:
      - alert: Leaking
        expr: db_pool_checked_out > (db_pool_size + 30) * 0.7
        labels: {severity: warning}
`,
    },
  ],
  good: [
    {
      name: 'against the whole capacity',
      files: {
        'alerts.yml': `groups:
  - name: db
    rules:
      - alert: A
        expr: db_pool_checked_out / (db_pool_size + 30) > 0.9
        labels: {severity: critical}
      - alert: B
        expr: db_pool_checked_out / (db_pool_size + db_pool_max_overflow) > 0.9
        labels: {severity: critical}
      - alert: C
        expr: db_pool_overflow / db_pool_max_overflow > 0.9
        labels: {severity: critical}
`,
        'config/app.yaml': `database: {pool_size: 20, max_overflow: 30}
`,
      },
    },
    {
      name: 'no overflow configured, or nothing known of it',
      files: {
        'alerts.yml': `groups:
  - name: db
    rules:
      - alert: A
        expr: db_pool_checked_out / db_pool_size > 0.9
        labels: {severity: critical}
`,
        'config/app.yaml': `database: {pool_size: 20, max_overflow: 0}
`,
      },
    },
    {
      name: 'pools with one maximum, and other metrics',
      files: {
        'alerts.yml': `groups:
  - name: db
    rules:
      - alert: A
        expr: hikaricp_connections_active / hikaricp_connections_max > 0.9
        labels: {severity: critical}
      - alert: B
        expr: library_books_checked_out / shop_pool_size > 0.9
        labels: {severity: critical}
      - alert: C
        expr: db_pool_checked_out > 40
        labels: {severity: critical}
      - alert: D
        expr: gitlab_database_connection_pool_busy / gitlab_database_connection_pool_size > 0.9
        labels: {severity: critical}
`,
        'config/app.yaml': `database: {pool_size: 20, max_overflow: 30}
`,
      },
    },
  ],
  check(document, context) {
    for (const { rule: entry, root } of soundExpressions(document.tree)) {
      for (const { node } of findAll(root, 'binary')) {
        const share = shareIn(node);
        const overflow = share && overflowFor(share, context);
        if (!share || overflow === undefined) continue;
        context.report({
          span: node.span,
          message: share.added
            ? '`checked_out` counts the overflow already, and `overflow` starts below zero: this share says nothing.'
            : 'The pool may grow beyond its base size by `max_overflow`, so this share is full long before the pool is.',
          place: `${entry.place}.expr.${share.checkedOut.name ?? ''}`,
          fixes: () => [capacityFix(document, share, overflow)],
        });
      }
    }
  },
});

/** What is checked out, over the base size; or compared with a part of it. */
interface Share {
  /** What stands over the line, or on the left of the comparison. */
  readonly used: PromqlExpr;
  readonly checkedOut: PromqlSelector;
  /** What stands under the line, or what is multiplied by a factor. */
  readonly size: PromqlExpr;
  /** Whether the overflow is added to what is checked out. */
  readonly added: boolean;
}

const CHECKED_OUT = /_checked_?out$/;

function shareIn(node: PromqlBinary): Share | undefined {
  const size = node.op === '/' ? node.right : sizeOfPart(node);
  if (!size || node.matching) return undefined;
  const used = selectorsIn(node.left);
  const base = selectorsIn(size);
  const checkedOut = used.find(({ name }) => CHECKED_OUT.test(name ?? ''));
  const stem = checkedOut?.name?.replace(CHECKED_OUT, '');
  if (!checkedOut || base.length !== 1 || base[0]?.name !== `${stem}_size`) return undefined;
  if (!isBare(size)) return undefined;
  const others = used.filter((selector) => selector !== checkedOut);
  const added = others.length === 1 && others[0]?.name === `${stem}_overflow` && isSum(node.left);
  return others.length === 0 || added ? { used: node.left, checkedOut, size, added } : undefined;
}

/** The size in `checked_out > size * 0.7`. */
function sizeOfPart({ op, bool, right }: PromqlBinary): PromqlExpr | undefined {
  if (!COMPARISONS.has(op) || !op.startsWith('>') || bool) return undefined;
  const part = withoutParens(right);
  if (part.type !== 'binary' || part.op !== '*') return undefined;
  const isFactor = (expr: PromqlExpr) => {
    const value = constantOf(expr);
    return value !== undefined && value > 0 && value <= 1;
  };
  if (isFactor(part.right)) return part.left;
  return isFactor(part.left) ? part.right : undefined;
}

function selectorsIn(expr: PromqlExpr): readonly PromqlSelector[] {
  return findAll(expr, 'selector').map(({ node }) => node);
}

/** A selector, or an aggregation of one: nothing is added to it yet. */
function isBare(expr: PromqlExpr): boolean {
  const inner = withoutParens(expr);
  if (inner.type === 'aggregation') return inner.args.every(isBare);
  return inner.type === 'selector';
}

function isSum(expr: PromqlExpr): boolean {
  return findAll(expr, 'binary').every(({ node }) => node.op === '+');
}

/** How many connections may come on top: 0 where that is not known but the expression adds the overflow itself. */
function overflowFor(share: Share, { facts }: Context): number | undefined {
  const overflows = [...new Set(facts.all(configPoolFacts).map(({ fact }) => fact.overflow))];
  const [overflow = 0] = overflows;
  if (overflows.length === 1 && overflow > 0) return overflow;
  return share.added || (overflows.length > 1 && overflows.every((value) => value > 0)) ? 0 : undefined;
}

function capacityFix({ text }: Document, share: Share, overflow: number): Fix | undefined {
  if (overflow === 0) return undefined;
  const size = withoutParens(share.size);
  const used = share.added ? withoutOverflow(text, share) : [];
  if (!used) return undefined;
  const hasParens = share.size.type === 'paren';
  const { start, end } = size.span;
  const open: readonly Edit[] = hasParens ? [] : [{ span: { start, end: start }, text: '(' }];
  return {
    title: `Measure against the size and ${overflow} of overflow`,
    safety: 'review',
    edits: [...used, ...open, { span: { start: end, end }, text: ` + ${overflow}${hasParens ? '' : ')'}` }],
    risk: `The ${overflow} is written out here and has to follow when \`max_overflow\` of the pool is changed.`,
    verify: 'promtool check rules',
  };
}

/** `(checked_out + overflow)` without the overflow. */
function withoutOverflow(text: string, { used, checkedOut }: Share): readonly Edit[] | undefined {
  const sum = withoutParens(used);
  if (sum.type !== 'binary' || sum.matching) return undefined;
  const kept = findAll(sum.left, 'selector').some(({ node }) => node === checkedOut) ? sum.left : sum.right;
  const written = (span: Span) => text.slice(span.start, span.end);
  return [{ span: used.span, text: written(kept.span) }];
}
