import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { duplicateCampaign } from '../../src/api/endpoints/campaign-pages.ts'
import type { CampaignSummary } from '../../src/api/endpoints/campaigns.ts'
import {
  cancelCampaign,
  extendCampaign,
  getCampaign,
  listCampaigns,
  pauseCampaign,
  removeCampaign,
  resumeCampaign,
  unscheduleCampaign,
} from '../../src/api/endpoints/campaigns.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'
import { stillComing } from './look.ts'

/** What is needed to know what can be done with one. */
export type Actable = Pick<CampaignSummary, 'id' | 'name' | 'state' | 'pace' | 'preparing' | 'deliveries' | 'started_at'> & {
  readonly awaits_winner?: number
  readonly actions: CampaignSummary['actions']
}
export type Opened = 'pace' | 'retry' | 'schedule' | 'send' | null

const CHANGES = [getCampaign, listCampaigns]
const MAX_NAME = 200

/** What people do with a campaign: each act asks where it cannot be taken back, and says what it did. */
export function useCampaignActs(of: Actable) {
  const ask = useAsk()
  const navigate = useNavigate()
  const [opened, open] = useState<Opened>(null)
  const says = t.campaigns
  const { id, name } = of
  const params = { id }
  const toEditor = (other: { id: Actable['id'] }) => void navigate({ to: '/campaigns/$id/edit', params: { id: other.id } })
  const told = (sentence: (name: string) => string) => ({ changes: CHANGES, onDone: () => toast('good', sentence(name)) })
  const pause = useAction(pauseCampaign, told(says.done.paused))
  const resume = useAction(resumeCampaign, told(says.done.resumed))
  const cancel = useAction(cancelCampaign, told(says.done.cancelled))
  const extend = useAction(extendCampaign, told(says.done.extended))
  const unschedule = useAction(unscheduleCampaign, told(says.done.unscheduled))
  const copy = useAction(duplicateCampaign, { changes: [listCampaigns], onDone: toEditor })
  const remove = useAction(removeCampaign, {
    changes: [listCampaigns],
    onDone: () => {
      toast('good', says.done.removed(name))
      void navigate({ to: '/campaigns', search: {} })
    },
  })
  const all = [pause, resume, cancel, extend, unschedule, copy, remove]
  return {
    opened,
    open,
    isBusy: all.some(({ isPending }) => isPending),
    pause: () => pause.mutate({ params }),
    resume: () => resume.mutate({ params }),
    unschedule: () => unschedule.mutate({ params }),
    duplicate: () => copy.mutate({ params, body: { name: says.copyName(name).slice(0, MAX_NAME), audience: 'same' } }),
    resend: () => copy.mutate({ params, body: { name: says.unopenedName(name).slice(0, MAX_NAME), audience: 'not_opened' } }),
    async cancel() {
      const n = stillComing(of)
      const question = {
        title: says.cancelTitle(name),
        body: says.cancelBody(n),
        act: says.cancelAct(n),
        keep: says.keep,
        danger: true,
      }
      if (await ask(question)) cancel.mutate({ params })
    },
    async extend() {
      if (await ask({ title: says.extendTitle(name), body: says.extendBody, act: says.extendAct })) extend.mutate({ params })
    },
    async remove() {
      const question = { title: says.removeTitle(name), body: says.removeBody, act: says.acts.remove, danger: true }
      if (await ask(question)) remove.mutate({ params })
    },
  }
}
