import { t } from '../texts/texts.ts'
import { number } from '../ui/format.ts'

/** In the unit that people can follow: "34.8 an hour", "12 a minute", "85 a second". */
export function rateOf(perHour: number): string {
  if (perHour >= 3_600) return t.campaigns.perSecond(number(tenth(perHour / 3_600)))
  if (perHour >= 600) return t.campaigns.perMinute(number(tenth(perHour / 60)))
  return t.campaigns.perHour(number(tenth(perHour)))
}

function tenth(n: number): number {
  return n >= 100 ? Math.round(n) : Math.round(n * 10) / 10
}
