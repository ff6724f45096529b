import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { type Campaign, changeCampaign, getCampaign, listCampaigns } from '../../../src/api/endpoints/campaigns.ts'
import { call, type Given, Problem } from '../../api.ts'
import { keyOf } from '../../query.ts'
import type { CampaignChange } from './panels.ts'

/** `conflict`: somebody else saved in between. `wrong`: the server says no to it. */
export type SaveState = 'saved' | 'unsaved' | 'saving' | 'wrong' | 'conflict'

const REST_MS = 700

interface Inside {
  /** What is not saved yet, by its names. */
  pending: CampaignChange
  version: number
  timer: number | undefined
  /** One save after the other. */
  last: Promise<boolean>
}

/**
 * A campaign as it is being written: saved a moment after the last key, one save after the other, each against the version it was read at. What
 * somebody else saved meanwhile is shown where nothing was typed since, and asked about where something was.
 */
export function useDraft(campaign: Campaign) {
  const client = useQueryClient()
  const [draft, setDraft] = useState(campaign)
  const [state, setState] = useState<SaveState>('saved')
  const [problem, setProblem] = useState<Problem | null>(null)
  const inside = useRef<Inside>({ pending: {}, version: campaign.version, timer: undefined, last: Promise.resolve(true) })

  const { id } = campaign
  const acts = useMemo(() => {
    const mine = inside.current
    const isClean = () => Object.keys(mine.pending).length === 0
    async function save(): Promise<boolean> {
      if (isClean()) return true
      const sent = mine.pending
      mine.pending = {}
      setState('saving')
      try {
        const body = { ...sent, version: mine.version } as Given<typeof changeCampaign>['body']
        mine.version = (await call(changeCampaign, { params: { id }, body })).version
      } catch (cause) {
        const refused = cause instanceof Problem ? cause : new Problem({ status: 0, code: 'unreachable', detail: String(cause) })
        mine.pending = { ...sent, ...mine.pending }
        setProblem(refused)
        setState(refused.code === 'changed_meanwhile' ? 'conflict' : 'wrong')
        return false
      }
      setProblem(null)
      setState(isClean() ? 'saved' : 'unsaved')
      for (const changed of [getCampaign, listCampaigns]) void client.invalidateQueries({ queryKey: keyOf(changed) })
      return true
    }
    /** Everything that was typed is saved when this is true. */
    function flush(): Promise<boolean> {
      window.clearTimeout(mine.timer)
      mine.last = mine.last.then(save)
      return mine.last
    }
    function change(said: CampaignChange): void {
      mine.pending = { ...mine.pending, ...said }
      setDraft((now) => ({ ...now, ...said }) as Campaign)
      setState('unsaved')
      window.clearTimeout(mine.timer)
      mine.timer = window.setTimeout(() => void flush(), REST_MS)
    }
    function adopt(theirs: Campaign): void {
      mine.version = theirs.version
      setDraft({ ...theirs, ...mine.pending } as Campaign)
    }
    async function settle(which: 'theirs' | 'mine'): Promise<void> {
      if (which === 'theirs') mine.pending = {}
      adopt((await call(getCampaign, { params: { id } })).campaign)
      setProblem(null)
      setState(isClean() ? 'saved' : 'unsaved')
      await flush()
    }
    return { change, flush, adopt, settle, isClean }
  }, [id, client])

  useEffect(() => {
    if (campaign.version > inside.current.version && acts.isClean()) acts.adopt(campaign)
  }, [campaign, acts])

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!acts.isClean()) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => {
      window.removeEventListener('beforeunload', warn)
      void acts.flush()
    }
  }, [acts])

  return { draft, state, problem, change: acts.change, flush: acts.flush, settle: acts.settle }
}
