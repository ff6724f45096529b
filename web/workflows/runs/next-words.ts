/** What happens next with a step of a run, and when, in a sentence. Pure: the moment is given. */
import type { WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import { t } from '../../texts/texts.ts'
import { ago, clockOrDay } from '../../ui/format.ts'

const MANY_ENDS = 3

type Token = Pick<WorkflowRun['tokens'][number], 'state' | 'until' | 'attempt' | 'waits' | 'timeout_port' | 'ports'>

export function nextInWords({ state, until, attempt, waits, timeout_port, ports }: Token, now: Date): string {
  const says = t.run.next
  if (state === 'held') return says.person
  const isLater = until !== null && until.getTime() > now.getTime() + 1_000
  const when = until === null ? '' : clockOrDay(until, now)
  const soon = until === null ? '' : ago(until, now)
  if (state === 'ready') {
    if (!isLater) return says.once
    return attempt > 0 ? says.again(when, soon, attempt) : says.atTime(when, soon)
  }
  const awaited = awaitedIn(waits)
  const what = awaited.length < 2 ? (awaited[0] ?? '') : `${awaited.slice(0, -1).join(', ')} ${says.or} ${awaited.at(-1)}`
  if (until === null) return what === '' ? says.once : says.any(what)
  if (!isLater) return says.once
  if (what === '') return says.atTime(when, soon)
  const port = ports.find(({ key }) => key === timeout_port)
  const by = port?.label ? ` ${says.by(port.label)}` : ''
  return `${says.anyOrTime(what, when, soon)}${by}`
}

/** All ends that its mail may come to are one thing to wait for. */
function awaitedIn(waits: Token['waits']): readonly string[] {
  const ofMail = waits.filter(({ happening }) => happening.startsWith('delivery.'))
  const others = waits.filter((one) => ofMail.length < MANY_ENDS || !ofMail.includes(one)).map(({ sentence }) => sentence)
  return [...new Set(ofMail.length < MANY_ENDS ? others : [t.run.next.mail, ...others])]
}
