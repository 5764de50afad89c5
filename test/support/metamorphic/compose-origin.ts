import { Alias, type Document, isMap, isScalar, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { byPlace, byText, type Example, type Found, type Transformation, type Variant } from './example.ts';
import { readYaml, servicesOf, writeYaml } from './yaml-edit.ts';

/* The same service, written in another place: in an anchor, behind `extends`, in the override file. */

export const composeOrigins: readonly Transformation[] = [
  {
    name: 'behind a merge key',
    atLeast: 350,
    apply: (example) => anchored(example, (alias) => alias),
  },
  {
    name: 'behind a list of merge keys',
    atLeast: 350,
    apply: (example) =>
      anchored(example, (alias) => {
        const list = new YAMLSeq();
        list.flow = true;
        list.add(alias);
        return list;
      }),
  },
  { name: 'behind extends in the file', atLeast: 340, apply: extendedHere },
  { name: 'behind extends of another file', atLeast: 320, apply: extendedElsewhere },
  {
    name: 'in the override file',
    atLeast: 220,
    apply: (example) => overridden(example, 'compose.override.yaml'),
  },
  {
    name: 'in a file for production',
    atLeast: 220,
    apply: (example) => overridden(example, 'compose.prod.yaml'),
  },
];

type Service = Pair<Scalar<string>, YAMLMap>;

/** `x-base-web: &base-web` with the body, and `web: {<<: *base-web}`. */
function anchored(example: Example, sourceOf: (alias: Alias) => unknown): readonly Variant[] {
  const document = readYaml(example.text);
  if (!document || !isMap(document.contents)) return [];
  const root = document.contents;
  const services = servicesOf(document);
  const names = new Set(services.map(({ key }) => key.value));
  if (services.length === 0 || names.size < services.length) return [];
  for (const service of services) {
    const name = String(service.key.value);
    const body = service.value ?? new YAMLMap();
    body.anchor ??= `base-${name}`;
    const at = root.items.findIndex(({ key }) => isScalar(key) && key.value === 'services');
    root.items.splice(at, 0, new Pair(new Scalar(`x-base-${name}`), body));
    const merging = new YAMLMap();
    merging.items.push(new Pair(new Scalar('<<'), sourceOf(new Alias(body.anchor))));
    service.value = merging;
  }
  const look = { path: example.path, expected: example.found.map(byText), show: byText };
  return [{ files: { ...example.files, [example.path]: writeYaml(document) }, looks: [look] }];
}

/** `web: {extends: base-web}`: what is there is found in the base, what lacks is found in both. */
function extendedHere(example: Example): readonly Variant[] {
  const document = readYaml(example.text);
  const services = document?.get('services');
  if (!document || !isMap(services) || servicesOf(document).length === 0) return [];
  // Other files may add to a service by its name, which is not that of the new base.
  if (Object.keys(example.files).some((path) => path !== example.path && /compose/.test(path))) return [];
  const lacks = lacksOf(example);
  const pairs: Pair[] = [];
  for (const service of services.items as Pair[]) {
    pairs.push(service);
    if (!isService(service)) continue;
    const base = new Scalar(`base-${service.key.value}`);
    const extending = new YAMLMap();
    extending.items.push(new Pair(new Scalar('extends'), new Scalar(base.value)));
    pairs.push(new Pair(base, service.value));
    service.value = extending;
  }
  services.items = pairs;
  const expected = example.found.flatMap((found) =>
    lacks(found) ? [byText(found), `base-${byText(found)}`] : [byText(found)],
  );
  const look = { path: example.path, expected, show: byText };
  return [{ files: { ...example.files, [example.path]: writeYaml(document) }, looks: [look] }];
}

/** `web: {extends: {file: base.yml, service: web}}`: what is there is found in `base.yml`. */
function extendedElsewhere(example: Example): readonly Variant[] {
  const document = readYaml(example.text);
  const services = document ? servicesOf(document) : [];
  if (!document || services.length === 0 || !/(?:^|\/)compose\.yaml$/.test(example.path)) return [];
  // A file of any name is taken for Compose where it has lines that say so.
  const isPlain = services.some(({ value }) => BASE_KEYS.some((key) => value?.has(key)));
  const name = isPlain && !example.text.startsWith('{') ? 'base.yml' : 'base-compose.yml';
  const base = example.path.replace(/[^/]*$/, name);
  if (base in example.files) return [];
  for (const service of services) {
    const extending = new YAMLMap();
    extending.items.push(
      new Pair(new Scalar('file'), new Scalar(name)),
      new Pair(new Scalar('service'), new Scalar(service.key.value)),
    );
    const body = new YAMLMap();
    body.items.push(new Pair(new Scalar('extends'), extending));
    service.value = body;
  }
  const lacks = lacksOf(example);
  const inService = insideServices(example);
  const isLack = (found: Found, text: string): boolean => serviceNameAt(text, found) !== undefined;
  return [
    {
      files: { ...example.files, [example.path]: writeYaml(document), [base]: example.text },
      looks: [
        {
          path: example.path,
          expected: example.found.filter((found) => lacks(found) || !inService(found)).map(byPlace),
          show: byPlace,
        },
        {
          path: base,
          expected: example.found.filter((found) => !lacks(found) && inService(found)).map(byText),
          show: (found, text) =>
            isLack(found, text) || !insideServicesOf(text)(found) ? undefined : byText(found),
        },
      ],
    },
  ];
}

const BASE_KEYS: readonly unknown[] = ['image', 'build'];

/** `compose.yaml` keeps the images; all else of the services comes with another file. */
function overridden(example: Example, name: string): readonly Variant[] {
  const base = readYaml(example.text);
  const over = readYaml(example.text);
  const root = over?.contents;
  if (!base || !over || !isMap(root) || Object.keys(example.files).length > 1) return [];
  if (example.path !== 'compose.yaml' || /[&*<]\w|<</.test(example.text)) return [];
  const moved = movedSpans(base);
  const isMoved = ({ span }: Found): boolean =>
    moved.some(([start, end]) => start <= span.start && span.end <= end);
  if (example.found.length > 0 && !example.found.some(isMoved)) return [];
  for (const { value } of servicesOf(base)) value?.items.splice(0, value.items.length, ...kept(value, true));
  for (const { value } of servicesOf(over)) value?.items.splice(0, value.items.length, ...kept(value, false));
  root.items = root.items.filter(({ key }) => isScalar(key) && key.value === 'services');
  const isSilent = example.rule.dev === 'off' && name === 'compose.override.yaml';
  const inOther = isSilent ? [] : example.found.filter(isMoved).map(byPlace);
  // What the other file does not have is found here, and for a good example nothing is.
  const inBase = example.found.filter((found) => !isMoved(found)).map(byPlace);
  return [
    {
      files: { 'compose.yaml': writeYaml(base), [name]: writeYaml(over) },
      looks: [
        { path: name, expected: inOther, show: byPlace },
        { path: 'compose.yaml', expected: inBase, show: byPlace },
      ],
    },
  ];
}

function kept(body: YAMLMap, inBase: boolean): YAMLMap['items'] {
  return body.items.filter(({ key }) => (isScalar(key) && BASE_KEYS.includes(key.value)) === inBase);
}

function movedSpans(document: Document): readonly (readonly [number, number])[] {
  return servicesOf(document).flatMap(({ value }) =>
    value ? kept(value, false).flatMap((pair) => spanOf(pair) ?? []) : [],
  );
}

function spanOf({ key, value }: Pair): readonly [readonly [number, number]] | undefined {
  const start = isScalar(key) ? key.range?.[0] : undefined;
  const end =
    (value as { range?: readonly number[] } | null)?.range?.[1] ?? (isScalar(key) ? key.range?.[1] : 0);
  return start === undefined || end === undefined ? undefined : [[start, end]];
}

function isService(pair: Pair): pair is Service {
  return isScalar(pair.key) && isMap(pair.value);
}

/** Whether a finding of the example is about something that is not there: then it stands on the name of a service. */
function lacksOf(example: Example): (found: Found) => boolean {
  return (found) => serviceNameAt(example.text, found) !== undefined;
}

function serviceNameAt(text: string, { span }: Found): string | undefined {
  const document = readYaml(text);
  const names = document ? servicesOf(document) : [];
  return names.find(({ key }) => key.range?.[0] === span.start && key.range?.[1] === span.end)?.key.value;
}

function insideServices(example: Example): (found: Found) => boolean {
  return insideServicesOf(example.text);
}

/** Whether a finding stands in a service, or in an anchor for services. */
function insideServicesOf(text: string): (found: Found) => boolean {
  const root = readYaml(text)?.contents;
  const pairs = isMap(root) ? root.items.filter(({ key }) => /^(?:services$|x-)/.test(String(key))) : [];
  const spans = pairs.flatMap((pair) => spanOf(pair) ?? []);
  return ({ span }) => spans.some(([start, end]) => start <= span.start && span.end <= end);
}
