import {
  type ComposeService,
  type EffectiveItem,
  type EffectiveMap,
  itemsAt,
} from '../../../syntaxes/compose/tree.ts';

/** A command that Compose runs in a container after its start or before its end. */
export interface Hook {
  readonly kind: 'post_start' | 'pre_stop';
  readonly index: number;
  readonly item: EffectiveItem;
  readonly map: EffectiveMap;
}

/** The hooks of a service. https://docs.docker.com/compose/how-tos/lifecycle/ */
export function hooksOf(service: ComposeService): readonly Hook[] {
  return (['post_start', 'pre_stop'] as const).flatMap((kind) =>
    itemsAt(service.effective, kind).flatMap((item, index): readonly Hook[] =>
      item.value?.type === 'map' ? [{ kind, index, item, map: item.value }] : [],
    ),
  );
}

/** Where a key of a hook is, in symbols. */
export function hookPlace(service: ComposeService, { kind, index }: Hook, key: string): string {
  return `services.${service.name}.${kind}[${index}].${key}`;
}
