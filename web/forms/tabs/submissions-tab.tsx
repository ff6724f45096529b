import { Select } from '@mantine/core'
import { CircleCheck, Hourglass, ListFilter, type LucideIcon, MailQuestion, ShieldX, UserX } from 'lucide-react'
import { useState } from 'react'
import { type FormSubmission, listFormSubmissions } from '../../../src/api/endpoints/forms.ts'
import { SUBMISSION_STATES, type SubmissionState } from '../../../src/forms/submission.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { usePages } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Failed, Skeleton } from '../../ui/loadable.tsx'
import { Ago } from '../../ui/time.tsx'
import type { Tone } from '../../ui/tone.ts'
import styles from '../forms.module.css'

const LOOKS: Readonly<Record<SubmissionState, { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  waiting: { tone: 'wait', icon: MailQuestion },
  confirmed: { tone: 'good', icon: CircleCheck },
  accepted: { tone: 'good', icon: CircleCheck },
  expired: { tone: 'calm', icon: Hourglass },
  denied: { tone: 'care', icon: UserX },
  refused: { tone: 'bad', icon: ShieldX },
}

/** What visitors sent, and what became of it. */
export function SubmissionsTab({ id }: { readonly id: Id<'form'> }) {
  const [state, setState] = useState<SubmissionState | null>(null)
  return (
    <div className={styles.stack}>
      <div className={styles.filter}>
        <Select
          aria-label={t.forms.state}
          allowDeselect={false}
          leftSection={<ListFilter size={14} aria-hidden />}
          data={[
            { value: 'all', label: t.forms.allStates },
            ...SUBMISSION_STATES.map((value) => ({ value, label: t.forms.submissionStates[value] })),
          ]}
          value={state ?? 'all'}
          onChange={(value) => setState(SUBMISSION_STATES.find((one) => one === value) ?? null)}
        />
      </div>
      <Rows id={id} state={state} />
      <p className={styles.quiet}>{t.forms.kept}</p>
    </div>
  )
}

function Rows({ id, state }: { readonly id: Id<'form'>; readonly state: SubmissionState | null }) {
  const list = usePages(listFormSubmissions, { id, ...(state && { state }) })
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={4} />
  if (list.items.length === 0) return <EmptyState title={t.forms.noSubmissions} sentence={t.forms.noSubmissionsHint} />
  const names = t.forms.submissionColumns
  return (
    <div className={styles.submissions}>
      <DataTable
        label={t.forms.tabs.submissions}
        rows={list.items}
        keyOf={(one) => one.id}
        columns={[
          { key: 'at', header: names.at, width: '120px', cell: ({ at }) => <Ago at={at} /> },
          { key: 'address', header: names.address, width: 'minmax(180px, 1fr)', cell: (one) => <Who one={one} /> },
          { key: 'state', header: names.state, width: 'minmax(260px, 2fr)', cell: (one) => <Became one={one} /> },
          {
            key: 'page',
            header: names.page,
            width: 'minmax(120px, 1fr)',
            wideOnly: true,
            cell: ({ page }) => <span title={page}>{page.replace(/^https?:\/\//, '')}</span>,
          },
        ]}
        card={(one) => (
          <span className={styles.who}>
            <Who one={one} />
            <Became one={one} />
          </span>
        )}
        hasMore={list.hasMore}
        isFetchingMore={list.isFetchingMore}
        more={list.more}
        dim={list.isPlaceholder}
        restoreId="form-submissions"
      />
    </div>
  )
}

function Who({ one }: { readonly one: FormSubmission }) {
  if (one.contact_id !== null) return <AppLink href={`/contacts/${one.contact_id}`}>{one.address}</AppLink>
  return <span title={one.address}>{one.address}</span>
}

function Became({ one }: { readonly one: FormSubmission }) {
  const { tone, icon } = LOOKS[one.state]
  return (
    <span title={one.sentence}>
      <Badge tone={tone} icon={icon} label={t.forms.submissionStates[one.state]} plain />{' '}
      {one.sentence && <span className={styles.quiet}>{one.sentence}</span>}
      {one.message_id !== null && <AppLink href={`/messages/${one.message_id}`}>{t.forms.mail}</AppLink>}
    </span>
  )
}
