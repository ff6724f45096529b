import { Link, useRouterState } from '@tanstack/react-router'
import { useEffect, useId, useRef } from 'react'
import { countQuarantine } from '../../src/api/endpoints/arrivals.ts'
import { getQueues, type QueueOverview } from '../../src/api/endpoints/overview.ts'
import { listWorkflowTasks } from '../../src/api/endpoints/workflow-tasks.ts'
import { useMe } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { number } from '../ui/format.ts'
import { type Tone, toned } from '../ui/tone.ts'
import { AccountMenu } from './account-menu.tsx'
import { Health } from './health.tsx'
import { Mark } from './mark.tsx'
import { GROUPS, PAGES, type PageEntry, type PageGroup } from './pages.ts'
import styles from './shell.module.css'

/** So many are counted; more are as many. */
const MY_TASKS = { state: 'open', limit: 100 } as const

interface Props {
  /** On a narrow page, where it comes and goes. */
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onHelp: () => void
}

export function Navigation({ isOpen, onClose, onHelp }: Props) {
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    if (isOpen) nav.current?.querySelector('a')?.focus()
  }, [isOpen])
  const me = useMe()
  const queues = useEndpoint(getQueues, {})
  const putAside = useEndpoint(countQuarantine, {}, { enabled: me.permissions.includes('conversations.read') })
  const tasks = useEndpoint(listWorkflowTasks, MY_TASKS, { enabled: me.permissions.includes('conversations.read') })
  const pages = PAGES.filter((page) => me.permissions.includes(page.permission))
  return (
    <nav
      ref={nav}
      className={styles.nav}
      data-open={isOpen}
      aria-label={t.shell.navigation}
      onKeyDown={(event) => isOpen && event.key === 'Escape' && onClose()}
    >
      <div className={styles.brand}>
        <Mark />
        <div className={styles.brandText}>
          <div className={styles.brandName}>Waybill</div>
          <div className={styles.workspace} title={me.workspace.name}>
            {me.workspace.name}
          </div>
        </div>
      </div>
      <div className={styles.pages}>
        {GROUPS.map((group) => {
          const inGroup = pages.filter((page) => page.group === group)
          return inGroup.length > 0 ? (
            <Group
              key={group}
              group={group}
              pages={inGroup}
              queues={queues.data}
              putAside={putAside.data?.total ?? 0}
              tasks={tasks.data?.items.length ?? 0}
            />
          ) : null
        })}
      </div>
      <div className={styles.bottom}>
        <Health query={queues} />
        <AccountMenu onHelp={onHelp} />
      </div>
    </nav>
  )
}

interface GroupProps {
  readonly group: PageGroup
  readonly pages: readonly PageEntry[]
  readonly queues: QueueOverview | undefined
  /** Mails in the quarantine. */
  readonly putAside: number
  /** That wait for whoever looks. */
  readonly tasks: number
}

/** What one begins with needs no heading. */
function Group({ group, pages, queues, putAside, tasks }: GroupProps) {
  const id = useId()
  const isNamed = group !== 'start'
  return (
    <div className={styles.group}>
      {isNamed && (
        <div id={id} className={styles.groupName}>
          {t.shell.groups[group]}
        </div>
      )}
      <ul {...(isNamed && { 'aria-labelledby': id })}>
        {pages.map((page) => (
          <li key={page.to}>
            <PageLink page={page} count={countOf(page, queues, putAside, tasks)} />
          </li>
        ))}
      </ul>
    </div>
  )
}

interface Count {
  readonly n: number
  readonly tone: Tone
  readonly says: string
}

function PageLink({ page, count }: { page: PageEntry; count: Count | null }) {
  const Icon = page.icon
  // A conversation has an address of its own, and is in the inbox all the same.
  const isInside = useRouterState({
    select: ({ location }) => page.to === '/inbox' && location.pathname.startsWith('/conversations/'),
  })
  return (
    <Link
      to={page.to}
      className={styles.link}
      activeOptions={{ exact: page.to === '/', includeSearch: false }}
      {...(isInside && { 'aria-current': 'page' })}
    >
      <Icon size={16} aria-hidden />
      <span className={styles.linkName}>{t.shell.pages[page.name]}</span>
      {count && count.n > 0 && (
        <span className={styles.count} {...toned(count.tone)} title={count.says}>
          <span aria-hidden>{number(count.n)}</span>
          <span className="visually-hidden">{count.says}</span>
        </span>
      )}
    </Link>
  )
}

/** A number only where it says something to do or to wait for. */
function countOf(page: PageEntry, queues: QueueOverview | undefined, putAside: number, tasks: number): Count | null {
  if (page.name === 'quarantine') return { n: putAside, tone: 'care', says: t.quarantine.count(putAside) }
  if (page.name === 'tasks') return { n: tasks, tone: 'care', says: t.tasks.open(tasks) }
  if (!queues) return null
  if (page.name === 'deliveries') {
    const n = queues.streams.reduce((sum, { counts }) => sum + (counts.queued ?? 0) + (counts.sending ?? 0), 0)
    return { n, tone: 'calm', says: t.shell.waitingCount(n) }
  }
  if (page.name === 'routes') {
    const n = queues.routes.filter(({ circuit }) => circuit.state !== 'closed').length
    return { n, tone: 'bad', says: t.shell.stoppedCount(n) }
  }
  if (page.name === 'attention') {
    const n = queues.health.items.length
    return { n, tone: queues.health.ok ? 'care' : 'bad', says: t.shell.yoursCount(n) }
  }
  return null
}
