import { Button } from '@mantine/core'
import {
  AlarmClock,
  Ban,
  Check,
  CircleAlert,
  CircleStop,
  Clock3,
  Flag,
  GitFork,
  GitMerge,
  type LucideIcon,
  Reply,
  RotateCw,
  SkipForward,
} from 'lucide-react'
import { useState } from 'react'
import { getWorkflowRun, type WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import { typeOf } from '../../../src/workflows/definition/catalogue.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { call } from '../../api.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { Panel } from '../../ui/panel.tsx'
import { Raw } from '../../ui/raw.tsx'
import { Timeline, type TimelineItem } from '../../ui/timeline.tsx'
import { toast } from '../../ui/toasts.tsx'
import type { Tone } from '../../ui/tone.ts'
import { portLabel } from '../edit/editor.ts'
import { titleOf } from '../edit/ports.ts'
import { LOOKS } from '../icons.ts'
import { MailLink } from './mail.tsx'
import styles from './runs.module.css'
import { TraceView } from './trace.tsx'

type Line = WorkflowRun['lines'][number]

const WHATS: Readonly<Record<string, { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  waits: { tone: 'wait', icon: Clock3 },
  hit: { tone: 'good', icon: Reply },
  timed_out: { tone: 'care', icon: AlarmClock },
  retries: { tone: 'care', icon: RotateCw },
  held: { tone: 'bad', icon: CircleAlert },
  forked: { tone: 'calm', icon: GitFork },
  joined: { tone: 'calm', icon: GitMerge },
  branch_ended: { tone: 'calm', icon: CircleStop },
  cancelled: { tone: 'calm', icon: Ban },
  ended: { tone: 'good', icon: Flag },
  skipped: { tone: 'care', icon: SkipForward },
}

interface Props {
  readonly run: WorkflowRun
  readonly graph: Graph | null
  /** Of one step only. */
  readonly only: string | null
  readonly onAll: () => void
}

/** What happened to a run, line by line; mail leads to its waybill, questions to what was seen and wanted. */
export function RunStory({ run, graph, only, onAll }: Props) {
  const { lines, hasMore, isLoading, more } = useLines(run)
  const shown = only === null ? lines : lines.filter(({ node }) => node === only)
  const node = only === null ? undefined : graph?.nodes[only]
  return (
    <Panel
      title={only === null ? t.run.story : t.run.storyOf(node ? titleOf(node) : only)}
      aside={
        only !== null && (
          <Button size="compact-sm" variant="default" onClick={onAll}>
            {t.run.wholeStory}
          </Button>
        )
      }
    >
      {shown.length === 0 && <p className={styles.quiet}>{t.run.noStory}</p>}
      <Timeline label={t.run.story} items={shown.map((line) => itemOf(line, run, graph))} />
      {hasMore && (
        <Button size="compact-sm" variant="default" fullWidth loading={isLoading} onClick={() => void more()}>
          {t.run.further}
        </Button>
      )}
    </Panel>
  )
}

/** The first thousand come with the run and stay live; what came after is asked for. */
function useLines(run: WorkflowRun) {
  const [later, setLater] = useState<{ readonly lines: readonly Line[]; readonly hasMore: boolean } | null>(null)
  const [isLoading, setLoading] = useState(false)
  const last = run.lines.at(-1)?.seq ?? 0
  const lines = [...run.lines, ...(later?.lines.filter(({ seq }) => seq > last) ?? [])]
  async function more() {
    setLoading(true)
    try {
      const page = await call(getWorkflowRun, { params: { id: run.id, after: lines.at(-1)?.seq ?? 0 } })
      setLater((known) => ({ lines: [...(known?.lines ?? []), ...page.lines], hasMore: page.has_more }))
    } catch (error) {
      toast('bad', error instanceof Error ? error.message : String(error))
    } finally {
      setLoading(false)
    }
  }
  return { lines, hasMore: later?.hasMore ?? run.has_more, isLoading, more }
}

function itemOf(line: Line, run: WorkflowRun, graph: Graph | null): TimelineItem {
  const { seq, at, sentence, detail, visit } = line
  const node = graph?.nodes[line.node]
  const port = line.port !== null && node ? portLabel(node, line.port) : line.port
  const isTold = port === null || port === 'out' || port === 'Then' || sentence.includes(port)
  const note = [visit > 1 && t.run.visit(visit), !isTold && t.run.port(port)].filter(Boolean).join(' · ')
  const mail = messagesIn(detail).flatMap((id) => run.messages.filter(({ message_id }) => message_id === id))
  const child = typeof detail.run_id === 'string' ? run.children.find(({ id }) => id === detail.run_id) : undefined
  const hasMore = Object.keys(detail).length > 0
  return {
    id: String(seq),
    at,
    ...lookOf(line, graph),
    words: sentence,
    ...(note !== '' && { note }),
    ...((mail.length > 0 || child) && {
      beneath: (
        <>
          {mail.map((one) => (
            <MailLink key={one.delivery_id} mail={one} />
          ))}
          {child && <AppLink href={`/runs/${child.id}`}>{t.run.of(child.workflow.name)}</AppLink>}
        </>
      ),
    }),
    ...(hasMore && { evidence: () => <Evidence detail={detail} /> }),
  }
}

function lookOf({ what, node, detail }: Line, graph: Graph | null): { readonly tone: Tone; readonly icon: LucideIcon } {
  const look = WHATS[what]
  if (look) return look
  if (typeof detail.class === 'string') return { tone: 'bad', icon: CircleAlert }
  const group = typeOf(graph?.nodes[node]?.type ?? '')?.group
  return { tone: 'calm', icon: group ? LOOKS[group].icon : Check }
}

function Evidence({ detail }: { detail: Line['detail'] }) {
  const traces = tracesIn(detail)
  return (
    <>
      {traces.map((trace, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was, in its order
        <TraceView key={index} trace={trace} />
      ))}
      <Raw text={JSON.stringify(detail, null, 2)} label={t.run.details} copyLabel={t.run.copyDetails} />
    </>
  )
}

/** What a question gave: one trace, or one for each of the ways that were asked for. */
export function tracesIn({ result }: Line['detail']): readonly unknown[] {
  if (typeof result !== 'object' || result === null) return []
  const { trace, traces } = result as { readonly trace?: unknown; readonly traces?: unknown }
  if (trace !== undefined) return [trace]
  return typeof traces === 'object' && traces !== null ? Object.values(traces) : []
}

/** The mail that a line names. */
function messagesIn(value: unknown, depth = 0): readonly string[] {
  if (typeof value !== 'object' || value === null || depth > 3) return []
  const found = Object.entries(value).flatMap(([key, one]): readonly string[] => {
    if (key === 'key' && typeof one === 'string' && one.startsWith('message:')) return [one.slice('message:'.length)]
    if (key === 'message_id' || key === 'last_message') return typeof one === 'string' ? [one] : []
    if (key === 'messages' && Array.isArray(one))
      return one.flatMap((each) => (typeof each === 'string' ? [each] : messagesIn(each, depth + 1)))
    return messagesIn(one, depth + 1)
  })
  return [...new Set(found)]
}
