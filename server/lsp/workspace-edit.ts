import {
  type AnnotatedTextEdit,
  type ChangeAnnotation,
  CreateFile,
  type SnippetTextEdit,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Edit, Fix } from '../../rules/core/rule.ts';
import { editsByFile, orderedEdits } from '../engine/edits.ts';
import type { HardenPart } from '../engine/harden.ts';
import type { SuppressionEdit } from '../engine/suppress-edit.ts';
import type { ClientFeatures } from './client-features.ts';
import type { Session } from './session.ts';
import { toRange } from './to-lsp.ts';

/** An edit with the name of the annotation that it belongs to. */
interface NamedEdit extends Edit {
  readonly annotation?: string;
}

/**
 * The change that some fixes make together. Where one of them has to be reviewed or changes other files, each goes out with an
 * annotation of its own, so that an editor asks before it applies them and lets one leave some out.
 */
export function fixesToEdit(
  session: Session,
  client: ClientFeatures,
  uri: string,
  fixes: readonly Fix[],
): WorkspaceEdit {
  if (client.changeAnnotations && fixes.some((fix) => needsReview(fix, uri))) {
    const annotated = fixes.map((fix) => ({ fix, annotation: annotationOf(fix, uri) }));
    return annotatedEdit(session, client, uri, annotated);
  }
  return editsToEdit(
    session,
    client,
    uri,
    fixes.flatMap(({ edits }) => edits),
  );
}

/** The same where someone has asked to look at all of it: also a part that is safe says what it is and which rule it satisfies. */
export function partsToEdit(
  session: Session,
  client: ClientFeatures,
  uri: string,
  parts: readonly HardenPart[],
): WorkspaceEdit {
  if (!client.changeAnnotations) {
    return fixesToEdit(
      session,
      client,
      uri,
      parts.map(({ fix }) => fix),
    );
  }
  const annotated = parts.map(({ finding: { rule }, fix }) => {
    const annotation = annotationOf(fix, uri);
    const { description } = annotation;
    return {
      fix,
      annotation: {
        ...annotation,
        description: description === undefined ? rule : `${rule}: ${description}`,
      },
    };
  });
  return annotatedEdit(session, client, uri, annotated);
}

interface AnnotatedFix {
  readonly fix: Fix;
  readonly annotation: ChangeAnnotation;
}

function annotatedEdit(
  session: Session,
  client: ClientFeatures,
  uri: string,
  annotated: readonly AnnotatedFix[],
): WorkspaceEdit {
  const edits = annotated.flatMap(({ fix }, index) =>
    fix.edits.map((edit): NamedEdit => ({ ...edit, annotation: `${index}` })),
  );
  const changeAnnotations = Object.fromEntries(
    annotated.map(({ annotation }, index) => [`${index}`, annotation]),
  );
  return { ...editsToEdit(session, client, uri, edits), changeAnnotations };
}

/** The change that some edits make, without asking. */
export function editsToEdit(
  session: Session,
  client: ClientFeatures,
  uri: string,
  edits: readonly NamedEdit[],
): WorkspaceEdit {
  const files = [...editsByFile(uri, edits)].map(([file, own]) => ({
    file,
    edits: textEdits(session, file, own),
  }));
  if (client.documentChanges) {
    return {
      documentChanges: [
        ...creations(session, uri, edits),
        ...files.map(({ file, edits: own }) => documentEdit(session, file, own)),
      ],
    };
  }
  return {
    changes: Object.fromEntries(
      files.map(({ file, edits: own }) => [session.documents.clientUri(file), own]),
    ),
  };
}

/** Makes the files that are not there, once for each fix that needs one: someone may leave the others out. */
function creations(session: Session, uri: string, edits: readonly NamedEdit[]): CreateFile[] {
  return [...editsByFile(uri, edits)]
    .filter(([file]) => session.workspace.textOf(file) === undefined)
    .flatMap(([file, own]) =>
      [...new Set(own.map(({ annotation }) => annotation))].map((annotation) =>
        CreateFile.create(session.documents.clientUri(file), { ignoreIfExists: true }, annotation),
      ),
    );
}

/** The comment that keeps findings quiet, with its reason selected where the editor can do that. */
export function suppressionToEdit(
  session: Session,
  client: ClientFeatures,
  uri: string,
  { edit, reason }: SuppressionEdit,
): WorkspaceEdit {
  if (!client.snippetEdits) return editsToEdit(session, client, uri, [edit]);
  const [before, word, after] = [
    edit.text.slice(0, reason.start),
    edit.text.slice(reason.start, reason.end),
    edit.text.slice(reason.end),
  ].map(escapeSnippet);
  const snippet: SnippetTextEdit = {
    range: toRange(session.linesOf(uri), edit.span),
    snippet: { kind: 'snippet', value: `${before}\${1:${word}}${after}` },
  };
  return { documentChanges: [documentEdit(session, uri, [snippet])] };
}

/** Whether a change must not be made by a single click where the editor can ask. */
function needsReview(fix: Fix, uri: string): boolean {
  return fix.safety === 'review' || fix.edits.some((edit) => edit.uri !== undefined && edit.uri !== uri);
}

function annotationOf(fix: Fix, uri: string): ChangeAnnotation {
  const check = fix.verify === undefined ? undefined : `Check with \`${fix.verify}\`.`;
  const description = [fix.risk, check].filter((part) => part !== undefined).join(' ');
  return {
    label: fix.title,
    needsConfirmation: needsReview(fix, uri),
    ...(description !== '' && { description }),
  };
}

function textEdits(session: Session, uri: string, edits: readonly NamedEdit[]): TextEdit[] {
  const lines = session.linesOf(uri);
  const ordered: readonly NamedEdit[] =
    orderedEdits(edits, session.workspace.textOf(uri)?.length ?? 0) ?? edits;
  return ordered.map(({ span, text, annotation }): TextEdit | AnnotatedTextEdit => ({
    range: toRange(lines, span),
    newText: text,
    ...(annotation !== undefined && { annotationId: annotation }),
  }));
}

function documentEdit(
  session: Session,
  uri: string,
  edits: (TextEdit | AnnotatedTextEdit | SnippetTextEdit)[],
): TextDocumentEdit {
  return {
    textDocument: { uri: session.documents.clientUri(uri), version: session.documents.versionOf(uri) },
    edits,
  };
}

/** In a snippet these characters mean something. */
function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}
