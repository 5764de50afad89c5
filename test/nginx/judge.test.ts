import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineRule, type Fix } from '../../rules/core/rule.ts';
import { foldersFor } from '../../scripts/files.ts';
import type { Prefix } from '../../scripts/judge/binary.ts';
import { makePrefix, nginxVersion, removePrefix } from '../../scripts/judge/binary.ts';
import { type Catalogue, openFolder, openTexts } from '../../scripts/judge/folder.ts';
import { Judge } from '../../scripts/judge/judge.ts';
import { describeTally, newTally, type Tally } from '../../scripts/judge/tally.ts';
import { joinUri } from '../../syntaxes/uri.ts';
import { loadExtractors, loadRules } from '../support/all-rules.ts';
import { ROOT } from '../support/workspace.ts';

/*
 * A real nginx judges every fix: what `nginx -t` accepts before a fix it has to accept after it. The configurations are those of the
 * rules' examples, of `examples/` and the fixtures, and of a folder of real files that `HARDLINT_CORPUS` names. Without an nginx
 * (Debian: `apt-get install nginx-light`) there is nobody to judge.
 */

const version = nginxVersion();
const root = join(import.meta.dirname, '../..');
const corpus = foldersFor('nginx', process.env.HARDLINT_CORPUS);

/** Fixes of common smells are offered in nearly every example; all of them are judged with `JUDGE=all`, and in real files. */
const LIMIT = process.env.JUDGE === 'all' ? {} : { perRule: 10 };

describe.skipIf(!version)(
  version ? 'nginx accepts every fix' : 'skipped: there is no `nginx` on this machine',
  () => {
    let prefix: Prefix;
    let catalogue: Catalogue;

    beforeAll(async () => {
      prefix = makePrefix();
      catalogue = { rules: await loadRules('nginx/'), extractors: await loadExtractors() };
    });
    afterAll(() => removePrefix(prefix));

    test('in the examples of the rules', { timeout: 300_000 }, () => {
      const tally = judged((judge) => {
        for (const rule of catalogue.rules) {
          for (const { name, files } of [...rule.bad, ...rule.good]) {
            const texts = Object.entries(files).map(([path, text]) => ({
              uri: joinUri(ROOT, path),
              text: text.replaceAll(/[«»]/g, ''),
            }));
            judge.judge(openTexts(ROOT, texts, catalogue), `${rule.id}, ${name}`, rule.id);
          }
        }
      }, LIMIT);
      expect(tally.failures).toEqual([]);
      // It must not pass because nothing was judged.
      expect(tally.accepted).toBeGreaterThan(500);
      expect(tally.accepted / tally.files).toBeGreaterThan(0.8);
      expect(tally.fixes).toBeGreaterThan(500);
    });

    test('a fix that nginx does not accept is seen', () => {
      const spoiling = defineRule({
        id: 'nginx/spoiling',
        title: 'Spoiling',
        kinds: ['nginx'],
        severity: 'info',
        confidence: 'high',
        since: '0.1.0',
        docs: { why: '', fix: '', references: [] },
        bad: [],
        good: [],
        check: ({ tree, text }, { report }) => {
          const at = tree.root.directives[0]?.block?.inner.start ?? 0;
          if (text.includes('spoilt')) return;
          const fix = (title: string, added: string): Fix => ({
            title,
            safety: 'safe',
            edits: [{ span: { start: at, end: at }, text: ` ${added} # spoilt\n` }],
          });
          report({
            span: tree.root.directives[0]?.nameSpan ?? { start: 0, end: 0 },
            message: 'Spoilt.',
            place: 'spoilt',
            fixes: () => [
              fix('known', 'server_tokens off;'),
              fix('unknown', 'http2 on;'),
              fix('twice', 'server_tokens off; server_tokens off;'),
              fix('undefined', 'limit_req zone=none;'),
            ],
          });
        },
      });
      const tally = judged((judge) => {
        const text = 'server {\n    listen 80;\n}\n';
        const texts = [{ uri: joinUri(ROOT, 'nginx/conf.d/app.conf'), text }];
        judge.judge(openTexts(ROOT, texts, { ...catalogue, rules: [spoiling] }), 'spoilt');
      });
      expect(tally.failures.map((failure) => /"(\w+)"/.exec(failure)?.[1])).toEqual([
        'unknown',
        'twice',
        'undefined',
      ]);
      // Those three, the good one, and all safe ones together: the good one again.
      expect([tally.fixes, tally.fixesAccepted]).toEqual([5, 2]);
    });

    test.each(['examples/rag-stack', 'examples/rag-stack-hardened', 'test/vscode/fixtures/workspace'])(
      'in %s',
      (folder) => {
        const tally = judged((judge) => judge.judge(openFolder(join(root, folder), catalogue), folder));
        expect(tally.failures).toEqual([]);
        expect(tally.accepted).toBe(tally.files);
        expect(tally.files).toBeGreaterThan(0);
      },
    );

    test.skipIf(corpus.length === 0)('in real files', { timeout: 1_200_000 }, () => {
      for (const folder of corpus) {
        const tally = judged((judge) => judge.judge(openFolder(folder, catalogue), folder));
        expect(tally.failures).toEqual([]);
        expect(tally.accepted / tally.files).toBeGreaterThan(0.8);
      }
    });

    function judged(run: (judge: Judge) => void, options: { readonly perRule?: number } = {}): Tally {
      const tally = newTally();
      run(new Judge({ prefix, version: version ?? [], ...options }, tally));
      console.log(describeTally(tally));
      return tally;
    }
  },
);
