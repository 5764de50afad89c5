import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { type ComposeService, scalarAt } from '../../../syntaxes/compose/tree.ts';

/** `host`, `none`, `service:…`; undefined for a service in networks of the project, '' where it is not known. */
export function networkMode(service: ComposeService): string | undefined {
  const scalar = scalarAt(service.effective, 'network_mode');
  const mode = scalar && (interpolate(scalar.value).text ?? '');
  return mode === 'bridge' || mode === 'default' ? undefined : mode;
}
