/** What happens next with a step of a run, and when, in a sentence. Pure: the moment is given. */
import type { WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import { t } from '../../texts/texts.ts'
import { ago, clockOrDay } from '../../ui/format.ts'

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
  const awaited = [...new Set(waits.map(({ sentence }) => sentence))]
  const what = awaited.length < 2 ? (awaited[0] ?? '') : `${awaited.slice(0, -1).join(', ')} ${says.or} ${awaited.at(-1)}`
  if (until === null) return what === '' ? says.once : says.any(what)
  if (!isLater) return says.once
  if (what === '') return says.atTime(when, soon)
  const port = ports.find(({ key }) => key === timeout_port)
  const by = port?.label ? ` ${says.by(port.label)}` : ''
  return `${says.anyOrTime(what, when, soon)}${by}`
}
