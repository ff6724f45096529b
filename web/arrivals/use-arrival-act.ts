import {
  type ArrivalAct,
  type ArrivalActBody,
  actOnArrivals,
  countArrivals,
  countQuarantine,
  getArrival,
  listArrivals,
  undoArrivalAct,
} from '../../src/api/endpoints/arrivals.ts'
import { listIncidents } from '../../src/api/endpoints/incidents.ts'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { UNDOABLE_ACTS } from '../../src/inbound/arrivals/arrival.ts'
import type { Id } from '../../src/lib/ids.ts'
import type { ReplyOf } from '../api.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { toast } from '../ui/toasts.tsx'

const CHANGES = [listArrivals, countArrivals, countQuarantine, getArrival, listIncidents, getQueues]

/** Takes an act back, and says what was left as it is. */
export function useUndoAct() {
  const action = useAction(undoArrivalAct, {
    changes: CHANGES,
    onDone: ({ count, left }) => {
      const kept = left > 0 ? t.arrivals.left(left) : ''
      if (count === 0) toast('bad', kept)
      else toast('good', [t.arrivals.undone(count), kept].filter(Boolean).join('. '))
    },
  })
  return { isPending: action.isPending, run: (id: Id<'inbound_act'>) => action.mutate({ params: { id } }) }
}

/** Does it, says what was done and what was not, and offers the way back where there is one. */
export function useArrivalAct(onDone: (act: ArrivalAct) => void) {
  const undo = useUndoAct()
  const action = useAction(actOnArrivals, { changes: CHANGES })
  return {
    isPending: action.isPending,
    run: (body: ArrivalActBody) =>
      action.mutate(
        { body },
        {
          onSuccess: (reply) => {
            tell(body.act, reply, () => undo.run(reply.id))
            if (reply.done > 0) onDone(body.act)
          },
        },
      ),
  }
}

function tell(act: ArrivalAct, { done, refused, refused_count, is_cut }: ReplyOf<typeof actOnArrivals>, undo: () => void): void {
  const why = t.arrivals.obstacles[refused[0]?.because ?? 'not_there']
  if (done === 0) {
    toast('bad', t.arrivals.noneDone(why))
    return
  }
  const isUndoable = (UNDOABLE_ACTS as readonly ArrivalAct[]).includes(act)
  const rest = refused_count > 0 ? ` ${t.arrivals.refused(refused_count, why)}` : ''
  const more = is_cut ? ` ${t.arrivals.isCut}` : ''
  const said = `${t.arrivals.done[act](done)}${rest || more ? '.' : ''}${rest}${more}`
  toast('good', said, isUndoable ? { label: t.arrivals.undo, run: undo } : undefined)
}
