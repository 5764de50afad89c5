import { CHECKED, OPENJDK_SUCCESSOR, PRODUCTS, type Product } from '../data/end-of-life.ts';
import { officialName } from '../data/image-users.ts';
import type { ImageReference } from './image-reference.ts';

/** A version that gets no security fixes any more. */
export interface Ended {
  readonly product: Product;
  /** As the table has it: `9.6`, also where the tag says `9.6.24-alpine`. */
  readonly version: string;
  /** The day of the last fixes. */
  readonly end: string;
  /** `image`: what the image is about; `base`: the distribution that its tag says it rests on. */
  readonly part: 'image' | 'base';
}

/** A part of an image's name as written, and what to write instead. */
export interface Successor {
  readonly from: string;
  readonly to: string;
  /** For a fix's title: "Change the tag to 24-alpine". */
  readonly title: string;
  /** What the image is then: "Node.js 24". */
  readonly what: string;
}

/**
 * Whether an image's version has ended by the day of the table. Undefined for versions and images that the table does not know,
 * and for `latest`, unless the image gets no new one.
 */
export function endOfLife(image: ImageReference): Ended | undefined {
  const product = productOf(image);
  const version = product && versionIn(product, image.tag);
  const ended = product && version && endedBy(product, version.number, 'image');
  return ended ?? (product?.isDistribution ? undefined : endedBase(image));
}

/** What is wrong, as a sentence without its full stop. */
export function describeEnd(image: ImageReference, { product, version, end, part }: Ended): string {
  const last = image.name.slice(image.name.lastIndexOf('/') + 1);
  const written = `\`${`${last}${image.tag === undefined ? '' : `:${image.tag}`}`.slice(0, 60)}\``;
  if (product.label === 'openjdk')
    return `${written} was given up and has had no security fixes since ${end}; \`${OPENJDK_SUCCESSOR}\` goes on with Java`;
  const goesOn = nextOf(product, version);
  const next = goesOn === undefined ? '' : `; ${product.label} ${goesOn} is supported`;
  const [link, which] = part === 'base' ? [' rests on', ', which'] : [':', ''];
  return `${written}${link} ${product.label} ${version}${which} has had no security fixes since ${end}${next}`;
}

/**
 * The name of an image that goes on, where it is certain that it exists. Undefined for what keeps data: another version of a
 * database does not start with the files of the old one.
 */
export function successorOf(image: ImageReference, ended: Ended): Successor | undefined {
  const { tag, digest } = image;
  if (tag === undefined || digest !== undefined || ended.product.keepsData) return undefined;
  if (ended.product.label === 'openjdk') return javaSuccessor(tag);
  return ended.part === 'base' ? baseSuccessor(image, tag) : versionSuccessor(ended, tag);
}

function productOf(image: ImageReference): Product | undefined {
  return BY_IMAGE.get(officialName(image.name));
}

const BY_IMAGE: ReadonlyMap<string, Product> = new Map(
  PRODUCTS.flatMap((product) => product.images.map((image) => [image, product] as const)),
);

const DISTRIBUTIONS: readonly Product[] = PRODUCTS.filter((product) => product.isDistribution);

interface TagVersion {
  /** The number, for a name the one that it stands for. */
  readonly number: string;
  /** The name, where the tag has one instead. */
  readonly name?: string;
  /** What stands before and behind it in the tag. */
  readonly lead: string;
  readonly rest: string;
}

function versionIn({ names }: Product, tag = 'latest'): TagVersion | undefined {
  const lead = /^(?:v(?=\d)|pg(?=\d)|lts-|centos(?=\d))/.exec(tag)?.[0] ?? '';
  const rest = tag.slice(lead.length);
  const number = /^\d+(?:\.\d+)*/.exec(rest)?.[0];
  if (number !== undefined) {
    const behind = rest.slice(number.length);
    // `8u342` is a version of Java 8, `7f3a9c2` is a commit.
    return /^(?:$|[-_.+]|u\d|rc|beta|alpha)/.test(behind) ? { number, lead, rest: behind } : undefined;
  }
  const name = /^[a-z]+\d*(?=$|[-_.])/.exec(rest)?.[0];
  const meant = name === undefined ? undefined : names?.get(name);
  return name !== undefined && meant !== undefined
    ? { number: meant, name, lead, rest: rest.slice(name.length) }
    : undefined;
}

