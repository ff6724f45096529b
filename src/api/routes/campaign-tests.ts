import { letterOf } from '../../campaigns/ab/ab-test.ts'
import { asVariant, variantsOf } from '../../campaigns/ab/as-variant.ts'
import { chooseWinner } from '../../campaigns/ab/decide.ts'
import { readProgress } from '../../campaigns/progress.ts'
import { Refusal } from '../../errors.ts'
import { readResults } from '../../insight/analytics/results.ts'
import { chooseCampaignWinner, getCampaignTest } from '../endpoints/campaign-tests.ts'
import { type Route, route } from '../route.ts'
import { toCampaign } from '../wire/campaigns.ts'

export function campaignTestRoutes(): Route[] {
  return [
    route(getCampaignTest, async ({ tx, params, actor, now }) => {
      const { campaign, awaitsWinner } = await readProgress(tx, actor.workspaceId, params.id, now)
      const { ab, winner, decision, decidesAt, question } = campaign
      if (!ab) throw new Refusal('wrong_state', { what: 'campaign', state: 'without versions', action: 'compared' })
      const { variants } = await readResults(tx, actor.workspaceId, params.id)
      return {
        measure: ab.measure,
        share: ab.share,
        variants: variantsOf(campaign).map((variant) => {
          const { content, sender } = asVariant(campaign, variant)
          const figures = variants.find((one) => one.variant === String(variant) || one.variant === letterOf(variant))?.figures
          return {
            variant: letterOf(variant),
            subject: content.subject,
            sender,
            has_own_content: (ab.variants[variant - 1]?.content ?? null) !== null,
            sent: figures?.accepted ?? 0,
            opened: figures?.opened_human ?? 0,
            clicked: figures?.clicked_human ?? 0,
            replied: figures?.replied ?? 0,
          }
        }),
        rest: awaitsWinner,
        decides_at: decidesAt,
        winner: winner === null ? null : letterOf(winner),
        decision: decision && {
          how: decision.how,
          sentence: decision.sentence,
          at: new Date(decision.at),
          counts: decision.counts.map((one) => ({ ...one, variant: letterOf(one.variant) })),
        },
        question: question?.code === 'choose_winner' ? question.sentence : null,
      }
    }),
    route(chooseCampaignWinner, async ({ tx, params, body, actor, now }) =>
      toCampaign(await chooseWinner(tx, params.id, body.variant.charCodeAt(0) - 65, actor, now)),
    ),
  ]
}
