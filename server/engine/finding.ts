import {
  type Confidence,
  type Fix,
  type Related,
  type Rollup,
  SEVERITIES,
  type Severity,
} from '../../rules/core/rule.ts';
import type { Span } from '../../syntaxes/document.ts';

/** A smell at a place, as plain data: what diagnostics, reports and formats are made of. */
export interface Finding {
  /** The rule's id. */
  readonly rule: string;
  readonly uri: string;
  readonly span: Span;
  readonly message: string;
  /** Symbolic and unique for a rule in a file; with the rule's id it names the finding across edits. */
  readonly place: string;
  /** The rule's severity, or the one that the configuration gives it. */
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly related: readonly Related[];
  readonly rollup?: Rollup;
  /** Findings, as `<rule> <place>`, that keep quiet because of this one. */
  readonly covers?: readonly string[];
}

/** A finding that a comment keeps quiet, with the words that it gives for it. */
export interface SuppressedFinding {
  readonly finding: Finding;
  readonly reason: string;
  /** The last day on which it is quiet, `2027-01-31`. */
  readonly until?: string;
}

/** A rule that threw on a file. It says nothing about that version of the file; all others go on. */
export interface MutedRule {
  readonly rule: string;
  readonly uri: string;
  readonly error: string;
}

/** A fix that has been tried: it parses, the finding goes and no other comes. */
export interface VerifiedFix extends Fix {
  readonly verified: true;
}

/** What names a finding from outside: a code action, a report's row. */
export interface FindingRef {
  readonly uri: string;
  readonly rule: string;
  readonly place: string;
}

/** By place in the file, then by rule: the order of every list of one file. */
export function byPosition(a: Finding, b: Finding): number {
  return (
    a.span.start - b.span.start ||
    a.span.end - b.span.end ||
    compareText(a.rule, b.rule) ||
    compareText(a.place, b.place)
  );
}

/** The worst first. */
export function bySeverity(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(a.rule, b.rule) ||
    compareText(a.place, b.place)
  );
}

/** Compares by code units, so that an order is the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