/** The longest part of the number that the table has decides: `9.6` before `9`. */
function endedBy(product: Product, number: string, part: Ended['part']): Ended | undefined {
  for (
    let version = number;
    version !== '';
    version = version.slice(0, Math.max(0, version.lastIndexOf('.')))
  ) {
    const end = product.ends.get(version);
    if (end !== undefined) return end <= CHECKED ? { product, version, end, part } : undefined;
  }
  return undefined;
}

/** What a tag of any image may say of its distribution: only what cannot mean anything else. */
const BASES: readonly (readonly [string, RegExp])[] = [
  ['alpine', /(?:^|[-_])alpine(\d\.\d+)(?=$|[-_.])/],
  ['ubuntu', /(?:^|[-_])ubuntu-?(\d\d\.\d\d)(?=$|[-_.])/],
  ['debian', /(?:^|[-_])debian-?(\d\d?)(?=$|[-_.])/],
  ['centos', /(?:^|[-_])centos-?([5-8])(?=$|[-_.])/],
];

function endedBase(image: ImageReference): Ended | undefined {
  const tag = image.tag ?? '';
  for (const [name, pattern] of BASES) {
    const number = pattern.exec(tag)?.[1];
    const product = number === undefined ? undefined : BY_IMAGE.get(name);
    if (product && number !== undefined) return endedBy(product, number, 'base');
  }
  const named = codeNameIn(image);
  return named && endedBy(named.product, named.number, 'base');
}

/** A code name of a distribution in a tag. Elsewhere than in Docker's and Microsoft's images such a word may mean anything. */
function codeNameIn(image: ImageReference): { product: Product; number: string; word: string } | undefined {
  const name = officialName(image.name);
  if (name.includes('/') && !name.startsWith('mcr.microsoft.com/')) return undefined;
  for (const word of (image.tag ?? '').split(/[-_]/)) {
    for (const product of DISTRIBUTIONS) {
      const number = word === 'latest' ? undefined : product.names?.get(word);
      if (number !== undefined) return { product, number, word };
    }
  }
  return undefined;
}

function versionSuccessor({ product, version: old }: Ended, tag: string): Successor | undefined {
  const { names, variants } = product;
  const next = nextOf(product, old);
  const version = versionIn(product, tag);
  if (next === undefined || !version || !variants?.includes(version.rest.replace(/^-/, ''))) return undefined;
  const nextName = version.name && [...(names ?? [])].find(([, number]) => number === next)?.[0];
  const lead = version.lead === 'lts-' ? '' : version.lead;
  return toTag(tag, `${lead}${nextName ?? next}${version.rest}`, `${product.label} ${next}`);
}

function baseSuccessor(image: ImageReference, tag: string): Successor | undefined {
  const base = productOf(image)?.base;
  const named = codeNameIn(image);
  // A tag with all three numbers may be older than the variant.
  if (base === undefined || !named || /^v?\d+\.\d+\.\d/.test(tag)) return undefined;
  const to = tag.split('-').map((word) => (word === named.word ? base : word));
  return toTag(tag, to.join('-'), base);
}

function javaSuccessor(tag: string): Successor | undefined {
  const [, version, kind = 'jdk', variant] = /^(8|11|17)(?:-(jdk|jre))?(?:-(alpine|slim))?$/.exec(tag) ?? [];
  if (version === undefined) return undefined;
  const to = `${OPENJDK_SUCCESSOR}:${version}-${kind}${variant === 'alpine' ? '-alpine' : ''}`;
  return { from: `openjdk:${tag}`, to, title: `Change to ${to}`, what: to };
}

function toTag(from: string, to: string, what: string): Successor | undefined {
  return from === to ? undefined : { from: `:${from}`, to: `:${to}`, title: `Change the tag to ${to}`, what };
}

function nextOf({ next = [] }: Product, version: string): string | undefined {
  return next.find((each) => isHigher(each, version));
}

function isHigher(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}
