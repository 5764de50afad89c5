import { interpolate } from '../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../syntaxes/compose/service.ts';
import { type ComposeService, lookup, scalarAt } from '../../syntaxes/compose/tree.ts';
import type { YamlScalar } from '../../syntaxes/yaml/tree.ts';
import { defineRule } from '../core/rule.ts';
import { eachOrigin, withSharers } from './shared/origin.ts';

/** From where on a limit is none: more files than systemd allows by default, more processes than fit on a machine. */
const HUGE: Readonly<Record<string, number>> = {
  nofile: 1_048_577,
  nproc: 1_000_000,
  memlock: Number.POSITIVE_INFINITY,
};
const WHAT: Readonly<Record<string, string>> = {
  nofile: 'open files',
  nproc: 'processes',
  memlock: 'locked memory',
};

/** Stores and models whose manuals tell to lift the limit of locked memory. */
const LOCKS_MEMORY =
  /elasticsearch|opensearch|(?:^|\/)(?:elastic|solr|vault|openbao|cassandra|scylla|clickhouse|dragonfly|aerospike|couchbase|milvus|qdrant|neo4j)|cuda|nvidia|vllm|pytorch|tensorrt|triton|rocm|text-generation|sglang|ollama|bpf|falco|beyla|pyroscope/;

export const rule = defineRule({
  id: 'compose/ulimit-unbounded',
  title: 'Limit of a resource is lifted',
  kinds: ['compose'],
  severity: 'info',
  confidence: 'medium',
  since: '0.1.0',
  profile: 'strict',
  mentions: /ulimits/,
  docs: {
    why: `With no limit on files, processes or locked memory one container can use up what the whole host has. Programs that close all
possible files when they start (older \`mysqld\`, \`rpcbind\`, forks of Python 2) also take minutes and gigabytes with a huge \`nofile\`.`,
    fix: 'Set the number that the service needs: `nofile: 65536`. For processes use `pids_limit`, which counts the container alone.',
    falsePositives:
      'Unlimited locked memory is not reported for search engines, other stores and GPU programs whose manuals ask for it.',
    cwe: [770],
    controls: ['CIS Docker 1.6.0 5.19'],
    references: ['https://docs.docker.com/reference/compose-file/services/#ulimits'],
  },
  bad: [
    {
      name: 'unlimited, as a number and as a pair',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ulimits:
      nproc: «-1»
      nofile:
        soft: 65536
        hard: «-1»
      memlock: { soft: «-1», hard: -1 }
`,
      },
    },
    {
      name: 'a huge number, quoted',
      files: {
        'compose.yaml':
          'services:\n  a: { image: "ghcr.io/acme/a:1", ulimits: { nofile: «"1073741816"» } }\n',
      },
    },
  ],
  good: [
    {
      name: 'Elasticsearch must lock its memory',
      files: {
        'compose.yaml': `services:
  search:
    image: docker.elastic.co/elasticsearch/elasticsearch:9.0.1
    ulimits:
      memlock: { soft: -1, hard: -1 }
      nofile: { soft: 65536, hard: 65536 }
`,
      },
    },
    {
      name: 'numbers that limit, other limits, unknown ones',
      files: {
        'compose.yaml': `services:
  a:
    image: ghcr.io/acme/a:1
    ulimits:
      nofile: 1048576
      nproc: 65535
      core: -1
      stack: 67108864
      memlock: \${MEMLOCK}
`,
      },
    },
  ],
  check(document, context) {
    for (const { service, subject, sharers } of eachOrigin(
      document.tree,
      unbounded,
      ({ scalar }) => scalar.span.start,
    )) {
      context.report({
        span: subject.scalar.span,
        message: withSharers(
          `\`${service.name}\` has no limit of ${WHAT[subject.name]} (\`${subject.name}\`), so it can use up what the host has`,
          sharers,
        ),
        place: `services.${service.name}.ulimits.${subject.name}`,
      });
    }
  },
});

interface Unbounded {
  readonly name: string;
  readonly scalar: YamlScalar;
}

function unbounded(service: ComposeService): readonly Unbounded[] {
  if (!service.effective.entries.has('ulimits')) return [];
  const locks = LOCKS_MEMORY.test(imageOf(service) ?? '');
  return Object.keys(HUGE).flatMap((name): readonly Unbounded[] => {
    if (name === 'memlock' && locks) return [];
    const value = lookup(service.effective, 'ulimits', name)?.value;
    const scalars =
      value?.type === 'scalar'
        ? [value.node]
        : value?.type === 'map'
          ? [scalarAt(value, 'soft'), scalarAt(value, 'hard')]
          : [];
    const scalar = scalars.find((each) => each && isHuge(name, each));
    return scalar ? [{ name, scalar }] : [];
  });
}

function isHuge(name: string, scalar: YamlScalar): boolean {
  const text = interpolate(scalar.value).text?.trim() ?? '';
  if (!/^-?\d+$/.test(text)) return text === 'unlimited' || text === 'infinity';
  return Number(text) === -1 || Number(text) >= (HUGE[name] ?? Number.POSITIVE_INFINITY);
}
