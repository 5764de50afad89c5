import { type EnvironmentVariable, environmentOf } from '../../../syntaxes/compose/environment.ts';
import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import type { ComposeService } from '../../../syntaxes/compose/tree.ts';
import type { Document, Span } from '../../../syntaxes/document.ts';
import { fixOf } from '../../compose/shared/fixes.ts';
import { atOrigin, eachOrigin, withSharers } from '../../compose/shared/origin.ts';
import { replaceValue } from '../../compose/shared/variables.ts';
import { parseImage } from '../../core/image-reference.ts';
import type { Context, Fix } from '../../core/rule.ts';

/** Whether a service runs Grafana itself, by its image. */
export function runsGrafana(service: ComposeService): boolean {
  const image = parseImage(imageOf(service) ?? '');
  return (
    image !== undefined &&
    /^(?:grafana\/grafana(?:-oss|-enterprise)?|bitnami(?:legacy)?\/grafana)$/.test(image.path)
  );
}

/** A variable of a Grafana service that sets a setting, with its value in effect. */
export interface GrafanaSetting {
  readonly variable: EnvironmentVariable;
  readonly value: string;
  readonly span: Span;
}

/** The settings of a service whose values are known, by the names of their variables. */
export function settingsOf(
  document: Document<'compose'>,
  service: ComposeService,
): ReadonlyMap<string, GrafanaSetting> {
  const settings = new Map<string, GrafanaSetting>();
  for (const variable of environmentOf(service, document.text)) {
    const value = variable.value === undefined ? undefined : interpolate(variable.value).text?.trim();
    if (value === undefined || !variable.valueSpan || !variable.name.startsWith('GF_')) continue;
    settings.set(variable.name, { variable, value, span: variable.valueSpan });
  }
  return settings;
}

/** What a switch that is set in a way it should not be does, and what to do about it. */
export interface BadSetting {
  readonly name: string;
  /** Whether the value is the bad one, with the other settings of the service. */
  isBad(value: string, all: ReadonlyMap<string, GrafanaSetting>): boolean;
  /** The message behind the variable's name, without a full stop. */
  readonly consequence: string;
  /** What to set in its stead; absent where nothing fits all. */
  readonly better?: string;
  readonly risk: string;
}

/** Reports a setting of the Grafana services in a Compose file where it is written, once for all that share it. */
export function reportSetting(document: Document<'compose'>, context: Context, bad: BadSetting): void {
  const pick = (service: ComposeService) => {
    if (!runsGrafana(service)) return [];
    const all = settingsOf(document, service);
    const setting = all.get(bad.name);
    return setting && bad.isBad(setting.value, all) ? [setting] : [];
  };
  for (const { service, subject, sharers } of eachOrigin(
    document.tree,
    pick,
    ({ variable }) => variable.offset,
  )) {
    context.report({
      span: subject.span,
      message: withSharers(`\`${bad.name}\` ${bad.consequence}`, sharers),
      place: `services.${service.name}.environment.${bad.name}`,
      fixes: () => [atOrigin(setFix(document.text, subject, bad), sharers)],
    });
  }
}

function setFix(
  text: string,
  { variable, value }: GrafanaSetting,
  { name, better, risk }: BadSetting,
): Fix | undefined {
  if (better === undefined) return undefined;
  return fixOf(replaceValue(text, variable, value, better), {
    title: `Set ${name} to ${better}`,
    safety: 'review',
    risk,
  });
}

/** What Grafana reads as a yes, https://pkg.go.dev/gopkg.in/ini.v1#Key.Bool. */
export function isOn(value: string | undefined): boolean {
  return /^(?:1|t|true|y|yes|on)$/i.test(value ?? '');
}

/** What Grafana reads as a no. */
export function isOff(value: string | undefined): boolean {
  return /^(?:0|f|false|n|no|off)$/i.test(value ?? '');
}
