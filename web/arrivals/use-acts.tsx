import { type ReactNode, useState } from 'react'
import { type ArrivalAct, type ArrivalActBody, previewArrivalAct } from '../../src/api/endpoints/arrivals.ts'
import { call, Problem } from '../api.ts'
import { t } from '../texts/texts.ts'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'
import { type ActTarget, AttachDialog, MakeDialog, SenderDialog } from './act-dialogs.tsx'
import { useArrivalAct } from './use-arrival-act.ts'

export interface Acts {
  readonly isPending: boolean
  /** Asks what has to be asked, and does it. */
  begin(act: ArrivalAct, target: ActTarget): void
  /** The dialog that is open. */
  readonly dialog: ReactNode
}

/** The acts of both pages: those that need a word more open a dialog; those on all that fit are counted and asked about first. */
export function useActs(onDone: (act: ArrivalAct) => void): Acts {
  const ask = useAsk()
  const { run, isPending } = useArrivalAct(onDone)
  const [open, setOpen] = useState<{ act: ArrivalAct; target: ActTarget } | null>(null)

  async function counted(body: ArrivalActBody): Promise<void> {
    try {
      const { done, refused_count } = await call(previewArrivalAct, { body })
      const says = t.arrivals.ask
      if (done === 0) {
        toast('bad', says.none)
        return
      }
      const act = t.arrivals.acts[body.act]
      if (await ask({ title: says.title(act, done), body: bodyOf(body, refused_count), act })) run(body)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      toast('bad', error.message)
    }
  }
  // Of one it is said beside its button.
  const isAskedFor = ({ act, filter, ids }: ArrivalActBody) =>
    filter !== undefined || (act === 'replay' && (ids?.length ?? 0) > 1)
  const go = (body: ArrivalActBody) => void (isAskedFor(body) ? counted(body) : run(body))
  const props = open && { target: open.target, run: go, onClose: () => setOpen(null) }
  return {
    isPending,
    begin(act, target) {
      if (act === 'start' || act === 'attach' || act === 'ignore_sender') setOpen({ act, target })
      else go({ act, ...target.of })
    },
    dialog:
      props &&
      (open.act === 'start' ? (
        <MakeDialog {...props} />
      ) : open.act === 'attach' ? (
        <AttachDialog {...props} />
      ) : (
        <SenderDialog {...props} />
      )),
  }
}

function bodyOf({ act, filter }: ArrivalActBody, refused: number): string {
  const says = t.arrivals.ask
  return `${filter ? says.body(refused) : says.chosen(refused)} ${act === 'replay' ? t.arrivals.noWayBack : ''}`.trim()
}
