import { lineage } from '../../syntaxes/dockerfile/variables.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/workdir-relative',
  title: 'WORKDIR is relative to a directory that the base image decides',
  kinds: ['dockerfile'],
  severity: 'info',
  confidence: 'high',
  since: '0.1.0',
  mentions: /WORKDIR/i,
  docs: {
    why: 'A relative first `WORKDIR` lies below whatever directory the base image leaves; a new version of it moves the application.',
    fix: 'Write the path from the root: `WORKDIR /app`.',
    falsePositives:
      'Silent behind an absolute `WORKDIR` of the same stage or the one it builds on, for variables, and on Windows.',
    references: ['https://docs.docker.com/reference/build-checks/workdir-relative-path/'],
  },
  bad: [
    {
      name: 'the first of a stage',
      files: { Dockerfile: `FROM node:22\nWORKDIR «app»\nWORKDIR src\n` },
    },
  ],
  good: [
    { name: 'absolute, then relative', files: { Dockerfile: `FROM node:22\nWORKDIR /app\nWORKDIR src\n` } },
    {
      name: 'absolute in the stage below',
      files: { Dockerfile: `FROM node:22 AS base\nWORKDIR /app\nFROM base\nWORKDIR src\n` },
    },
    {
      name: 'a variable',
      files: { Dockerfile: `FROM node:22\nARG DIR=/app\nWORKDIR \${DIR}\nWORKDIR "$DIR/src"\n` },
    },
    {
      name: 'Windows',
      files: { Dockerfile: `FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nWORKDIR C:\\\\app\n` },
    },
    { name: 'in quotes', files: { Dockerfile: `FROM node:22\nWORKDIR "/app"\n` } },
  ],
  check({ tree }, context) {
    for (const stage of tree.stages) {
      if (stage.shell === 'other') continue;
      const first = stage.instructions.find(({ keyword }) => keyword === 'WORKDIR');
      const word = first?.words[0];
      if (!first || !word || /^["']?(?:\/|\\|\$|[A-Za-z]:)/.test(word.text)) continue;
      const below = lineage(tree, stage).slice(0, -1);
      if (below.some(({ instructions }) => instructions.some(({ keyword }) => keyword === 'WORKDIR')))
        continue;
      context.report({
        span: word.span,
        message: `\`WORKDIR ${word.text.slice(0, 40)}\` lies below whatever directory the base image leaves, and moves with it.`,
        place: `${stagePlace(stage)}.WORKDIR`,
      });
    }
  },
});
