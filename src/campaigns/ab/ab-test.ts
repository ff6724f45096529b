/**
 * Several versions of one campaign: a share of its people gets them, each person always the same one; what did best goes to the rest. Who gets which is a
 * function of person and campaign and of nothing else, so no restart and no second process can say otherwise.
 */
import type { Content } from '../../templates/content.ts'

/** A version beside the first, which is the campaign itself. Null: as in the first. */
export interface AbVariant {
  readonly subject: string | null
  readonly sender: string | null
  readonly content: Content | null
}

export const AB_MEASURES = ['opened', 'clicked', 'replied', 'by_hand'] as const
export type AbMeasure = (typeof AB_MEASURES)[number]

export interface AbTest {
  readonly variants: readonly AbVariant[]
  /** Of a hundred people, how many are in the test; of 100 there is no rest, and nothing is decided. */
  readonly share: number
  readonly measure: AbMeasure
  /** So long after the last mail of the test had its first try. */
  readonly afterMinutes: number
  /** Where the difference may be chance, or there is none: the better one goes on, or a person is asked. */
  readonly unclear: 'best' | 'ask'
}

export const MAX_VARIANTS = 5
export const MAX_AFTER_MINUTES = 14 * 24 * 60

export const letterOf = (variant: number) => String.fromCharCode(65 + variant)

export const countOf = ({ variants }: Pick<AbTest, 'variants'>) => variants.length + 1

/** Which version somebody gets, counted from 0; null: they wait for the winner. */
export function variantOf(contactId: string, campaignId: string, test: Pick<AbTest, 'variants' | 'share'>): number | null {
  if (chanceOf(`${campaignId} share ${contactId}`) * 100 >= test.share) return null
  return Math.floor(chanceOf(`${campaignId} variant ${contactId}`) * countOf(test))
}

/** Everything that is wrong with it. */
export function abProblems({
  variants,
  share,
  measure,
  afterMinutes,
}: AbTest): { readonly pointer: string; readonly sentence: string }[] {
  const wrong = (pointer: string, sentence: string) => ({ pointer: `/ab/${pointer}`, sentence })
  const count = variants.length + 1
  return [
    ...(count < 2 || count > MAX_VARIANTS
      ? [wrong('variants', `A test has 2 to ${MAX_VARIANTS} versions, with the campaign itself.`)]
      : []),
    ...variants.flatMap(({ subject, sender, content }, i) =>
      subject === null && sender === null && content === null
        ? [
            wrong(
              `variants/${i}`,
              `Version ${letterOf(i + 1)} is the same as the first: give it another subject, sender or content.`,
            ),
          ]
        : [],
    ),
    ...(Number.isInteger(share) && share >= 1 && share <= 100
      ? []
      : [wrong('share', 'Of a hundred people, 1 to 100 are in the test.')]),
    ...(share < 100 && measure !== 'by_hand' && (afterMinutes < 1 || afterMinutes > MAX_AFTER_MINUTES)
      ? [wrong('after_minutes', 'The winner is chosen after a minute at least, and two weeks at most.')]
      : []),
  ]
}

/** From 0 to below 1, evenly: FNV-1a, and what MurmurHash3 does at its end so that every bit depends on all. */
function chanceOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}

/** Of those whose version it is: to how many it was sent, and how many did what is measured. */
export interface VariantCount {
  readonly variant: number
  readonly sent: number
  readonly did: number
}

/** `clear`: chance alone makes such a difference in fewer than one of twenty tests. `few`: so little was counted that nothing can be said. */
export type How = 'clear' | 'chance' | 'few' | 'tie' | 'nothing'

export interface Verdict {
  readonly winner: number
  readonly how: How
}

const FEW = 5
const CLEAR = 0.05

/** The version with the greatest share of people who did it. Of equals the first. */
export function verdictOf(counts: readonly VariantCount[]): Verdict {
  const [best, second] = counts.toSorted((a, b) => rateOf(b) - rateOf(a) || a.variant - b.variant)
  if (!best || best.did === 0) return { winner: counts[0]?.variant ?? 0, how: 'nothing' }
  if (second && rateOf(second) === rateOf(best)) return { winner: best.variant, how: 'tie' }
  if (best.did < FEW) return { winner: best.variant, how: 'few' }
  return { winner: best.variant, how: second && chanceOfDifference(best, second) >= CLEAR ? 'chance' : 'clear' }
}

export function rateOf({ sent, did }: Pick<VariantCount, 'sent' | 'did'>): number {
  return sent === 0 ? 0 : did / sent
}

/** How often chance alone makes two equal versions differ by so much or more: the z-test of two proportions, two-sided. */
export function chanceOfDifference(a: VariantCount, b: VariantCount): number {
  if (a.sent === 0 || b.sent === 0) return 1
  const pooled = (a.did + b.did) / (a.sent + b.sent)
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / a.sent + 1 / b.sent))
  return deviation === 0 ? 1 : tail(Math.abs(rateOf(a) - rateOf(b)) / deviation)
}

/** 2 (1 − Φ(z)), by Abramowitz and Stegun 7.1.26: right to seven digits. */
function tail(z: number): number {
  const x = z / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.min(1, series * Math.exp(-x * x))
}

const DID: Readonly<Record<AbMeasure, string>> = {
  opened: 'opened it',
  clicked: 'followed a link',
  replied: 'answered',
  by_hand: 'opened it',
}

/** For people: what was found, and how much it is worth. */
export function verdictSentence({ winner, how }: Verdict, counts: readonly VariantCount[], measure: AbMeasure): string {
  const best = counts.find(({ variant }) => variant === winner)
  const said = `${letterOf(winner)}: ${best?.did ?? 0} of ${best?.sent ?? 0} ${DID[measure]}.`
  switch (how) {
    case 'clear':
      return `${said} Chance alone makes such a difference in fewer than one of twenty tests.`
    case 'chance':
      return `${said} The difference to the next may well be chance.`
    case 'few':
      return `${said} That are too few people to say which is better.`
    case 'tie':
      return `${said} Another did as well; ${letterOf(winner)} is the first of them.`
    case 'nothing':
      return `Nobody ${DID[measure]}, so none of them did better; ${letterOf(winner)} is the first.`
  }
}

/** How a winner came about: kept, so that the page can say so later. */
export interface Decision {
  /** `measure`, or who chose it. */
  readonly by: string
  readonly how: How | 'chosen'
  readonly sentence: string
  readonly counts: readonly VariantCount[]
  /** ISO 8601. */
  readonly at: string
}
