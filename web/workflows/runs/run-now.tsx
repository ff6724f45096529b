import { CircleAlert, Clock3, FastForward, Play, RotateCw, SkipForward, SquarePen } from 'lucide-react'
import { useState } from 'react'
import type { WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Names } from '../../../src/workflows/definition/node-type.ts'
import { useMe, whyNot } from '../../me.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Badge } from '../../ui/badge.tsx'
import { asSentence } from '../../ui/format.ts'
import { Note } from '../../ui/note.tsx'
import { Ago, useNow, When } from '../../ui/time.tsx'
import { toned } from '../../ui/tone.ts'
import { sentenceOf, titleOf } from '../edit/ports.ts'
import { nextInWords } from './next-words.ts'
import { InTheWay } from './obstacle.tsx'
import styles from './runs.module.css'
import { type PortChoice, SkipDialog } from './skip-dialog.tsx'
import { type ShownToken, useTokenActs } from './use-run-acts.tsx'
import { VarsDialog } from './vars-dialog.tsx'

interface Props {
  readonly run: WorkflowRun
  readonly graph: Graph | null
  readonly names: Names
}

/** Where a run stands, what happens next and when, and what can be done about it; of what ended, how. */
export function RunNow({ run, graph, names }: Props) {
  const tokens = [...run.tokens].sort((a, b) => Number(b.state === 'held') - Number(a.state === 'held'))
  return (
    <section className={styles.now} aria-label={run.status === 'running' ? t.run.now : t.run.itEnded}>
      {run.status !== 'running' && (
        <Note tone={run.status === 'completed' ? 'good' : 'calm'}>
          {run.sentence} {run.ended_at && <Ago at={run.ended_at} />}
        </Note>
      )}
      <ul className={styles.standing}>
        {tokens.map((token) => (
          <li key={token.id}>
            <Standing run={run} graph={graph} names={names} token={token} />
          </li>
        ))}
      </ul>
    </section>
  )
}

const LOOKS = {
  held: { tone: 'bad', icon: CircleAlert, label: t.run.held },
  waiting: { tone: 'wait', icon: Clock3, label: t.run.waits },
  ready: { tone: 'busy', icon: Play, label: t.run.ready },
} as const

function Standing({ run, graph, names, token }: Props & { token: ShownToken }) {
  const now = useNow()
  const node = graph?.nodes[token.node]
  const look = LOOKS[token.state]
  const items = token.branch.map(({ branch, item }) =>
    item === undefined ? t.run.branch(branch + 1) : t.run.item(typeof item === 'string' ? item : JSON.stringify(item)),
  )
  return (
    <article className={styles.token} {...toned(look.tone)}>
      <div className={styles.tokenHead}>
        <Badge {...look} />
        <h2 className={styles.tokenStep}>{node ? titleOf(node) : token.node}</h2>
        <span className={styles.quiet}>
          {items.length > 0 && `${items.join(', ')} · `}
          {t.run.since} <When at={token.arrived_at} />
        </span>
      </div>
      {token.trouble ? (
        <p className={styles.tokenSentence}>{asSentence(token.trouble.sentence)}</p>
      ) : (
        <p className={styles.tokenSentence}>{nextInWords(token, now)}</p>
      )}
      <p className={styles.quiet}>
        {asSentence(node ? sentenceOf(node, names) : token.step)}
        {token.trouble && ` ${nextInWords(token, now)}`}
        {token.state === 'held' && token.attempt > 0 && ` ${t.run.tried(token.attempt)}`}
      </p>
      {token.in_the_way && <InTheWay of={token.in_the_way} />}
      <Acts run={run} graph={graph} names={names} token={token} />
    </article>
  )
}

function Acts({ run, graph, names, token }: Props & { token: ShownToken }) {
  const because = whyNot(useMe(), 'workflows.manage')
  const acts = useTokenActs(run, token)
  const [open, setOpen] = useState<'skip' | 'vars' | null>(null)
  const may = (act: ShownToken['acts'][number]) => token.acts.includes(act)
  const hasVars = (graph?.vars.length ?? 0) > 0
  const usual = { size: 'compact-sm', because } as const
  return (
    <>
      <div className={styles.acts}>
        {may('retry') && (
          <ActButton
            {...usual}
            hint={t.run.retryHint}
            leftSection={<RotateCw size={14} aria-hidden />}
            loading={acts.retry.isPending}
            onClick={acts.retry.run}
          >
            {t.run.acts.retry}
          </ActButton>
        )}
        {may('retry') && hasVars && (
          <ActButton
            {...usual}
            variant="default"
            hint={t.run.editHint}
            leftSection={<SquarePen size={14} aria-hidden />}
            onClick={() => setOpen('vars')}
          >
            {t.run.acts.edit}
          </ActButton>
        )}
        {may('continue') && (
          <ActButton
            {...usual}
            variant="default"
            hint={t.run.continueHint}
            leftSection={<FastForward size={14} aria-hidden />}
            loading={acts.continue.isPending}
            onClick={() => void acts.continue.run()}
          >
            {t.run.acts.continue}
          </ActButton>
        )}
        {may('skip') && (
          <ActButton
            {...usual}
            variant="default"
            hint={t.run.skipHint}
            leftSection={<SkipForward size={14} aria-hidden />}
            loading={acts.skip.isPending}
            onClick={() => setOpen('skip')}
          >
            {t.run.acts.skip}
          </ActButton>
        )}
      </div>
      {acts.error && (
        <Note tone="bad" alert>
          {acts.error.message}
        </Note>
      )}
      {open === 'skip' && (
        <SkipDialog
          title={t.run.skipTitle}
          lead={t.run.skipLead(token.step)}
          act={t.run.skipAct}
          ports={choicesOf(token, graph, names)}
          onChoose={acts.skip.run}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'vars' && graph && <VarsDialog run={run} graph={graph} token={token} onClose={() => setOpen(null)} />}
    </>
  )
}

export function choicesOf({ node, ports }: ShownToken, graph: Graph | null, names: Names): readonly PortChoice[] {
  return ports.map(({ key, ...port }) => {
    const to = graph?.nodes[graph.nodes[node]?.next[key] ?? '']
    return { key, ...port, to: to ? sentenceOf(to, names) : null }
  })
}
