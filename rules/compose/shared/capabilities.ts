import { interpolate } from '../../../syntaxes/compose/interpolate.ts';
import { imageOf } from '../../../syntaxes/compose/service.ts';
import { type ComposeService, type EffectiveItem, itemsAt } from '../../../syntaxes/compose/tree.ts';
import type { Document } from '../../../syntaxes/document.ts';
import type { Context } from '../../core/rule.ts';
import { needsCapability } from '../../data/capability-needs.ts';
import { fixOf, removeItemOrKey } from './fixes.ts';
import { atOrigin, eachOrigin, withSharers } from './origin.ts';

/** Which capabilities a rule is about, and what it says of one. */
export interface CapabilitySmell {
  /** Without `CAP_`, in upper case. */
  has(name: string): boolean;
  /** Without the full stop. */
  message(name: string, service: string): string;
  /** What may break when the capability is taken away, as a sentence. */
  readonly risk: string;
  /** Whether images that are known to need a capability are passed over. */
  readonly sparesKnownNeeds: boolean;
}

interface AddedCapability {
  readonly item: EffectiveItem;
  readonly name: string;
}

/** Reports the capabilities that services add, at the item; the fix deletes it. */
export function reportCapabilities(
  document: Document<'compose'>,
  context: Context<unknown>,
  smell: CapabilitySmell,
): void {
  const pick = (service: ComposeService) => {
    const image = smell.sparesKnownNeeds ? (imageOf(service) ?? '') : '';
    return addedCapabilities(service).filter(
      ({ name }) => smell.has(name) && (image === '' || !needsCapability(image, name)),
    );
  };
  for (const { service, subject, sharers } of eachOrigin(
    document.tree,
    pick,
    ({ item }) => item.node.span.start,
  )) {
    const { item, name } = subject;
    context.report({
      span: item.node.span,
      message: withSharers(smell.message(name, service.name), sharers),
      place: `services.${service.name}.cap_add[${name}]`,
      fixes: () => {
        const fix = fixOf(removeItemOrKey(document.text, service, 'cap_add', item), {
          title: `Delete ${name} from cap_add`,
          safety: 'review',
          risk: smell.risk,
        });
        return [atOrigin(fix, sharers)];
      },
    });
  }
}

/** Docker takes the names in any case, with and without `CAP_`. Each name once. */
function addedCapabilities(service: ComposeService): readonly AddedCapability[] {
  const added = new Map<string, AddedCapability>();
  for (const item of itemsAt(service.effective, 'cap_add')) {
    const text = item.value?.type === 'scalar' ? interpolate(item.value.node.value).text : undefined;
    const name = text?.trim().toUpperCase().replace(/^CAP_/, '');
    if (name && !added.has(name)) added.set(name, { item, name });
  }
  return [...added.values()];
}
