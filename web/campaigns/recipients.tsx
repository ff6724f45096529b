import { Button } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type CampaignRecipient, listCampaignRecipients } from '../../src/api/endpoints/campaign-recipients.ts'
import type { CampaignProgress } from '../../src/api/endpoints/campaigns.ts'
import type { DeliveryState } from '../../src/api/endpoints/deliveries.ts'
import type { ParamsOf } from '../api.ts'
import { receiverName } from '../parts/receiver-name.ts'
import { STATE_LOOKS } from '../parts/states.tsx'
import { usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { clockOrDay } from '../ui/format.ts'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { said } from '../ui/said.ts'
import { Ago } from '../ui/time.tsx'
import type { RecipientSearch } from './campaign-search.ts'
import styles from './campaigns.module.css'
import { RecipientFilters } from './recipient-filters.tsx'
import { EXCLUDED_LOOK, PREPARING_LOOK } from './recipient-looks.ts'
import { RecipientStory } from './recipient-story.tsx'

const route = getRouteApi('/shell/campaigns/$id')
type Params = Omit<ParamsOf<typeof listCampaignRecipients>, 'after' | 'limit'>

/** Everybody of the campaign: who has it, who does not, and why. */
export function Recipients({ of }: { of: CampaignProgress }) {
  const { tab: _, ...search } = route.useSearch()
  if (of.candidates === 0) return <EmptyState title={t.campaigns.recipients.emptyTitle} sentence={t.campaigns.recipients.empty} />
  const params = paramsOf(of.campaign.id, search)
  return (
    <>
      <RecipientFilters of={of} search={search} params={params} />
      <List params={params} />
    </>
  )
}

/** What the endpoint is asked; what a URL says that is no word of ours is passed over. */
function paramsOf(id: CampaignProgress['campaign']['id'], search: RecipientSearch): Params {
  const asked = listCampaignRecipients.params.safeParse({ id, ...said(search) })
  return asked.success ? asked.data : { id }
}

function List({ params }: { params: Params }) {
  const navigate = useNavigate()
  const [shown, setShown] = useState<CampaignRecipient | null>(null)
  const pages = usePages(listCampaignRecipients, params)
  const { items, hasMore, isFetchingMore, more } = pages
  // A page may hold nobody and have a next one all the same.
  useEffect(() => {
    if (items.length === 0 && hasMore && !isFetchingMore) more()
  }, [items.length, hasMore, isFetchingMore, more])
  const says = t.campaigns.recipients
  if (pages.error && items.length === 0) return <Failed error={pages.error} retry={pages.retry} />
  if (pages.isPending) return <Skeleton lines={12} />
  if (items.length === 0 && hasMore) return <p role="status">{says.looking}</p>
  if (items.length === 0 && !pages.isPlaceholder)
    return (
      <EmptyState
        title={says.nothingTitle}
        sentence={says.nothing}
        act={
          <Button
            variant="default"
            onClick={() => void navigate({ to: '/campaigns/$id', params: { id: params.id }, search: { tab: 'recipients' } })}
          >
            {t.campaigns.clear}
          </Button>
        }
      />
    )
  return (
    <>
      <DataTable
        label={says.label}
        rows={items}
        keyOf={({ contact_id }) => contact_id}
        columns={columns()}
        card={(recipient) => <Card of={recipient} />}
        onOpen={setShown}
        hasMore={hasMore}
        isFetchingMore={isFetchingMore}
        more={more}
        dim={pages.isPlaceholder}
        restoreId="campaign-recipients"
      />
      {shown && <RecipientStory of={shown} onClose={() => setShown(null)} />}
    </>
  )
}

function columns(): ReadonlyArray<Column<CampaignRecipient>> {
  const names = t.campaigns.recipients.columns
  return [
    { key: 'state', header: names.state, width: '148px', cell: (recipient) => <State of={recipient} /> },
    { key: 'who', header: names.who, width: 'minmax(170px, 1fr)', cell: (recipient) => <Who of={recipient} /> },
    {
      key: 'why',
      header: names.why,
      width: 'minmax(180px, 1.8fr)',
      cell: (recipient) => <span title={whyOf(recipient)}>{whyOf(recipient)}</span>,
    },
    {
      key: 'receiver',
      header: names.receiver,
      width: '110px',
      wideOnly: true,
      cell: ({ receiver }) => <span className={styles.quiet}>{receiver && receiverName(receiver)}</span>,
    },
    {
      key: 'at',
      header: names.at,
      width: '96px',
      align: 'end',
      cell: (recipient) => {
        const at = atOf(recipient)
        return <span className={styles.quiet}>{at && <Ago at={at} short />}</span>
      },
    },
  ]
}

function State({ of: { excluded, state } }: { of: CampaignRecipient }) {
  if (excluded) return <Badge {...EXCLUDED_LOOK} label={t.campaigns.parts.excluded} />
  if (!state) return <Badge {...PREPARING_LOOK} label={t.campaigns.recipients.preparing} />
  const look = STATE_LOOKS[state as DeliveryState]
  return <Badge tone={look.tone} icon={look.icon} label={t.states[state]} moving={state === 'sending'} />
}

/** Leads to the waybill of this person's mail, or to the person where there is none. */
function Who({ of }: { of: CampaignRecipient }) {
  const { address, name, message_id: messageId, delivery_id: deliveryId, contact_id: contactId } = of
  const text = address || name || contactId
  return (
    <span className={styles.who} title={[address, name].filter(Boolean).join('\n')}>
      {messageId && deliveryId ? (
        <Link
          to="/messages/$id"
          params={{ id: messageId }}
          search={{ delivery: deliveryId }}
          tabIndex={-1}
          aria-label={t.campaigns.recipients.waybillOf(text)}
        >
          {text}
        </Link>
      ) : (
        <Link to="/contacts/$id" params={{ id: contactId }} tabIndex={-1} aria-label={t.campaigns.recipients.contactOf(text)}>
          {text}
        </Link>
      )}
      {address && name && <span className={styles.quiet}> {name}</span>}
    </span>
  )
}

function Card({ of }: { of: CampaignRecipient }) {
  return (
    <>
      <div className={styles.two}>
        <span className={styles.grow}>
          <Who of={of} />
        </span>
        <State of={of} />
      </div>
      <div className={styles.two}>
        <span className={`${styles.quiet} ${styles.grow}`}>{whyOf(of)}</span>
      </div>
    </>
  )
}

/** Why it stands where it does, and what was answered last. */
export function whyOf({ excluded, detail, state, reason, reply, due_at: dueAt, tries }: CampaignRecipient): string {
  const says = t.campaigns.recipients
  if (excluded) return [t.campaigns.exclusions[excluded], detail].filter(Boolean).join(': ')
  const had = state === 'sent' || state === 'delivered'
  return [
    had ? null : reason,
    reply && (had || !reason?.includes(reply)) ? says.answered(reply) : null,
    dueAt && state === 'queued' && reason ? says.nextTry(clockOrDay(dueAt, new Date())) : null,
    tries > 0 ? says.again(tries) : null,
  ]
    .filter(Boolean)
    .join(' · ')
}

function atOf({ settled_at: settledAt, tried_at: triedAt, due_at: dueAt }: CampaignRecipient): Date | null {
  return settledAt ?? triedAt ?? dueAt
}
