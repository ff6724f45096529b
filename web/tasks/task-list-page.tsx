import { Button, Checkbox, SegmentedControl } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { listWorkflowTasks, type WorkflowTask } from '../../src/api/endpoints/workflow-tasks.ts'
import { useMe } from '../me.ts'
import { usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { ItemList, ItemName } from '../ui/item-list.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import { DecideMany } from './decide-many.tsx'
import { SETS, type TaskSearch, WHOSE } from './task-search.ts'
import { Due, TaskBadge } from './task-state.tsx'
import styles from './tasks.module.css'

const route = getRouteApi('/shell/tasks')
const LOOKED_AT_MS = 15_000
const AT_ONCE = 50

/** What workflows ask of people: first of oneself. */
export function TaskListPage() {
  const search = route.useSearch()
  const { whose = 'teams', state = 'open' } = search
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const list = usePages(listWorkflowTasks, { whose, state }, AT_ONCE, () => LOOKED_AT_MS)
  // What was decided meanwhile is not chosen any more.
  const chosen = list.items.filter(({ id, may_decide }) => may_decide && ticked.has(id))
  function tick(id: string, isOn: boolean) {
    const next = new Set(chosen.map((one) => one.id as string))
    isOn ? next.add(id) : next.delete(id)
    setTicked(next)
  }
  return (
    <Page title={t.tasks.title} lead={t.tasks.lead} shape="narrow">
      <Filters search={search} />
      <DecideMany chosen={chosen} none={() => setTicked(new Set())} />
      {list.error && list.items.length === 0 && <Failed error={list.error} retry={list.retry} />}
      {list.isPending && <Skeleton lines={6} />}
      {!list.isPending && !list.error && list.items.length === 0 && <Nothing search={search} />}
      {list.items.length > 0 && (
        <ItemList label={t.tasks.label} columns="minmax(0, 1fr) auto">
          {list.items.map((task) => (
            <li key={task.id} className={styles.row}>
              {task.may_decide && (
                <Checkbox
                  size="md"
                  className={styles.tick ?? ''}
                  aria-label={t.tasks.many.choose(task.title, task.conversation?.number ?? null)}
                  checked={chosen.some(({ id }) => id === task.id)}
                  onChange={(event) => tick(task.id, event.currentTarget.checked)}
                />
              )}
              <Item task={task} />
            </li>
          ))}
        </ItemList>
      )}
      {list.hasMore && (
        <Button mt={12} variant="default" loading={list.isFetchingMore} onClick={list.more}>
          {t.tasks.older}
        </Button>
      )}
    </Page>
  )
}

function Filters({ search: { whose = 'teams', state = 'open' } }: { search: TaskSearch }) {
  const navigate = useNavigate()
  const seesAll = useMe().permissions.includes('workflows.manage')
  const set = (change: TaskSearch) => void navigate({ to: '/tasks', search: { whose, state, ...change }, replace: true })
  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <div className={styles.filters} role="search" aria-label={t.tasks.label}>
      <SegmentedControl
        size="xs"
        aria-label={t.tasks.state}
        value={state}
        onChange={(value) => set({ state: value as TaskSearch['state'] })}
        data={SETS.map((value) => ({ value, label: t.tasks.states[value] }))}
      />
      <SegmentedControl
        size="xs"
        aria-label={t.tasks.whose}
        value={whose}
        onChange={(value) => set({ whose: value as TaskSearch['whose'] })}
        data={WHOSE.filter((value) => value !== 'all' || seesAll).map((value) => ({ value, label: t.tasks.sets[value] }))}
      />
    </div>
  )
}

function Item({ task }: { task: WorkflowTask }) {
  const { id, title, workflow, conversation, team, created_at, due_at, state } = task
  return (
    <Link to="/tasks/$id" params={{ id }}>
      <span className={styles.item}>
        <ItemName>{title}</ItemName>
        <span className={styles.quiet}>
          {[
            t.tasks.byWorkflow(workflow.name),
            conversation && `#${conversation.number} ${conversation.subject}`,
            team?.name && t.tasks.forTeam(team.name),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className={styles.itemEnd}>
        <TaskBadge task={task} />
        <span className={styles.quiet}>{state === 'open' && due_at ? <Due at={due_at} /> : <Ago at={created_at} short />}</span>
      </span>
    </Link>
  )
}

function Nothing({ search }: { search: TaskSearch }) {
  const isUsual = (search.state ?? 'open') === 'open' && (search.whose ?? 'teams') === 'teams'
  return isUsual ? (
    <EmptyState title={t.tasks.emptyTitle} sentence={t.tasks.empty} />
  ) : (
    <EmptyState title={t.tasks.nothingTitle} sentence={t.tasks.nothing} />
  )
}
