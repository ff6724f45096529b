import { letterOf } from '../../campaigns/ab/ab-test.ts'
import type { Campaign } from '../../campaigns/campaign.ts'
import { type Figures, reachedOf } from '../../insight/analytics/figures.ts'
import type { Compared, Measured, Results } from '../../insight/analytics/results.ts'
import type * as endpoints from '../endpoints/campaign-results.ts'

export function toFigures(figures: Figures): endpoints.CampaignFigures {
  const { accepted, delivered, bounced, returned, failed, expired, suppressed, cancelled, complained, unsubscribed, replied } =
    figures
  return {
    ...{ accepted, reached: reachedOf(figures), delivered, bounced, returned, failed, expired, suppressed, cancelled },
    ...{ complained, unsubscribed, replied },
    opened: {
      human: figures.opened_human,
      proxy: figures.opened_proxy,
      scanner: figures.opened_scanner,
      unknown: figures.opened_unknown,
    },
    clicked: {
      human: figures.clicked_human,
      proxy: figures.clicked_proxy,
      scanner: figures.clicked_scanner,
      unknown: figures.clicked_unknown,
    },
  }
}

export function toMeasured({ figures, rates }: Measured) {
  return { figures: toFigures(figures), rates: { ...rates } }
}

function toMeasuredCampaign({ id, name, state, startedAt, finishedAt, prepared, tracking }: Campaign) {
  return {
    ...{ id, name, state, started_at: startedAt, finished_at: finishedAt, recipients: prepared },
    tracking: { opens: tracking.opens === true, clicks: tracking.clicks === true },
  }
}

export function toResults({ campaign, opens, clicks, classes, variants, ...rest }: Results): endpoints.CampaignResults {
  return {
    campaign: toMeasuredCampaign(campaign),
    ...toMeasured(rest),
    opens: { ...opens },
    clicks: { ...clicks },
    classes: classes.map(({ class: name, figures: { bounced, returned, failed, expired } }) => ({
      class: name,
      ...{ bounced, returned, failed, expired },
    })),
    variants: variants.map(({ variant, ...one }) => ({
      variant: Number(variant),
      letter: letterOf(Number(variant)),
      ...toMeasured(one),
    })),
  }
}

export function toCompared({ campaign, ...rest }: Compared): endpoints.ComparedCampaign {
  return { campaign: toMeasuredCampaign(campaign), ...toMeasured(rest) }
}
