import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronRight, Play, Zap } from 'lucide-react'
import { useId, useState } from 'react'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import {
  getConversationAutomations,
  startWorkflowRun,
  type WorkflowRunSummary,
} from '../../../src/api/endpoints/workflow-runs.ts'
import type { ReplyOf } from '../../api.ts'
import { useMe, whyNot } from '../../me.ts'
import { keyOf, useAction, useEndpoint } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { Note } from '../../ui/note.tsx'
import { Ago } from '../../ui/time.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from './runs.module.css'
import { RunBadge } from './state.tsx'
import { TraceView } from './trace.tsx'
import { useCancelRun } from './use-run-acts.tsx'
import { ValueFields, valuesOf, writtenOf } from './values.tsx'

type Automations = ReplyOf<typeof getConversationAutomations>
type Pressable = Automations['buttons'][number]
type Verdict = Automations['verdicts']['items'][number]

const LOOKED_AT_MS = 15_000
/** A run that was asked for is there a moment later. */
const SOON_MS = 1_500

interface Props {
  readonly conversation: ConversationView
}

/** Which workflows act on a conversation, why others did not, and which can be started here. Nothing where there are none. */
export function AutomationsStrip({ conversation: { id, may_write, deleted_at } }: Props) {
  const { data } = useEndpoint(getConversationAutomations, { id }, { everyMs: LOOKED_AT_MS, keep: true })
  const [isOpen, setOpen] = useState(false)
  const body = useId()
  if (data === undefined) return null
  if (data.runs.length + data.verdicts.items.length + data.waiting.length + data.buttons.length === 0) return null
  const mayPress = may_write && deleted_at === null
  return (
    <section className={styles.strip} aria-label={t.automations.title}>
      <div className={styles.stripHead}>
        <button
          type="button"
          className={styles.stripOpen}
          aria-expanded={isOpen}
          aria-controls={body}
          title={isOpen ? t.automations.hide : t.automations.show}
          onClick={() => setOpen(!isOpen)}
        >
          <Zap size={14} aria-hidden />
          <Summary data={data} />
          <ChevronRight size={14} aria-hidden />
        </button>
        {mayPress &&
          data.buttons.map((button) => (
            <Press key={`${button.workflow.id} ${button.node}`} button={button} conversationId={id} />
          ))}
      </div>
      <div id={body}>{isOpen && <Body data={data} conversationId={id} />}</div>
    </section>
  )
}

function Summary({ data: { runs, verdicts, waiting } }: { data: Automations }) {
  const says = t.automations
  const going = runs.filter(({ status }) => status === 'running')
  const names = [...new Set(going.map(({ workflow }) => `“${workflow.name}”`))]
  const needs = going.filter(({ held }) => held > 0).length
  const done = runs.length - going.length
  const didNot = verdicts.items.filter(({ run_id }) => run_id === null).length
  const waits = waiting.length > 0 && says.waiting(waiting.length)
  const quiet = [waits, done > 0 && says.doneBefore(done), didNot > 0 && says.didNot(didNot)].filter(Boolean).join(' · ')
  const [only] = going
  return (
    <>
      <span className={styles.stripWords}>
        {names.length === 0 ? says.none : says.acting(names.join(', '), names.length)}
        {going.length === 1 && only && only.held === 0 && <span className={styles.quiet}> · {only.sentence}</span>}
        {quiet !== '' && <span className={styles.quiet}> · {quiet}</span>}
      </span>
      {needs > 0 && <span className={styles.stripNeeds}>{says.needs(needs)}</span>}
    </>
  )
}

