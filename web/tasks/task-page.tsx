import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { getWorkflowTask, type WorkflowTask } from '../../src/api/endpoints/workflow-tasks.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { AppLink } from '../shell/app-link.tsx'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { Facts } from '../ui/facts.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import { Decide } from './decide.tsx'
import { PassOn } from './pass-on.tsx'
import { Due, TaskBadge } from './task-state.tsx'
import styles from './tasks.module.css'

const route = getRouteApi('/shell/tasks/$id')
const LOOKED_AT_MS = 10_000

/** What is asked, about what, until when; below it the form and the decisions, or what was decided. */
export function TaskPage() {
  const { id } = route.useParams()
  const query = useEndpoint(getWorkflowTask, { id: id as Id<'workflow_task'> }, { keep: true, everyMs: LOOKED_AT_MS })
  if (query.error && (query.error.status === 404 || query.error.status === 422)) return <NotFound />
  return (
    <Page title={query.data?.title ?? t.tasks.title} shape="narrow" bare>
      <Link to="/tasks" search={{}} className={styles.back}>
        <ArrowLeft size={14} aria-hidden /> {t.tasks.back}
      </Link>
      <Loadable query={query}>{(task) => <Asked key={task.id} task={task} />}</Loadable>
    </Page>
  )
}

function Asked({ task }: { task: WorkflowTask }) {
  const { title, body, state, may_decide } = task
  return (
    <div className={styles.sheet}>
      <header>
        <h1 className={styles.title}>{title}</h1>
        <p className={styles.facts}>
          <TaskBadge task={task} />
          <span>{t.tasks.byWorkflow(task.workflow.name)}</span>
          <span>
            {t.tasks.asked} <Ago at={task.created_at} />
          </span>
          {state === 'open' && task.due_at && (
            <span>
              <Due at={task.due_at} />
            </span>
          )}
        </p>
      </header>
      {body !== '' && <p className={styles.body}>{body}</p>}
      <About task={task} />
      {state === 'open' && (may_decide ? <Decide task={task} /> : <Note tone="calm">{t.tasks.mayNot}</Note>)}
      {state === 'open' && may_decide && <PassOn task={task} />}
      {state === 'decided' && <Decided task={task} />}
      {(state === 'expired' || state === 'withdrawn') && <Note tone="calm">{t.tasks.over[state]}</Note>}
    </div>
  )
}

function About({ task: { conversation, people, team, run_id } }: { task: WorkflowTask }) {
  const me = useMe()
  const seesRun = conversation !== null || me.permissions.includes('workflows.manage')
  const asked = [...people.map(({ name }) => name ?? t.runs.gone), ...(team ? [t.tasks.forTeam(team.name ?? t.runs.gone)] : [])]
  return (
    <Facts
      facts={[
        [
          t.tasks.conversation,
          conversation && (
            <Link to="/conversations/$number" params={{ number: String(conversation.number) }}>
              #{conversation.number} {conversation.subject}
            </Link>
          ),
        ],
        [t.tasks.people, asked.join(', ')],
        [t.tasks.run, seesRun && <AppLink href={`/runs/${run_id}`}>{t.tasks.toRun}</AppLink>],
      ]}
    />
  )
}

function Decided({ task: { decision, decisions, decided_by, ended_at, comment, answers, fields } }: { task: WorkflowTask }) {
  const label = decisions.find(({ key }) => key === decision)?.label ?? decision ?? ''
  return (
    <>
      <Note tone="good" hint={comment || undefined}>
        {t.tasks.decided(label)} {decided_by && `${t.tasks.decidedBy} ${decided_by}`} {ended_at && <Ago at={ended_at} />}
      </Note>
      {fields.length > 0 && (
        <Panel title={t.tasks.answers}>
          <Facts facts={fields.map(({ key, label: name }) => [name, inWords(answers[key])])} />
        </Panel>
      )}
    </>
  )
}

function inWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return t.run.values.empty
  return typeof value === 'boolean' ? (value ? t.tasks.yes : t.tasks.no) : String(value)
}
