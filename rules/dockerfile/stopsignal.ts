import { finalStage, lastInstruction } from '../../syntaxes/dockerfile/effective.ts';
import { expand, variablesBefore } from '../../syntaxes/dockerfile/variables.ts';
import { defineRule } from '../core/rule.ts';
import { stagePlace } from './shared/stages.ts';

export const rule = defineRule({
  id: 'dockerfile/stopsignal',
  title: 'The container is stopped without being asked',
  kinds: ['dockerfile'],
  severity: 'low',
  confidence: 'high',
  since: '0.1.0',
  mentions: /stopsignal/i,
  docs: {
    why: `\`SIGKILL\` ends a process in the middle of what it is doing: requests break off, buffers are not written, locks stay.
\`SIGSTOP\` only freezes it until the grace period is over. Neither can be caught, so the application has no say in it.`,
    fix: 'Use `SIGTERM`, which Docker sends anyway, or the signal that the server takes for an orderly end (`SIGQUIT` for nginx).',
    cwe: [404],
    references: [
      'https://docs.docker.com/reference/dockerfile/#stopsignal',
      'https://man7.org/linux/man-pages/man7/signal.7.html',
    ],
  },
  bad: [
    {
      name: 'by its name',
      files: { Dockerfile: `FROM alpine:3.22\nSTOPSIGNAL «SIGKILL»\nCMD ["/srv/server"]\n` },
      fixed: `FROM alpine:3.22\nSTOPSIGNAL SIGTERM\nCMD ["/srv/server"]\n`,
    },
    {
      name: 'by its number',
      files: { Dockerfile: `FROM alpine:3.22\nstopsignal «9»\n` },
      fixed: `FROM alpine:3.22\nstopsignal 15\n`,
    },
    {
      name: 'in short',
      files: { Dockerfile: `FROM alpine:3.22\nSTOPSIGNAL «kill»\n` },
      fixed: `FROM alpine:3.22\nSTOPSIGNAL SIGTERM\n`,
    },
    {
      name: 'in the stage below, frozen',
      files: {
        Dockerfile: `FROM alpine:3.22 AS base\nARG SIGNAL=SIGSTOP\nSTOPSIGNAL «$SIGNAL»\nFROM base\n`,
      },
      fixed: `FROM alpine:3.22 AS base\nARG SIGNAL=SIGSTOP\nSTOPSIGNAL SIGTERM\nFROM base\n`,
    },
  ],
  good: [
    {
      name: 'signals that can be caught',
      files: {
        Dockerfile: `FROM nginx:1.29\nSTOPSIGNAL SIGQUIT\n`,
      },
    },
    { name: 'by number', files: { Dockerfile: `FROM httpd:2.4\nSTOPSIGNAL 28\n` } },
    { name: 'of systemd', files: { Dockerfile: `FROM fedora:42\nSTOPSIGNAL SIGRTMIN+3\n` } },
    {
      name: 'in a builder, and overridden',
      files: {
        Dockerfile: `FROM alpine:3.22 AS build\nSTOPSIGNAL SIGKILL\nFROM alpine:3.22\nSTOPSIGNAL 9\nSTOPSIGNAL SIGINT\n`,
      },
    },
    { name: 'a variable', files: { Dockerfile: `FROM alpine:3.22\nARG SIGNAL\nSTOPSIGNAL $SIGNAL\n` } },
  ],
  check({ tree }, context) {
    const final = finalStage(tree);
    const found = final && lastInstruction(tree, final, 'STOPSIGNAL');
    const word = found?.instruction.words[0];
    if (!found || !word) return;
    const text = word.text.replace(/^(["'])(.*)\1$/, '$2');
    const signal = expand(text, variablesBefore(tree, found.stage, found.instruction), tree.escape);
    const match = /^(?:(?:SIG)?(KILL|STOP)|9|19)$/i.exec(signal ?? '');
    if (!match) return;
    const name = match[1] ? `SIG${match[1].toUpperCase()}` : signal === '9' ? 'SIGKILL' : 'SIGSTOP';
    const gentle = /^\d+$/.test(text) ? '15' : 'SIGTERM';
    context.report({
      span: word.span,
      message:
        name === 'SIGKILL'
          ? '`SIGKILL` ends the application in the middle of its work: it cannot finish requests or write what it holds.'
          : '`SIGSTOP` freezes the application instead of ending it, until the grace period is over and it is killed.',
      place: `${stagePlace(found.stage)}.STOPSIGNAL`,
      fixes: () => [
        {
          title: `Stop with ${gentle === '15' ? '15 (SIGTERM)' : gentle}`,
          safety: 'safe',
          edits: [{ span: word.span, text: gentle }],
          verify: 'docker build .',
        },
      ],
    });
  },
});