function Body({ data: { runs, waiting }, conversationId }: { data: Automations; conversationId: string }) {
  const says = t.automations
  return (
    <div className={styles.stripBody}>
      <section aria-label={says.runs}>
        <h2 className={styles.smallHead}>{says.runs}</h2>
        {runs.length === 0 && <p className={styles.quiet}>{says.noRuns}</p>}
        <ul className={styles.stripList}>
          {runs.map((run) => (
            <li key={run.id}>
              <Acting run={run} />
            </li>
          ))}
        </ul>
      </section>
      {waiting.length > 0 && (
        <section aria-label={says.waits}>
          <h2 className={styles.smallHead}>{says.waits}</h2>
          <ul className={styles.stripList}>
            {waiting.map(({ run_id, workflow, since, sentence }) => (
              <li key={run_id} className={styles.stripRow}>
                <span>{workflow.name}</span>
                <span className={styles.quiet}>
                  {sentence} · <Ago at={since} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Why conversationId={conversationId} />
    </div>
  )
}

function Acting({ run }: { run: WorkflowRunSummary }) {
  const says = t.automations
  const because = whyNot(useMe(), 'workflows.manage')
  const { name } = run.workflow
  const stop = useCancelRun(run, says.stopBody, says.stopped(name), says.stopTitle(name))
  return (
    <>
      <div className={styles.stripRow}>
        <RunBadge run={run} plain />
        <span className={styles.grow}>
          <AppLink href={`/runs/${run.id}`}>{name}</AppLink>{' '}
          <span className={styles.quiet}>
            {run.sentence} · {says.began} <Ago at={run.started_at} />
          </span>
        </span>
        {run.status === 'running' && (
          <ActButton
            size="compact-xs"
            variant="default"
            because={because}
            label={says.stopLabel(name)}
            loading={stop.isPending}
            onClick={() => void stop.run(says.stop, says.keep)}
          >
            {says.stop}
          </ActButton>
        )}
      </div>
      {stop.error && (
        <Note tone="bad" alert>
          {stop.error.message}
        </Note>
      )}
    </>
  )
}

/** Of what did not begin it is asked most: each condition with what was seen and what was wanted. */
function Why({ conversationId }: { conversationId: string }) {
  const says = t.automations
  const { data } = useEndpoint(getConversationAutomations, { id: conversationId }, { keep: true })
  const items = data?.verdicts.items ?? []
  return (
    <section aria-label={says.why}>
      <h2 className={styles.smallHead}>{says.why}</h2>
      {items.length === 0 && <p className={styles.quiet}>{says.noWhy}</p>}
      <ul className={styles.stripList}>
        {items.map((verdict) => (
          <li key={verdict.id}>
            <VerdictLine verdict={verdict} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function VerdictLine({ verdict: { workflow, sentence, at, trace } }: { verdict: Verdict }) {
  const words = (
    <>
      <b>{workflow.name}</b>: {sentence}{' '}
      <span className={styles.quiet}>
        <Ago at={at} />
      </span>
    </>
  )
  if (trace === null || (Array.isArray(trace) && trace.length === 0)) return <div className={styles.stripRow}>{words}</div>
  return (
    <details>
      <summary>{words}</summary>
      <TraceView trace={trace} />
    </details>
  )
}

/** A button of a workflow: asks for what it needs, then begins. */
function Press({ button, conversationId }: { button: Pressable; conversationId: string }) {
  const client = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const says = t.automations
  const because = whyNot(useMe(), 'conversations.write')
  const refresh = () => void client.invalidateQueries({ queryKey: keyOf(getConversationAutomations) })
  const start = useAction(startWorkflowRun, {
    quiet: true,
    onDone: () => {
      toast('good', says.pressed(button.label))
      setAsking(false)
      window.setTimeout(refresh, SOON_MS)
    },
  })
  const press = (inputs: Record<string, unknown>) =>
    start.mutate({ params: { id: button.workflow.id }, body: { by: 'button', conversation_id: conversationId, inputs } })
  return (
    <>
      <ActButton
        size="compact-sm"
        variant="default"
        because={because}
        label={says.press(button.label, button.workflow.name)}
        hint={button.workflow.name}
        leftSection={<Play size={13} aria-hidden />}
        loading={start.isPending && !isAsking}
        onClick={() => (button.inputs.length > 0 ? setAsking(true) : press({}))}
      >
        {button.label}
      </ActButton>
      {start.error && !isAsking && (
        <Note tone="bad" alert>
          {start.error.message}
        </Note>
      )}
      {isAsking && (
        <AskInputs
          button={button}
          problem={start.error?.message ?? null}
          isPending={start.isPending}
          onGive={press}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

interface AskProps {
  readonly button: Pressable
  readonly problem: string | null
  readonly isPending: boolean
  readonly onGive: (inputs: Record<string, unknown>) => void
  readonly onClose: () => void
}

function AskInputs({ button: { label, workflow, inputs }, problem, isPending, onGive, onClose }: AskProps) {
  const says = t.automations
  const [written, setWritten] = useState(() =>
    writtenOf(inputs, Object.fromEntries(inputs.map(({ key, default: value }) => [key, value]))),
  )
  const [wrong, setWrong] = useState<readonly string[]>([])
  function submit() {
    const { values, wrong } = valuesOf(inputs, written)
    setWrong(wrong)
    if (wrong.length === 0) onGive(values)
  }
  return (
    <Dialog title={says.pressTitle(label)} onClose={onClose}>
      <Form onSubmit={submit} problem={problem}>
        <p>{says.pressLead(workflow.name)}</p>
        <ValueFields
          wanted={inputs}
          written={written}
          set={(key, value) => setWritten((known) => ({ ...known, [key]: value }))}
          errorOf={(key) => (wrong.includes(key) ? t.run.edit.notJson : undefined)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={isPending}>
            {says.pressAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
